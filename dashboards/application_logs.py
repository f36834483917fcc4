"""Application Logs: how much is written and at which level, who fails, and one request or trace in all services."""

from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard
from dashboards.panels import NEUTRAL, Query, logs, rising, stat, table, timeseries
from dashboards.ready_logs import all_ready, ready
from dashboards.variables import CLOUD, NAMESPACE, Typed, Variable

APPS = '{namespace=~"$namespace",app=~"$service"}'
CHOSEN = '{namespace=~"$namespace",app=~"$service",level=~"$level"}'
ERRORS = '{namespace=~"$namespace",app=~"$service",level=~"error|fatal"}'
WARNINGS = '{namespace=~"$namespace",app=~"$service",level="warn"}'

SERVICE = Variable(
    name="service",
    label="App",
    description="What writes, by the label app.kubernetes.io/name of its pods: an application service by its release.",
    query='label_values({namespace=~"$namespace"}, app)',
    source="loki",
    everything=".*",
)
LEVEL = Variable(
    name="level",
    label="Level",
    description="How severe a line is. Lines that say nothing of it are unknown.",
    query='label_values({namespace=~"$namespace"}, level)',
    source="loki",
    everything=".*",
)
SEARCH = Typed(
    name="search",
    label="Search",
    description="Lines that contain this text or match this regular expression, whatever their case.",
    default="",
)
IDENTIFIER = Typed(
    name="id",
    label="Request or trace",
    description="A request_id or a trace_id, or a regular expression: its lines in all services are at the bottom.",
    default=".+",
)


def _lines(selector: str, over: str = "$__auto") -> str:
    return f"sum(count_over_time({selector}[{over}]))"


def _counted(selector: str, by: str, over: str = "$__auto") -> str:
    return f"sum by ({by}) (count_over_time({selector}[{over}]))"


NOW = row(
    "Now",
    stat(
        "Lines",
        Query(expression=f"sum(rate({APPS}[$__auto]))"),
        unit="eps",
        description="Lines that the chosen apps write, each second. None from a service that is up: it hangs, or its "
        "logs do not arrive.",
        source="loki",
    ),
    stat(
        "Errors",
        Query(expression=f"sum(rate({ERRORS}[$__auto]))"),
        unit="eps",
        description="Lines of level error and above, each second.",
        source="loki",
        thresholds=rising(warning=0.1, critical=1),
        no_value="0",
    ),
    stat(
        "Share of errors",
        Query(expression=f"sum(rate({ERRORS}[$__auto])) / sum(rate({APPS}[$__auto]))"),
        unit="percentunit",
        description="Errors of all lines: it does not rise with traffic alone.",
        source="loki",
        thresholds=rising(warning=0.01, critical=0.05),
        decimals=2,
        no_value="0",
    ),
    stat(
        "Warnings",
        Query(expression=f"sum(rate({WARNINGS}[$__auto]))"),
        unit="eps",
        description="Lines of level warning, each second. What is about to be an error often begins here.",
        source="loki",
        thresholds=NEUTRAL,
        no_value="0",
    ),
    stat(
        "Volume",
        Query(expression=f"sum(bytes_rate({APPS}[$__auto]))"),
        unit="Bps",
        description="Bytes that are written to Loki for the chosen apps, before compression.",
        source="loki",
    ),
    stat(
        "Restarts in an hour",
        Query(
            expression='sum(increase(kube_pod_container_status_restarts_total{namespace=~"$namespace",'
            'pod=~"($service)-[a-z0-9]+-[a-z0-9]+"}[1h]))'
        ),
        unit="short",
        description="Containers of the chosen apps that ended and were started again. Their last lines say why.",
        thresholds=rising(warning=1, critical=5),
        decimals=0,
        no_value="0",
    ),
)

