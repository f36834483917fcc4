"""What pods refer to, and how a kubelet says that it is missing."""

from collections.abc import Mapping
from typing import Any

import pytest

from rehearsal.control_plane.kubelet.pod_references import (
    Keys,
    claims,
    mount_failure,
    mounts,
    pull_secrets,
    setting_failure,
    settings,
)

THERE = {("secret", "known"): {"key"}, ("configmap", "known"): {"key"}, ("serviceaccount", "default"): set[str]()}


def keys(there: Mapping[tuple[str, str], set[str]] = THERE) -> Keys:
    return lambda kind, name: frozenset(there[kind, name]) if (kind, name) in there else None


def failures(*volumes: dict[str, Any], **spec: Any) -> list[str | None]:
    return [mount_failure(mount, keys()) for mount in mounts({"volumes": list(volumes), **spec})]


@pytest.mark.parametrize(
    ("source", "failure"),
    [
        ({"secret": {"secretName": "absent"}}, 'secret "absent" not found'),
        ({"configMap": {"name": "absent"}}, 'configmap "absent" not found'),
        (
            {"secret": {"secretName": "known", "items": [{"key": "other", "path": "o"}]}},
            "references non-existent secret key: other",
        ),
        (
            {"configMap": {"name": "known", "items": [{"key": "other", "path": "o"}]}},
            "configmap references non-existent config key: other",
        ),
        ({"projected": {"sources": [{"secret": {"name": "absent"}}]}}, 'secret "absent" not found'),
        (
            {"projected": {"sources": [{"secret": {"name": "absent"}}, {"configMap": {"name": "absent"}}]}},
            '[secret "absent" not found, configmap "absent" not found]',
        ),
    ],
)
def test_a_volume_says_what_it_misses(source: dict[str, Any], failure: str):
    assert failures({"name": "v", **source}) == [f'MountVolume.SetUp failed for volume "v" : {failure}']


@pytest.mark.parametrize(
    "source",
    [
        {"secret": {"secretName": "known", "items": [{"key": "key", "path": "k"}]}},
        {"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}, {"configMap": {"name": "known"}}]}},
    ],
)
def test_a_volume_whose_sources_are_there_can_be_mounted(source: dict[str, Any]):
    assert failures({"name": "v", **source}) == [None]


@pytest.mark.parametrize(
    "source",
    [
        {"emptyDir": {}},
        {"secret": {"secretName": "absent", "optional": True}},
        {"configMap": {"name": "known", "optional": True, "items": [{"key": "other", "path": "o"}]}},
        {"projected": {"sources": [{"downwardAPI": {}}, {"secret": {"name": "absent", "optional": True}}]}},
    ],
)
def test_a_volume_that_needs_nothing_is_not_waited_for(source: dict[str, Any]):
    assert failures({"name": "v", **source}) == []


def test_a_token_needs_the_pods_own_account():
    volume = {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}

    assert failures(volume, serviceAccountName="gone") == [
        'MountVolume.SetUp failed for volume "token" : failed to fetch token: serviceaccounts "gone" not found'
    ]


def variable(source: str, **reference: Any) -> dict[str, Any]:
    return {"env": [{"name": "V", "valueFrom": {source: reference}}]}


@pytest.mark.parametrize(
    ("container", "failure"),
    [
        (variable("secretKeyRef", name="absent", key="key"), 'secret "absent" not found'),
        (variable("configMapKeyRef", name="absent", key="key"), 'configmap "absent" not found'),
        (variable("secretKeyRef", name="known", key="other"), "couldn't find key other in Secret space/known"),
        (variable("configMapKeyRef", name="known", key="other"), "couldn't find key other in ConfigMap space/known"),
        ({"envFrom": [{"secretRef": {"name": "absent"}}]}, 'secret "absent" not found'),
        ({"envFrom": [{"configMapRef": {"name": "absent"}}]}, 'configmap "absent" not found'),
    ],
)
def test_a_container_says_what_its_environment_misses(container: dict[str, Any], failure: str):
    assert setting_failure(container, keys(), "space") == failure


@pytest.mark.parametrize(
    "container",
    [
        {"env": [{"name": "V", "value": "plain"}]},
        variable("fieldRef", fieldPath="metadata.name"),
        variable("secretKeyRef", name="known", key="key"),
        variable("secretKeyRef", name="absent", key="key", optional=True),
        variable("configMapKeyRef", name="known", key="other", optional=True),
        {
            "envFrom": [
                {"prefix": "P_", "secretRef": {"name": "known"}},
                {"configMapRef": {"name": "x", "optional": True}},
            ]
        },
    ],
)
def test_a_container_whose_environment_is_there_can_start(container: dict[str, Any]):
    assert setting_failure(container, keys(), "space") is None


def test_whole_objects_are_read_before_single_keys():
    container = {**variable("secretKeyRef", name="second", key="k"), "envFrom": [{"secretRef": {"name": "first"}}]}

    assert [reference.name for reference in settings(container)] == ["first", "second"]


def test_claims_of_ephemeral_volumes_are_named_by_pod_and_volume():
    volumes = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "kept"}},
        {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}},
        {"name": "none", "emptyDir": {}},
    ]

    assert list(claims({"volumes": volumes}, "pod")) == ["kept", "pod-scratch"]


def test_pull_secrets_without_a_name_are_none():
    assert pull_secrets({"imagePullSecrets": [{"name": "registry"}, {}]}) == ["registry"]
    assert pull_secrets({}) == []
