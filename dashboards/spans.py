"""Expressions over span metrics: what the collector counts of every span, before it samples."""

from components.span_metrics import CALLS, DURATION
from dashboards.expressions import share_of_each

CHOSEN = 'k8s_namespace_name=~"$namespace",service_name=~"$service"'
"""The services that are chosen at the top."""

SERVED = f'{CHOSEN},span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"'
"""What they serve: requests and messages that come in."""

SENT = f'{CHOSEN},span_kind=~"SPAN_KIND_CLIENT|SPAN_KIND_PRODUCER"'
"""What they ask of others."""

BY_SERVICE = "k8s_namespace_name, service_name"


def rate(matchers: str, by: str = "") -> str:
    """Spans a second."""
    return f"sum{_by(by)}(rate({CALLS}{{{matchers}}}[$__rate_interval]))"


def failing(matchers: str, by: str = "") -> str:
    """The share of spans that failed, 0 to 1; 0 where none did."""
    return share_of_each(rate(f'{matchers},status_code="STATUS_CODE_ERROR"', by), rate(matchers, by))


def quantile(share: float, matchers: str, by: str = "") -> str:
    """The duration in milliseconds that this share of spans stays below."""
    buckets = f"rate({DURATION}_bucket{{{matchers}}}[$__rate_interval])"
    return f"histogram_quantile({share}, sum by (le{', ' if by else ''}{by}) ({buckets}))"


def buckets(matchers: str) -> str:
    """The histogram of durations, for a heatmap."""
    return f"sum by (le) (rate({DURATION}_bucket{{{matchers}}}[$__rate_interval]))"


def _by(labels: str) -> str:
    return f" by ({labels}) " if labels else ""