VOLUME = row(
    "Where and how much",
    timeseries(
        "Lines by level",
        Query(expression=_counted(APPS, "level"), legend="{{level}}"),
        unit="short",
        description="Lines in each step of the graph. A step in info is often a step in traffic; compare the shares.",
        source="loki",
        stacked=True,
    ),
    timeseries(
        "Errors by app",
        Query(expression=_counted(ERRORS, "namespace, app"), legend="{{namespace}}/{{app}}"),
        unit="short",
        description="Who writes errors. The first to begin is where to look first.",
        source="loki",
        stacked=True,
        links=(to_dashboard("gw-application-logs", "This app alone", service="${__field.labels.app}"),),
    ),
    table(
        "Apps",
        Query(expression=_counted(ERRORS, "namespace, app", "$__range"), legend="Errors", unit="short"),
        Query(expression=_counted(WARNINGS, "namespace, app", "$__range"), legend="Warnings", unit="short"),
        Query(expression=_counted(APPS, "namespace, app", "$__range"), legend="Lines", unit="short"),
        Query(
            expression=f"sum by (namespace, app) (bytes_over_time({APPS}[$__range]))",
            legend="Volume",
            unit="bytes",
        ),
        columns={"namespace": "Namespace", "app": "App"},
        unit="short",
        description="Over the whole time that is shown: who fails most, and whose logs cost most.",
        sort_by="Errors",
        source="loki",
        links=(
            to_dashboard("gw-application-logs", "This app alone", service="${__data.fields.App}"),
            to_dashboard("gw-service-overview", "Service Overview", service="${__data.fields.App}"),
        ),
    ),
    timeseries(
        "Errors by pod",
        Query(expression=f"topk(10, {_counted(ERRORS, 'namespace, pod')})", legend="{{pod}}"),
        unit="short",
        description="One pod alone: its node, or a bad rollout that has just begun. All alike: the version, or what "
        "they depend on.",
        source="loki",
    ),
    timeseries(
        "Volume by app",
        Query(
            expression=f"topk(10, sum by (namespace, app) (bytes_rate({APPS}[$__auto])))",
            legend="{{namespace}}/{{app}}",
        ),
        unit="Bps",
        description="Who writes most. A step up without more traffic is a level that was left at debug, or a loop.",
        source="loki",
    ),
)

LINES = row(
    "Lines",
    logs(
        "Chosen lines",
        Query(expression=f'{CHOSEN} |~ "(?i)$search"'),
        description="Everything that fits the choices at the top. The details of a line lead to its trace and its "
        "request; the links at the title ask the ready queries of all services.",
        height=14,
        corner=all_ready(),
    ),
    ready("error-lines"),
)

ONE = row(
    "One request, one trace",
    logs(
        "Lines of the request or trace",
        Query(expression='{namespace=~"$namespace"} | request_id=~"$id" or trace_id=~"$id"'),
        description="What all services have written for the identifier at the top.",
    ),
)

REQUESTS = row(
    "Slow requests",
    ready("slowest-paths", legend="{{app}} {{path}}", unit="ms", height=8),
    ready("slow-requests"),
    collapsed=True,
)

FAILURES = row(
    "Stack traces and refused logins",
    ready("stack-traces", width=12),
    ready("refused-logins", width=12),
    collapsed=True,
)

AUDIT = row(
    "Audit",
    ready("audit-events-by-action", legend="{{app}} {{action}} {{outcome}}", height=8),
    ready("audit-events"),
    collapsed=True,
)

PLATFORM = row(
    "What the platform says",
    ready("kubernetes-reasons", legend="{{namespace}} {{reason}}", width=12),
    ready("kubernetes-evictions", width=12),
    ready("kubernetes-warnings", width=12),
    ready("sidecar-errors", width=12),
    collapsed=True,
)

DASHBOARD = Dashboard(
    uid="gw-application-logs",
    title="Application Logs",
    folder="Applications",
    description="What services write: how much, at which level, who fails, and one request or trace in all of them.",
    tags=("applications", "logs"),
    related=("gw-service-overview",),
    variables=(CLOUD, NAMESPACE, SERVICE, LEVEL, SEARCH, IDENTIFIER),
    rows=(NOW, VOLUME, LINES, ONE, REQUESTS, FAILURES, AUDIT, PLATFORM),
)
