"""The labels that queries may use are those that the deployed scrapes add."""

from signals.exposed import FOLDER, series
from signals.targets import EXTERNAL, PLAIN, TARGETS, labels


def of(name: str, exporter: str) -> frozenset[str]:
    return next(labels(one) for one in series()[name] if one.metric.exporter == exporter)


def test_every_exporter_with_a_target_of_its_own_is_known():
    assert set(TARGETS) <= {path.stem for path in FOLDER.glob("*.json")}


def test_a_service_monitor_adds_where_the_target_is():
    assert PLAIN.labels == {"job", "instance", "namespace", "pod", "container", "endpoint", "service"}
    assert of("websocket_connections", "application") == PLAIN.labels | EXTERNAL


def test_a_pod_monitor_knows_no_service():
    assert "service" not in of("dapr_http_server_request_count", "dapr-sidecar")


def test_the_kubelets_targets_are_nodes():
    assert {"node", "metrics_path", "namespace", "pod"} <= of("container_memory_working_set_bytes", "cadvisor")


def test_a_label_that_the_scrape_takes_is_found_under_its_new_name():
    assert "exported_namespace" in of("dapr_component_state_count", "dapr-sidecar")
    assert not any(name.startswith("exported_") for name in of("kong_http_requests_total", "kong"))


def test_what_is_pushed_belongs_to_a_service_and_not_to_a_pod():
    found = of("traces_span_metrics_calls_total", "otel-spanmetrics")

    assert {"job", "instance", "k8s_namespace_name", "http_route", "http_response_status_code"} <= found
    assert not {"pod", "container", "endpoint", "namespace"} & found


def test_each_bucket_has_its_bound():
    assert "le" in of("kong_request_latency_ms_bucket", "kong")
    assert "le" not in of("kong_request_latency_ms_count", "kong")
