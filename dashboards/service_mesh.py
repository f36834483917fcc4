"""Service mesh: who calls whom through Dapr, with which identity, and who is there to answer."""

from dashboards.expressions import INTERVAL, SHOWN, rate, share, share_of_each, total
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard, to_logs
from dashboards.mesh_services import DISCOVERY, IDENTITY
from dashboards.panels import Query, falling, node_graph, rising, stat, table, timeseries
from dashboards.variables import CLOUD, NAMESPACE, Variable

APP = Variable(
    name="app",
    label="Dapr app",
    description="A service by its Dapr app id: as the one that calls or the one that is called.",
    query='label_values(dapr_runtime_component_loaded{namespace=~"$namespace"}, app_id)',
)

IN = 'namespace=~"$namespace"'
SIDECARS = f'up{{{IN},container="daprd"}}'
UNARY = 'type="unary"'
"""Of streams only those that fail are recorded as answered."""

FAILED = 'status=~"5..|2|4|8|12|13|14|15"'
"""HTTP's server errors, and gRPC's: the sidecar records the one or the other, by how the service was called."""

DAY = 86400


def _calls(counter: str, callee: str, only: str, over: str) -> str:
    """Rate of what callers count, where the chosen app is at either end."""
    matchers = (",".join(filter(None, (IN, f'{end}=~"$app"', only))) for end in ("app_id", callee))
    return f"({' or '.join(rate(counter, one, over) for one in matchers)})"


def _sent(only: str = "", over: str = INTERVAL) -> str:
    return _calls("dapr_runtime_service_invocation_req_sent_total", "dst_app_id", only, over)


def _answered(only: str = "", over: str = INTERVAL) -> str:
    """What came back to the caller: `src_app_id` is then the one that answered."""
    return _calls("dapr_runtime_service_invocation_res_recv_total", "src_app_id", only, over)


def _latency(over: str = INTERVAL) -> str:
    return _calls("dapr_runtime_service_invocation_res_recv_latency_ms_bucket", "src_app_id", "", over)


def _named(expression: str, **labels: str) -> str:
    """The expression with labels that take the value of another one."""
    for label, source in labels.items():
        expression = f'label_replace({expression}, "{label}", "$1", "{source}", "(.+)")'
    return expression


OVERVIEW = row(
    "Now",
    stat(
        "Sidecars",
        Query(expression=f"count({SIDECARS} == 1)"),
        unit="short",
        description="Sidecars that Prometheus reaches.",
    ),
    stat(
        "Sidecars without identity",
        Query(expression=f"count({SIDECARS} == 1) - (count(dapr_runtime_mtls_init_total{{{IN}}} > 0) or vector(0))"),
        unit="short",
        description="Sidecars that run, but got no certificate from Sentry: they talk to nobody, or in plain text.",
        thresholds=rising(warning=1, critical=1),
    ),
    stat(
        "Issuer certificate left",
        Query(expression="min(dapr_sentry_issuercert_expiry_timestamp) - time()"),
        unit="dtdurations",
        description="How long the certificate that signs every sidecar's is still good. After that, no call succeeds.",
        thresholds=falling(warning=30 * DAY, critical=7 * DAY),
    ),
    stat(
        "Calls",
        Query(expression=f"sum({_sent()})"),
        unit="reqps",
        description="Calls from service to service through sidecars.",
    ),
    stat(
        "Failed calls",
        Query(expression=share(total(_answered(FAILED)), total(_sent()))),
        unit="percentunit",
        description="Share of calls that were answered with a server error.",
        thresholds=rising(warning=0.01, critical=0.05),
    ),
    stat(
        "Call p95",
        Query(expression=f"histogram_quantile(0.95, sum by (le) ({_latency()}))"),
        unit="ms",
        description="95 of 100 calls are answered within this time, as their callers see it.",
        thresholds=rising(warning=500, critical=1000),
    ),
)

_ARROWS = _named(_sent(over=SHOWN), source="app_id", target="dst_app_id")
_PAIR = "app_id, dst_app_id"
_ANSWER = "app_id, src_app_id"

