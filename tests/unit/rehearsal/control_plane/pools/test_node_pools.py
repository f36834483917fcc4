"""Nodes of a pool: what they are called, where they are, which come and which go."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rehearsal.control_plane.pools.machines import gke_machine
from rehearsal.control_plane.pools.node_pools import POOL, Pool, Taint, added, from_json, node, surplus, to_json

ZONES = ("west-a", "west-b", "west-c")
POOL_OF_THREE = Pool(
    name="apps",
    cloud="gke",
    machine=gke_machine("e2-standard-4"),
    zones=ZONES,
    count=3,
    labels={"team": "a"},
    taints=(Taint(key="only", value="apps"), Taint(key="bare", effect="NoExecute")),
    rotating={"fault-domain": ("one", "two")},
    node_name="node-{group}-{number:0>4}",
    provider_id="cloud://{zone}/{name}",
    addresses="10.0.0.0/24",
    version="v1.35.2",
)


def zones(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    return [one["metadata"]["labels"]["topology.kubernetes.io/zone"] for one in nodes]


def names(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    return [one["metadata"]["name"] for one in nodes]


def test_nodes_are_spread_over_the_zones():
    three = added(POOL_OF_THREE, [], 3)

    assert zones(three) == list(ZONES)
    assert zones(added(POOL_OF_THREE, three[:2], 2)) == ["west-c", "west-a"]


def test_new_nodes_take_names_that_are_free():
    three = added(POOL_OF_THREE, [], 3)
    [gone, *rest] = three

    assert len(set(names(three))) == 3
    assert names(added(POOL_OF_THREE, rest, 2)) == [gone["metadata"]["name"], names(added(POOL_OF_THREE, three, 1))[0]]


def test_the_youngest_nodes_go_first_from_where_most_are():
    five = added(POOL_OF_THREE, [], 5)

    assert zones(surplus(POOL_OF_THREE, five, 3)) == ["west-b", "west-a", "west-c"]
    assert surplus(POOL_OF_THREE, five, -1) == []


def test_nodes_of_other_pools_stay_out_of_it():
    others = added(replace(POOL_OF_THREE, name="system"), [], 3)

    assert surplus(POOL_OF_THREE, others, 1) == []
    assert not set(names(added(POOL_OF_THREE, others, 3))) & set(names(others))


def test_a_node_is_registered_with_what_its_pool_says():
    one = node(POOL_OF_THREE, 1, "west-b")

    assert one["metadata"]["annotations"] == {POOL: "apps", "kwok.x-k8s.io/node": "fake"}
    assert one["metadata"]["labels"] == {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/instance-type": "e2-standard-4",
        "beta.kubernetes.io/os": "linux",
        "fault-domain": "two",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": one["metadata"]["name"],
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "e2-standard-4",
        "team": "a",
        "topology.kubernetes.io/zone": "west-b",
    }
    assert one["spec"] == {
        "providerID": f"cloud://west-b/{one['metadata']['name']}",
        "taints": [
            {"key": "only", "value": "apps", "effect": "NoSchedule"},
            {"key": "bare", "effect": "NoExecute"},
        ],
    }
    assert one["status"]["capacity"]["cpu"] == "4"
    assert one["status"]["allocatable"] == {
        "cpu": "3920m",
        "memory": "13622Mi",
        "pods": "110",
        "ephemeral-storage": "100Gi",
    }
    assert one["status"]["nodeInfo"]["kubeletVersion"] == "v1.35.2"


def test_addresses_come_out_of_the_pools_block():
    addresses = {node(POOL_OF_THREE, number, "")["status"]["addresses"][0]["address"] for number in range(253)}

    assert len(addresses) == 253
    assert all(address.startswith("10.0.0.") for address in addresses)
    assert not addresses & {"10.0.0.0", "10.0.0.1", "10.0.0.255"}


def test_a_pool_comes_back_from_the_cluster_as_it_was():
    scaled = replace(POOL_OF_THREE, limits=(1, 5))

    assert from_json(json.loads(json.dumps(to_json(scaled)))) == scaled
    assert from_json(json.loads(json.dumps(to_json(POOL_OF_THREE)))) == POOL_OF_THREE


def test_an_autoscaler_keeps_a_pool_within_its_limits():
    scaled = replace(POOL_OF_THREE, limits=(1, 5))

    assert [scaled.within_limits(nodes) for nodes in (0, 4, 9)] == [1, 4, 5]
    assert [POOL_OF_THREE.within_limits(nodes) for nodes in (0, 9)] == [3, 3]
