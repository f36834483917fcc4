"""Circuit breakers: those of Dapr between a workload's services, and those of the gateway in front of them."""

from dashboards.layout import Dashboard, row
from dashboards.panels import Query, statetimeline, timeseries
from dashboards.resiliency import ACTIONS, BREAKERS, NOW
from dashboards.variables import CLOUD, GIVEN_NAMESPACE, GIVEN_SERVICE, GIVEN_UPSTREAM
from dashboards.workload.gateway import TARGETS_LEFT_OUT

HEALTH, OF_UPSTREAM = "kong_upstream_target_health", 'upstream=~"$upstream"'


def _in_state(states: str) -> str:
    return f'max by (upstream, target, address) ({HEALTH}{{{OF_UPSTREAM},state=~"{states}"}})'


GATEWAY = row(
    "Circuit breakers of the gateway",
    statetimeline(
        "Pods behind the gateway",
        Query(
            expression=f"2 * {_in_state('unhealthy')} + {_in_state('dns_error')}",
            legend="{{upstream}} {{address}}",
        ),
        unit="short",
        description="Green takes requests. Red is left out: its health check fails, or it answered badly several times "
        "in a row. Orange is a name that does not resolve.",
        mappings={"0": ("takes requests", "green"), "1": ("no address", "orange"), "2": ("left out", "red")},
        width=20,
    ),
    TARGETS_LEFT_OUT,
    timeseries(
        "Answers that no pod gave",
        Query(
            expression='sum by (service, code) (rate(kong_http_requests_total{service=~"$upstream",source="kong",'
            'code=~"502|503|504"}[$__rate_interval]))',
            legend="{{service}} {{code}}",
        ),
        unit="reqps",
        description="503: every pod is left out. 502: one hung up. 504: one took longer than its timeout.",
        width=24,
    ),
)

DASHBOARD = Dashboard(
    uid="gw-workload-circuit-breakers",
    title="Circuit breakers",
    folder="Workloads",
    description="Breakers, retries and timeouts between the services, and pods that the gateway leaves out.",
    tags=("workload", "dapr", "kong"),
    related=("gw-resiliency", "gw-gateway", "gw-service-mesh"),
    variables=(CLOUD, GIVEN_NAMESPACE, GIVEN_SERVICE, GIVEN_UPSTREAM),
    rows=(NOW, BREAKERS, GATEWAY, ACTIONS),
)
