"""Values with the paths that they are found at, so that rules over several of them read as the rules do."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contract_check.findings import Finding, join, shown, wrong_value
from contract_check.wire import UNKNOWN, reveal


@dataclass(frozen=True)
class Place:
    """A value somewhere in a resource's inputs, without its secret wrapping; None where there is none."""

    found: Any
    path: str = ""
    hidden: bool = False

    @property
    def value(self) -> Any:
        """What is known of it: None where it is absent or not known yet."""
        return None if self.found is UNKNOWN else self.found

    @property
    def present(self) -> bool:
        """Whether the program sets it, to whatever value."""
        return self.found is not None

    @property
    def unknown(self) -> bool:
        return self.found is UNKNOWN

    def __getitem__(self, key: str) -> "Place":
        """A member of a map, or of maps within it, as in `spec.template`."""
        place = self
        for step in key.split("."):
            inside = place.value.get(step) if isinstance(place.value, dict) else None
            place = place._below(inside, join(place.path, step))
        return place

    def each(self) -> Iterator["Place"]:
        """The elements of a list."""
        for i, item in enumerate(self.value if isinstance(self.value, list) else ()):
            yield self._below(item, f"{self.path}[{i}]")

    def members(self) -> Iterator[tuple[str, "Place"]]:
        """The members of a map."""
        for key, item in (self.value if isinstance(self.value, dict) else {}).items():
            yield key, self._below(item, join(self.path, key))

    @property
    def text(self) -> str | None:
        return self.value if isinstance(self.value, str) else None

    @property
    def number(self) -> int | float | None:
        return self.value if isinstance(self.value, int | float) and not isinstance(self.value, bool) else None

    def wrong(self, problem: str) -> Finding:
        return Finding(path=self.path, problem=problem)

    def shown(self) -> str:
        return shown(self.value, hidden=self.hidden)

    def _below(self, value: Any, path: str) -> "Place":
        revealed, hidden = reveal(value, hidden=self.hidden)
        return Place(revealed, path, hidden)


def required(place: Place, why: str = "it is required") -> Iterator[Finding]:
    """Nothing where a value is set or may be; an empty list or text is none."""
    if not place.unknown and place.value in (None, "", [], {}):
        yield place.wrong(why)


def one_of(place: Place, allowed: Iterable[Any]) -> Iterator[Finding]:
    """A known value outside of a closed set; an empty text is as good as none."""
    choices = list(allowed)
    if place.value not in (None, "") and not isinstance(place.value, dict | list) and place.value not in choices:
        yield wrong_value(place.path, place.value, choices, hidden=place.hidden)


def within(place: Place, low: float | None = None, high: float | None = None) -> Iterator[Finding]:
    """A known number outside of its range."""
    number = place.number
    if number is not None and low is not None and number < low:
        yield place.wrong(f"{place.shown()} is below the minimum of {low}")
    if number is not None and high is not None and number > high:
        yield place.wrong(f"{place.shown()} is above the maximum of {high}")


def matching(place: Place, pattern: re.Pattern[str], what: str, longest: int = 253) -> Iterator[Finding]:
    """A known text that is no name of its kind."""
    text = place.text
    if text is not None and (len(text) > longest or not pattern.fullmatch(text)):
        yield place.wrong(f"{place.shown()} is no {what}")


def distinct(places: Iterable[Place]) -> Iterator[Finding]:
    """Every known value that comes again."""
    seen: dict[Any, str] = {}
    for place in places:
        value = place.value
        if value is None or isinstance(value, dict | list):
            continue
        if value in seen:
            yield place.wrong(f"{place.shown()} is at {seen[value]} already")
        seen.setdefault(value, place.path)


def exactly_one(place: Place, keys: Iterable[str], *, optional: bool = False) -> Iterator[Finding]:
    """A map that has to have one of several members, and no two."""
    names = list(keys)
    if not isinstance(place.value, dict):
        return
    given = [name for name in names if place[name].present]
    if len(given) > 1:
        yield place.wrong(f"takes one of {' and '.join(given)}, not more than one")
    elif not given and not optional:
        yield place.wrong(f"needs one of {', '.join(names)}")
