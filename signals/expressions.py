"""Parts of PromQL expressions: their selectors, and what shape a result has."""

import re
from collections.abc import Iterator

import promql_parser as promql

_DURATION = re.compile(r"\$\{?__(?:rate_interval|interval|range)(?::[a-z]+)?\}?(?![\w])")
_NUMBER = re.compile(r"\$\{?__(?:rate_interval_ms|interval_ms|range_ms|range_s|from|to)(?::[a-z]+)?\}?(?![\w])")
_VARIABLE = re.compile(r"\$\{\w+(?::[^}]*)?\}|\$(?!\d)\w+")
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")


def without_variables(query: str) -> str:
    """The query with Grafana's variables replaced by values of their kind: within quotes a text, outside a number."""
    known = _NUMBER.sub("300000", _DURATION.sub("5m", query))
    return _VARIABLE.sub("1", _TEXT.sub(lambda text: _VARIABLE.sub("x", text.group()), known))


def selectors(expression: promql.Expr) -> Iterator[promql.VectorSelector]:
    """Every selector of an expression."""
    match expression:
        case promql.VectorSelector():
            yield expression
        case promql.MatrixSelector():
            yield expression.vector_selector
        case promql.BinaryExpr():
            yield from selectors(expression.lhs)
            yield from selectors(expression.rhs)
        case promql.Call():
            for argument in expression.args:
                yield from selectors(argument)
        case promql.AggregateExpr():
            yield from selectors(expression.expr)
            if expression.param is not None:
                yield from selectors(expression.param)
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            yield from selectors(expression.expr)
        case _:
            pass


def name_of(selector: promql.VectorSelector) -> str | None:
    """The metric that a selector asks for; None where it asks by a pattern."""
    if selector.name:
        return selector.name
    return next((one.value for one in selector.matchers.matchers if is_name(one)), None)


def shown(expression: promql.Expr) -> str:
    """The expression as one would write it: the parser puts braces after a metric without matchers."""
    return re.sub(r"(?<=[\w:])\{\}", "", " ".join(str(expression).split()))


def is_name(matcher: promql.Matcher) -> bool:
    return matcher.name == "__name__" and matcher.op == promql.MatchOp.Equal


def has_series(expression: promql.Expr) -> bool:
    return next(selectors(expression), None) is not None


def is_vector(expression: promql.Expr) -> bool:
    inner = bare(expression)
    return isinstance(inner, promql.Call) and inner.func.name == "vector"


def is_aggregated(expression: promql.Expr) -> bool:
    """Whether the labels of the result are exactly those that an aggregation names."""
    inner = bare(expression)
    if isinstance(inner, promql.BinaryExpr):
        return not inner.modifier and is_aggregated(inner.lhs) and is_aggregated(inner.rhs)
    if not isinstance(inner, promql.AggregateExpr) or str(inner.op) in {"topk", "bottomk", "limitk", "limit_ratio"}:
        return False
    return inner.modifier is None or inner.modifier.type == promql.AggModifierType.By


def bare(expression: promql.Expr) -> promql.Expr:
    while isinstance(expression, promql.ParenExpr):
        expression = expression.expr
    return expression


def text(expression: promql.Expr) -> str | None:
    return expression.val if isinstance(expression, promql.StringLiteral) else None
