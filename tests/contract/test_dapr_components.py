"""Dapr's components against what their types know."""

from typing import Any

import pytest
from contract_check.dapr_metadata import known
from contract_check.wire import UNKNOWN, Secret

PREFIX = "kubernetes:dapr.io/v1alpha1:"
KAFKA: dict[str, Any] = {
    "brokers": "kafka:9093",
    "authType": "password",
    "saslUsername": "dapr",
    "saslMechanism": "SHA-512",
    "saslPassword": {"name": "dapr", "key": "password"},
    "caCert": {"name": "ca", "key": "ca.crt"},
    "version": "4.3.1",
    "publishingScopes": "backend=tasks",
}


def component(kind: str, metadata: dict[str, Any], *, version: str = "v1", **spec: Any) -> dict[str, Any]:
    entries = [
        {"name": name, "secretKeyRef" if isinstance(value, dict) else "value": value}
        for name, value in metadata.items()
    ]
    return {
        "apiVersion": "dapr.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "pubsub", "namespace": "todo"},
        "spec": {"type": kind, "version": version, "metadata": entries, **spec},
        "scopes": ["backend"],
    }


@pytest.fixture
def kafka(report):
    def findings(without: tuple[str, ...] = (), **changes: Any) -> list[str]:
        metadata = {name: value for name, value in {**KAFKA, **changes}.items() if name not in without}
        return report(f"{PREFIX}Component", component("pubsub.kafka", metadata))

    return findings


def test_a_component_as_its_type_wants_it_passes(kafka):
    assert kafka() == []
    assert kafka(brokers=UNKNOWN, consumerID="{appID}") == []


@pytest.mark.parametrize(
    ("without", "changes", "finding"),
    [
        ((), {"saslUser": "x"}, 'spec.metadata[8].name: the component has no such field; did you mean "saslUsername"?'),
        (("brokers",), {}, "spec.metadata.brokers: required here"),
        (
            ("saslPassword",),
            {},
            "spec.metadata: no way of authentication is complete; SASL Authentication lacks saslPassword",
        ),
        (
            ("authType",),
            {},
            "spec.metadata: no way of authentication is complete; SASL Authentication lacks authType",
        ),
        (
            (),
            {"authType": "mtls"},
            "spec.metadata: no way of authentication is complete; mTLS Authentication lacks clientCert, clientKey",
        ),
        ((), {"saslMechanism": "SCRAM-SHA-512"}, '"SCRAM-SHA-512" is not one of SHA-512, SHA-256, PLAINTEXT'),
        ((), {"compression": "brotli"}, '"brotli" is not one of none, gzip, snappy, lz4, zstd'),
        ((), {"disableTls": "maybe"}, '"maybe" is neither true nor false'),
        ((), {"dialTimeout": "fast"}, '"fast" is not a duration such as 10s'),
        ((), {"maxMessageBytes": "1Mi"}, '"1Mi" is not a number'),
        ((), {"saslPassword": "hunter2"}, "a secret in plain text; it belongs into a Secret, by secretKeyRef"),
        ((), {"Brokers": "kafka:9092"}, '"Brokers" is there already'),
        ((), {"initialOffset": ["oldest"]}, "expected a text, a number or a boolean"),
    ],
)
def test_what_a_broker_would_ignore_or_miss_is_reported(kafka, without, changes, finding):
    (found,) = kafka(without, **changes)

    assert finding in found


def test_a_value_that_is_a_secret_of_the_program_is_no_plain_text_and_is_not_shown(kafka):
    assert kafka(saslPassword=Secret("hunter2")) == []
    assert "hunter2" not in str(kafka(saslMechanism=Secret("hunter2")))


def test_an_entry_has_one_value(report):
    inputs = component("pubsub.kafka", KAFKA)
    inputs["spec"]["metadata"] += [
        {"name": "clientID"},
        {"name": "escapeHeaders", "value": "true", "envRef": "ESCAPE"},
    ]

    assert report(f"{PREFIX}Component", inputs) == [
        "spec.metadata[8]: needs a value, a secretKeyRef or an envRef",
        "spec.metadata[9]: takes one of value and envRef, not more than one",
    ]


