"""Whether a PromQL query asks for what there is: known metrics, labels that these carry, functions that fit."""

import difflib
from collections.abc import Mapping
from functools import cache

import promql_parser as promql

from signals import targets
from signals.exposed import Series, not_exposed, series
from signals.expressions import (
    bare,
    has_series,
    is_aggregated,
    is_name,
    is_vector,
    name_of,
    selectors,
    shown,
    text,
    without_variables,
)
from signals.recorded import Recorded, recorded

OF_COUNTERS = frozenset({"rate", "irate", "increase", "resets"})
OF_GAUGES = frozenset({"delta", "idelta", "deriv", "predict_linear", "double_exponential_smoothing"})

GROWING: Mapping[str, str] = {
    "kafka_topic_partition_current_offset": "an offset only grows",
    "kafka_consumergroup_current_offset": "an offset only grows",
    "kafka_consumergroup_current_offset_sum": "an offset only grows",
    "kong_nginx_requests_total": "nginx counts requests since its start",
    "requests_total": "Weaviate counts requests in a gauge",
    "mongodb_ss_opcounters": "the server counts since its start, the exporter passes it on without a type",
    "mongodb_ss_asserts": "the server counts since its start, the exporter passes it on without a type",
}
"""Gauges of which a rate makes sense, and why."""

FIRING = {"ALERTS", "ALERTS_FOR_STATE"}
"""What Prometheus itself writes of each alert, with the labels of the alert and of what it is about."""

Labels = frozenset[str] | None
"""What a result can carry; None where it is not known."""


def problems(query: str) -> list[str]:
    """What is wrong with a query; nothing where it is sound."""
    try:
        expression = promql.parse(without_variables(query))
    except ValueError as error:
        return [f"not PromQL: {str(error).strip()}"]
    reading = _Reading()
    reading.labels(expression)
    return list(dict.fromkeys(reading.problems))


