"""The notation of promtool's tests: series, values that expand, and durations.

https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
"""

import math
import re
from collections.abc import Iterator

from rehearsal.live.remote_write import STALE_MARK

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_DURATION = re.compile(r"(\d+)(ms|[smhdwy])")
_LABEL = re.compile(r"""\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*(?:,|$)""")
_NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|[Ii]nf|[Nn]a[Nn])"
_EXPANDING = re.compile(rf"(?P<start>{_NUMBER})(?:(?P<step>[-+](?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)))?x(?P<times>\d+)")


class NotationError(ValueError):
    """A text that is no series, no values or no duration."""


def seconds(duration: str | int) -> float:
    """A duration such as `1h30m` in seconds. `0` needs no unit."""
    text = str(duration).strip()
    if text == "0":
        return 0.0
    parts = _DURATION.findall(text)
    if "".join(number + unit for number, unit in parts) != text or not parts:
        raise NotationError(f"no duration: {text}")
    return float(sum(int(number) * _UNITS[unit] for number, unit in parts))


def labels(series: str) -> dict[str, str]:
    """The labels of a series, its name as `__name__`."""
    name, _, rest = series.strip().partition("{")
    found = {"__name__": name.strip()} if name.strip() else {}
    body = rest.strip().removesuffix("}").strip()
    position = 0
    while position < len(body):
        label = _LABEL.match(body, position)
        if label is None:
            raise NotationError(f"no series: {series}")
        found[label[1]] = label[2][1:-1].replace('\\"', '"').replace("\\'", "'").replace("\\\\", "\\")
        position = label.end()
    return found


def values(text: str) -> list[float | None]:
    """What a series is at each step; None where it has no sample."""
    return [value for word in text.split() for value in _expanded(word)]


def _expanded(word: str) -> Iterator[float | None]:
    if word == "stale":
        yield STALE_MARK
        return
    if word.startswith("_"):
        times = word.removeprefix("_").removeprefix("x")
        yield from [None] * (int(times) if times else 1)
        return
    expanding = _EXPANDING.fullmatch(word)
    if expanding is None:
        if re.fullmatch(_NUMBER, word) is None:
            raise NotationError(f"no value: {word}")
        yield _number(word)
        return
    # `axn` is the value n + 1 times: the first, and n more.
    step = float(expanding["step"] or 0)
    for number in range(int(expanding["times"]) + 1):
        yield _number(expanding["start"]) + step * number


def _number(word: str) -> float:
    lowered = word.lower().lstrip("+")
    if lowered.lstrip("-") == "inf":
        return -math.inf if lowered.startswith("-") else math.inf
    return float(lowered)
