"""Rules between the fields of one record of Kong's configuration, which its schema has besides those of each field.

Source: kong/db/schema/entities and kong/plugins of Kong/kong at 3.9.3, their `entity_checks` and custom validators.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from contract_check.kong_texts import CHECKS

Record = Mapping[str, Any]
PERIODS = ("second", "minute", "hour", "day", "month", "year")


def check_rules(rules: Sequence[Record], record: Record) -> Iterator[str]:
    """What is wrong between the fields of a record, whose defaults are filled in."""
    for rule in rules:
        for kind, about in rule.items():
            if kind != "fields":
                yield from _RULES[kind](about, record)


def value_at(record: Record, path: str) -> Any:
    """The value of a field, which may be one of a record below."""
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def matches(value: Any, wanted: Record) -> bool:
    """Whether a value is as a condition says."""
    return all(_CONDITIONS[kind](value, about) for kind, about in wanted.items())


def _every_element(value: Any, about: Record) -> bool:
    known, unknown = about.get("one_of"), about.get("not_one_of", ())
    return all((known is None or one in known) and one not in unknown for one in value or ())


_CONDITIONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "check": lambda value, name: value is None or CHECKS[name](value) is None,
    "contains": lambda value, item: value is None or item in value,
    "elements": _every_element,
    "eq": lambda value, other: value == other,
    "gt": lambda value, limit: isinstance(value, int | float) and value > limit,
    "len_eq": lambda value, length: len(value or ()) == length,
    "match": lambda value, pattern: isinstance(value, str) and re.search(pattern, value) is not None,
    "match_any": lambda value, about: any(re.search(pattern, str(value)) for pattern in about["patterns"]),
    "not_one_of": lambda value, unknown: value not in unknown,
    "one_of": lambda value, known: value in known,
    "required": lambda value, needed: value is not None or not needed,
}


def _conditional(about: Record, record: Record) -> Iterator[str]:
    if matches(value_at(record, about["if_field"]), about["if_match"]):
        field, wanted = about["then_field"], about["then_match"]
        value = value_at(record, field)
        if matches(value, wanted):
            return
        when = f"where {about['if_field']} is {value_at(record, about['if_field'])}"
        if value is None and wanted.get("required"):
            yield f"{field}: missing {when}"
        else:
            yield f"{field}: {value} is not possible {when}"


def _conditional_at_least_one(about: Record, record: Record) -> Iterator[str]:
    value = value_at(record, about["if_field"]) or ()
    wanted = about["if_match"]
    if "elements" in wanted:
        needed = about["then_at_least_one_of"] if value and _every_element(value, wanted["elements"]) else []
    elif wanted["contains"] in value:
        needed = about["then_at_least_one_of"]
    else:
        needed = about.get("else_then_at_least_one_of", []) if about["else_match"]["contains"] in value else []
    if needed and not any(value_at(record, field) for field in needed):
        yield f"needs one of {', '.join(needed)}"


def _at_least_one(fields: Sequence[str], record: Record) -> Iterator[str]:
    if not any(value_at(record, field) not in (None, {}, []) for field in fields):
        yield f"needs one of {', '.join(fields)}"


def _only_one(fields: Sequence[str], record: Record) -> Iterator[str]:
    given = [field for field in fields if value_at(record, field) not in (None, {}, [])]
    if len(given) > 1:
        yield f"has {' and '.join(given)}, of which one is possible"


def _distinct(fields: Sequence[str], record: Record) -> Iterator[str]:
    values = [value for field in fields if (value := value_at(record, field)) is not None]
    if len(set(values)) < len(values):
        yield f"{' and '.join(fields)} are the same"


def _rate_limits(record: Record) -> Iterator[str]:
    config = record["config"]
    limits = [(period, config[period]) for period in PERIODS if config.get(period) is not None]
    for (shorter, few), (longer, many) in pairwise(limits):
        if many < few:
            yield f"config.{longer}: {many} is less than the {few} of {shorter}"
    rate, shared = config["sync_rate"], config["policy"] == "redis"
    if rate != -1 and not (shared and rate >= 0.02):
        yield f"config.sync_rate: {rate} is not possible; -1, or with policy redis from 0.02 on"


def _one_answer(record: Record) -> Iterator[str]:
    config = record["config"]
    whole = [field for field in ("content_type", "body") if config.get(field)]
    if config.get("message") and whole:
        yield f"config.message: not with {' and '.join(whole)}"
    if config.get("content_type") and not config.get("body"):
        yield "config.content_type: needs a body"
    if config.get("echo") and whole:
        yield f"config.echo: not with {' and '.join(whole)}"


_CUSTOM: Final = {"rate_limits": _rate_limits, "one_answer": _one_answer}

_RULES: Final[Mapping[str, Callable[[Any, Record], Iterator[str]]]] = {
    "at_least_one_of": _at_least_one,
    "conditional": _conditional,
    "conditional_at_least_one_of": _conditional_at_least_one,
    "custom": lambda name, record: _CUSTOM[name](record),
    "distinct": _distinct,
    "only_one_of": _only_one,
}
