"""The stand-ins' series as text that Prometheus scrapes: OpenMetrics, with exemplars."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rehearsal.live import samples
from rehearsal.live.generator import Line

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"

QUANTILES = ("0.5", "0.9", "0.99")


@dataclass(frozen=True, kw_only=True)
class Clock:
    """When everything began, and the moment of a sample, in seconds of the epoch."""

    began: float
    now: float

    @property
    def elapsed(self) -> float:
        return self.now - self.began


def text(lines: Iterable[Line], clocks: Sequence[Clock], *, stamped: bool) -> str:
    """All series at one time or at several, each with its time where `stamped`."""
    parts: list[str] = []
    by_metric: dict[str, list[Line]] = {}
    for line in lines:
        by_metric.setdefault(line.metric.name, []).append(line)
    for name, group in by_metric.items():
        parts.append(f"# TYPE {_family(name, group[0])} {_type(group[0])}\n")
        for line in group:
            for series in _series(line, clocks, stamped):
                parts.append(series)
    parts.append("# EOF\n")
    return "".join(parts)


def _type(line: Line) -> str:
    """OpenMetrics asks counters to end in _total: those that do not are told as unknown, as a scrape keeps them."""
    kind = line.metric.kind
    if kind == "counter":
        return "counter" if line.metric.name.endswith("_total") else "unknown"
    if kind in ("info", "stateset"):
        return "gauge"
    return "unknown" if kind == "untyped" else kind


def _family(name: str, line: Line) -> str:
    return name.removesuffix("_total") if _type(line) == "counter" else name


def _series(line: Line, clocks: Sequence[Clock], stamped: bool) -> Iterator[str]:
    name, kind, unit = line.metric.name, line.metric.kind, line.metric.unit
    labels = ",".join(f'{key}="{escaped(value)}"' for key, value in line.labels.items())
    ends = [f" {clock.now:.3f}\n" if stamped else "\n" for clock in clocks]
    if kind == "histogram":
        yield from _histogram(line, labels, clocks, ends)
        return
    if kind == "summary":
        separator = "," if labels else ""
        for clock, end in zip(clocks, ends, strict=True):
            count = samples.counter(name, line.labels, clock.elapsed)
            for number, quantile in enumerate(QUANTILES):
                value = samples.typical(unit) * (number + 1)
                yield f'{name}{{{labels}{separator}quantile="{quantile}"}} {value}{end}'
            yield f"{name}_sum{{{labels}}} {count * samples.typical(unit)}{end}"
            yield f"{name}_count{{{labels}}} {int(count)}{end}"
        return
    prefix = f"{name}{{{labels}}}" if labels else name
    phase = line.phase
    for clock, end in zip(clocks, ends, strict=True):
        if line.value is not None:
            value = line.value
        elif kind == "counter":
            value = samples.counter(name, line.labels, clock.elapsed)
        else:
            value = samples.gauge(name, unit, phase, clock.now, clock.elapsed)
        yield f"{prefix} {value}{end}"


def _histogram(line: Line, labels: str, clocks: Sequence[Clock], ends: Sequence[str]) -> Iterator[str]:
    name, unit = line.metric.name, line.metric.unit
    known = samples.bounds_of(line.metric.exporter, unit)
    shares = samples.filled(len(known))
    separator = "," if labels else ""
    heads = [f'{name}_bucket{{{labels}{separator}le="{float(bound)}"}}' for bound in known]
    last = f'{name}_bucket{{{labels}{separator}le="+Inf"}}'
    exemplar = f' # {{trace_id="{line.trace_id}"}} {samples.typical(unit)}' if line.trace_id else ""
    told = next((number for number, bound in enumerate(known) if bound >= samples.typical(unit)), 0)
    for clock, end in zip(clocks, ends, strict=True):
        count = int(samples.counter(name, line.labels, clock.elapsed))
        for number, head in enumerate(heads):
            if exemplar and number == told:
                yield f"{head} {int(count * shares[number])}{end[:-1]}{exemplar} {clock.now:.3f}\n"
            else:
                yield f"{head} {int(count * shares[number])}{end}"
        yield f"{last} {count}{end}"
        yield f"{name}_sum{{{labels}}} {count * samples.typical(unit):.3f}{end}"
        yield f"{name}_count{{{labels}}} {count}{end}"


def escaped(value: str) -> str:
    """A label's value between double quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def names(lines: Iterable[Line]) -> Mapping[str, int]:
    """How many series of each metric there are."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.metric.name] = found.get(line.metric.name, 0) + 1
    return found
