"""gRPC services: calls by method and status, how long they take, by what libraries measure and by what spans say.

Libraries name the metric rpc.server.call.duration since semantic conventions 1.38, rpc.server.duration before:
https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/
"""

from dashboards import spans
from dashboards.expressions import SHOWN, or_zero, quantile, rate, share, total
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard, to_traces
from dashboards.panels import Query, errors_in_logs, heatmap, rising, stat, table, timeseries

SERVER, OLD_SERVER = "rpc_server_call_duration_seconds", "rpc_server_duration_milliseconds"
CLIENT, OLD_CLIENT = "rpc_client_call_duration_seconds", "rpc_client_duration_milliseconds"

CHOSEN = 'k8s_namespace_name=~"$namespace",job=~"(.+/)?($service)"'
"""What libraries push: `job` is service.namespace/service.name."""

FAILED = f'{CHOSEN},rpc_response_status_code=~"UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS"'
OLD_FAILED = f'{CHOSEN},rpc_grpc_status_code=~"2|4|12|13|14|15"'
"""Statuses that are the server's fault: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/"""

METHODS = f'{spans.CHOSEN},span_kind="SPAN_KIND_SERVER",span_name=~"[^ ]+/[^ /]+"'
"""Spans of gRPC by their name, package.Service/Method. That of a request over HTTP has a method and a space before."""

SLOW = rising(warning=500, critical=1000)
ERRORS = rising(warning=0.001, critical=0.01)


def _calls(new: str, old: str, metric: str = SERVER, older: str = OLD_SERVER) -> str:
    """Calls a second, by whichever name of the metric."""
    return f"{or_zero(total(rate(f'{metric}_count', new)))} + {or_zero(total(rate(f'{older}_count', old)))}"


NOW = row(
    "Now",
    stat(
        "Calls",
        Query(expression=_calls(CHOSEN, CHOSEN)),
        unit="reqps",
        description="Calls that the chosen services answer, each second, as their libraries count them.",
    ),
    stat(
        "Errors",
        Query(expression=f"({_calls(FAILED, OLD_FAILED)}) / (({_calls(CHOSEN, CHOSEN)}) > 0)"),
        unit="percentunit",
        description="Share of calls with a status that is the server's fault, such as INTERNAL or UNAVAILABLE; "
        "NOT_FOUND and the like are answers.",
        thresholds=ERRORS,
        decimals=2,
    ),
    stat(
        "Errors by spans",
        Query(expression=share(spans.rate(f'{METHODS},status_code="STATUS_CODE_ERROR"'), spans.rate(METHODS))),
        unit="percentunit",
        description="The same, by what spans say: also of services whose libraries have no metrics of their own.",
        thresholds=ERRORS,
        decimals=2,
    ),
    stat(
        "p95",
        Query(expression=spans.quantile(0.95, METHODS)),
        unit="ms",
        description="19 of 20 calls are faster than this. A stream counts until it ends.",
        thresholds=SLOW,
    ),
    stat(
        "p99",
        Query(expression=spans.quantile(0.99, METHODS)),
        unit="ms",
        description="99 of 100 calls are faster than this.",
        thresholds=SLOW,
    ),
    stat(
        "Deadlines exceeded",
        Query(
            expression=_calls(
                f'{CHOSEN},rpc_response_status_code="DEADLINE_EXCEEDED"', f'{CHOSEN},rpc_grpc_status_code="4"'
            )
        ),
        unit="reqps",
        description="Calls that were not answered within the time that the caller had given.",
        thresholds=rising(warning=0.01, critical=1),
    ),
)

METHODS_ROW = row(
    "By method",
    table(
        "Methods",
        Query(expression=spans.rate(METHODS, "service_name, span_name", SHOWN), legend="Calls", unit="reqps"),
        Query(
            expression=spans.failing(METHODS, "service_name, span_name", SHOWN),
            legend="Errors",
            unit="percentunit",
            thresholds=ERRORS,
        ),
        Query(expression=spans.quantile(0.5, METHODS, "service_name, span_name", SHOWN), legend="p50", unit="ms"),
        Query(
            expression=spans.quantile(0.95, METHODS, "service_name, span_name", SHOWN),
            legend="p95",
            unit="ms",
            thresholds=SLOW,
        ),
        Query(
            expression=spans.quantile(0.99, METHODS, "service_name, span_name", SHOWN),
            legend="p99",
            unit="ms",
            thresholds=SLOW,
        ),
        columns={"service_name": "Service", "span_name": "Method"},
        unit="short",
        description="Every method over the time that is shown, the busiest first. Click for one service alone, "
        "or for its traces.",
        sort_by="Calls",
        links=(
            to_dashboard("gw-grpc", "This service alone", service="${__data.fields.Service}"),
            to_traces("${__data.fields.Service}"),
        ),
    ),
)

