"""When alerts are told to nobody: the mute windows of the settings, as Alertmanager's time intervals."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from stacks.observability import Day, Mute

WEEK: Final[tuple[Day, ...]] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT: Final = "24:00"


def time_intervals(windows: Sequence[Mute]) -> list[dict[str, Any]]:
    """Alertmanager's `time_intervals`, one for each window."""
    return [{"name": window.name, "time_intervals": list(_parts(window))} for window in windows]


def mute_names(windows: Sequence[Mute], severity: str) -> list[str]:
    """The windows in which alerts of a severity are mute."""
    return [window.name for window in windows if severity in window.severities]


def _parts(window: Mute) -> Iterator[dict[str, Any]]:
    """A window as the parts of it that lie within one day each: an interval of Alertmanager's cannot pass midnight."""
    if window.start < window.end:
        yield _part(window, window.days, window.start, window.end)
        return
    yield _part(window, window.days, window.start, MIDNIGHT)
    if window.end != "00:00":
        yield _part(window, [_day_after(day) for day in window.days], "00:00", window.end)


def _part(window: Mute, days: Sequence[Day], start: str, end: str) -> dict[str, Any]:
    whole_day = (start, end) == ("00:00", MIDNIGHT)
    return {
        "weekdays": [day for day in WEEK if day in days],
        **({} if whole_day else {"times": [{"start_time": start, "end_time": end}]}),
        "location": window.timezone,
    }


def _day_after(day: Day) -> Day:
    return WEEK[(WEEK.index(day) + 1) % len(WEEK)]
