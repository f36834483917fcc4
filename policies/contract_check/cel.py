"""Reads expressions of the Common Expression Language as the API server compiles them: whether they are well formed,
and whether they speak of names that are there.

Source: github.com/google/cel-spec/blob/master/doc/langdef.md (syntax) and kubernetes.io/docs/reference/using-api/cel.
Types are not inferred: what an expression compares with what is left to the API server.
"""

import re
from collections.abc import Set
from typing import Any, Final, NoReturn

_TOKENS: Final = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<number>0[xX][0-9a-fA-F]+[uU]?|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[uU]?|\.[0-9]+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*|`[A-Za-z0-9_./-]+`)
    |(?P<sign>&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
_TYPES: Final = frozenset(
    {*("int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type", "optional", "duration")}
    | {*("timestamp", "google", "dyn", "quantity", "ip", "cidr", "url", "semver", "sets", "math", "format", "strings")}
)
_MACROS: Final = frozenset({"all", "exists", "exists_one", "existsOne", "map", "filter", "bind", "transformList"})
_BINARY: Final = ("||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%")


class _Broken(Exception):
    """What is wrong with an expression."""


def expression_problem(expression: str, names: Set[str], schema: dict[str, Any] | None = None) -> str:
    """Why an expression does not compile; empty where nothing speaks against it.

    `names` are those that it may speak of; `schema` is the one of `self`, where there is such a name.
    """
    try:
        _Reader(expression, names, schema).read()
    except _Broken as error:
        return str(error)
    return ""


class _Reader:
    """Reads one expression from its first token to its last."""

    def __init__(self, expression: str, names: Set[str], schema: dict[str, Any] | None) -> None:
        self._tokens = _tokens(expression)
        self._at = 0
        self._names = set(names)
        self._schema = schema

    def read(self) -> None:
        self._ternary()
        if self._token:
            self._fail(f"unexpected {self._token}")

    @property
    def _token(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    @property
    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _ternary(self) -> None:
        self._operands()
        if self._took("?"):
            self._ternary()
            self._expect(":")
            self._ternary()

    def _operands(self) -> None:
        """Operators bind as the language says; for whether it is well formed, their order does not matter."""
        self._unary()
        while self._token in _BINARY:
            self._at += 1
            self._unary()

    def _unary(self) -> None:
        while self._token in ("!", "-"):
            self._at += 1
        self._member()

    def _member(self) -> None:
        schema = self._primary()
        while self._token in (".", "["):
            if self._took("["):
                self._took("?")
                self._ternary()
                self._expect("]")
                schema = _element(schema)
                continue
            self._at += 1
            self._took("?")
            if self._kind != "name":
                self._fail(f"expected a name, found {self._token or 'the end'}")
            name = self._token.strip("`")
            self._at += 1
            if self._token == "(":
                self._call(name)
                schema = None
            else:
                schema = self._field(schema, name)

    def _primary(self) -> dict[str, Any] | None:
        kind, token = self._kind, self._token
        if kind in ("number", "text"):
            self._at += 1
        elif self._took("("):
            self._ternary()
            self._expect(")")
        elif self._took("["):
            self._list("]")
        elif self._took("{"):
            self._pairs()
        elif kind == "name":
            self._at += 1
            return self._named(token)
        else:
            self._fail(f"unexpected {token or 'end of the expression'}")
        return None

    def _named(self, name: str) -> dict[str, Any] | None:
        if self._token == "(":
            self._call(name)
            return None
        if name in ("true", "false", "null"):
            return None
        if name not in self._names and name not in _TYPES:
            self._fail(f"undeclared reference to '{name}'")
        return self._schema if name in ("self", "oldSelf") else None

    def _call(self, name: str) -> None:
        self._expect("(")
        if name in ("bind", *_MACROS) and self._kind == "name" and self._next() == ",":
            variables = [self._token]
            self._at += 2
            if self._kind == "name" and self._next() == ",":
                variables.append(self._token)
            added = [one for one in variables if one not in self._names]
            self._names.update(added)
            self._list(")")
            self._names.difference_update(added)
            return
        self._list(")")

    def _next(self) -> str:
        return self._tokens[self._at + 1][1] if self._at + 1 < len(self._tokens) else ""

    def _list(self, end: str) -> None:
        while not self._took(end):
            self._took("?")
            self._ternary()
            if not self._took(","):
                self._expect(end)
                return

    def _pairs(self) -> None:
        while not self._took("}"):
            self._ternary()
            self._expect(":")
            self._ternary()
            if not self._took(","):
                self._expect("}")
                return

    def _field(self, schema: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
        """The schema of a field; names that are no identifiers are written with underscores around what is escaped."""
        if schema is None or "properties" not in schema or _is_open(schema) or name.startswith("__") or "__" in name:
            extra = (schema or {}).get("additionalProperties")
            return extra if isinstance(extra, dict) else None
        if name not in schema["properties"]:
            self._fail(f"undefined field '{name}'")
        below = schema["properties"][name]
        return below if isinstance(below, dict) else None

    def _took(self, token: str) -> bool:
        if self._token == token and self._kind in ("sign", "name"):
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._took(token):
            self._fail(f"expected {token}, found {self._token or 'the end'}")

    def _fail(self, why: str) -> NoReturn:
        raise _Broken(why)


def _tokens(expression: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(expression):
        match = _TOKENS.match(expression, position)
        if match is None:
            raise _Broken(f"token recognition error at: {expression[position : position + 10]}")
        if match.lastgroup != "space":
            found.append((str(match.lastgroup), match.group()))
        position = match.end()
    return found


def _is_open(schema: dict[str, Any]) -> bool:
    dashed, underscored = "x-kubernetes-preserve-unknown-fields", "x_kubernetes_preserve_unknown_fields"
    return any(schema.get(key) for key in (dashed, underscored, "additionalProperties"))


def _element(schema: dict[str, Any] | None) -> dict[str, Any] | None:
    below = (schema or {}).get("items") or (schema or {}).get("additionalProperties")
    return below if isinstance(below, dict) else None
