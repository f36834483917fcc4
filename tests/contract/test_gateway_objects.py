"""The gateway's configuration is checked where it is stored, credentials and all."""

import json
from typing import Any

import pytest
from contract_check.wire import UNKNOWN, Secret

from components.platform.gateway_secret import template
from tests.contract.conftest import Report
from tests.unit.components.platform.test_gateway_secret import GATEWAY, GENERATED

SECRET = "kubernetes:core/v1:Secret"
GOOD = {"_format_version": "3.0", "consumers": [{"username": "ada", "keyauth_credentials": [{"key": "confidential"}]}]}
BAD = {**GOOD, "services": [{"name": "todo"}]}


def secret(content: Any) -> dict[str, Any]:
    metadata = {"name": "kong-0123456789", "namespace": "gateway"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"kong.yml": content}}


@pytest.mark.parametrize("content", [json.dumps(GOOD), Secret(json.dumps(GOOD)), UNKNOWN, template(GATEWAY, GENERATED)])
def test_what_kong_takes_passes(report: Report, content: Any):
    assert report(SECRET, secret(content)) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (json.dumps(BAD), "Kong would not start: services[todo].host: missing"),
        ("{", "is no JSON from 1:2 on"),
        (template(GATEWAY, GENERATED).replace('"retries"', '"retriess"'), "services[todo].retriess: unknown field"),
    ],
)
def test_what_would_keep_kong_from_starting_is_told_without_a_credential(report: Report, content: str, problem: str):
    [found] = report(SECRET, secret(Secret(content)))

    assert found.startswith('stringData["kong.yml"]: ')
    assert problem in found
    assert "confidential" not in found


def test_a_config_map_is_checked_as_well(report: Report):
    held = {**secret(json.dumps(BAD)), "kind": "ConfigMap"}
    held["data"] = held.pop("stringData")

    assert report("kubernetes:core/v1:ConfigMap", held) == [
        'data["kong.yml"]: Kong would not start: services[todo].host: missing'
    ]
