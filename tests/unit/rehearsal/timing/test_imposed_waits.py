"""The longest chain of waits that the clouds impose, and the table that it comes from."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.providers import latency
from rehearsal.timing import imposed_waits
from rehearsal.timing.imposed_waits import Kind, UnknownKindError, direct_waits, longest_chain

MODULE = Path("rehearsal/timing/imposed_waits.py")
RELEASE = "kubernetes:helm.sh/v3:Release"
NETWORK, SUBNET = Kind("gcp:compute/network:Network"), Kind("gcp:compute/subnetwork:Subnetwork")
CLUSTER, POOL = Kind("gcp:container/cluster:Cluster"), Kind("gcp:container/nodePool:NodePool")
CRDS, LOKI = Kind(RELEASE, "prometheus-operator-crds"), Kind(RELEASE, "loki")


def table() -> dict[str, Any]:
    return json.loads(MODULE.with_suffix(".json").read_text())


def typical(*kinds: Kind) -> dict[Kind, float]:
    return {kind: latency.seconds(kind.type, "create", kind.chart) for kind in kinds}


def chain(*kinds: Kind) -> list[Kind]:
    return [link.kind for link in longest_chain(typical(*kinds))]


def test_the_chain_knows_neither_the_program_nor_its_plans():
    tree = ast.parse(MODULE.read_text())
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    assert modules == {
        "json",
        "collections.abc",
        "dataclasses",
        "functools",
        "pathlib",
        "typing",
        "rehearsal.providers",
    }


def test_network_cluster_nodes_and_pods_follow_each_other():
    assert chain(NETWORK, SUBNET, CLUSTER, POOL, LOKI) == [NETWORK, SUBNET, CLUSTER, POOL, LOKI]


def test_a_wait_for_what_does_not_exist_is_none():
    assert chain(NETWORK, CLUSTER) == [CLUSTER]
    assert chain(LOKI) == [LOKI]
    assert chain() == []


def test_a_wait_that_only_some_stacks_have_needs_what_makes_it_one():
    job, service = Kind("kubernetes:batch/v1:Job"), Kind(RELEASE, "app-service")
    server = Kind("azure-native:dbforpostgresql:Server")

    assert chain(job, service) == [service]
    assert chain(server, job, service) == [server, job, service]
    assert (service, job) not in direct_waits([job, service])
    assert (service, job) in direct_waits([server, job, service])


def test_the_dearest_of_several_waits_counts():
    key_ring = Kind("gcp:kms/keyRing:KeyRing")

    assert chain(key_ring, NETWORK, SUBNET, CLUSTER) == [NETWORK, SUBNET, CLUSTER]


def test_a_grant_follows_what_it_is_a_grant_on_for_those_who_need_that_one():
    vault, grant = Kind("azure-native:keyvault:Vault"), Kind("azure-native:authorization:RoleAssignment")
    cluster = Kind("azure-native:containerservice:ManagedCluster")

    assert chain(vault, grant, cluster) == [vault, grant, cluster]
    assert chain(vault, grant) == [vault]


def test_definitions_need_no_nodes():
    assert chain(CLUSTER, POOL, CRDS) == [CLUSTER, POOL]


def test_pods_run_on_the_pool_that_is_made_for_them():
    cluster, pool = (
        Kind("azure-native:containerservice:ManagedCluster"),
        Kind("azure-native:containerservice:AgentPool"),
    )

    assert direct_waits([cluster, pool, LOKI])[LOKI, pool].startswith("https://helm.sh/")
    assert (LOKI, cluster) not in direct_waits([cluster, pool, LOKI])
    assert (LOKI, cluster) in direct_waits([cluster, LOKI])


def test_kinds_that_no_table_knows_are_named_with_what_to_add():
    with pytest.raises(UnknownKindError) as raised:
        longest_chain(typical(NETWORK, Kind("toy:index:House"), Kind(RELEASE, "unheard-of")))

    assert str(raised.value).splitlines() == [
        f'{RELEASE}/unheard-of has no duration: add it, with its source, to "charts" of {RELEASE} in '
        "rehearsal/providers/durations.json",
        f'{RELEASE}/unheard-of has no place among the waits: add to "waits" in rehearsal/timing/imposed_waits.json '
        "what its cloud makes it wait for, each with its source ([] where that is nothing)",
        "toy:index:House has no duration: add it, with its source, to the table in rehearsal/providers/durations.json",
        'toy:index:House has no place among the waits: add to "waits" in rehearsal/timing/imposed_waits.json what its '
        "cloud makes it wait for, each with its source ([] where that is nothing)",
    ]


def kinds_of_the_table() -> list[Kind]:
    split = [name.partition(f"{RELEASE}/") for name in table()["waits"]]
    return [Kind(RELEASE, chart) if release else Kind(before) for before, release, chart in split]


def test_every_kind_of_the_table_has_a_duration():
    assert [str(kind) for kind in kinds_of_the_table() if not latency.knows(kind.type, kind.chart)] == []


def test_no_kind_waits_for_itself():
    assert imposed_waits.seconds(longest_chain(typical(*kinds_of_the_table()))) > 0


def test_every_wait_is_for_a_kind_of_the_table_and_says_where_it_is_written():
    known = {*table()["waits"], *table()["groups"]}
    entries = [(kind, entry) for kind, waits in table()["waits"].items() for entry in waits]

    assert [kind for kind, entry in entries if not {*entry["after"], *entry.get("where", ())} <= known] == []
    assert [kind for kind, entry in entries if not entry["source"].startswith("https://")] == []
    assert [kind for kind, entry in entries if ": " not in entry["source"]] == []
    assert {kind for group in table()["groups"].values() for kind in group["kinds"]} <= set(table()["waits"])
