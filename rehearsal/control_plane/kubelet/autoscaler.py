"""Adds nodes to pools that may grow while pods find none, by a fixed rule.

As the cluster autoscaler (github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md), except that among
several pools whose node would take a pod it always chooses the first by name, and never removes a node.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rehearsal.control_plane.api_client import ApiClient, ApiError
from rehearsal.control_plane.kubelet import cluster_objects as objects
from rehearsal.control_plane.kubelet import placement
from rehearsal.control_plane.kubelet import pod_references as references
from rehearsal.control_plane.kubelet.cluster_objects import ClusterObjects, Object
from rehearsal.control_plane.kubelet.placement import Resources
from rehearsal.control_plane.kubelet.pod_events import PodEvents
from rehearsal.control_plane.kubelet.work_queue import WorkQueue
from rehearsal.control_plane.pools.node_pools import POOL, Pool, added, from_json, of_pool
from rehearsal.control_plane.pools.pool_nodes import CONFIG_MAP

TASK = "autoscaler"

_LOOK_SECONDS = 1.5
"""After the scheduler has given up on a pod; the autoscaler of a cloud looks every ten seconds."""
_TIMES = 3
"""How often nodes are added for one pod: what does not help then never will."""


class Autoscaler:
    """Watches for pods without a node."""

    def __init__(self, client: ApiClient, known: ClusterObjects, queue: WorkQueue, events: PodEvents) -> None:
        self._client, self._objects, self._queue, self._events = client, known, queue, events
        self._helped: dict[str, int] = {}

    def changed(self, kind: str, key: str) -> None:
        """Looks a while after a pod was found to fit nowhere, or pools became others."""
        pod = self._objects.get(kind, key) if kind == objects.POD else None
        if (pod is not None and _is_unschedulable(pod)) or (kind, key) == (objects.CONFIG_MAP, CONFIG_MAP_KEY):
            self._queue.add((TASK, ""), _LOOK_SECONDS)

    def reconcile(self, _: str) -> None:
        """Adds the nodes that the pods without one need."""
        waiting = [pod for _, pod in self._objects.items(objects.POD) if self._may_be_helped(pod)]
        nodes = [node for _, node in self._objects.items(objects.NODE)]
        pools = [pool for pool in self._pools() if pool.limits is not None] if waiting else []
        if not pools:
            return
        if not all(map(_is_ready, nodes)):
            self._queue.add((TASK, ""), _LOOK_SECONDS)
            return
        found = growth(waiting, pools, nodes, self._on_every_node(), self._volumes)
        for node, pods in found:
            self._client.create("/api/v1/nodes?fieldManager=rehearsal", node)
            for pod in pods:
                self._helped[pod["metadata"]["uid"]] = self._helped.get(pod["metadata"]["uid"], 0) + 1
                name = node["metadata"]["annotations"][POOL]
                self._events.tell(pod, "TriggeredScaleUp", f"pod triggered scale-up: {name}", "cluster-autoscaler")
        if found:
            self._queue.add((TASK, ""), 2 * _LOOK_SECONDS)

    def _may_be_helped(self, pod: Object) -> bool:
        return _is_unschedulable(pod) and self._helped.get(pod["metadata"]["uid"], 0) < _TIMES

    def _pools(self) -> list[Pool]:
        try:
            kept = self._client.get(CONFIG_MAP).get("data") or {}
        except ApiError as error:
            if error.status != 404:
                raise
            return []
        return [from_json(json.loads(text)) for _, text in sorted(kept.items())]

    def _on_every_node(self) -> list[Object]:
        """The pods of DaemonSets, which take their part of a new node first."""
        return [item["spec"]["template"]["spec"] for item in self._client.get("/apis/apps/v1/daemonsets")["items"]]

    def _volumes(self, pod: Object) -> list[Object] | None:
        """The bound volumes of a pod, None where it waits for a claim that is not there."""
        found: list[Object] = []
        namespace = pod["metadata"]["namespace"]
        for name in references.claims(pod["spec"], pod["metadata"]["name"]):
            claim = self._objects.get(objects.CLAIM, f"{namespace}/{name}")
            if claim is None:
                return None
            volume = self._objects.get(objects.VOLUME, claim["spec"].get("volumeName", ""))
            found += [volume] if volume else []
        return found


CONFIG_MAP_KEY = "kube-system/" + CONFIG_MAP.rpartition("/")[2]


class _NewNode:
    """A node that is to be added, with the pods that it is added for."""

    def __init__(self, node: Object, left: Resources) -> None:
        self.node, self.left = node, left
        self.pods: list[Object] = []

    def takes(self, pod: Object, wanted: Resources, volumes: Sequence[Object]) -> bool:
        """Pods that keep off each other do not share a node."""
        return (
            placement.fits(wanted, self.left)
            and placement.admits(self.node, pod["spec"])
            and all(_is_reached(volume, self.node) for volume in volumes)
            and not (self.pods and any(map(_keeps_off, [pod, *self.pods])))
        )

    def put(self, pod: Object, wanted: Resources) -> None:
        self.left = placement.without(self.left, wanted)
        self.pods.append(pod)


def growth(
    pods: Iterable[Object],
    pools: Sequence[Pool],
    nodes: Sequence[Object],
    daemons: Sequence[Object],
    volumes_of: Callable[[Object], list[Object] | None],
) -> list[tuple[Object, list[Object]]]:
    """The nodes to add, and the pods that each is added for.

    Pods are taken in the given order, each by the first new node that has room for it, else by a further node of the
    first pool, in the first zone, that may have it.
    """
    new: list[_NewNode] = []
    for pod in pods:
        volumes = volumes_of(pod)
        if volumes is None:
            continue
        wanted = placement.requests(pod["spec"])
        taker = next((one for one in new if one.takes(pod, wanted, volumes)), None)
        if taker is None:
            candidates = (_NewNode(node, _left(node, daemons)) for node in _further(pools, [*nodes, *_bodies(new)]))
            taker = next((one for one in candidates if one.takes(pod, wanted, volumes)), None)
            new += [taker] if taker else []
        if taker is not None:
            taker.put(pod, wanted)
    return [(one.node, one.pods) for one in new]


def _further(pools: Iterable[Pool], nodes: Sequence[Object]) -> Iterator[Object]:
    """A further node of each pool, where the pool's own balance wants it, then in each of its zones."""
    for pool in pools:
        if len(of_pool(pool, nodes)) < pool.most:
            yield added(pool, nodes, 1)[0]
            for zone in pool.zones:
                yield added(replace(pool, zones=(zone,)), nodes, 1)[0]


