"""Conditions under which a changed property needs a new resource, by the names that the rule tables use."""

import ipaddress
from collections.abc import Callable
from typing import Final

from rehearsal.providers.diff import Change, Kind


def _shrinks(change: Change) -> bool:
    try:
        old, new = ipaddress.ip_network(str(change.old)), ipaddress.ip_network(str(change.new))
    except ValueError:
        return True
    same_family = isinstance(old, ipaddress.IPv4Network) == isinstance(new, ipaddress.IPv4Network)
    return not same_family or not (old.network_address in new and old.broadcast_address in new)


def _turned_off(change: Change) -> bool:
    return change.old is True and change.new is not True


def _was_set(change: Change) -> bool:
    return change.kind is not Kind.ADD


def _unset(change: Change) -> bool:
    return change.kind is Kind.DELETE


def _falls(change: Change) -> bool:
    return isinstance(change.old, int | float) and isinstance(change.new, int | float) and change.new < change.old


def _always(change: Change) -> bool:
    return True


CONDITIONS: Final[dict[str, Callable[[Change], bool]]] = {
    "the range shrinks": _shrinks,
    "it is turned off": _turned_off,
    "it was set before": _was_set,
    "it is removed": _unset,
    "the number falls": _falls,
    "it changes": _always,
}


def holds(condition: str, change: Change) -> bool:
    return CONDITIONS[condition](change)
