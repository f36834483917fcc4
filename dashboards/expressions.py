"""PromQL that panels share: rates, totals, shares, quantiles."""

INTERVAL = "$__rate_interval"
"""Grafana's: at least four scrapes, and no less than the distance between two points."""

SHOWN = "$__range"
"""The whole span of time that is shown: for tables and maps."""


def series(name: str, matchers: str = "") -> str:
    return f"{name}{{{matchers}}}" if matchers else name


def rate(counter: str, matchers: str = "", over: str = INTERVAL) -> str:
    """How much a counter grows each second."""
    return f"rate({series(counter, matchers)}[{over}])"


def increase(counter: str, matchers: str = "", over: str = INTERVAL) -> str:
    """How much a counter has grown."""
    return f"increase({series(counter, matchers)}[{over}])"


def total(expression: str, *by: str) -> str:
    """The sum, for each set of these labels."""
    return f"{_by('sum', by)}({expression})"


def highest(expression: str, *by: str) -> str:
    return f"{_by('max', by)}({expression})"


def lowest(expression: str, *by: str) -> str:
    return f"{_by('min', by)}({expression})"


def number(expression: str, *by: str) -> str:
    """How many there are."""
    return f"{_by('count', by)}({expression})"


def or_zero(expression: str) -> str:
    """0 where there is nothing. Only of what has no labels."""
    return f"({expression} or vector(0))"


def share(part: str, whole: str) -> str:
    """A part of a whole, 0 where none of it is such a part, nothing where there is no whole. Both without labels."""
    return f"{or_zero(part)} / ({whole} > 0)"


def share_of_each(part: str, whole: str) -> str:
    """The same for each set of labels, which both have. What stands still is left out."""
    return f"({part} or 0 * {whole}) / ({whole} > 0)"


def quantile(part: float, histogram: str, matchers: str = "", *by: str, over: str = INTERVAL) -> str:
    """What `part` of all observations do not exceed."""
    return f"histogram_quantile({part}, {total(rate(f'{histogram}_bucket', matchers, over), 'le', *by)})"


def _by(operator: str, labels: tuple[str, ...]) -> str:
    return f"{operator} by ({', '.join(labels)}) " if labels else operator
