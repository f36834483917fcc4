"""Gateway: what Kong takes in, what it answers, how long it and the services behind it need."""

from dashboards.expressions import SHOWN, or_zero, quantile, rate, share, share_of_each, total
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard
from dashboards.panels import Query, heatmap, rising, stat, table, timeseries
from dashboards.ready_logs import ready
from dashboards.variables import CLOUD, Variable

CHOSEN = 'service=~"$upstream",route=~"$route"'
ERRORS = f'{CHOSEN},code=~"5.."'
REQUESTS = "kong_http_requests_total"
WHOLE, ITS_OWN, BEHIND = "kong_request_latency_ms", "kong_kong_latency_ms", "kong_upstream_latency_ms"
PODS = 'namespace="gateway",container!=""'
UNHEALTHY = 'kong_upstream_target_health{state=~"unhealthy|dns_error"}'
FAILED = rising(warning=0.001, critical=0.01)
SLOW = rising(warning=500, critical=1000)

UPSTREAM = Variable(
    name="upstream",
    label="Kong service",
    description="A service as Kong calls it.",
    query="label_values(kong_http_requests_total, service)",
    everything=".*",
)
ROUTE = Variable(
    name="route",
    label="Route",
    description="A route of the chosen services. Requests that no route matches have none.",
    query='label_values(kong_http_requests_total{service=~"$upstream"}, route)',
    everything=".*",
)

NOW = row(
    "Now",
    stat(
        "Requests",
        Query(expression=total(rate(REQUESTS, CHOSEN))),
        unit="reqps",
        description="Requests that the gateway answers, each second. None at all: the load balancer or the name in "
        "front of it.",
    ),
    stat(
        "Server errors",
        Query(expression=share(total(rate(REQUESTS, ERRORS)), total(rate(REQUESTS, CHOSEN)))),
        unit="percentunit",
        description="Share of answers with a 5xx: by a service, or by Kong where no service answered.",
        thresholds=FAILED,
        decimals=2,
    ),
    stat(
        "Turned away",
        Query(
            expression=share(total(rate(REQUESTS, f'{CHOSEN},code=~"401|403|429"')), total(rate(REQUESTS, CHOSEN))),
        ),
        unit="percentunit",
        description="Share of requests without credentials (401), without permission (403) or over their limit (429).",
        thresholds=rising(warning=0.05, critical=0.25),
        decimals=2,
    ),
    stat(
        "p95",
        Query(expression=quantile(0.95, WHOLE, CHOSEN)),
        unit="ms",
        description="19 of 20 requests are answered faster than this, seen from the gateway.",
        thresholds=SLOW,
    ),
    stat(
        "p95 of Kong alone",
        Query(expression=quantile(0.95, ITS_OWN, CHOSEN)),
        unit="ms",
        description="What Kong and its plugins add to a request. Above some milliseconds a plugin waits for something.",
        thresholds=rising(warning=20, critical=100),
    ),
    stat(
        "Unhealthy targets",
        Query(expression=or_zero(f"count(max by (upstream, target) ({UNHEALTHY}) == 1)")),
        unit="short",
        description="Targets of upstreams that fail their health check, or whose name does not resolve.",
        thresholds=rising(warning=1, critical=2),
        decimals=0,
    ),
)

SERVICES = row(
    "By route",
    table(
        "Routes",
        Query(expression=total(rate(REQUESTS, CHOSEN, SHOWN), "service", "route"), legend="Requests", unit="reqps"),
        Query(
            expression=share_of_each(
                total(rate(REQUESTS, ERRORS, SHOWN), "service", "route"),
                total(rate(REQUESTS, CHOSEN, SHOWN), "service", "route"),
            ),
            legend="Server errors",
            unit="percentunit",
            thresholds=FAILED,
        ),
        Query(expression=quantile(0.5, WHOLE, CHOSEN, "service", "route", over=SHOWN), legend="p50", unit="ms"),
        Query(
            expression=quantile(0.95, WHOLE, CHOSEN, "service", "route", over=SHOWN),
            legend="p95",
            unit="ms",
            thresholds=SLOW,
        ),
        Query(
            expression=quantile(0.95, BEHIND, CHOSEN, "service", "route", over=SHOWN),
            legend="p95 of the service",
            unit="ms",
        ),
        Query(
            expression=total(rate("kong_bandwidth_bytes", CHOSEN, SHOWN), "service", "route"),
            legend="Traffic",
            unit="Bps",
        ),
        columns={"service": "Kong service", "route": "Route"},
        unit="short",
        description="Every route over the time that is shown, the busiest first. Click for one service alone.",
        sort_by="Requests",
        links=(to_dashboard("gw-gateway", "This service alone", upstream='${__data.fields["Kong service"]}'),),
    ),
)

