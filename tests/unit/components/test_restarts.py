"""What a changed Secret restarts."""

import dataclasses
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.mock_engine import Deployed
from tests.plans import STACKS, committed_plan, plan, plan_of_own_images
from tests.secret_uses import Use, uses

RELEASE = "kubernetes:helm.sh/v3:Release"

OWN_WAY: Mapping[str, str] = {
    "monitoring/kps uses alertmanager-routing": "read again",
    "monitoring/kps uses alertmanager-credentials": "read again",
    "monitoring/kps uses prometheus-remote-write": "read again",
    "monitoring/kps uses grafana-admin": "read once",
    r"gateway/kong uses kong-[0-9a-f]{10}": "another name",
    r"logging/loki uses loki-object-store-\w+": "another name",
    r"velero/velero uses velero-object-store-\w+": "another name",
    r"\w+/[\w-]+ uses registry-\w+": "another name",
    "tracing/jaeger uses trace-store": "a label of the pods",
    "monitoring/oauth2-proxy uses oauth2-proxy": "an annotation of the pods",
    "cert-manager/cert-manager-webhook-oci uses cert-manager-webhook-oci-tls": "read again",
}
"""Users of Secrets that no annotation restarts, and how a change reaches them: the words of docs/secrets.md."""

OIDC = {
    "issuer": "https://login.example.com",
    "jwks_url": "https://login.example.com/keys",
    "client_id": "grafana",
    "email_domains": ["example.com"],
}
STORE = {"kind": "opensearch", "endpoints": ["https://traces.example.com:9200"], "username": "jaeger"}
REMOTE = {"url": "https://mimir.example.com/api/v1/push", "username": "metrics"}
WITH_EVERYTHING = {"monitoring.oidc": OIDC, "traces.store": STORE, "metrics.remote_write": REMOTE}


@cache
def whole() -> Deployed:
    """A stack with every credential that a setting asks for."""
    return plan("gke-prod", WITH_EVERYTHING)


def own_way(use: Use) -> str | None:
    return next((way for pattern, way in OWN_WAY.items() if re.fullmatch(pattern, str(use))), None)


@pytest.mark.parametrize("stack", STACKS)
def test_every_pod_follows_the_secrets_that_it_uses(stack: str):
    assert [str(use) for use in uses(committed_plan(stack)) if not use.restarted and own_way(use) is None] == []


def test_so_do_the_pods_that_settings_bring():
    assert [str(use) for use in uses(whole()) if not use.restarted and own_way(use) is None] == []


def test_nothing_is_listed_that_no_stack_has():
    plans = [whole(), *map(committed_plan, ("oke-prod", "gke-dev"))]
    found = {pattern for plan in plans for use in uses(plan) for pattern in OWN_WAY if re.fullmatch(pattern, str(use))}

    assert found == set(OWN_WAY)


@pytest.mark.parametrize(
    ("stack", "user", "secret"),
    [
        ("gke-dev", "todo/backend", "backend"),
        ("gke-prod", "gateway/kong", "gateway-tls"),
        ("local-dev", "gateway/kong", "gateway-tls"),
        ("oke-prod", "gateway/kong-counters", "kong-counters-users"),
    ],
)
def test_a_change_brings_new_pods(stack: str, user: str, secret: str):
    (found,) = [use for use in uses(plan_of_own_images(stack)) if str(use) == f"{user} uses {secret}"]

    assert found.restarted


def test_an_annotation_that_is_forgotten_is_found():
    deployed = committed_plan("gke-dev")
    kong = next(one for one in deployed.of_type(RELEASE) if one.inputs["name"] == "kong")
    inputs = {**kong.inputs, "values": {**kong.inputs["values"], "deploymentAnnotations": {}}}
    forgetful = Deployed({**deployed.registrations, kong.urn: dataclasses.replace(kong, inputs=inputs)})

    assert [str(use) for use in uses(forgetful) if not use.restarted and own_way(use) is None] == [
        "gateway/kong uses gateway-tls"
    ]


def test_the_guide_has_the_same_table():
    guide = Path("docs/secrets.md").read_text()

    for way in set(OWN_WAY.values()):
        assert f"| {way} |" in guide
