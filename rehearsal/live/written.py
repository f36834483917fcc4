"""What a load test writes: the stand-ins' series of k6, for Prometheus' remote write."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rehearsal.live import samples
from rehearsal.live.exporters import Target
from rehearsal.live.exposition import Clock
from rehearsal.live.generator import Line
from rehearsal.live.remote_write import Sample


def series(
    target: Target, lines: Iterable[Line], clocks: Sequence[Clock]
) -> Iterator[tuple[Mapping[str, str], Sequence[Sample]]]:
    """The series of a target with its samples at each moment. k6 sends counters and gauges alone."""
    for line in lines:
        labels = {"__name__": line.metric.name, **target.labels, **line.labels}
        yield labels, [(clock.now, _value(line, clock)) for clock in clocks]


def _value(line: Line, clock: Clock) -> float:
    if line.metric.kind == "counter":
        return samples.counter(line.metric.name, line.labels, clock.elapsed)
    return samples.gauge(line.metric.name, line.metric.unit, line.phase, clock.now, clock.elapsed)
