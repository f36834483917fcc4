"""The chosen cloud, in every selector of a PromQL expression.

Prometheus puts its external labels (cloud, environment, stack) only on what it sends elsewhere: the series that it
keeps itself lack them. `cloud=~"|gke"` takes both, so that one dashboard serves the Prometheus of a stack and a
long-term store that several stacks write to.
"""

import re

import promql_parser

from signals.expressions import selectors, without_variables

MATCHER = 'cloud=~"|$cloud"'

_KEPT = (
    r'"(?:[^"\\]|\\.)*"'
    r"|'(?:[^'\\]|\\.)*'|`[^`]*`"
    r"|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"
)
"""Strings and lists of labels: a name in them is no metric."""


def scoped(expression: str) -> str:
    """The expression with the matcher in each of its selectors."""
    names = {selector.name for selector in selectors(promql_parser.parse(without_variables(expression)))}
    if not names:
        return expression
    named = "|".join(sorted((re.escape(name) for name in names if name), key=len, reverse=True))
    pattern = rf"(?P<kept>{_KEPT})|(?<![\w:])(?P<name>{named})(?![\w:])(?P<brace>\s*\{{\s*(?P<end>\}})?)?"

    def with_matcher(found: re.Match[str]) -> str:
        if found["kept"] is not None:
            return found["kept"]
        if found["brace"] is None or found["end"] is not None:
            return f"{found['name']}{{{MATCHER}}}"
        return f"{found['name']}{{{MATCHER},"

    return re.sub(pattern, with_matcher, expression)