@pytest.mark.parametrize(
    ("kind", "version", "finding"),
    [
        (
            "pubsub.kafca",
            "v1",
            'spec.type: no component of the type pubsub.kafca is known; did you mean "pubsub.kafka"?',
        ),
        ("state.postgresql", "v3", "spec.version: state.postgresql has no version v3, only v1, v2"),
        ("nameresolution.kubernetes", "v1", "spec.type: no component of the type nameresolution.kubernetes is known"),
    ],
)
def test_a_type_or_version_that_nobody_knows_is_reported(report, kind, version, finding):
    (found,) = report(f"{PREFIX}Component", component(kind, {}, version=version))

    assert found.startswith(finding)


@pytest.mark.parametrize(
    ("kind", "version", "metadata", "finding"),
    [
        ("state.postgresql", "v2", {"connectionString": {"name": "a", "key": "uri"}, "keyPrefix": "appid"}, None),
        ("state.postgresql", "v2", {"url": {"name": "a", "key": "uri"}}, None),
        ("state.postgresql", "v2", {"connectionString": "postgres://a:b@c/d"}, "a secret in plain text"),
        ("state.postgresql", "v2", {}, "no way of authentication is complete"),
        (
            "state.postgresql",
            "v2",
            {"connectionString": {"name": "a"}, "useAzureAD": "true", "useAWSIAM": "true", "region": "x"},
            "takes one of useAzureAD and useAWSIAM, not more than one",
        ),
        ("configuration.postgresql", "v1", {"connectionString": {"name": "a"}}, "spec.metadata.table: required here"),
        ("secretstores.gcp.secretmanager", "v1", {"projectID": "acme"}, None),
        ("secretstores.gcp.secretmanager", "v1", {}, "spec.metadata.projectID: required here"),
        (
            "secretstores.gcp.secretmanager",
            "v1",
            {"projectID": "acme", "privateKey": {"name": "key"}},
            "privateKeyID, clientEmail, clientID is required with privateKey",
        ),
        ("secretstores.azure.keyvault", "v1", {"vaultName": "acme"}, None),
        (
            "secretstores.azure.keyvault",
            "v1",
            {"vaultName": "acme", "azureClientSecret": {"name": "key"}},
            "spec.metadata.azureTenantId: required with azureClientSecret",
        ),
        ("secretstores.kubernetes", "v1", {}, None),
        ("secretstores.hashicorp.vault", "v1", {}, "needs one of vaultToken, vaultTokenMountPath"),
        ("pubsub.gcp.pubsub", "v1", {"projectID": "acme", "maxDeliveryAttempts": "5"}, None),
        ("pubsub.azure.servicebus.topics", "v1", {"namespaceName": "a.servicebus.windows.net"}, None),
        ("pubsub.azure.servicebus.topics", "v1", {"timeoutInSec": "5"}, "no way of authentication is complete"),
        ("bindings.cron", "v1", {"schedule": "0 0 3 * * *", "route": "/a", "direction": "input"}, None),
        ("bindings.cron", "v1", {"schedule": "0 25 * * *"}, "hour: 25 is not between 0 and 23"),
        ("bindings.cron", "v1", {"schedule": "@daily", "direction": "in"}, '"in" is not one of input, output'),
    ],
)
def test_each_type_has_rules_of_its_own(report, kind, version, metadata, finding):
    found = report(f"{PREFIX}Component", component(kind, metadata, version=version))

    if finding is None:
        assert found == []
    else:
        assert finding in found[0]


def test_a_time_to_start_that_cannot_be_read_is_reported(report):
    (found,) = report(f"{PREFIX}Component", component("secretstores.kubernetes", {}, initTimeout="soon"))

    assert found == 'spec.initTimeout: "soon" is no duration such as 30s; five seconds are taken instead'


def test_every_field_of_every_component_is_told_from_the_others():
    for name, carried in known()["components"].items():
        profiles = [
            known()["builtin"][profile["of"]] if "of" in profile else profile["fields"]
            for profile in carried.get("profiles", [])
        ]
        spelt = [field for fields in (carried["fields"], *profiles) for field in fields]

        assert len({field.lower() for field in spelt}) == len(set(spelt)), name
