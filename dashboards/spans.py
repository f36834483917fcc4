"""Expressions over span metrics: what the collector counts of every span, before it samples."""

from components.span_metrics import CALLS, DURATION
from dashboards.expressions import INTERVAL, share_of_each

CHOSEN = 'k8s_namespace_name=~"$namespace",service_name=~"$service"'
"""The services that are chosen at the top."""

SERVED = f'{CHOSEN},span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"'
"""What they serve: requests and messages that come in."""

SENT = f'{CHOSEN},span_kind=~"SPAN_KIND_CLIENT|SPAN_KIND_PRODUCER"'
"""What they ask of others."""

BY_SERVICE = "k8s_namespace_name, service_name"


def rate(matchers: str, by: str = "", over: str = INTERVAL) -> str:
    """Spans a second."""
    return f"sum{_by(by)}(rate({CALLS}{{{matchers}}}[{over}]))"


def failing(matchers: str, by: str = "", over: str = INTERVAL) -> str:
    """The share of spans that failed, 0 to 1; 0 where none did."""
    return share_of_each(rate(f'{matchers},status_code="STATUS_CODE_ERROR"', by, over), rate(matchers, by, over))


def quantile(share: float, matchers: str, by: str = "", over: str = INTERVAL) -> str:
    """The duration in milliseconds that this share of spans stays below."""
    buckets = f"rate({DURATION}_bucket{{{matchers}}}[{over}])"
    return f"histogram_quantile({share}, sum by (le{', ' if by else ''}{by}) ({buckets}))"


def buckets(matchers: str) -> str:
    """The histogram of durations, for a heatmap."""
    return f"sum by (le) (rate({DURATION}_bucket{{{matchers}}}[{INTERVAL}]))"


def _by(labels: str) -> str:
    return f" by ({labels}) " if labels else ""
