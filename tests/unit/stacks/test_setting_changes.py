"""One change at a time, over every setting there is: what it creates, updates, replaces and deletes."""

import re
from collections.abc import Iterator

import pytest

from tests.plans import committed_plan, effects
from tests.unit.stacks.setting_changes import CHANGES, CLOUDS, OPERATIONS
from tests.unit.stacks.setting_paths import group_paths, setting_paths

IRREPLACEABLE = {
    "azure-native:containerservice:ManagedCluster": "cluster",
    "azure-native:dbforpostgresql:Server": "database",
    "azure-native:keyvault:Key": "key",
    "azure-native:keyvault:Vault": "vault",
    "azure-native:storage:StorageAccount": "bucket",
    "gcp:container/cluster:Cluster": "cluster",
    "gcp:kms/cryptoKey:CryptoKey": "key",
    "gcp:kms/keyRing:KeyRing": "key",
    "gcp:sql/databaseInstance:DatabaseInstance": "database",
    "gcp:storage/bucket:Bucket": "bucket",
    "oci:ContainerEngine/cluster:Cluster": "cluster",
    "oci:Kms/key:Key": "key",
    "oci:Kms/vault:Vault": "vault",
    "oci:ObjectStorage/bucket:Bucket": "bucket",
    "oci:Psql/dbSystem:DbSystem": "database",
}
"""What takes data along when it goes."""

_WARNING = re.compile(r"(?:Changing it\s+replaces|Taking (?:it|one) away\s+deletes)([^.]*)")

pytestmark = pytest.mark.slow

every_change = pytest.mark.parametrize(
    ("cloud", "name"), [(cloud, name) for cloud, changes in CHANGES.items() for name in changes]
)


@every_change
def test_a_change_touches_what_it_should_and_nothing_else(cloud: str, name: str):
    _model, stack = CLOUDS[cloud]
    change = CHANGES[cloud][name]
    changed = {**({name: change["to"]} if "to" in change else {}), **change.get("with", {})}

    found = effects(stack, changed, given=change.get("given"), credentials=change.get("credentials"))

    touched = {
        key: sorted(name for name, one in found.items() if one.operation == op) for op, key in OPERATIONS.items()
    }
    assert touched == {key: change.get(key, []) for key in OPERATIONS.values()}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_change_of_every_setting_is_known(cloud: str):
    model, _stack = CLOUDS[cloud]

    assert set(setting_paths(model)) - {"cloud"} <= {any_name(name) for name in CHANGES[cloud]}


@every_change
def test_data_is_lost_only_where_the_setting_says_so(cloud: str, name: str):
    warning = warning_of(cloud, name)

    assert {kind for kind in lost(cloud, name) if kind not in warning and "everything" not in warning} == set()


def test_a_setting_warns_of_no_more_than_it_does():
    warnings: dict[str, set[str]] = {}
    for cloud, changes in CHANGES.items():
        for name in changes:
            if warning := warning_of(cloud, name):
                warnings.setdefault(warning, set()).update(lost(cloud, name))

    named = {warning: {kind for kind in IRREPLACEABLE.values() if kind in warning} for warning in warnings}
    assert {warning for warning, kinds in warnings.items() if not kinds or not named[warning] <= kinds} == set()


@every_change
def test_what_a_cloud_would_refuse_to_update_is_said_to_be_chosen_once(cloud: str, name: str):
    assert "refuses" not in CHANGES[cloud][name] or "Chosen when" in said(cloud, name)


def any_name(path: str) -> str:
    """The path with a star for the name of a node pool, a workload or a service."""
    return re.sub(r"(node_pools|workloads|services)\.[\w-]+", r"\1.*", path)


def said(cloud: str, name: str) -> str:
    """What the docstring of the changed setting says; nothing of a change in words."""
    model, _stack = CLOUDS[cloud]
    return {**setting_paths(model), **group_paths(model)}.get(any_name(name), "")


def warning_of(cloud: str, name: str) -> str:
    """What the docstring says that a change takes along."""
    return " ".join(_WARNING.findall(said(cloud, name)))


def lost(cloud: str, name: str) -> set[str]:
    """The kinds of data that a change takes along."""
    return set(_lost(cloud, name))


def _lost(cloud: str, name: str) -> Iterator[str]:
    _model, stack = CLOUDS[cloud]
    change = CHANGES[cloud][name]
    gone = {*change.get("replaces", []), *change.get("deletes", [])}
    for resource in committed_plan(stack).registrations.values():
        if resource.name in gone and resource.type in IRREPLACEABLE:
            yield IRREPLACEABLE[resource.type]
