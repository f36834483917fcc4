import pytest

from signals.promql import labels_of, problems
from signals.recorded import recorded_by

SOUND = [
    'sum by (route) (rate(kong_http_requests_total{code=~"5..",namespace=~"$namespace"}[$__rate_interval]))',
    "histogram_quantile(0.95, sum by (le, service) (rate(kong_request_latency_ms_bucket[5m])))",
    "histogram_quantile(0.99, rate(kong_request_latency_ms_bucket[${__rate_interval}]))",
    "sum by (namespace, pod) (kube_pod_info) / sum by (pod, namespace) (kube_pod_info)",
    "kube_pod_info * on (namespace, pod) group_left (phase) kube_pod_status_phase",
    "kube_pod_info * ignoring (node) group_left () kube_pod_info",
    'label_replace(up, "where", "$1", "instance", "(.*):.*") * on (where) group_left () '
    'label_replace(up, "where", "$1", "instance", "(.*):.*")',
    'sum by (who) (label_join(up, "who", "/", "namespace", "job"))',
    "max(kube_pod_info) or vector(0)",
    "1 - sum(up) / count(up)",
    "topk(5, sum by (pod) (kube_pod_info)) and sum by (pod) (kube_pod_info)",
    "rate(kafka_topic_partition_current_offset[5m])",
    "rate(go_gc_duration_seconds_count[5m])",
    "max_over_time(kube_pod_info[$__range])",
    "max_over_time(sum by (pod) (kube_pod_info)[1h:$__interval])",
    "time() - kube_pod_created > $__range_s",
    'count_values by (job) ("version", kube_node_info)',
    'sum by (severity) (ALERTS{alertstate="firing",namespace=~"$namespace"})',
    'groundwork_stack_info{cloud=~"$cloud"}',
    'sum by (exported_namespace) (dapr_component_state_count{cloud=~"|$cloud"})',
    'absent(up{job="x"}) * on (job) group_left () up',
    '{__name__="up",job="${service:regex}"}',
    'sum without (pod, instance) (up{job!~"$service"})',
    "-min(up)",
]


@pytest.mark.parametrize("query", SOUND)
def test_finds_nothing_in_a_sound_query(query: str):
    assert problems(query) == []


