"""ML serving: inference of application services, the embedding servers behind it, and the vector store."""

from dashboards.expressions import quantile, rate, share, total
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard, to_logs
from dashboards.panels import Query, heatmap, rising, stat, timeseries
from dashboards.variables import CLOUD, NAMESPACE, Variable
from dashboards.weaviate import VECTORS

MODEL = Variable(
    name="model",
    label="Model",
    description="A model, by the label that the service puts on ml_inference_duration_seconds.",
    query='label_values(ml_inference_duration_seconds_count{namespace=~"$namespace"}, model)',
)

IN = 'namespace=~"$namespace"'
CHOSEN = f'{IN},model=~"$model"'
FAILED = f'{CHOSEN},outcome!="success"'
EMBEDDING = f"group by (namespace, pod) (te_queue_size{{{IN}}})"
"""Pods of text-embeddings-inference: only they have this gauge."""
STORE = f"group by (namespace, pod) (mmap_proc_maps{{{IN}}})"
"""Pods of Weaviate: a gauge without labels, there from the start."""

_LOGS = (to_logs(),)


OVERVIEW = row(
    "Now",
    stat(
        "Inferences",
        Query(expression=f"sum(rate(ml_inference_duration_seconds_count{{{CHOSEN}}}[$__rate_interval]))"),
        unit="reqps",
        description="Inferences that application services report, successful or not.",
    ),
    stat(
        "Failed inferences",
        Query(
            expression=share(
                total(rate("ml_inference_duration_seconds_count", FAILED)),
                total(rate("ml_inference_duration_seconds_count", CHOSEN)),
            )
        ),
        unit="percentunit",
        description="Share of inferences whose outcome is not success. Look at the model and the outcome below.",
        thresholds=rising(warning=0.01, critical=0.05),
    ),
    stat(
        "Inference p95",
        Query(expression=quantile(0.95, "ml_inference_duration_seconds", CHOSEN)),
        unit="s",
        description="95 of 100 inferences take no longer, over all chosen models.",
        thresholds=rising(warning=0.5, critical=1),
    ),
    stat(
        "Failed embeddings",
        Query(expression=share(total(rate("te_request_failure", IN)), total(rate("te_request_count", IN)))),
        unit="percentunit",
        description="Share of requests to the embedding servers that failed; err says why (overloaded: add replicas).",
        thresholds=rising(warning=0.01, critical=0.05),
    ),
    stat(
        "Embedding queue",
        Query(expression=f"sum(te_queue_size{{{IN}}})"),
        unit="short",
        description="Requests that wait for a batch in all embedding servers. One that grows means too few.",
        thresholds=rising(warning=64, critical=256),
    ),
    stat(
        "Vector query p95",
        Query(expression=quantile(0.95, "queries_durations_ms", IN)),
        unit="ms",
        description="95 of 100 queries of the vector store take no longer.",
        thresholds=rising(warning=200, critical=1000),
    ),
)

INFERENCE = row(
    "Inference in application services",
    timeseries(
        "Inferences by model",
        Query(
            expression=total(rate("ml_inference_duration_seconds_count", CHOSEN), "namespace", "model"),
            legend="{{namespace}} {{model}}",
        ),
        unit="reqps",
        description="How often each model is asked.",
        links=_LOGS,
    ),
    timeseries(
        "Failed inferences by model and outcome",
        Query(
            expression=total(rate("ml_inference_duration_seconds_count", FAILED), "namespace", "model", "outcome"),
            legend="{{namespace}} {{model}}: {{outcome}}",
        ),
        unit="reqps",
        description="Inferences that did not succeed. No series means that none failed.",
        links=_LOGS,
    ),
    timeseries(
        "Inference latency",
        *(
            Query(
                expression=quantile(part, "ml_inference_duration_seconds", CHOSEN, "model"),
                legend=f"{{{{model}}}} p{part * 100:.0f}",
                exemplars=part == 0.99,
            )
            for part in (0.5, 0.95, 0.99)
        ),
        unit="s",
        description="Quantiles of each model. p99 that leaves p50 behind is queueing; all together is a slower model.",
    ),
    heatmap(
        "Inference latency, distribution",
        Query(expression=f"sum by (le) (rate(ml_inference_duration_seconds_bucket{{{CHOSEN}}}[$__rate_interval]))"),
        unit="s",
        description="Where inferences lie: two bands are two kinds of input, or some that come from a cache.",
    ),
)

