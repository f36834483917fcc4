"""The words of LogQL, as Loki's own scanner takes them apart.

https://github.com/grafana/loki/blob/v3.7.6/pkg/logql/syntax/lex.go
"""

import re
from dataclasses import dataclass

RANGE_OPERATIONS = frozenset(
    {
        "rate", "rate_counter", "count_over_time", "bytes_rate", "bytes_over_time", "avg_over_time", "sum_over_time",
        "min_over_time", "max_over_time", "stdvar_over_time", "stddev_over_time", "quantile_over_time",
        "first_over_time", "last_over_time", "absent_over_time",
    }
)  # fmt: skip
VECTOR_OPERATIONS = frozenset(
    {
        "sum", "avg", "max", "min", "count", "stddev", "stdvar", "bottomk", "topk", "approx_topk", "sort", "sort_desc",
    }
)  # fmt: skip
CONVERSIONS = frozenset({"bytes", "duration", "duration_seconds"})

FUNCTIONS = RANGE_OPERATIONS | VECTOR_OPERATIONS | CONVERSIONS | {"vector", "label_replace", "ip"}
"""Words with a meaning of their own before a parenthesis, and names of labels elsewhere."""

KEYWORDS = frozenset(
    {
        "by", "without", "bool", "offset", "on", "ignoring", "group_left", "group_right", "or", "and", "unless", "json",
        "regexp", "logfmt", "unpack", "pattern", "label_format", "line_format", "decolorize", "drop", "keep",
        "unwrap", "variants", "of",
    }
)  # fmt: skip
"""Words that no label can be called by."""

_DURATION = r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d|w|y))+"
_TOKEN = re.compile(
    rf"""
      (?P<space>\s+|\#[^\n]*)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    | (?P<range>\[[^\]]*\])
    | (?P<duration>-?{_DURATION}(?![A-Za-z_]))
    | (?P<bytes>\d+(?:\.\d+)?(?:[kKMGTP]i?)?B(?![A-Za-z_]))
    | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<flag>--(?:strict|keep-empty)\b)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>\|=|\|~|\|>|!=|!~|!>|=~|==|>=|<=|[|=<>{{}}(),+\-*/%^])
    """,
    re.VERBOSE,
)


_ESCAPE = re.compile(r"\\(?:([abfnrtv\\\\\"]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3})|.)")


class LogqlError(ValueError):
    """What is wrong with a query, in one line."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """One word, with what it stands for."""

    kind: str
    """`string`, `range`, `duration`, `bytes`, `number`, `flag`, `name`, or a word or sign of the language itself."""

    text: str
    place: int


END = Token(kind="the end", text="", place=-1)


def tokens(query: str) -> list[Token]:
    """The words of a query. Raises `LogqlError` at what is none."""
    found: list[Token] = []
    place = 0
    while place < len(query):
        match = _TOKEN.match(query, place)
        if match is None:
            raise LogqlError(f"character {place + 1}: {query[place : place + 10]!r} is not LogQL")
        place, kind, text = match.end(), str(match.lastgroup), match[0]
        if kind == "space":
            continue
        if kind == "word":
            kind = _kind_of_word(text, query[place:])
        found.append(Token(kind=text if kind == "sign" else kind, text=_unquoted(kind, text), place=match.start()))
    return found


def _kind_of_word(word: str, rest: str) -> str:
    if word.lower() in KEYWORDS:
        return word.lower()
    called = re.match(r"\s*(?:\(|(?:by|without)\s*\()", rest, re.IGNORECASE)
    return word.lower() if word.lower() in FUNCTIONS and called else "name"


def _unquoted(kind: str, text: str) -> str:
    if kind == "range":
        return text[1:-1].strip()
    if kind != "string":
        return text
    if text[0] == "`":
        return text[1:-1]
    for escape in _ESCAPE.finditer(text[1:-1]):
        if escape[1] is None:
            raise LogqlError(f"{text}: a string has no escape {escape[0]}")
    return text[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")


class Words:
    """The words of a query, read one after the other."""

    def __init__(self, query: str) -> None:
        self._tokens = tokens(query)
        self._next = 0

    def peek(self, ahead: int = 0) -> Token:
        """The next word, or one behind it, which stays to be read."""
        place = self._next + ahead
        return self._tokens[place] if place < len(self._tokens) else END

    def take(self, *kinds: str) -> Token:
        """The next word, which must be of one of the kinds. Raises `LogqlError`."""
        found = self.peek()
        if kinds and found.kind not in kinds:
            wanted = " or ".join(kinds)
            where = "the query ends" if found is END else f"character {found.place + 1}: {found.text!r}"
            raise LogqlError(f"{where}, expected {wanted}")
        self._next += 1
        return found

    def took(self, *kinds: str) -> bool:
        """Reads the next word if it is of one of the kinds."""
        if self.peek().kind not in kinds:
            return False
        self._next += 1
        return True

    def names(self) -> list[str]:
        """Names of labels in parentheses, which may be none."""
        self.take("(")
        if self.took(")"):
            return []
        found = [self.take("name").text]
        while self.took(","):
            found.append(self.take("name").text)
        self.take(")")
        return found
