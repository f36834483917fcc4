"""Cron schedules as Dapr's binding reads them."""

import re
from typing import Annotated

from pydantic import AfterValidator

_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = re.compile(r"@every (?=.*[1-9])([0-9]+(\.[0-9]+)?(ms|s|m|h))+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SECOND = ("second", 0, 59, ())
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)


def schedule_problem(schedule: str) -> str:
    """Why a text is no schedule; empty where it is one. Five fields, or six with seconds first, or a word.

    https://docs.dapr.io/reference/components-reference/supported-bindings/cron/
    """
    if schedule.startswith("@"):
        known = schedule in _WORDS or _EVERY.fullmatch(schedule)
        return "" if known else f"expected {', '.join(_WORDS)}, or @every and a duration such as 15m"
    parts = schedule.split()
    if len(parts) not in (5, 6):
        return f"expected 5 fields, or 6 with seconds first, found {len(parts)}"
    fields = _FIELDS if len(parts) == len(_FIELDS) else (_SECOND, *_FIELDS)
    for part, (name, low, high, names) in zip(parts, fields, strict=True):
        for item in part.split(","):
            if problem := _item_problem(item, low, high, names):
                return f"{name}: {problem}"
    return ""


def _item_problem(item: str, low: int, high: int, names: tuple[str, ...]) -> str:
    bounds, slash, step = item.partition("/")
    if slash and not (step.isdigit() and int(step) > 0):
        return f"{item} has no step"
    if bounds in ("*", "?"):
        return ""
    first, dash, last = bounds.partition("-")
    numbers: list[int] = []
    for text in (first, last) if dash else (first,):
        number = _number(text, low, names)
        if number is None:
            return f"{text or item} is no number"
        if not low <= number <= high:
            return f"{number} is not between {low} and {high}"
        numbers.append(number)
    return f"{item} ends before it begins" if numbers[0] > numbers[-1] else ""


def _number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if text.isdigit():
        return int(text)
    return names.index(text.lower()) + low if text.lower() in names else None


def _checked(schedule: str) -> str:
    if problem := schedule_problem(schedule):
        raise ValueError(problem)
    return schedule


Schedule = Annotated[str, AfterValidator(_checked)]
"""A cron schedule, in UTC."""
