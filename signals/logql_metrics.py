"""Expressions of LogQL that give numbers: ranges of lines counted, grouped and computed with.

https://grafana.com/docs/loki/latest/query/metric_queries/
"""

import re
from typing import Literal

from signals.logql_labels import Labels
from signals.logql_patterns import check_regexp
from signals.logql_stages import pipeline, selector, unwrapped
from signals.logql_tokens import RANGE_OPERATIONS, VECTOR_OPERATIONS, LogqlError, Words

Kind = Literal["lines", "numbers", "a number"]
"""What an expression gives: lines of logs, series of numbers, one number."""

_PRECEDENCE = (
    ("or",), ("and", "unless"), ("==", "!=", ">", ">=", "<", "<="), ("+", "-"), ("*", "/", "%"), ("^",),
)  # fmt: skip
_SETS = ("or", "and", "unless")

_DURATION = re.compile(r"(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?")
"""https://pkg.go.dev/github.com/prometheus/common/model#ParseDuration"""

_WITHOUT_UNWRAP = frozenset({"bytes_over_time", "bytes_rate", "count_over_time", "rate", "absent_over_time"})
_NOT_WITH_UNWRAP = frozenset({"bytes_over_time", "bytes_rate", "count_over_time"})
_GROUPED = frozenset(
    {
        "avg_over_time", "stddev_over_time", "stdvar_over_time", "quantile_over_time", "max_over_time", "min_over_time",
        "first_over_time", "last_over_time",
    }
)  # fmt: skip
"""What each range operation works on. https://github.com/grafana/loki/blob/v3.7.6/pkg/logql/syntax/ast.go"""


def expression(words: Words, problems: list[str]) -> tuple[Kind, Labels]:
    """A whole expression. Raises `LogqlError`; names of labels that are wrong are added to `problems`."""
    return _binary(words, problems, 0)


def _binary(words: Words, problems: list[str], level: int) -> tuple[Kind, Labels]:
    if level == len(_PRECEDENCE):
        return _operand(words, problems)
    kind, labels = _binary(words, problems, level + 1)
    while words.peek().kind in _PRECEDENCE[level]:
        operator = words.take().kind
        matched = _modifier(words)
        # Powers are worked out from the right.
        other_kind, other = _binary(words, problems, level if operator == "^" else level + 1)
        for side in (kind, other_kind):
            if side == "lines":
                raise LogqlError(f"{operator} computes with numbers, and a side of it gives lines")
            if side == "a number" and operator in _SETS:
                raise LogqlError(f"{operator} joins series, and a side of it is a number")
        labels = _both(labels, other)
        for name in matched:
            labels.ask(name)
        problems += labels.problems
        labels.problems = []
        kind = "a number" if kind == other_kind == "a number" else "numbers"
    return kind, labels


def _both(one: Labels, other: Labels) -> Labels:
    return Labels(known=one.known | other.known, any=one.any or other.any)


def _modifier(words: Words) -> list[str]:
    """`bool`, `on`, `ignoring`, `group_left`, `group_right`."""
    words.took("bool")
    if not words.took("on", "ignoring"):
        return []
    names = words.names()
    if words.took("group_left", "group_right") and words.peek().kind == "(" and _only_names(words):
        names += words.names()
    return names


def _only_names(words: Words) -> bool:
    """Whether the parentheses that come next hold names, rather than an expression."""
    ahead = 1
    while words.peek(ahead).kind in ("name", ","):
        ahead += 1
    return words.peek(ahead).kind == ")"


def _operand(words: Words, problems: list[str]) -> tuple[Kind, Labels]:
    word = words.peek()
    if word.kind == "{":
        labels = Labels()
        selector(words, labels)
        pipeline(words, labels)
        problems += labels.problems
        return "lines", labels
    if word.kind == "(":
        words.take("(")
        found = expression(words, problems)
        words.take(")")
        return found
    if word.kind in ("+", "-", "number"):
        words.took("+", "-")
        words.take("number")
        return "a number", Labels(known=set())
    if word.kind in RANGE_OPERATIONS:
        return "numbers", _range_operation(words, problems)
    if word.kind in VECTOR_OPERATIONS:
        return "numbers", _vector_operation(words, problems)
    if word.kind == "label_replace":
        return "numbers", _label_replace(words, problems)
    words.take("vector", "a selector", "a number", "an aggregation")
    words.take("(")
    words.take("number")
    words.take(")")
    return "numbers", Labels(known=set())


