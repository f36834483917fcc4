"""No secret in plain text: not in state, output, event log, inventory or any other file of a rehearsal."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path

from tests.engine.rehearsals import Rehearsal


def files_with(text: str, folder: Path) -> list[Path]:
    """Files below a folder that hold the text, in whatever part of them, as it is or as Kubernetes encodes Secrets."""
    return files_with_any([text], folder)


def files_with_any(texts: Iterable[str], folder: Path) -> list[Path]:
    """Files below a folder that hold at least one of the texts."""
    needles = [needle for text in texts for needle in (text.encode(), *encoded(text.encode()))]
    files = ((path, path.read_bytes()) for path in folder.rglob("*") if path.is_file())
    return [path for path, content in files if any(needle in content for needle in needles)]


def encoded(text: bytes) -> list[bytes]:
    """What is surely found where the text stands in something that is written in base 64, by what is before it."""
    return [
        base64.b64encode(bytes(before) + text)[(8 * before + 5) // 6 : 8 * (before + len(text)) // 6]
        for before in range(3)
    ]


def test_a_generated_password_is_found_nowhere(up_gke_dev: Rehearsal):
    generated = up_gke_dev.generated()

    runs = [
        up_gke_dev.preview("--diff"),
        up_gke_dev.with_settings({"metrics.retention_days": 8}).up("--diff", "--skip-preview"),
        up_gke_dev.refresh("--diff"),
    ]

    assert generated
    for run in runs:
        assert run.exit_code == 0, run.stdout
    for password in generated:
        assert len(password) >= 32
        for run in runs:
            assert password not in run.stdout + run.stderr
            assert password not in json.dumps(run.events)
        assert files_with(password, up_gke_dev.places.home) == []


def test_a_password_stays_hidden_when_it_is_replaced_and_destroyed(up_gke_dev: Rehearsal):
    before = up_gke_dev.generated()
    urn = next(one.urn for one in up_gke_dev.recorded() if one.type == "random:index/randomPassword:RandomPassword")

    replaced = up_gke_dev.up("--diff", "--skip-preview", "--target-replace", urn, "--target-dependents")
    after = up_gke_dev.generated()
    destroyed = up_gke_dev.destroy("--diff")

    assert replaced.exit_code == 0, replaced.stdout
    assert destroyed.exit_code == 0, destroyed.stdout
    assert len(set(after) - set(before)) == 1
    for password in {*before, *after}:
        for run in (replaced, destroyed):
            assert password not in run.stdout + run.stderr
        assert files_with(password, up_gke_dev.places.home) == []


CREDENTIALS = (
    "slackWebhook",
    "pagerdutyKey",
    "smtp",
    "alertWebhook",
    "heartbeat",
    "remoteWritePassword",
    "oidcClientSecret",
    "traceStorePassword",
)
USED_BY = {
    "metrics.remote_write": {"url": "https://metrics.example.com/api/v1/push", "username": "groundwork"},
    "traces.store": {"kind": "opensearch", "endpoints": ["https://search.example.com:9200"], "username": "jaeger"},
    "monitoring.oidc": {
        "issuer": "https://login.example.com",
        "client_id": "groundwork",
        "jwks_url": "https://login.example.com/keys",
        "email_domains": ["example.com"],
    },
}
"""Settings without which a credential goes nowhere."""


def test_configured_credentials_reach_the_cluster_and_nothing_else(up_gke_dev: Rehearsal):
    planted = {f"groundwork:{name}": {"secure": "v1:not:decryptable"} for name in CREDENTIALS}
    configured = up_gke_dev.with_settings({**planted, **USED_BY})

    runs = [configured.preview("--diff"), configured.up("--diff", "--skip-preview"), configured.refresh("--diff")]

    for run in runs:
        assert run.exit_code == 0, run.stdout
    assert {step.name for step in runs[1].steps() if step.type == "kubernetes:core/v1:Secret"} == {
        "alert-routing-configuration",
        "alert-routing-credentials",
        "jaeger-store-password",
        "kong-configuration",
        "long-term-metrics-credential",
        "oauth2-proxy-secrets",
    }
    for name in planted:
        value = f"rehearsal-secret-{name}"
        assert not [run for run in runs if value in run.stdout + run.stderr + json.dumps(run.events)], name
        assert files_with(value, up_gke_dev.places.home) == []
    generated = (up_gke_dev.places.project("gke-dev") / "Pulumi.gke-dev.yaml").read_text()
    assert "groundwork:slackWebhook:\n    secure: v1:" in generated
    assert "not:decryptable" not in generated