ANSWERS = row(
    "Requests and answers",
    timeseries(
        "Requests by service",
        Query(expression=total(rate(REQUESTS, CHOSEN), "service"), legend="{{service}}"),
        unit="reqps",
        description="What comes in for each service.",
    ),
    timeseries(
        "Answers by status",
        Query(expression=total(rate(REQUESTS, CHOSEN), "code"), legend="{{code}}"),
        unit="reqps",
        description="101 are WebSockets, 502 a service that hung up, 503 one without a healthy target, 504 one that "
        "took longer than its timeout.",
        stacked=True,
    ),
    timeseries(
        "Server errors by service",
        Query(expression=total(rate(REQUESTS, ERRORS), "service", "code"), legend="{{service}} {{code}}"),
        unit="reqps",
        description="Which service answers with errors, and with which.",
        links=(to_dashboard("gw-service-overview", "Service Overview"), to_dashboard("gw-application-logs", "Logs")),
    ),
    timeseries(
        "Answered by Kong itself",
        Query(expression=total(rate(REQUESTS, f'{CHOSEN},source="kong"'), "code"), legend="{{code}}"),
        unit="reqps",
        description="Answers that no service gave: no route (404), no credentials (401), over a limit (429), nobody "
        "behind it (502, 503, 504).",
        stacked=True,
    ),
)

LATENCY = row(
    "Latency",
    timeseries(
        "Duration",
        Query(expression=quantile(0.5, WHOLE, CHOSEN), legend="p50"),
        Query(expression=quantile(0.95, WHOLE, CHOSEN), legend="p95"),
        Query(expression=quantile(0.99, WHOLE, CHOSEN), legend="p99"),
        unit="ms",
        description="From the first byte of a request to the last of its answer, all chosen routes together.",
        thresholds=SLOW,
    ),
    timeseries(
        "p95 by service",
        Query(expression=quantile(0.95, WHOLE, CHOSEN, "service"), legend="{{service}}"),
        unit="ms",
        description="Which service is the slow one.",
        thresholds=SLOW,
        links=(to_dashboard("gw-service-overview", "Service Overview"),),
    ),
    timeseries(
        "p95: Kong or the service",
        Query(expression=quantile(0.95, ITS_OWN, CHOSEN), legend="Kong and its plugins"),
        Query(expression=quantile(0.95, BEHIND, CHOSEN), legend="Services behind it"),
        unit="ms",
        description="Who takes the time. Kong alone: a plugin, or too little CPU below.",
    ),
    heatmap(
        "Distribution of durations",
        Query(expression=total(rate(f"{WHOLE}_bucket", CHOSEN), "le")),
        unit="ms",
        description="How many requests took how long.",
    ),
)

SATURATION = row(
    "Saturation",
    timeseries(
        "Connections by state",
        Query(
            expression=total('kong_nginx_connections_total{state=~"active|reading|writing|waiting"}', "state"),
            legend="{{state}}",
        ),
        unit="short",
        description="Connections that the gateway holds. waiting are kept open and idle, writing are being answered.",
    ),
    timeseries(
        "Traffic",
        Query(expression=total(rate("kong_bandwidth_bytes", CHOSEN), "direction"), legend="{{direction}}"),
        unit="Bps",
        description="Bytes that come in (ingress) and go out (egress).",
    ),
    timeseries(
        "CPU by pod",
        Query(expression=total(rate("container_cpu_usage_seconds_total", PODS), "pod"), legend="{{pod}}"),
        unit="short",
        description="Cores that each pod of the gateway uses.",
    ),
    timeseries(
        "Memory of its limit",
        Query(
            expression=f"max by (pod, container) (container_memory_working_set_bytes{{{PODS}}})"
            f' / max by (pod, container) (kube_pod_container_resource_limits{{{PODS},resource="memory"}})',
            legend="{{pod}} {{container}}",
        ),
        unit="percentunit",
        description="At 100 % the kernel ends the container, and with it every connection that it holds.",
        thresholds=rising(warning=0.85, critical=0.95),
        maximum=1,
    ),
    timeseries(
        "Shared memory",
        Query(
            expression="max by (shared_dict) "
            "(kong_memory_lua_shared_dict_bytes / kong_memory_lua_shared_dict_total_bytes)",
            legend="{{shared_dict}}",
        ),
        unit="percentunit",
        description="Fill of the dictionaries that the workers share. A full cache forgets; a full "
        "prometheus_metrics loses metrics.",
        thresholds=rising(warning=0.8, critical=0.95),
        maximum=1,
    ),
    timeseries(
        "Memory of workers",
        Query(expression=total("kong_memory_workers_lua_vms_bytes", "pod"), legend="{{pod}}"),
        unit="bytes",
        description="What plugins keep in memory, all workers of a pod. A line that only rises is a leak.",
    ),
)

LOGS = row("Logs", ready("gateway-errors"))

DASHBOARD = Dashboard(
    uid="gw-gateway",
    title="Gateway (Kong)",
    folder="Platform",
    description="Requests that come in from outside, what is answered and by whom, how long it takes, how full it is.",
    tags=("platform", "kong"),
    related=("gw-service-overview", "gw-websocket", "gw-application-logs"),
    variables=(CLOUD, UPSTREAM, ROUTE),
    rows=(NOW, SERVICES, ANSWERS, LATENCY, SATURATION, LOGS),
)