def _left(node: Object, daemons: Iterable[Object]) -> Resources:
    left = placement.room(node)
    for spec in daemons:
        if placement.admits(node, spec):
            left = placement.without(left, placement.requests(spec))
    return left


def _bodies(new: Iterable[_NewNode]) -> list[Object]:
    return [one.node for one in new]


def _keeps_off(pod: Object) -> bool:
    """Whether a pod wants to be apart from others; from which is not looked at."""
    affinity = (pod["spec"].get("affinity") or {}).get("podAntiAffinity") or {}
    spread = pod["spec"].get("topologySpreadConstraints") or []
    return bool(affinity.get("requiredDuringSchedulingIgnoredDuringExecution")) or any(
        constraint.get("whenUnsatisfiable") == "DoNotSchedule" for constraint in spread
    )


def _is_reached(volume: Object, node: Object) -> bool:
    required = ((volume["spec"].get("nodeAffinity") or {}).get("required") or {}).get("nodeSelectorTerms")
    return required is None or placement.in_terms(node, required)


def _is_unschedulable(pod: Object) -> bool:
    """DaemonSets' pods are of one node each."""
    owners: Iterable[Mapping[str, Any]] = pod["metadata"].get("ownerReferences") or []
    if "deletionTimestamp" in pod["metadata"] or any(owner["kind"] == "DaemonSet" for owner in owners):
        return False
    return any(
        (condition["type"], condition["status"], condition.get("reason")) == ("PodScheduled", "False", "Unschedulable")
        for condition in (pod.get("status") or {}).get("conditions") or []
    )


def _is_ready(node: Object) -> bool:
    return any(
        (condition["type"], condition["status"]) == ("Ready", "True")
        for condition in (node.get("status") or {}).get("conditions") or []
    )
