"""Queries as Prometheus parses them: the series that they name, and whether those exist."""

import promql_parser

from signals.exposed import series
from tests.unit.alerts.rule_files import TOPICS, rules


def names(query: str) -> set[str]:
    """Names of the series that a query asks for."""
    found: set[str] = set()

    def note(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.VectorSelector) and part.name:
            found.add(part.name)

    promql_parser.transform(promql_parser.parse(query), note)
    return found


def problems(query: str) -> list[str]:
    """Series that neither an exporter exposes nor a rule records."""
    recorded = {rule["record"] for topic in TOPICS for rule in rules(topic) if "record" in rule}
    own = {"up", "ALERTS", "scrape_samples_scraped"}
    return sorted(names(query) - set(series()) - recorded - own)
