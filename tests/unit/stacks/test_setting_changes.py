"""One changed setting at a time, over every setting there is: what it creates, updates, replaces and deletes."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.settings import AksStack, GkeStack, LocalStack, OkeStack, Stack
from tests.plans import effects
from tests.unit.stacks.setting_paths import setting_paths

CLOUDS: dict[str, tuple[type[Stack], str]] = {
    "gke": (GkeStack, "gke-prod"),
    "aks": (AksStack, "aks-prod"),
    "oke": (OkeStack, "oke-prod"),
    "local": (LocalStack, "local-dev"),
}
CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    cloud: yaml.safe_load((Path(__file__).parent / "changes" / f"{cloud}.yaml").read_text()) for cloud in CLOUDS
}
"""By cloud and setting: the new value (`to`), what has to change with it (`with`), and the names of what is touched."""

IRREPLACEABLE = {
    "azure-native:containerservice:ManagedCluster": "cluster",
    "azure-native:dbforpostgresql:Server": "database",
    "azure-native:keyvault:Key": "key",
    "azure-native:keyvault:Vault": "key",
    "azure-native:storage:StorageAccount": "bucket",
    "gcp:container/cluster:Cluster": "cluster",
    "gcp:kms/cryptoKey:CryptoKey": "key",
    "gcp:kms/keyRing:KeyRing": "key",
    "gcp:sql/databaseInstance:DatabaseInstance": "database",
    "gcp:storage/bucket:Bucket": "bucket",
    "oci:ContainerEngine/cluster:Cluster": "cluster",
    "oci:Kms/key:Key": "key",
    "oci:Kms/vault:Vault": "key",
    "oci:ObjectStorage/bucket:Bucket": "bucket",
    "oci:Psql/dbSystem:DbSystem": "database",
}
"""What takes data along when it is replaced."""

OPERATIONS = {"create": "creates", "update": "updates", "replace": "replaces", "delete": "deletes"}

every_change = pytest.mark.parametrize(
    ("cloud", "setting"), [(cloud, setting) for cloud, changes in CHANGES.items() for setting in changes]
)


@every_change
def test_a_changed_setting_touches_what_it_should_and_replaces_data_only_where_it_says_so(cloud: str, setting: str):
    model, stack = CLOUDS[cloud]
    change = CHANGES[cloud][setting]

    found = effects(stack, {setting: change["to"], **change.get("with", {})})

    touched = {
        key: sorted(name for name, one in found.items() if one.operation == op) for op, key in OPERATIONS.items()
    }
    assert touched == {key: change.get(key, []) for key in OPERATIONS.values()}
    lost = {
        IRREPLACEABLE[one.type] for one in found.values() if one.operation == "replace" and one.type in IRREPLACEABLE
    }
    said = setting_paths(model)[any_pool(setting)].partition("Changing it replaces ")[2]
    assert {kind for kind in lost if kind not in said and not said.startswith("everything")} == set()


def any_pool(setting: str) -> str:
    """The path with a star for the name of the node pool."""
    return re.sub(r"node_pools\.\w+", "node_pools.*", setting)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_change_of_every_setting_is_known(cloud: str):
    model, _stack = CLOUDS[cloud]

    assert {any_pool(setting) for setting in CHANGES[cloud]} == set(setting_paths(model)) - {"cloud"}
