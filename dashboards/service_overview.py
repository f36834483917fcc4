"""Service Overview: rate, errors and duration of what services serve, and how full they are."""

from dashboards import spans
from dashboards.expressions import SHOWN
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard, to_traces
from dashboards.panels import Query, errors_in_logs, falling, rising, stat, table, timeseries
from dashboards.panels import heatmap as heat
from dashboards.spans import BY_SERVICE, SERVED

PODS = 'namespace=~"$namespace",pod=~"($service)-[a-z0-9]+-[a-z0-9]+",container="app"'
"""Containers of application services: the chart calls them `app`, and a Deployment its pods by its own name."""

DEPLOYMENTS = 'namespace=~"$namespace",deployment=~"$service"'
LATENCY = rising(warning=500, critical=1000)
ERRORS = rising(warning=0.001, critical=0.01)

TO_LOGS = to_dashboard("gw-application-logs", "Logs of this service", service="${__field.labels.service_name}")

NOW = row(
    "Now",
    stat(
        "Requests",
        Query(expression=spans.rate(SERVED)),
        unit="reqps",
        description="Requests and messages that the chosen services take in, each second. A sudden fall is an outage "
        "in front of them.",
    ),
    stat(
        "Errors",
        Query(expression=spans.failing(SERVED)),
        unit="percentunit",
        description="Share of requests that ended in an error. The default objective of an API allows 0.1 %.",
        thresholds=ERRORS,
        decimals=2,
    ),
    stat(
        "p95",
        Query(expression=spans.quantile(0.95, SERVED)),
        unit="ms",
        description="19 of 20 requests are faster than this. The default objective is 500 ms.",
        thresholds=LATENCY,
    ),
    stat(
        "p99",
        Query(expression=spans.quantile(0.99, SERVED)),
        unit="ms",
        description="99 of 100 requests are faster than this. The default objective is 1 s.",
        thresholds=LATENCY,
    ),
    stat(
        "Replicas available",
        Query(
            expression=f"sum(kube_deployment_status_replicas_available{{{DEPLOYMENTS}}})"
            f" / sum(kube_deployment_spec_replicas{{{DEPLOYMENTS}}})"
        ),
        unit="percentunit",
        description="Replicas that take requests, of those that are wanted. Below 100 %, something does not start.",
        thresholds=falling(warning=1, critical=0.67),
    ),
    stat(
        "Restarts in an hour",
        Query(expression=f"sum(increase(kube_pod_container_status_restarts_total{{{PODS}}}[1h]))"),
        unit="short",
        description="Containers that ended and were started again: crashes, memory limits, failed liveness probes.",
        thresholds=rising(warning=1, critical=5),
        decimals=0,
        no_value="0",
    ),
)

SERVICES = row(
    "By service",
    table(
        "Services",
        Query(expression=spans.rate(SERVED, BY_SERVICE, SHOWN), legend="Requests", unit="reqps"),
        Query(
            expression=spans.failing(SERVED, BY_SERVICE, SHOWN),
            legend="Errors",
            unit="percentunit",
            thresholds=ERRORS,
        ),
        Query(expression=spans.quantile(0.5, SERVED, BY_SERVICE, SHOWN), legend="p50", unit="ms"),
        Query(expression=spans.quantile(0.95, SERVED, BY_SERVICE, SHOWN), legend="p95", unit="ms", thresholds=LATENCY),
        Query(expression=spans.quantile(0.99, SERVED, BY_SERVICE, SHOWN), legend="p99", unit="ms", thresholds=LATENCY),
        columns={"k8s_namespace_name": "Namespace", "service_name": "Service"},
        unit="short",
        description="Every service over the time that is shown, the busiest first. Click on a value for one service "
        "alone, or for its traces.",
        sort_by="Requests",
        links=(
            to_dashboard("gw-service-overview", "This service alone", service="${__data.fields.Service}"),
            to_traces("${__data.fields.Service}"),
        ),
    ),
)

