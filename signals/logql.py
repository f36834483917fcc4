"""A strict check of LogQL, without a server: the grammar of Loki 3.7, and the labels that lines have in a stack."""

import re

from signals.logql_metrics import expression
from signals.logql_tokens import LogqlError, Words

_VARIABLE = r"(?:\$\{\w+(?::[\w:]+)?\}|\$\w+|\[\[\w+(?::\w+)?\]\])"
_DURATIONS = re.compile(r"\$(?:__interval|__auto|__range|__rate_interval|\{__(?:interval|auto|range)\})(?!\w)")
_NUMBERS = re.compile(r"\$(?:__interval_ms|__range_s|__range_ms|\{__(?:interval_ms|range_s|range_ms)\})(?!\w)")
_STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`')


def problems(query: str) -> list[str]:
    """What is wrong with a query that a panel, a link or a person would ask, one line each.

    Grafana's variables are known where they make sense: durations (`$__interval`, `$__auto`, `$__range`) and their
    numbers anywhere, all others within strings. The first error of the grammar ends the check; labels that no line has
    are all told.
    """
    found: list[str] = []
    try:
        words = Words(_filled_in(query))
        expression(words, found)
        rest = words.peek()
        if rest.kind != "the end":
            raise LogqlError(f"character {rest.place + 1}: {rest.text!r} follows an expression that has ended")
    except LogqlError as error:
        return [*found, str(error)]
    return found


def _filled_in(query: str) -> str:
    """The query with an example in place of each variable. Raises `LogqlError` at one that stands for itself."""
    text = _NUMBERS.sub("300000", _DURATIONS.sub("5m", query))
    text = _STRINGS.sub(lambda string: re.sub(_VARIABLE, "x", string[0]), text)
    left = re.search(_VARIABLE, _STRINGS.sub("", text))
    if left is not None:
        raise LogqlError(f"the variable {left[0]} stands outside of a string")
    return text
