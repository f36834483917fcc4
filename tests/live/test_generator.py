"""What stands in for exporters: only what they expose, each series once, samples as counters and histograms go."""

import re
from collections import Counter

import pytest

from components.span_metrics import LATENCY_BOUNDS_MS
from rehearsal.live import exposition, otlp, samples, written
from rehearsal.live.exporters import PUSHED, WRITTEN, targets
from rehearsal.live.exposition import Clock
from rehearsal.live.generator import DROPPED, exposed, lines
from signals.exposed import FOLDER, metrics, series
from signals.targets import PLAIN, TARGETS

EXPORTERS = sorted(path.stem for path in FOLDER.glob("*.json") if targets(path.stem))
HIDDEN = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd")
"""What runs in no pod of the cluster."""

OPTIONAL = TARGETS["otel-spanmetrics"].labels - TARGETS["otel-semconv"].labels
"""Labels that a span's attributes bring."""

BEGAN, NOW = 1_790_000_000.0, 1_790_086_400.0


def told(exporter: str, *moments: float) -> str:
    clocks = [Clock(began=BEGAN, now=moment) for moment in moments or (NOW,)]
    return exposition.text(lines(targets(exporter)[0]), clocks, stamped=len(clocks) > 1)


def values(text: str, series: str) -> list[float]:
    return [float(found[1]) for found in re.finditer(rf"^{re.escape(series)} (\S+)", text, re.MULTILINE)]


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_a_stand_in_tells_only_what_its_exporter_exposes(exporter: str):
    known = series()
    extra = TARGETS[exporter].labels if exporter == "otel-spanmetrics" else frozenset[str]()

    for line in lines(targets(exporter)[0]):
        assert line.metric in metrics()[line.metric.name]
        assert line.labels.keys() <= line.metric.labels | extra
    names = set(re.findall(r"^([a-zA-Z_:][\w:]*)", told(exporter), re.MULTILINE))
    assert {name for name in names if name not in known} == set()


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_no_series_is_told_twice(exporter: str):
    count = Counter((line.metric.name, tuple(sorted(line.labels.items()))) for line in lines(targets(exporter)[0]))

    assert [key for key, number in count.items() if number > 1] == []


def test_what_a_monitor_throws_away_is_not_told():
    thrown = {name for name, named in metrics().items() if any(DROPPED in (one.note or "") for one in named)}

    assert "container_cpu_load_average_10s" in thrown
    assert {metric.name for metric in exposed("cadvisor")} & thrown == set()


def test_a_counter_rises_and_errors_rise_more_slowly():
    text = told("kong", NOW, NOW + 60)
    pattern = r'^kong_http_requests_total\{[^}]*route="todo\.backend\.api"[^}]*code="(\d+)"[^}]*\} (\S+) (\S+)'
    by_code: dict[str, list[float]] = {}
    for found in re.finditer(pattern, text, re.MULTILINE):
        by_code.setdefault(found[1], []).append(float(found[2]))

    assert by_code["200"][1] > by_code["200"][0] > by_code["500"][1] > by_code["500"][0] > 0


def test_a_histogram_fills_its_buckets_up_to_its_count():
    text = told("application")
    first = re.search(r'^(database_query_duration_seconds)_bucket\{(.*?),le="', text, re.MULTILINE)
    assert first is not None
    name, labels = first[1], first[2]

    buckets = [
        float(found[1]) for found in re.finditer(rf"^{name}_bucket{{{labels},le=.*?}} (\d+)", text, re.MULTILINE)
    ]

    assert len(buckets) == len(samples.SECONDS) + 1
    assert buckets == sorted(buckets)
    assert buckets[-1] == values(text, f"{name}_count{{{labels}}}")[0]


def test_latencies_of_applications_carry_exemplars_with_a_trace():
    assert re.search(r'_bucket\{.*\} \d+ # \{trace_id="[0-9a-f]{32}"\} ', told("application"))
    assert "# {trace_id" not in told("loki")


def test_one_condition_of_an_object_is_true_and_its_opposite_false():
    text = told("kube-state-metrics")
    node = 'node="gke-dev-system-a"'

    assert values(text, f'kube_node_status_condition{{{node},condition="Ready",status="true"}}') == [1]
    assert values(text, f'kube_node_status_condition{{{node},condition="Ready",status="false"}}') == [0]
    assert values(text, f'kube_node_status_condition{{{node},condition="DiskPressure",status="true"}}') == [0]


def test_spans_are_counted_in_the_buckets_that_the_collector_is_told():
    assert samples.bounds_of("otel-spanmetrics", "milliseconds") == LATENCY_BOUNDS_MS


class Recorder:
    """Takes pushes in place of a Prometheus."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        self.bodies.append(body)


def test_what_is_pushed_lacks_the_ends_that_the_receiver_adds():
    client, target = Recorder(), targets("otel-spanmetrics")[0]

    otlp.push(client, target, lines(target), [Clock(began=BEGAN, now=NOW)])  # pyright: ignore[reportArgumentType]

    sent = b"".join(client.bodies)
    assert b'"name": "traces_span_metrics_calls"' in sent
    assert b'"name": "traces_span_metrics_duration", "unit": "ms"' in sent
    assert b"target_info" not in sent
    assert b"k8s.namespace.name" in sent


def test_what_a_load_test_writes_has_the_tags_of_its_run():
    target, clock = targets("k6")[0], Clock(began=BEGAN, now=NOW)

    found = [(labels, values) for labels, values in written.series(target, lines(target), [clock])]

    assert {labels["__name__"] for labels, _ in found} == {metric.name for metric in exposed("k6")}
    assert {(labels["system"], labels["testid"]) for labels, _ in found} == {("todo", "todo-dev-smoke")}
    assert {moment for _, values in found for moment, _ in values} == {NOW}


def test_every_exporter_is_scraped_or_pushes():
    assert {*PUSHED, *WRITTEN} <= set(EXPORTERS)
    assert [path.stem for path in FOLDER.glob("*.json") if path.stem not in EXPORTERS] == []


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_a_target_has_the_labels_that_queries_are_checked_against(exporter: str):
    known = TARGETS.get(exporter, PLAIN).labels

    for target in targets(exporter):
        assert target.labels.keys() <= known
        if exporter not in HIDDEN:
            assert known - target.labels.keys() <= OPTIONAL