SERVERS = row(
    "Embedding servers (text-embeddings-inference)",
    timeseries(
        "Requests by method",
        Query(
            expression=f"sum by (namespace, method) (rate(te_request_count{{{IN}}}[$__rate_interval]))",
            legend="{{namespace}} {{method}}",
        ),
        unit="reqps",
        description="Requests by method: single or batch.",
    ),
    timeseries(
        "Failures by cause",
        Query(
            expression=f"sum by (namespace, err) (rate(te_request_failure{{{IN}}}[$__rate_interval]))",
            legend="{{namespace}} {{err}}",
        ),
        unit="reqps",
        description="overloaded: the queue is full. validation, batch_size: the caller sends what the server refuses.",
    ),
    timeseries(
        "Where a request spends its time (p95)",
        *(
            Query(expression=quantile(0.95, f"te_request_{step}", IN), legend=legend)
            for step, legend in (
                ("duration", "whole request"),
                ("queue_duration", "queue"),
                ("tokenization_duration", "tokenization"),
                ("inference_duration", "inference"),
            )
        ),
        unit="s",
        description="Queue above inference: add replicas. Inference alone: shorter input or faster nodes.",
    ),
    timeseries(
        "Queue by pod",
        Query(expression=f"sum by (namespace, pod) (te_queue_size{{{IN}}})", legend="{{namespace}} {{pod}}"),
        unit="short",
        description="Requests that wait in each pod. One long queue among short ones is a load that is not spread.",
    ),
    timeseries(
        "Requests in a batch",
        Query(
            expression=f"sum by (namespace) (rate(te_batch_next_size_sum{{{IN}}}[$__rate_interval]))"
            f" / sum by (namespace) (rate(te_batch_next_size_count{{{IN}}}[$__rate_interval]))",
            legend="{{namespace}} mean",
        ),
        unit="short",
        description="Requests that share one pass through the model. 1 under load: batching does nothing.",
    ),
    timeseries(
        "Tokens of a request (p95)",
        Query(
            expression=quantile(0.95, "te_request_input_length", IN, "namespace"),
            legend="{{namespace}}",
        ),
        unit="short",
        description="Length of the input, which inference time grows with.",
    ),
)


def _of(pods: str, value: str) -> str:
    return f"sum by (namespace, pod) ({value}) and on (namespace, pod) {pods}"


SATURATION = row(
    "Saturation",
    *(
        panel
        for title, pods in (("Embedding servers", EMBEDDING), ("Vector store", STORE))
        for panel in (
            timeseries(
                f"{title}: processor",
                Query(
                    expression=_of(
                        pods, f'rate(container_cpu_usage_seconds_total{{{IN},container!=""}}[$__rate_interval])'
                    ),
                    legend="{{pod}}",
                ),
                Query(
                    expression="max(" + _of(pods, f'kube_pod_container_resource_limits{{{IN},resource="cpu"}}') + ")",
                    legend="largest limit",
                ),
                unit="short",
                description="Cores that each pod uses. At its limit it is throttled and latency rises.",
                links=(to_dashboard("gw-capacity-cost", "Capacity of the cluster"),),
            ),
            timeseries(
                f"{title}: memory",
                Query(
                    expression=_of(pods, f'container_memory_working_set_bytes{{{IN},container!=""}}'),
                    legend="{{pod}}",
                ),
                Query(
                    expression="max("
                    + _of(pods, f'kube_pod_container_resource_limits{{{IN},resource="memory"}}')
                    + ")",
                    legend="largest limit",
                ),
                unit="bytes",
                description="What counts against the limit: at it, the pod is killed. A vector index lives in memory.",
            ),
        )
    ),
)

DASHBOARD = Dashboard(
    uid="gw-ml-serving",
    title="ML serving",
    folder="Applications",
    description="Inference, embeddings and vector search: how much, how fast, what fails, and what runs short.",
    tags=("ml", "weaviate", "embeddings"),
    rows=(OVERVIEW, INFERENCE, SERVERS, VECTORS, SATURATION),
    related=("gw-service-overview", "gw-data-services", "gw-capacity-cost"),
    variables=(CLOUD, NAMESPACE, MODEL),
)
