"""Gateway: what comes in from outside for a workload, what is answered, and how long it takes."""

from dashboards.expressions import or_zero
from dashboards.gateway import ANSWERS, LATENCY, NOW, ROUTE, SERVICES
from dashboards.layout import Dashboard, row
from dashboards.panels import Query, rising, stat
from dashboards.variables import CLOUD, GIVEN_UPSTREAM

LEFT_OUT = 'kong_upstream_target_health{upstream=~"$upstream",state=~"unhealthy|dns_error"}'
"""Pods that fail their health checks, or whose circuit is open, and names that do not resolve."""

TARGETS_LEFT_OUT = stat(
    "Pods left out",
    Query(expression=or_zero(f"count(max by (upstream, address) ({LEFT_OUT}) == 1)")),
    unit="short",
    description="Pods that get no requests of the gateway: their health check fails, or their circuit is open.",
    thresholds=rising(warning=1, critical=2),
    decimals=0,
)

DASHBOARD = Dashboard(
    uid="gw-workload-gateway",
    title="Gateway",
    folder="Workloads",
    description="Requests from outside, what is answered and by whom, and how long it takes.",
    tags=("workload", "kong"),
    related=("gw-gateway", "gw-service-overview", "gw-application-logs"),
    variables=(CLOUD, GIVEN_UPSTREAM, ROUTE),
    rows=(
        row(
            "Now",
            *(panel for panel in NOW.panels if panel.title != "Unhealthy targets"),
            TARGETS_LEFT_OUT,
        ),
        SERVICES,
        ANSWERS,
        LATENCY,
    ),
)
