"""Where the content of Secrets comes from, and that nothing else holds any of it: in every committed stack."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from tests.mock_engine import Deployed, Registration
from tests.plans import CREDENTIALS, STACKS, committed_plan, plan_of_own_images
from tests.secret_uses import SECRET, place, texts
from tests.unit.components.test_restarts import whole

RELEASE = "kubernetes:helm.sh/v3:Release"
GENERATORS = ("random:", "tls:", "oci:Identity/authToken:", "oci:Identity/customerSecretKey:")
"""What makes a secret that nobody has to know."""

FROM_THE_CLOUD = ("gcp:sql/databaseInstance:", "oci:Psql/", "azure-native:dbforpostgresql:")
"""What clouds tell of their databases: the authority of a certificate."""

NO_SECRET: Mapping[tuple[str, str], str] = {
    ("monitoring", "alertmanager-routing"): "Alertmanager takes its configuration from a Secret alone",
    ("monitoring", "alertmanager-credentials"): "nobody is told of alerts, so that there is no credential in it",
    ("gateway", "kong"): "routes: no consumer has a credential",
}
"""Secrets with nothing to hide in them, and why they are Secrets."""

NEEDLES = ("generated-password", " key\n", "authToken-secret", "customerSecretKey-secret", *CREDENTIALS.values())
"""What generators come out with under mocks, and what people encrypt in the configuration."""

ROOT_OF_DAPR = ("dapr-system", "dapr")
"""The one release that gets a secret by its values: the chart makes its Secret from nothing else (docs/secrets.md)."""


def source(one: Registration, deployed: Deployed) -> str:
    """Where the content of a Secret comes from."""
    made_of = {urn for urns in one.property_dependencies.values() for urn in urns}
    types = {deployed.registrations[urn].type for urn in made_of if urn in deployed.registrations}
    content = content_of(one)
    if any(type_.startswith(GENERATORS) for type_ in types):
        return "generated"
    if any(value in content for value in CREDENTIALS.values()):
        return "configured"
    if any(type_.startswith(FROM_THE_CLOUD) for type_ in types):
        return "the cloud's"
    return "literal"


def content_of(one: Registration) -> str:
    return json.dumps([one.inputs.get("stringData"), one.inputs.get("data")], ensure_ascii=False)


def literal(deployed: Deployed) -> Iterator[tuple[str, str]]:
    """Secrets that somebody has written down, by namespace and name; the hash of their content left out."""
    for one in deployed.of_type(SECRET):
        namespace, name = place(one)
        if source(one, deployed) == "literal":
            yield namespace, "kong" if name.startswith("kong-") else name


def told(deployed: Deployed) -> Iterator[str]:
    """Objects and releases, Secrets aside, with a secret in their inputs."""
    for one in deployed.registrations.values():
        if not one.type.startswith("kubernetes:") or one.type == SECRET:
            continue
        if any(needle in text for text in texts(one.inputs) for needle in NEEDLES):
            yield f"{one.type.rpartition(':')[2]} {'/'.join(place(one))}"


@cache
def plans() -> Mapping[str, Deployed]:
    return {**{stack: committed_plan(stack) for stack in STACKS}, "with everything": whole()}


@pytest.mark.parametrize("stack", [*STACKS, "with everything"])
def test_no_secret_has_literal_content(stack: str):
    assert set(literal(plans()[stack])) <= set(NO_SECRET)


@pytest.mark.parametrize("stack", [*STACKS, "with everything"])
def test_what_is_literal_holds_no_secret(stack: str):
    deployed = plans()[stack]
    literals = [one for one in deployed.of_type(SECRET) if source(one, deployed) == "literal"]

    assert [place(one) for one in literals if any(needle in content_of(one) for needle in NEEDLES)] == []


@pytest.mark.parametrize("stack", [*STACKS, "with everything"])
def test_secrets_are_in_secrets_alone(stack: str):
    assert list(told(plans()[stack])) == [f"Release {'/'.join(ROOT_OF_DAPR)}"]


def test_nothing_is_listed_that_is_not_there():
    found = {secret for deployed in plans().values() for secret in literal(deployed)}

    assert set(NO_SECRET) - found == set()


def test_values_of_services_come_from_the_vault_by_name():
    (asked,) = plan_of_own_images("gke-dev").of_type("kubernetes:external-secrets.io/v1:ExternalSecret")

    assert asked.inputs["spec"]["data"] == [{"secretKey": "SESSION_KEY", "remoteRef": {"key": "todo-session-key"}}]


def test_a_literal_is_found():
    deployed = committed_plan("gke-dev")
    some = deployed.of_type(SECRET)[0]
    written = dataclasses.replace(
        some,
        inputs={"metadata": {"name": "x", "namespace": "todo"}, "stringData": {"token": "hunter2"}},
        property_dependencies={},
    )

    assert ("todo", "x") in set(literal(Deployed({**deployed.registrations, "x": written})))


def test_a_secret_in_plain_text_is_found():
    deployed = committed_plan("gke-dev")
    release: dict[str, Any] = {"name": "x", "namespace": "todo", "values": {"password": "generated-password"}}
    told_all = dataclasses.replace(deployed.of_type(RELEASE)[0], inputs=release)

    assert "Release todo/x" in set(told(Deployed({**deployed.registrations, "x": told_all})))