CALLS = row(
    "Calls and statuses",
    timeseries(
        "Calls by service",
        Query(expression=total(rate(f"{SERVER}_count", CHOSEN), "job"), legend="{{job}}"),
        Query(expression=total(rate(f"{OLD_SERVER}_count", CHOSEN), "job"), legend="{{job}} (older library)"),
        unit="reqps",
        description="What each service answers, by its own count.",
    ),
    timeseries(
        "Calls by status",
        Query(
            expression=total(rate(f"{SERVER}_count", CHOSEN), "rpc_response_status_code"),
            legend="{{rpc_response_status_code}}",
        ),
        Query(
            expression=total(rate(f"{OLD_SERVER}_count", CHOSEN), "rpc_grpc_status_code"),
            legend="status {{rpc_grpc_status_code}}",
        ),
        unit="reqps",
        description="Answers by gRPC status. Older libraries give its number: 0 is OK, 4 DEADLINE_EXCEEDED, 13 "
        "INTERNAL, 14 UNAVAILABLE.",
        stacked=True,
    ),
    timeseries(
        "Server errors by method",
        Query(
            expression=total(rate(f"{SERVER}_count", FAILED), "job", "rpc_method", "rpc_response_status_code"),
            legend="{{rpc_method}} {{rpc_response_status_code}}",
        ),
        Query(
            expression=total(
                rate(f"{OLD_SERVER}_count", OLD_FAILED), "job", "rpc_service", "rpc_method", "rpc_grpc_status_code"
            ),
            legend="{{rpc_service}}/{{rpc_method}} status {{rpc_grpc_status_code}}",
        ),
        unit="reqps",
        description="Which method fails, and how. UNAVAILABLE of all at once is a service that is down or restarts.",
        links=(to_dashboard("gw-application-logs", "Logs"), to_dashboard("gw-service-overview", "Service Overview")),
    ),
    timeseries(
        "Failed calls of callers",
        Query(
            expression=total(rate(f"{CLIENT}_count", FAILED), "job", "server_address"),
            legend="{{job}} → {{server_address}}",
        ),
        Query(
            expression=total(rate(f"{OLD_CLIENT}_count", OLD_FAILED), "job", "server_address"),
            legend="{{job}} → {{server_address}} (older library)",
        ),
        unit="reqps",
        description="The same from the other side: calls that never arrive show here alone.",
    ),
)

LATENCY = row(
    "Latency",
    timeseries(
        "Duration",
        Query(expression=spans.quantile(0.5, METHODS), legend="p50", exemplars=True),
        Query(expression=spans.quantile(0.95, METHODS), legend="p95", exemplars=True),
        Query(expression=spans.quantile(0.99, METHODS), legend="p99", exemplars=True),
        unit="ms",
        description="All chosen services together. A dot is one call: click on it for its trace.",
        thresholds=SLOW,
    ),
    timeseries(
        "p95 by service",
        Query(expression=f"1000 * {quantile(0.95, SERVER, CHOSEN, 'job')}", legend="{{job}}", exemplars=True),
        Query(expression=quantile(0.95, OLD_SERVER, CHOSEN, "job"), legend="{{job}} (older library)", exemplars=True),
        unit="ms",
        description="Which service is the slow one, by its own measure: without the time on the way to it.",
        thresholds=SLOW,
    ),
    heatmap(
        "Distribution of durations",
        Query(expression=spans.buckets(METHODS)),
        unit="ms",
        description="How many calls took how long. Streams form a band of their own.",
    ),
    timeseries(
        "p95 seen by callers",
        Query(
            expression=f"1000 * {quantile(0.95, CLIENT, CHOSEN, 'job', 'server_address')}",
            legend="{{job}} → {{server_address}}",
            exemplars=True,
        ),
        Query(
            expression=quantile(0.95, OLD_CLIENT, CHOSEN, "job", "server_address"),
            legend="{{job}} → {{server_address}} (older library)",
            exemplars=True,
        ),
        unit="ms",
        description="With the way there and back. Far above the server's own: the network, the sidecar, or a queue in "
        "front of the server.",
        thresholds=SLOW,
    ),
)

SIDECARS = row(
    "Through Dapr",
    timeseries(
        "Calls to sidecars",
        Query(
            expression=total(
                rate("dapr_grpc_io_server_completed_rpcs", 'namespace=~"$namespace",app_id=~"$service"'),
                "app_id",
                "grpc_server_status",
            ),
            legend="{{app_id}} {{grpc_server_status}}",
        ),
        unit="reqps",
        description="Calls to the gRPC interface of Dapr's sidecars, by status: of their app and of other sidecars.",
    ),
    timeseries(
        "p95 of sidecars",
        Query(
            expression=quantile(
                0.95, "dapr_grpc_io_server_server_latency", 'namespace=~"$namespace",app_id=~"$service"', "app_id"
            ),
            legend="{{app_id}}",
        ),
        unit="ms",
        description="How long sidecars take to answer, with the call that they make for it.",
        thresholds=SLOW,
    ),
)

LOGS = row(
    "Logs",
    errors_in_logs("What the chosen services say of what failed. The details of a line lead to its trace."),
)

DASHBOARD = Dashboard(
    uid="gw-grpc",
    title="gRPC Services",
    folder="Applications",
    description="Calls of gRPC services by method and status, and how long they take on both sides.",
    tags=("applications", "grpc"),
    related=("gw-service-overview", "gw-resiliency", "gw-application-logs"),
    rows=(NOW, METHODS_ROW, CALLS, LATENCY, SIDECARS, LOGS),
)
