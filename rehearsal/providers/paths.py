"""Property paths such as `nodeConfig.guestAccelerators[*].type`, in the wire's camelCase names."""

import re
from collections.abc import Iterator
from typing import Any

_PLAIN_KEY = re.compile(r"^[A-Za-z_$][A-Za-z0-9_$-]*$")
_STEP = re.compile(r'\["(?P<quoted>[^"]*)"\]|\[(?P<index>\d+|\*)\]|(?P<key>[^.\[\]]+)')


def child(path: str, step: str | int) -> str:
    """The path of a member, quoted the way the engine quotes it."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    if not _PLAIN_KEY.match(step):
        return f'{path}["{step}"]'
    return f"{path}.{step}" if path else step


def steps(path: str) -> list[str | int]:
    """The members that a path goes through; `*` stands for every element of a list."""
    found: list[str | int] = []
    for match in _STEP.finditer(path):
        index = match["index"]
        if index is not None:
            found.append(index if index == "*" else int(index))
        else:
            found.append(match["quoted"] if match["quoted"] is not None else match["key"])
    return found


def general(path: str) -> str:
    """The path with every list index replaced by `[*]`."""
    return re.sub(r"\[\d+\]", "[*]", path)


def select(value: Any, path: str) -> Iterator[Any]:
    """Every value that a path reaches, absent ones left out."""
    yield from _select(value, steps(path))


def first(value: Any, path: str) -> Any:
    """The value at a path, None where there is none."""
    return next(select(value, path), None)


def replace(value: Any, path: str, new: Any) -> Any:
    """A copy of the value with the one at the path exchanged."""
    return _replace(value, steps(path), new)


def _select(value: Any, remaining: list[str | int]) -> Iterator[Any]:
    if not remaining:
        if value is not None:
            yield value
        return
    step, *rest = remaining
    if step == "*" and isinstance(value, list):
        for item in value:
            yield from _select(item, rest)
        return
    member = None
    if isinstance(value, list) and isinstance(step, int):
        member = value[step] if step < len(value) else None
    elif isinstance(value, dict):
        member = value.get(step)
    if member is not None:
        yield from _select(member, rest)


def _replace(value: Any, remaining: list[str | int], new: Any) -> Any:
    if not remaining:
        return new
    step, *rest = remaining
    if isinstance(step, int):
        items = list(value or [])
        items[step] = _replace(items[step], rest, new)
        return items
    members = dict(value or {})
    members[step] = _replace(members.get(step), rest, new)
    return members