REQUESTS = row(
    "Requests",
    timeseries(
        "Requests by service",
        Query(expression=spans.rate(SERVED, BY_SERVICE), legend="{{k8s_namespace_name}}/{{service_name}}"),
        unit="reqps",
        description="What each service takes in. Compare with the same hour of yesterday before calling it unusual.",
        links=(TO_LOGS, to_traces()),
    ),
    timeseries(
        "Errors by service",
        Query(expression=spans.failing(SERVED, BY_SERVICE), legend="{{k8s_namespace_name}}/{{service_name}}"),
        unit="percentunit",
        description="Share of each service's requests that ended in an error. Errors of one service alone are its own; "
        "of many at once, those of something that they share.",
        thresholds=ERRORS,
        links=(TO_LOGS, to_traces()),
    ),
    timeseries(
        "Duration",
        Query(expression=spans.quantile(0.5, SERVED), legend="p50", exemplars=True),
        Query(expression=spans.quantile(0.95, SERVED), legend="p95", exemplars=True),
        Query(expression=spans.quantile(0.99, SERVED), legend="p99", exemplars=True),
        unit="ms",
        description="All chosen services together. A dot is one request: click on it for its trace.",
        thresholds=LATENCY,
    ),
    timeseries(
        "p95 by service",
        Query(
            expression=spans.quantile(0.95, SERVED, BY_SERVICE),
            legend="{{k8s_namespace_name}}/{{service_name}}",
            exemplars=True,
        ),
        unit="ms",
        description="Which service is the slow one. A service that waits for another shows the other's duration too.",
        thresholds=LATENCY,
        links=(TO_LOGS, to_traces()),
    ),
    heat(
        "Distribution of durations",
        Query(expression=spans.buckets(SERVED)),
        unit="ms",
        description="How many requests took how long. Two bands are two kinds of requests, as with a cache.",
    ),
    table(
        "Slowest operations",
        Query(
            expression=f"topk(20, {spans.quantile(0.95, SERVED, 'service_name, span_name', SHOWN)})",
            legend="p95",
            unit="ms",
            thresholds=LATENCY,
        ),
        columns={"service_name": "Service", "span_name": "Operation"},
        unit="ms",
        description="Routes and methods by their p95 over the time that is shown: where time goes within a service.",
        sort_by="p95",
        width=12,
        links=(to_traces("${__data.fields.Service}"),),
    ),
)

SATURATION = row(
    "Saturation",
    timeseries(
        "CPU of its request",
        Query(
            expression=f"sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{{{PODS}}}[$__rate_interval]))"
            f' / sum by (namespace, pod) (kube_pod_container_resource_requests{{{PODS},resource="cpu"}})',
            legend="{{pod}}",
        ),
        unit="percentunit",
        description="CPU that a pod uses, of what was requested for it. Above 100 % it lives on what others leave.",
        thresholds=rising(warning=0.8, critical=1),
    ),
    timeseries(
        "CPU throttled",
        Query(
            expression="sum by (namespace, pod) "
            f"(rate(container_cpu_cfs_throttled_periods_total{{{PODS}}}[$__rate_interval]))"
            f" / sum by (namespace, pod) (rate(container_cpu_cfs_periods_total{{{PODS}}}[$__rate_interval]))",
            legend="{{pod}}",
        ),
        unit="percentunit",
        description="Share of scheduling periods in which a pod was held back by its CPU limit: it shows as latency. "
        "Empty where no limit is set.",
        thresholds=rising(warning=0.1, critical=0.25),
    ),
    timeseries(
        "Memory of its limit",
        Query(
            expression=f"max by (namespace, pod) (container_memory_working_set_bytes{{{PODS}}})"
            f' / max by (namespace, pod) (kube_pod_container_resource_limits{{{PODS},resource="memory"}})',
            legend="{{pod}}",
        ),
        unit="percentunit",
        description="At 100 % the kernel ends the container. A line that only rises is a leak.",
        thresholds=rising(warning=0.85, critical=0.95),
        maximum=1,
    ),
    timeseries(
        "Restarts",
        Query(
            expression="sum by (namespace, pod) "
            f"(increase(kube_pod_container_status_restarts_total{{{PODS}}}[$__rate_interval]))",
            legend="{{pod}}",
        ),
        unit="short",
        description="When containers were started again. Look at the logs of the minute before.",
    ),
)

LOGS = row(
    "Logs",
    errors_in_logs("Lines of level error and above. The details of a line lead to its trace."),
)

DASHBOARD = Dashboard(
    uid="gw-service-overview",
    title="Service Overview",
    folder="Applications",
    description="Rate, errors and duration of every service, how full its pods are, and its errors in the logs.",
    tags=("applications", "red"),
    related=("gw-application-logs", "gw-service-mesh", "gw-slo", "gw-gateway"),
    rows=(NOW, SERVICES, REQUESTS, SATURATION, LOGS),
    annotations={
        "Rollouts": Query(
            expression="time() - kube_replicaset_created"
            '{namespace=~"$namespace",replicaset=~"($service)-[a-z0-9]+"} < 60'
        )
    },
)