MAP = row(
    "Who calls whom",
    node_graph(
        "Calls between services",
        nodes=Query(
            expression=_named(
                "("
                + " or ".join(
                    f"sum by (id) ({_named(rate, id=label)})"
                    for rate, label in (
                        (
                            f'rate(dapr_runtime_service_invocation_req_recv_total{{{IN},app_id=~"$app"}}[{SHOWN}])',
                            "app_id",
                        ),
                        (f"{_sent(over=SHOWN)} * 0", "app_id"),
                        (f"{_sent(over=SHOWN)} * 0", "dst_app_id"),
                    )
                )
                + ")",
                title="id",
            ),
            legend="received",
        ),
        edges=Query(
            expression=f'label_join({total(_ARROWS, "source", "target")}, "id", " to ", "source", "target")',
            legend="sent",
        ),
        unit="reqps",
        description="Each service with the calls that it receives a second, each arrow with the calls that take it,"
        " over the span of time that is shown.",
        width=14,
        height=14,
    ),
    table(
        "Calls by pair",
        Query(expression=f"sum by ({_PAIR}) ({_sent(over=SHOWN)})", legend="Calls"),
        Query(
            expression=share_of_each(
                f"sum by ({_PAIR}) ({_named(_answered(FAILED, SHOWN), dst_app_id='src_app_id')})",
                f"sum by ({_PAIR}) ({_sent(over=SHOWN)})",
            ),
            legend="Failed",
            unit="percentunit",
            thresholds=rising(warning=0.01, critical=0.05),
        ),
        Query(
            expression=f"histogram_quantile(0.95, sum by (le, {_PAIR}) "
            f"({_named(_latency(SHOWN), dst_app_id='src_app_id')}))",
            legend="p95",
            unit="ms",
            thresholds=rising(warning=500, critical=1000),
        ),
        columns={"app_id": "Caller", "dst_app_id": "Called"},
        unit="reqps",
        description="The arrows of the map as numbers: mean calls a second, share of server errors, latency.",
        sort_by="Calls",
        width=10,
        height=14,
    ),
)

_ASKED = total(_sent(UNARY), "app_id")

TRAFFIC = row(
    "Calls over time",
    timeseries(
        "Calls over time by pair",
        Query(expression=f"sum by ({_PAIR}) ({_sent()})", legend="{{app_id}} to {{dst_app_id}}"),
        unit="reqps",
        description="Calls that each service sends, by the one they are for.",
    ),
    timeseries(
        "Failed calls by pair and status",
        Query(
            expression=f"sum by ({_ANSWER}, status) ({_answered(FAILED)})",
            legend="{{app_id}} to {{src_app_id}}: {{status}}",
        ),
        unit="reqps",
        description="Server errors by HTTP's or gRPC's status. The same called service in each line: look there.",
        links=(to_dashboard("gw-resiliency", "Retries and circuit breakers"),),
    ),
    timeseries(
        "Call latency by pair (p95)",
        Query(
            expression=f"histogram_quantile(0.95, sum by (le, {_ANSWER}) ({_latency()}))",
            legend="{{app_id}} to {{src_app_id}}",
        ),
        unit="ms",
        description="From the caller's sidecar and back, the network and the other service included.",
    ),
    timeseries(
        "Calls without an answer",
        Query(
            expression=f"clamp_min({_ASKED} - ({total(_answered(UNARY), 'app_id')} or {_ASKED} * 0), 0)",
            legend="{{app_id}}",
        ),
        unit="reqps",
        description="Calls that no response came back to: no such app, no connection, or a time-out.",
        links=(to_logs(),),
    ),
)

_CLIENT = 'traces_span_metrics_calls_total{k8s_namespace_name=~"$namespace",span_kind="SPAN_KIND_CLIENT"'

OUTGOING = row(
    "Outgoing calls that traces saw, also past the sidecar",
    table(
        "Outgoing calls",
        Query(expression=f"topk(50, sum by (service_name, span_name) (rate({_CLIENT}}}[{SHOWN}])))", legend="Calls"),
        Query(
            expression=share_of_each(
                f'sum by (service_name, span_name) (rate({_CLIENT},status_code="STATUS_CODE_ERROR"}}[{SHOWN}]))',
                f"sum by (service_name, span_name) (rate({_CLIENT}}}[{SHOWN}]))",
            ),
            legend="Failed",
            unit="percentunit",
            thresholds=rising(warning=0.01, critical=0.05),
        ),
        Query(
            expression="histogram_quantile(0.95, sum by (le, service_name, span_name) (rate("
            "traces_span_metrics_duration_milliseconds_bucket"
            f'{{k8s_namespace_name=~"$namespace",span_kind="SPAN_KIND_CLIENT"}}[{SHOWN}])))',
            legend="p95",
            unit="ms",
        ),
        columns={"service_name": "Caller", "span_name": "Call"},
        unit="reqps",
        description="Client spans: what services ask of others, of databases and of the world outside.",
        sort_by="Calls",
        height=10,
        links=(to_dashboard("gw-service-overview", "Service", service="${__data.fields.Caller}"),),
    ),
)

DASHBOARD = Dashboard(
    uid="gw-service-mesh",
    title="Service mesh",
    folder="Applications",
    description="Who calls whom, with which identity, and who is there to answer: from Dapr's sidecars, traces and"
    " Kubernetes.",
    tags=("dapr", "mesh", "mtls"),
    rows=(OVERVIEW, MAP, TRAFFIC, OUTGOING, IDENTITY, DISCOVERY),
    related=("gw-service-overview", "gw-resiliency", "gw-grpc"),
    variables=(CLOUD, NAMESPACE, APP),
)