class _Reading:
    """Goes through an expression from the inside out: which labels each part can carry, and what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def labels(self, expression: promql.Expr) -> Labels:
        match expression:
            case promql.VectorSelector():
                return self._of_selector(expression)
            case promql.MatrixSelector():
                return self._of_selector(expression.vector_selector)
            case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
                return self.labels(expression.expr)
            case promql.AggregateExpr():
                return self._of_aggregation(expression)
            case promql.Call():
                return self._of_call(expression)
            case promql.BinaryExpr():
                return self._of_operation(expression)
            case _:
                return frozenset()

    def _of_selector(self, selector: promql.VectorSelector) -> Labels:
        name = name_of(selector)
        if name is None:
            self.problems.append(f"{shown(selector)}: names no metric")
            return None
        known = labels_of(name)
        if known is None and name not in FIRING:
            self.problems.append(_unknown(name))
        for matcher in selector.matchers.matchers:
            if not is_name(matcher):
                self._expect(matcher.name, known, name)
        return known

    def _of_aggregation(self, aggregation: promql.AggregateExpr) -> Labels:
        inner = self.labels(aggregation.expr)
        modifier = aggregation.modifier
        operator = str(aggregation.op)
        named = frozenset(modifier.labels) if modifier else frozenset[str]()
        for label in sorted(named):
            self._expect(label, inner, shown(aggregation.expr))
        if operator in {"topk", "bottomk", "limitk", "limit_ratio"}:
            return inner
        if modifier and modifier.type == promql.AggModifierType.Without:
            return None if inner is None else inner - named
        added = {aggregation.param.val} if isinstance(aggregation.param, promql.StringLiteral) else set[str]()
        return named | added

    def _of_call(self, call: promql.Call) -> Labels:
        function, arguments = call.func.name, call.args
        found = [self.labels(argument) for argument in arguments]
        if function in OF_COUNTERS | OF_GAUGES:
            self._check_kind(function, arguments[0])
        if function in {"histogram_quantile", "histogram_fraction"}:
            return self._of_buckets(function, arguments[-1], found[-1])
        if function in {"label_replace", "label_join"}:
            return self._with_label(function, [text(argument) for argument in arguments], found[0])
        if function in {"absent", "absent_over_time"}:
            return None
        return next((of for of, argument in zip(found, arguments, strict=True) if has_series(argument)), frozenset())

    def _of_buckets(self, function: str, buckets: promql.Expr, found: Labels) -> Labels:
        for selector in selectors(buckets):
            name = name_of(selector)
            if name and name in series() and not name.endswith("_bucket"):
                self.problems.append(f"{function}() of {name}: not the buckets of a histogram")
        if found is not None and "le" not in found:
            self.problems.append(f'{function}() of {shown(buckets)}: the label "le" is aggregated away')
        return None if found is None else found - {"le"}

    def _with_label(self, function: str, texts: list[str | None], found: Labels) -> Labels:
        target = texts[1]
        sources = [texts[3]] if function == "label_replace" else texts[3:]
        for label in sources:
            if label:
                self._expect(label, found, function)
        return None if found is None or target is None else found | {target}

    def _of_operation(self, operation: promql.BinaryExpr) -> Labels:
        left, right = self.labels(operation.lhs), self.labels(operation.rhs)
        if not has_series(operation.lhs) and not is_vector(operation.lhs):
            return right
        if not has_series(operation.rhs) and not is_vector(operation.rhs):
            return left
        modifier, operator = operation.modifier, str(operation.op)
        matching = modifier.matching if modifier else None
        if matching is None:
            return self._unmatched(operation, left, right)
        named = frozenset(matching.labels)
        by_name = matching.type == promql.LabelModifierType.Include
        for label in sorted(named):
            sides = [left, right] if by_name else [None if left is None or right is None else left | right]
            for side, of in zip(sides, (operation.lhs, operation.rhs), strict=False):
                self._expect(label, side, shown(of))
        if operator in {"and", "unless"}:
            return left
        if operator == "or":
            return None if left is None or right is None else left | right
        return self._joined(operation, named if by_name else None, left, right)

    def _joined(self, operation: promql.BinaryExpr, on: Labels, left: Labels, right: Labels) -> Labels:
        modifier = operation.modifier
        assert modifier is not None
        card, taken = modifier.card, frozenset(modifier.group_labels or ())
        if card == promql.VectorMatchCardinality.ManyToOne:
            many, one, of = left, right, operation.rhs
        elif card == promql.VectorMatchCardinality.OneToMany:
            many, one, of = right, left, operation.lhs
        else:
            return on if on is not None else left
        for label in sorted(taken):
            self._expect(label, one, shown(of))
        return None if many is None else many | taken

    def _unmatched(self, operation: promql.BinaryExpr, left: Labels, right: Labels) -> Labels:
        operator = str(operation.op)
        exact = is_aggregated(operation.lhs) and is_aggregated(operation.rhs)
        if exact and operator != "or" and left is not None and right is not None and left != right:
            sides = " and ".join("{" + ", ".join(sorted(side)) + "}" for side in (left, right))
            self.problems.append(f"{shown(operation)}: never match, their labels are {sides}")
        if operator == "or":
            return None if left is None or right is None else left | right
        return left

    def _check_kind(self, function: str, argument: promql.Expr) -> None:
        if isinstance(argument, promql.SubqueryExpr):
            if function in OF_COUNTERS and isinstance(bare(argument.expr), promql.AggregateExpr):
                self.problems.append(f"{function}() of an aggregation: it cannot see resets of what is summed up")
            return
        for selector in selectors(argument):
            name = name_of(selector) or ""
            counts = [_counts(one) for one in series().get(name, ())]
            if function in OF_COUNTERS and counts and not any(counts) and name not in GROWING:
                self.problems.append(f"{function}() of {name}: not a counter")
            if function in OF_GAUGES and counts and all(counts):
                self.problems.append(f"{function}() of {name}: a counter, which falls when it is reset")

    def _expect(self, label: str, known: Labels, of: str) -> None:
        if known is not None and label not in known:
            near = difflib.get_close_matches(label, sorted(known), n=1)
            hint = f', did you mean "{near[0]}"?' if near else f"; it has {', '.join(sorted(known)) or 'none'}"
            self.problems.append(f'{of}: no label "{label}"{hint}')


_BEING_READ: set[str] = set()
"""Recorded series whose expressions are being read."""


@cache
def labels_of(name: str) -> Labels:
    """Every label that a metric or recorded series of this name can carry; None where there is none of this name."""
    rule = recorded().get(name)
    if rule is not None:
        # One that goes on from what it wrote before adds nothing to what it is made of.
        return rule.labels | targets.EXTERNAL if name in _BEING_READ else _of_rule(rule)
    if name in targets.OF_EACH_SCRAPE:
        return targets.OF_ANY_TARGET
    known = series().get(name)
    return frozenset[str]().union(*(targets.labels(one) for one in known)) if known else None


def _of_rule(rule: Recorded) -> Labels:
    _BEING_READ.add(rule.name)
    found = [_Reading().labels(promql.parse(expression)) for expression in rule.expressions]
    _BEING_READ.discard(rule.name)
    known = [labels for labels in found if labels is not None]
    return frozenset[str]().union(rule.labels, targets.EXTERNAL, *known) if len(known) == len(found) else None


def _unknown(name: str) -> str:
    instead = not_exposed().get(name)
    if instead:
        return f"{name}: not exposed; {instead}"
    near = difflib.get_close_matches(name, [*series(), *recorded()], n=1)
    return f"{name}: no exporter has it{f', did you mean {near[0]}?' if near else ''}"


def _counts(one: Series) -> bool:
    if one.metric.kind == "summary":
        return one.name != one.metric.name
    return one.metric.kind in {"counter", "histogram"}
