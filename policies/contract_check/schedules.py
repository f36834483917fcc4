"""Cron schedules as a cron job takes them. Source: kubernetes.io/docs/concepts/workloads/controllers/cron-jobs."""

import re
from typing import Final

_WORDS: Final = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY: Final = re.compile(r"@every ([0-9.]+(ns|us|µs|ms|s|m|h))+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)


def schedule_problem(schedule: str) -> str:
    """Why a text is no schedule; empty where it is one."""
    if schedule.startswith(("TZ=", "CRON_TZ=")):
        return "its time zone goes into timeZone"
    if schedule.startswith("@"):
        known = schedule in _WORDS or _EVERY.fullmatch(schedule)
        return "" if known else f"{schedule} is none of {', '.join(_WORDS)}, @every"
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        return f"expected exactly 5 fields, found {len(parts)}"
    for part, (name, low, high, names) in zip(parts, _FIELDS, strict=True):
        for item in part.split(","):
            problem = _item_problem(item, low, high, names)
            if problem:
                return f"{name}: {problem}"
    return ""


def _item_problem(item: str, low: int, high: int, names: tuple[str, ...]) -> str:
    bounds, slash, step = item.partition("/")
    if slash and not (step.isdigit() and int(step) > 0):
        return f"{item} has no step"
    if bounds in ("*", "?"):
        return ""
    first, dash, last = bounds.partition("-")
    numbers = [_number(text, low, names) for text in ((first, last) if dash else (first,))]
    for text, number in zip((first, last), numbers, strict=False):
        if number is None:
            return f"{text or item} is no number"
        if not low <= number <= high:
            return f"{number} is not between {low} and {high}"
    known = [number for number in numbers if number is not None]
    return f"{item} ends before it begins" if len(known) == 2 and known[0] > known[1] else ""


def _number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if text.isdigit():
        return int(text)
    return names.index(text.lower()) + low if text.lower() in names else None
