"""How sidecars find each other against what resolvers read."""

from typing import Any

import pytest

PREFIX = "kubernetes:dapr.io/v1alpha1:"


@pytest.mark.parametrize(
    ("resolution", "finding"),
    [
        ({"component": "consul", "version": "v1", "configuration": {"client": {"address": "a:1"}}}, None),
        ({"component": "hashicorp.consul", "version": "v1", "configuration": {"selfRegister": True}}, None),
        (
            {"component": "consull", "version": "v1", "configuration": {}},
            'spec.nameResolution.component: no resolver "consull" is known; did you mean "consul"?',
        ),
        (
            {"component": "consul", "version": "v2", "configuration": {}},
            'spec.nameResolution.version: consul has no version "v2", only v1',
        ),
        (
            {"component": "consul", "version": "v1", "configuration": {"client": {"adress": "a:1"}}},
            "spec.nameResolution.configuration.client.adress: the resolver does not read adress",
        ),
        (
            {"component": "consul", "version": "v1", "configuration": {"client": {"token": "t"}}},
            "spec.nameResolution.configuration.client.token: whoever reads the object reads it",
        ),
        (
            {"component": "consul", "version": "v1", "configuration": {"useCache": "yes"}},
            'spec.nameResolution.configuration.useCache: "yes" is not true or false',
        ),
    ],
)
def test_a_resolver_has_a_configuration_that_it_reads(report: Any, resolution: dict[str, Any], finding: str | None):
    inputs = {
        "apiVersion": "dapr.io/v1alpha1",
        "kind": "Configuration",
        "metadata": {"name": "a", "namespace": "todo"},
        "spec": {"nameResolution": resolution},
    }

    found = report(f"{PREFIX}Configuration", inputs)

    assert [line for line in found if finding is None or finding not in line] == []
    assert bool(found) is (finding is not None)