def _range_operation(words: Words, problems: list[str]) -> Labels:
    name = words.take().kind
    words.take("(")
    if words.peek().kind == "number":
        if name != "quantile_over_time":
            raise LogqlError(f"{name} has no parameter")
        words.take("number")
        words.take(",")
    elif name == "quantile_over_time":
        raise LogqlError("quantile_over_time needs a parameter, as in quantile_over_time(0.95, ...)")
    labels = Labels()
    has_unwrap = _range(words, labels)
    words.take(")")
    if has_unwrap and name in _NOT_WITH_UNWRAP:
        raise LogqlError(f"{name} counts lines and takes no unwrap")
    if not has_unwrap and name not in _WITHOUT_UNWRAP:
        raise LogqlError(f"{name} computes with a value: it needs unwrap")
    if words.peek().kind in ("by", "without"):
        if name not in _GROUPED:
            raise LogqlError(f"{name} is not grouped itself; the sum of it is")
        labels = _grouping(words, labels)
    problems += labels.problems
    labels.problems = []
    return labels


def _range(words: Words, labels: Labels) -> bool:
    """Lines, a range and what they are cut down to, in any of the orders that Loki takes. Whether a value is unwrapped.

    A range stands behind the selector, behind the pipeline, or behind either in parentheses.
    """
    if words.took("("):
        has_unwrap, ranged = _lines(words, labels)
        words.take(")")
        if not ranged:
            _interval(words)
            has_unwrap = unwrapped(words, labels) or has_unwrap
    else:
        has_unwrap, ranged = _lines(words, labels)
        if not ranged:
            words.take("range")
    return has_unwrap


def _lines(words: Words, labels: Labels) -> tuple[bool, bool]:
    if words.peek().kind == "(":
        return _range(words, labels), True
    selector(words, labels)
    ranged = words.peek().kind == "range"
    if ranged:
        _interval(words)
    pipeline(words, labels)
    has_unwrap = unwrapped(words, labels)
    if not ranged and words.peek().kind == "range":
        _interval(words)
        ranged = True
    return has_unwrap, ranged


def _interval(words: Words) -> None:
    text = words.take("range").text
    if not text or _DURATION.fullmatch(text) is None:
        raise LogqlError(f"[{text}] is no duration, as [5m] is")
    if words.took("offset"):
        words.take("duration")


def _vector_operation(words: Words, problems: list[str]) -> Labels:
    name = words.take().kind
    before = words.peek().kind in ("by", "without")
    ahead = Labels(known=set())
    group = _group(words) if before else None
    words.take("(")
    _parameter(words, name)
    kind, labels = expression(words, problems)
    if kind != "numbers":
        raise LogqlError(f"{name} works on series, and is given {kind}")
    words.take(")")
    if not before and words.peek().kind in ("by", "without"):
        group = _group(words)
    if group is None:
        return labels if name in ("topk", "bottomk", "approx_topk", "sort", "sort_desc") else ahead
    if name == "approx_topk" or (name.startswith("sort") and group[1]):
        raise LogqlError(f"{name} is not grouped")
    grouped = _grouped(labels, *group)
    problems += grouped.problems
    grouped.problems = []
    return labels if name in ("topk", "bottomk") else grouped


def _parameter(words: Words, name: str) -> None:
    limited = name in ("topk", "bottomk", "approx_topk")
    if words.peek().kind == "number" and words.peek(1).kind == ",":
        number = words.take("number").text
        words.take(",")
        if not limited:
            raise LogqlError(f"{name} has no parameter")
        if not number.isdigit() or int(number) < 1:
            raise LogqlError(f"{name} is of a whole number above 0, not of {number}")
    elif limited:
        raise LogqlError(f"{name} needs a parameter, as in {name}(5, ...)")


def _group(words: Words) -> tuple[str, list[str]]:
    return words.take("by", "without").kind, words.names()


def _grouping(words: Words, labels: Labels) -> Labels:
    return _grouped(labels, *_group(words))


def _grouped(labels: Labels, how: str, names: list[str]) -> Labels:
    for name in names:
        labels.ask(name)
    if how == "without":
        return Labels(known=labels.known - set(names), any=labels.any, problems=labels.problems)
    return Labels(known=set(names), problems=labels.problems)


def _label_replace(words: Words, problems: list[str]) -> Labels:
    words.take("label_replace")
    words.take("(")
    kind, labels = expression(words, problems)
    if kind != "numbers":
        raise LogqlError(f"label_replace works on series, and is given {kind}")
    given: list[str] = []
    for _ in range(4):
        words.take(",")
        given.append(words.take("string").text)
    words.take(")")
    target, _replacement, source, pattern = given
    check_regexp(pattern)
    if not re.fullmatch(r"[A-Za-z_]\w*", target):
        raise LogqlError(f"{target!r} is no name of a label")
    labels.ask(source)
    problems += labels.problems
    labels.problems = []
    labels.set(target)
    return labels
