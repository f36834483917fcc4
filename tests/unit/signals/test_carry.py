"""The lists of metrics hold what is asked for, all of it and nothing else."""

import json
from pathlib import Path

import pytest

from signals import carry
from signals.asked import is_asked_for, words
from signals.exposed import FOLDER, metrics, not_exposed, series
from signals.label_values import FILE, values

REQUESTS = {"type": "counter", "labels": ["route", "code"]}
SURVEY = {
    "kong": {
        "version": "3",
        "source": "read – from its code",
        "scrape": {"how": "ServiceMonitor"},
        "metrics": {"kong_http_requests_total": REQUESTS, "kong.nobody.asks.for.this": {"type": "gauge", "labels": []}},
    },
    "hinted": {"version": "1", "source": "read", "metrics": {}, "not_exposed": {"hinted_up": "up"}},
    "unused": {"version": "1", "source": "read", "metrics": {"unused.here": {"type": "gauge", "labels": []}}},
}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_list_is_written_as_it_would_be_carried(path: Path):
    facts = json.loads(path.read_text(encoding="utf-8"))

    unused = facts["metrics"].keys() - carry.carried(path.stem, facts)["metrics"].keys()

    assert unused == set(), "python -m signals.carry"
    assert path.read_text(encoding="utf-8") == carry.dumped(facts)


def test_values_of_labels_that_no_carried_metric_has_are_not_carried():
    assert FILE.read_text(encoding="utf-8") == values(metrics()), "python -m signals.carry"


def test_a_metric_is_asked_for_by_its_own_name_or_by_that_of_one_of_its_series():
    assert {"kong_http_requests_total", "kong_request_latency_ms_bucket"} <= words()
    assert is_asked_for(metrics()["kong_http_requests_total"][0])
    assert is_asked_for(metrics()["kong_request_latency_ms"][0])
    assert "dapr_component_pubsub_ingress_bulk_event_count" in words(), "which only compiled objectives name"


def test_what_is_hinted_at_instead_of_a_metric_is_there():
    instead = {word for hint in not_exposed().values() for word in hint.split() if word in series()}

    assert {"kong_http_requests_total"} <= instead


def test_a_survey_is_carried_as_far_as_it_is_asked_for(tmp_path: Path):
    survey, folder = tmp_path / "survey.json", tmp_path / "metrics"
    survey.write_text(json.dumps(SURVEY))
    folder.mkdir()

    carry.main([str(survey), "--into", str(folder)])

    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    assert found == {
        "kong": {**SURVEY["kong"], "metrics": {"kong_http_requests_total": REQUESTS}},
        "hinted": SURVEY["hinted"],
        "unused": {**SURVEY["unused"], "metrics": {}},
    }


def test_without_a_survey_the_lists_lose_what_nobody_asks_for(tmp_path: Path):
    (tmp_path / "kong.json").write_text(json.dumps(SURVEY["kong"]))

    carry.main(["--into", str(tmp_path)])

    assert list(json.loads((tmp_path / "kong.json").read_text())["metrics"]) == ["kong_http_requests_total"]
