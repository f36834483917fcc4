"""Which nodes an autoscaler adds, and when."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from rehearsal.control_plane.kubelet import placement
from rehearsal.control_plane.kubelet.autoscaler import Autoscaler, growth
from rehearsal.control_plane.kubelet.pod_events import PodEvents
from rehearsal.control_plane.kubelet.work_queue import WorkQueue
from rehearsal.control_plane.pools.machines import Machine
from rehearsal.control_plane.pools.node_pools import POOL, Pool, Taint, node, to_json
from rehearsal.control_plane.pools.pool_nodes import CONFIG_MAP
from tests.unit.rehearsal.control_plane.kubelet.fake_api import Clock, FakeApi, known


def pool(name: str = "apps", limits: tuple[int, int] = (0, 3), **fields: Any) -> Pool:
    given: dict[str, Any] = {
        "cloud": "local",
        "machine": Machine(name="m", cpus=4, memory_mib=8192),
        "zones": ("a", "b"),
        "count": 0,
        "labels": {"pool": name},
        "node_name": f"{name}-{{number}}",
        "provider_id": "{name}",
        **fields,
    }
    return Pool(name=name, limits=limits, **given)


def pod(name: str, cpu: str = "3", **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "space", "uid": name},
        "spec": {"containers": [{"name": "main", "resources": {"requests": {"cpu": cpu}}}], **spec},
        "status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]},
    }


def grown(
    pods: Sequence[dict[str, Any]],
    *pools: Pool,
    nodes: Sequence[Any] = (),
    daemons: Sequence[Any] = (),
    volumes: Any = (),
) -> list[tuple[str, str, list[str]]]:
    """Pools and zones of the nodes that are added, with the names of the pods for which."""
    found = growth(pods, pools, nodes, daemons, lambda _: None if volumes is None else list(volumes))
    return [
        (
            node["metadata"]["annotations"][POOL],
            node["metadata"]["labels"]["topology.kubernetes.io/zone"],
            [pod["metadata"]["name"] for pod in pods],
        )
        for node, pods in found
    ]


def test_pods_share_a_new_node_as_far_as_it_has_room():
    assert grown([pod(name, "2") for name in "xyz"], pool()) == [("apps", "a", ["x", "y"]), ("apps", "b", ["z"])]


def test_a_pool_grows_to_its_most_and_no_further():
    there = [node(pool(), 0, "a"), node(pool(), 1, "b")]

    assert grown([pod(name) for name in "xyz"], pool(), nodes=there) == [("apps", "a", ["x"])]


def test_the_first_pool_by_name_that_may_have_the_pod_grows():
    tainted = pool("a-tainted", taints=(Taint(key="dedicated", value="db"),))
    small = pool("b-small", machine=Machine(name="s", cpus=1, memory_mib=1024))
    pools = [tainted, small, pool("c-large"), pool("d-large")]
    tolerant = pod("tolerant", tolerations=[{"key": "dedicated", "operator": "Equal", "value": "db"}])

    assert grown([pod("any")], *pools) == [("c-large", "a", ["any"])]
    assert grown([tolerant], *pools) == [("a-tainted", "a", ["tolerant"])]
    assert grown([pod("picky", nodeSelector={"pool": "d-large"})], *pools) == [("d-large", "a", ["picky"])]


@pytest.mark.parametrize(
    "hopeless", [pod("large", "64"), pod("elsewhere", nodeSelector={"disk": "ssd"})], ids=["too large", "no such node"]
)
def test_no_node_is_added_that_would_not_help(hopeless: dict[str, Any]):
    assert grown([hopeless], pool()) == []


def test_a_pod_without_its_claim_is_not_helped_by_a_node():
    assert grown([pod("x")], pool(), volumes=None) == []


def test_a_node_is_added_in_the_zone_of_the_pods_volume():
    expression = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["b"]}
    terms = [{"matchExpressions": [expression]}]
    volume = {"spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}}}

    assert grown([pod("x")], pool(), volumes=[volume]) == [("apps", "b", ["x"])]


def test_daemons_take_their_part_of_a_new_node():
    daemon = pod("daemon", "1500m")["spec"]

    assert grown([pod("x", "2"), pod("y", "1")], pool(), daemons=[daemon]) == [
        ("apps", "a", ["x"]),
        ("apps", "b", ["y"]),
    ]


def test_pods_that_keep_off_each_other_have_a_node_each():
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {}}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}

    assert grown([pod("x", "1", affinity=affinity), pod("y", "1", affinity=affinity)], pool()) == [
        ("apps", "a", ["x"]),
        ("apps", "b", ["y"]),
    ]


def test_what_init_containers_need_for_a_while_counts_where_it_is_more():
    sidecar = {"restartPolicy": "Always", "resources": {"requests": {"cpu": "500m"}}}
    init = {"resources": {"requests": {"cpu": "2", "memory": "1Gi"}}}

    assert placement.requests(pod("x", "1", initContainers=[init, sidecar])["spec"]) == {
        "cpu": Decimal(2),
        "memory": Decimal(2**30),
        "pods": Decimal(1),
    }


@pytest.mark.parametrize(
    ("expression", "admitted"),
    [
        ({"operator": "In", "values": ["4"]}, True),
        ({"operator": "NotIn", "values": ["4"]}, False),
        ({"operator": "Exists"}, True),
        ({"operator": "DoesNotExist"}, False),
        ({"operator": "Gt", "values": ["3"]}, True),
        ({"operator": "Lt", "values": ["3"]}, False),
    ],
)
def test_affinity_is_read_like_the_scheduler_reads_it(expression: dict[str, Any], admitted: bool):
    terms = [{"matchExpressions": [{"key": "cores", **expression}]}]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    spec = {"affinity": {"nodeAffinity": required}}

    assert placement.admits({"metadata": {"name": "n", "labels": {"cores": "4"}}, "spec": {}}, spec) is admitted


def scaler(*pods: dict[str, Any], nodes: Sequence[Any] = ()) -> tuple[Autoscaler, FakeApi, WorkQueue]:
    kept = {"data": {"apps": json.dumps(to_json(pool()))}}
    api = FakeApi({CONFIG_MAP: kept, "/apis/apps/v1/daemonsets": {"items": []}})
    queue = WorkQueue(Clock())
    return Autoscaler(api, known(pods=list(pods), nodes=list(nodes)), queue, PodEvents(api)), api, queue


def test_a_pod_that_fits_nowhere_gets_a_node_and_is_told():
    made, api, queue = scaler(pod("x"))

    made.changed("pods", "space/x")
    assert queue.seconds == 1.5
    made.reconcile("")

    (_, path, body), (_, _, event) = api.requests
    assert path == "/api/v1/nodes?fieldManager=rehearsal"
    assert body
    assert body["metadata"]["name"] == "apps-0"
    assert event
    assert (event["type"], event["reason"]) == ("Normal", "TriggeredScaleUp")


def test_nodes_on_their_way_are_waited_for():
    made, api, queue = scaler(pod("x"), nodes=[node(pool(), 0, "a")])

    made.reconcile("")

    assert api.requests == []
    assert queue.take() == []
    assert queue.seconds == 1.5


def test_a_pod_that_nodes_do_not_help_gets_no_more_than_three():
    made, api, _ = scaler(pod("x"))

    for _ in range(5):
        made.reconcile("")

    assert len([path for _, path, _ in api.requests if path.startswith("/api/v1/nodes")]) == 3


def test_pods_of_daemon_sets_are_of_one_node_each():
    item = pod("x")
    item["metadata"]["ownerReferences"] = [{"kind": "DaemonSet"}]
    made, api, queue = scaler(item)

    made.changed("pods", "space/x")
    made.reconcile("")

    assert (api.requests, queue.seconds) == ([], None)
