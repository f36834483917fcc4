"""What messages about alerts say, as Alertmanager's own template engine fills them in."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.platform.alert_messages import DASHBOARDS, PLATFORM_HEALTH, message_templates
from components.platform.alert_receivers import Receivers, receiver_list
from components.platform.dashboards import RENDERED
from stacks.credentials import mail_server
from tests.programs import program

SMTP = "smtp://alerts:password@smtp.example.com?from=a@example.com&to=b@example.com"
EVERYTHING = Receivers(slack=True, pagerduty=True, webhook=True, heartbeat=True, email=mail_server(SMTP))
HOST = "https://monitoring.acme.example"
LABELS = {
    "alertname": "ServiceErrors",
    "component": "application",
    "namespace": "todo",
    "service": "todo-api",
    "severity": "critical",
    "team": "todo",
}
ANNOTATIONS = {
    "summary": "todo-api answers 12 % of requests with an error",
    "description": "In the last five minutes, 12 % of the requests to todo-api failed.",
    "runbook_url": "https://docs.acme.example/docs/runbooks/application.md#serviceerrors",
}


def data(*, status: str = "firing", count: int = 1, **labels: str) -> dict[str, Any]:
    """What Alertmanager fills templates in with: a group of alerts that have everything in common."""
    common = {name: value for name, value in (LABELS | labels).items() if value}
    alert = {
        "status": status,
        "labels": common,
        "annotations": ANNOTATIONS,
        "startsAt": "2026-11-01T10:00:00Z",
        "endsAt": "2026-11-01T10:05:00Z",
        "generatorURL": f"{HOST}/prometheus/graph",
        "fingerprint": "f",
    }
    return {
        "receiver": "slack",
        "status": status,
        "alerts": [alert] * count,
        "groupLabels": {"alertname": common["alertname"]},
        "commonLabels": common,
        "commonAnnotations": ANNOTATIONS,
        "externalURL": f"{HOST}/alertmanager",
    }


@pytest.fixture
def filled_in(tmp_path: Path) -> Callable[[str, dict[str, Any]], str]:
    """A template's text, filled in with the data of a group of alerts."""
    tool = program("amtool")
    (tmp_path / "groundwork.tmpl").write_text(message_templates())

    def fill(text: str, about: dict[str, Any]) -> str:
        (tmp_path / "data.json").write_text(json.dumps(about))
        done = subprocess.run(
            [
                *(tool, "template", "render", f"--template.glob={tmp_path}/groundwork.tmpl"),
                *(f"--template.data={tmp_path}/data.json", f"--template.text={text}"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return fill


Fill = Callable[[str, dict[str, Any]], str]


def named(template: str) -> str:
    return f'{{{{ template "groundwork.{template}" . }}}}'


@pytest.mark.parametrize(
    ("about", "title"),
    [
        (data(), "[CRITICAL] todo-api answers 12 % of requests with an error"),
        (data(count=3, severity="warning"), "[WARNING x3] ServiceErrors in todo"),
        (data(status="resolved"), "[RESOLVED] todo-api answers 12 % of requests with an error"),
        (data(count=2, namespace=""), "[CRITICAL x2] ServiceErrors"),
    ],
)
def test_a_title_says_how_bad_it_is_and_what_about(filled_in: Fill, about: dict[str, Any], title: str):
    assert filled_in(named("title"), about) == title


def test_a_mail_has_summary_description_and_every_link(filled_in: Fill):
    assert filled_in(named("mail"), data()).splitlines() == [
        ANNOTATIONS["summary"],
        ANNOTATIONS["description"],
        "",
        f"Runbook:   {ANNOTATIONS['runbook_url']}",
        f"Dashboard: {HOST}/grafana/d/{DASHBOARDS['application']}?orgId=1&var-namespace=todo&var-service=todo-api",
        f"Silence:   {HOST}/alertmanager/#/silences/new?filter=%7Balertname%3D%22ServiceErrors%22"
        "%2C%20component%3D%22application%22%2C%20namespace%3D%22todo%22%2C%20service%3D%22todo-api%22"
        "%2C%20severity%3D%22critical%22%2C%20team%3D%22todo%22%7D",
        f"Alerts:    {HOST}/alertmanager/#/alerts?receiver=slack",
        "",
        *(
            f"{name}: {value}"
            for name, value in sorted(LABELS.items(), key=lambda pair: (pair[0] != "alertname", pair))
        ),
    ]


@pytest.mark.parametrize("component", ["certificates", ""])
def test_what_has_no_dashboard_of_its_own_leads_to_the_platforms(filled_in: Fill, component: str):
    about = data(component=component, namespace="", service="")

    assert filled_in(named("dashboard"), about) == f"{HOST}/grafana/d/{PLATFORM_HEALTH}?orgId=1"


@pytest.mark.parametrize("component", DASHBOARDS)
def test_every_component_leads_to_its_dashboard(filled_in: Fill, component: str):
    assert filled_in(named("dashboard_uid"), data(component=component)) == DASHBOARDS[component]


def test_every_dashboard_that_is_linked_exists():
    assert {*DASHBOARDS.values(), PLATFORM_HEALTH} <= {path.stem for path in RENDERED.glob("*.json")}


def test_a_severity_that_pagerduty_does_not_know_is_an_error(filled_in: Fill):
    severities = ("critical", "warning", "info", "page", "")

    assert [filled_in(named("severity"), data(severity=severity)) for severity in severities] == [
        *("critical", "warning", "info", "error", "error"),
    ]


def test_every_text_of_every_receiver_can_be_filled_in(filled_in: Fill):
    texts = [text for receiver in receiver_list(EVERYTHING) for text in _texts(receiver) if "{{" in text]

    assert len(texts) > 20
    for about in (data(), data(status="resolved", count=2)):
        together = filled_in("|".join(dict.fromkeys(texts)), about)
        assert "<no value>" not in together
        assert "%!" not in together


def _texts(value: Any) -> list[str]:
    match value:
        case dict():
            return [text for one in value.values() for text in _texts(one)]
        case list():
            return [text for one in value for text in _texts(one)]
        case str():
            return [value]
        case _:
            return []