WRONG = {
    "sum(up": ["not PromQL: unclosed left parenthesis"],
    "rate(kong_http_requests_total)": [
        "not PromQL: expected type matrix in call to function 'rate', got vector",
    ],
    "rate(kong_http_request_total[5m])": [
        "kong_http_request_total: no exporter has it, did you mean kong_http_requests_total?"
    ],
    "kong_http_status": ["kong_http_status: not exposed; kong_http_requests_total"],
    "xxxxxxxxxxxxxxxxxxx": ["xxxxxxxxxxxxxxxxxxx: no exporter has it"],
    '{job="x"}': ['{job="x"}: names no metric'],
    'kong_http_requests_total{rout="a"}': ['kong_http_requests_total: no label "rout", did you mean "route"?'],
    "sum by (nod) (kube_pod_info)": ['kube_pod_info: no label "nod", did you mean "node"?'],
    "sum without (nod) (kube_pod_info)": ['kube_pod_info: no label "nod", did you mean "node"?'],
    "sum by (node) (sum by (pod) (kube_pod_info))": ['sum by (pod)(kube_pod_info): no label "node"; it has pod'],
    "sum by (pod) (sum without (pod) (traces_span_metrics_calls_total))": [
        'traces_span_metrics_calls_total: no label "pod"; it has',
        'sum without (pod)(traces_span_metrics_calls_total): no label "pod"; it has',
    ],
    "sum by (phase) (kube_pod_info * on (pod) kube_pod_status_phase)": [
        'kube_pod_info * on (pod) kube_pod_status_phase: no label "phase"; it has pod'
    ],
    "kube_pod_info * on (pod, zone) kube_pod_status_phase": [
        'kube_pod_info: no label "zone"; it has',
        'kube_pod_status_phase: no label "zone"',
    ],
    "kube_pod_info * ignoring (zone) kube_pod_info": [
        'kube_pod_info: no label "zone"',
    ],
    "kube_pod_info * on (pod) group_left (phaze) kube_pod_status_phase": [
        'kube_pod_status_phase: no label "phaze", did you mean "phase"?'
    ],
    "kube_pod_status_phase * on (pod) group_right (phaze) kube_pod_info": [
        'kube_pod_status_phase: no label "phaze", did you mean "phase"?'
    ],
    'label_replace(up, "a", "$1", "jobb", "(.*)")': ['label_replace: no label "jobb", did you mean "job"?'],
    'label_join(up, "a", "/", "job", "podd")': ['label_join: no label "podd", did you mean "pod"?'],
    "rate(kube_pod_info[5m])": ["rate() of kube_pod_info: not a counter"],
    "increase(kong_nginx_connections_total[5m])": ["increase() of kong_nginx_connections_total: not a counter"],
    "delta(kong_http_requests_total[5m])": [
        "delta() of kong_http_requests_total: a counter, which falls when it is reset"
    ],
    "rate(sum(kong_http_requests_total)[5m:1m])": [
        "rate() of an aggregation: it cannot see resets of what is summed up"
    ],
    "histogram_quantile(0.9, sum by (service) (rate(kong_request_latency_ms_bucket[5m])))": [
        "histogram_quantile() of sum by (service)(rate(kong_request_latency_ms_bucket[5m])): "
        'the label "le" is aggregated away'
    ],
    "histogram_quantile(0.9, rate(kong_request_latency_ms_sum[5m]))": [
        "histogram_quantile() of kong_request_latency_ms_sum: not the buckets of a histogram",
        'histogram_quantile() of rate(kong_request_latency_ms_sum[5m]): the label "le" is aggregated away',
    ],
    "sum by (pod) (kube_pod_info) / sum by (namespace) (kube_pod_info)": [
        "sum by (pod)(kube_pod_info) / sum by (namespace)(kube_pod_info): "
        "never match, their labels are {pod} and {namespace}"
    ],
    "sum by (pod) (kube_pod_info) unless sum(kube_pod_info)": [
        "sum by (pod)(kube_pod_info) unless sum(kube_pod_info): never match, their labels are {pod} and {}"
    ],
}


@pytest.mark.parametrize(("query", "found"), WRONG.items())
def test_names_what_is_wrong_with_a_query(query: str, found: list[str]):
    actual = problems(query)

    assert len(actual) == len(found)
    assert [one[: len(expected)] for one, expected in zip(actual, found, strict=True)] == found


def test_an_exporters_label_is_renamed_where_the_targets_wins():
    assert {"namespace", "exported_namespace", "pod", "app_id"} <= (labels_of("dapr_component_state_count") or set())


def test_an_exporters_label_stays_where_it_is_honored():
    labels = labels_of("kube_pod_info") or frozenset()

    assert {"namespace", "pod"} <= labels
    assert not {label for label in labels if label.startswith("exported_")}


def test_what_is_pushed_has_no_pod():
    labels = labels_of("traces_span_metrics_calls_total") or frozenset()

    assert {"job", "k8s_namespace_name", "service_name"} <= labels
    assert not {"pod", "namespace", "container"} & labels


def test_reads_what_recording_rules_write():
    rules = [
        {"record": "a:b", "expr": "sum by (pod) (up)", "labels": {"window": "5m"}},
        {"record": "a:b", "expr": "sum by (job) (up)"},
        {"alert": "A", "expr": "up == 0"},
    ]

    found = recorded_by([{"name": "g", "rules": rules}])

    assert set(found) == {"a:b"}
    assert found["a:b"].expressions == ("sum by (pod) (up)", "sum by (job) (up)")
    assert found["a:b"].labels == {"window"}
