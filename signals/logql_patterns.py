"""The small languages within the strings of LogQL: regular expressions, patterns, templates."""

import re

from signals.logql_tokens import LogqlError

_NOT_IN_GO = re.compile(r"\(\?(?:[=!>]|<[=!]|P=|P>|#|\()|\\[1-9]|[*+?}]\+")
"""What Python's expressions have and Go's have not. https://pkg.go.dev/regexp/syntax"""

_FLAGS = re.compile(r"\(\?[imsU-]+\)")
"""Flags may stand anywhere in Go's expressions, and only in front in Python's."""

FUNCTIONS = frozenset(
    {
        "__line__", "__timestamp__", "ToLower", "ToUpper", "Replace", "Trim", "TrimLeft", "TrimRight", "TrimPrefix",
        "TrimSuffix", "TrimSpace", "regexReplaceAll", "regexReplaceAllLiteral", "count", "urldecode", "urlencode",
        "bytes", "duration", "duration_seconds", "unixEpochMillis", "unixEpochNanos", "toDateInZone", "unixToTime",
        "alignLeft", "alignRight", "b64enc", "b64dec", "lower", "upper", "title", "trunc", "substr", "contains",
        "hasPrefix", "hasSuffix", "indent", "nindent", "replace", "repeat", "trim", "trimAll", "trimSuffix",
        "trimPrefix", "int", "float64", "add", "sub", "mul", "div", "mod", "addf", "subf", "mulf", "divf", "max",
        "min", "maxf", "minf", "ceil", "floor", "round", "fromJson", "date", "toDate", "now", "unixEpoch", "default",
        "and", "call", "html", "index", "slice", "js", "len", "not", "or", "print", "printf", "println", "urlquery",
        "eq", "ge", "gt", "le", "lt", "ne",
    }
)  # fmt: skip
"""Functions of templates. https://github.com/grafana/loki/blob/v3.7.6/pkg/logql/log/fmt.go and Go's text/template"""

_BLOCKS = frozenset({"if", "with", "range"})
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\$?\.?[A-Za-z_]\w*(?:\.\w+)*|:?=|[^\sA-Za-z_."`$]+|\.|\$')


def check_regexp(expression: str) -> None:
    """Raises `LogqlError` if Go's regular expressions would refuse it."""
    foreign = _NOT_IN_GO.search(re.sub(r"\\\\|\[[^\]]*\]", "", expression))
    if foreign is not None:
        raise LogqlError(f"{expression!r}: Loki's regular expressions have no {foreign[0]}")
    try:
        re.compile(_FLAGS.sub("", expression))
    except re.error as error:
        raise LogqlError(f"{expression!r}: {error}") from error


def matches_empty(expression: str) -> bool:
    """Whether a regular expression matches the empty text as a whole."""
    return re.fullmatch(_FLAGS.sub("", expression), "") is not None


def named_groups(expression: str) -> list[str]:
    """Names of the groups of a regular expression."""
    return list(re.compile(_FLAGS.sub("", expression)).groupindex)


def pattern_names(text: str) -> list[str]:
    """Names within a pattern, which stand alone between what is not captured. Raises `LogqlError`."""
    found = re.findall(r"<([A-Za-z_]\w*)>", text)
    if re.search(r"<[A-Za-z_]\w*><[A-Za-z_]\w*>", text):
        raise LogqlError(f"{text!r}: two captures with nothing between them")
    names = [name for name in found if name != "_"]
    if len(names) != len(set(names)):
        raise LogqlError(f"{text!r}: a name stands twice")
    return names


def check_template(text: str) -> list[str]:
    """The labels that a template asks for. Raises `LogqlError` if Go's templates would refuse it."""
    labels: list[str] = []
    depth = 0
    rest = text
    while "{{" in rest:
        action, closed, rest = rest.partition("{{")[2].partition("}}")
        if not closed:
            raise LogqlError(f"{text!r}: {{{{ without }}}}")
        words = _WORD.findall(action.strip("- \t\n"))
        depth += _depth(text, words[0] if words else "", depth)
        labels += _asked(text, words)
    if depth:
        raise LogqlError(f"{text!r}: a block without {{{{ end }}}}")
    return labels


def _depth(text: str, first: str, depth: int) -> int:
    if first == "end" and depth == 0:
        raise LogqlError(f"{text!r}: {{{{ end }}}} without a block")
    if first == "else" and depth == 0:
        raise LogqlError(f"{text!r}: {{{{ else }}}} without a block")
    return 1 if first in _BLOCKS else -1 if first == "end" else 0


def _asked(text: str, words: list[str]) -> list[str]:
    if not words:
        raise LogqlError(f"{text!r}: an empty action")
    labels: list[str] = []
    for word in words:
        if word.startswith(".") and len(word) > 1:
            labels.append(word[1:].partition(".")[0])
        elif re.match(r"[A-Za-z_]", word) and word not in FUNCTIONS | _BLOCKS | {"else", "end", "true", "false", "nil"}:
            raise LogqlError(f"{text!r}: templates have no function {word}")
    return labels
