"""Selectors and pipelines of LogQL: what chooses lines and what is done with each.

https://grafana.com/docs/loki/latest/query/log_queries/
"""

from collections.abc import Callable, Mapping

from signals.logql_labels import STREAM, Labels
from signals.logql_patterns import check_regexp, check_template, matches_empty, named_groups, pattern_names
from signals.logql_tokens import CONVERSIONS, LogqlError, Words

_MATCHERS = ("=", "!=", "=~", "!~")
_LINE_FILTERS = ("|=", "|~", "|>", "!=", "!~", "!>")
_COMPARISONS = ("=", "==", "!=", ">", ">=", "<", "<=")


def selector(words: Words, labels: Labels) -> None:
    """`{name="value", ...}`: labels of streams alone, and one at least that leaves some stream out."""
    words.take("{")
    chooses = False
    if words.took("}"):
        raise LogqlError("a selector that is empty chooses nothing")
    while True:
        name = words.take("name")
        operator, value = words.take(*_MATCHERS).kind, words.take("string").text
        if operator in ("=~", "!~"):
            check_regexp(value)
        if name.text not in STREAM:
            labels.problems.append(f"no stream has the label {name.text}: {', '.join(sorted(STREAM))} are all")
        chooses = chooses or not _takes_streams_without(operator, value)
        if not words.took(","):
            break
    words.take("}")
    if not chooses:
        raise LogqlError('a selector needs one matcher that streams without its label fail, as in {namespace=~".+"}')


def pipeline(words: Words, labels: Labels) -> None:
    """Every stage behind a selector, up to what is none."""
    while True:
        if words.peek().kind in _LINE_FILTERS:
            _line_filter(words)
        elif words.peek().kind == "|" and words.peek(1).kind != "unwrap":
            words.take("|")
            _stage(words, labels)
        else:
            return


def unwrapped(words: Words, labels: Labels) -> bool:
    """`| unwrap label`, and filters behind it. Whether there is one."""
    if not (words.peek().kind == "|" and words.peek(1).kind == "unwrap"):
        return False
    words.take("|")
    words.take("unwrap")
    if words.took(*CONVERSIONS):
        words.take("(")
        labels.ask(words.take("name").text)
        words.take(")")
    else:
        labels.ask(words.take("name").text)
    while words.took("|"):
        _label_filter(words, labels)
    return True


def _takes_streams_without(operator: str, value: str) -> bool:
    """Whether a matcher lets pass what has not got its label."""
    match operator:
        case "=":
            return value == ""
        case "!=":
            return value != ""
        case _:
            return matches_empty(value) == (operator == "=~")


def _line_filter(words: Words) -> None:
    operator = words.take(*_LINE_FILTERS).kind
    _filtered_text(words, operator)
    while words.took("or"):
        _filtered_text(words, operator)


def _filtered_text(words: Words, operator: str) -> None:
    if words.peek().kind == "ip":
        words.take("ip")
        words.take("(")
        words.take("string")
        words.take(")")
        return
    text = words.take("string").text
    if operator in ("|~", "!~"):
        check_regexp(text)
    if operator in ("|>", "!>") and pattern_names(text):
        raise LogqlError(f"{text!r}: the pattern of a filter has no names, <_> alone")


def _stage(words: Words, labels: Labels) -> None:
    known = _STAGES.get(words.peek().kind)
    if known is None:
        _label_filter(words, labels)
        return
    words.take()
    known(words, labels)


def _json(words: Words, labels: Labels) -> None:
    _extractions(words, labels)


def _logfmt(words: Words, labels: Labels) -> None:
    while words.took("flag"):
        pass
    _extractions(words, labels)


def _extractions(words: Words, labels: Labels) -> None:
    """`name="path"` or `name`, any number of them. Without one, every field becomes a label."""
    if words.peek().kind != "name":
        labels.any = True
        return
    while True:
        labels.set(words.take("name").text)
        if words.took("="):
            words.take("string")
        if not words.took(","):
            return


def _regexp(words: Words, labels: Labels) -> None:
    expression = words.take("string").text
    check_regexp(expression)
    names = named_groups(expression)
    if not names:
        raise LogqlError(f"{expression!r}: regexp needs a named group, as in (?P<status>\\d+)")
    labels.set(*names)


def _pattern(words: Words, labels: Labels) -> None:
    text = words.take("string").text
    names = pattern_names(text)
    if not names:
        raise LogqlError(f"{text!r}: pattern needs a name, as in <status>")
    labels.set(*names)


def _unpack(_words: Words, labels: Labels) -> None:
    labels.any = True


def _line_format(words: Words, labels: Labels) -> None:
    for name in check_template(words.take("string").text):
        labels.ask(name)


def _label_format(words: Words, labels: Labels) -> None:
    given: set[str] = set()
    while True:
        name = words.take("name").text
        if name in given:
            raise LogqlError(f"label_format sets {name} twice")
        given.add(name)
        words.take("=")
        value = words.take("name", "string")
        for asked in [value.text] if value.kind == "name" else check_template(value.text):
            labels.ask(asked)
        if not words.took(","):
            break
    labels.set(*given)


def _drop_or_keep(words: Words, _labels: Labels) -> None:
    while True:
        words.take("name")
        if words.peek().kind in _MATCHERS:
            operator, value = words.take(*_MATCHERS).kind, words.take("string").text
            if operator in ("=~", "!~"):
                check_regexp(value)
        if not words.took(","):
            return


def _decolorize(_words: Words, _labels: Labels) -> None:
    return


_STAGES: Mapping[str, Callable[[Words, Labels], None]] = {
    "json": _json,
    "logfmt": _logfmt,
    "regexp": _regexp,
    "pattern": _pattern,
    "unpack": _unpack,
    "line_format": _line_format,
    "label_format": _label_format,
    "drop": _drop_or_keep,
    "keep": _drop_or_keep,
    "decolorize": _decolorize,
}


def _label_filter(words: Words, labels: Labels) -> None:
    """Comparisons joined by `and`, `or`, a comma or nothing."""
    while True:
        if words.took("("):
            _label_filter(words, labels)
            words.take(")")
        else:
            _comparison(words, labels)
        if not words.took("and", "or", ",") and words.peek().kind not in ("name", "("):
            return


def _comparison(words: Words, labels: Labels) -> None:
    labels.ask(words.take("name").text)
    operator = words.take(*_MATCHERS, *_COMPARISONS).kind
    if operator in ("=", "!=") and words.took("ip"):
        words.take("(")
        words.take("string")
        words.take(")")
    elif operator in _MATCHERS and words.peek().kind == "string":
        text = words.take("string").text
        if operator in ("=~", "!~"):
            check_regexp(text)
    elif operator in _COMPARISONS:
        if words.peek().kind in ("+", "-"):
            words.take()
            words.take("number")
        else:
            words.take("number", "duration", "bytes")
    else:
        words.take("string")
