"""The nodes of a control plane, kept at what its node pools say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from rehearsal.control_plane.api_client import STRATEGIC_MERGE_PATCH, ApiClient, ApiError, read_kubeconfig
from rehearsal.control_plane.pools.node_pools import (
    POOL,
    Node,
    Pool,
    added,
    from_json,
    node,
    of_pool,
    status,
    surplus,
    taints,
    to_json,
)

CONFIG_MAP: Final = "/api/v1/namespaces/kube-system/configmaps/rehearsed-node-pools"
"""Where a cluster keeps what its pools are, also those that have no node."""

_MANAGER: Final = "fieldManager=rehearsal"
_LABELS: Final = {"app.kubernetes.io/managed-by": "rehearsal"}


class PoolNodes:
    """The nodes of one cluster. Raises `ApiError` where the API server refuses, and `OSError` where it is away."""

    def __init__(self, kubeconfig: Path) -> None:
        self._client = ApiClient(read_kubeconfig(kubeconfig))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def pools(self) -> dict[str, Pool]:
        """What the pools are, by name."""
        try:
            kept = self._client.get(CONFIG_MAP).get("data") or {}
        except ApiError as error:
            if error.status != 404:
                raise
            return {}
        return {name: from_json(json.loads(text)) for name, text in kept.items()}

    def bring(self, pool: Pool) -> None:
        """Makes the nodes of a pool what it says, and their number where no autoscaler goes on from there."""
        before = self.pools().get(pool.name)
        nodes = self._nodes()
        own = of_pool(pool, nodes)
        resized = before is None or (pool.limits is None and before.count != pool.count)
        wanted = pool.within_limits(pool.count if resized else len(own))
        gone = surplus(pool, nodes, len(own) - wanted)
        for one in gone:
            self._remove(one)
        if before is not None:
            for one in own:
                if one not in gone:
                    self._update(before, pool, one)
        for body in added(pool, nodes, wanted - len(own)):
            self._client.create(f"/api/v1/nodes?{_MANAGER}", body)
        self._keep({pool.name: json.dumps(to_json(pool), sort_keys=True)})

    def drop(self, name: str) -> None:
        """Removes a pool with its nodes."""
        for one in self._nodes():
            if (one["metadata"].get("annotations") or {}).get(POOL) == name:
                self._remove(one)
        if name in self.pools():
            self._keep({name: None})

    def _nodes(self) -> list[Node]:
        return self._client.get("/api/v1/nodes")["items"]

    def _update(self, before: Pool, after: Pool, one: Node) -> None:
        """Changes what the pool changed about itself; what others wrote on the node stays."""
        name = one["metadata"]["name"]
        zone = (one["metadata"].get("labels") or {}).get(after.zone_labels[0], "")
        old, new = (node(pool, 0, zone)["metadata"]["labels"] for pool in (before, after))
        labels = _changed(old, new)
        for own in ("kubernetes.io/hostname", *after.rotating):
            labels.pop(own, None)
        path = f"/api/v1/nodes/{name}"
        if labels:
            self._client.patch(f"{path}?{_MANAGER}", {"metadata": {"labels": labels}}, STRATEGIC_MERGE_PATCH)
        if before.taints != after.taints:
            stale = [taint for taint in taints(before) if taint not in taints(after)]
            others = [taint for taint in one["spec"].get("taints") or [] if taint not in [*stale, *taints(after)]]
            self._client.patch(f"{path}?{_MANAGER}", {"spec": {"taints": [*others, *taints(after)]}})
        resources = {key: status(after, name, "")[key] for key in ("capacity", "allocatable")}
        if any(status(before, name, "")[key] != resources[key] for key in resources):
            self._client.patch(f"{path}/status?{_MANAGER}", {"status": resources})

    def _remove(self, one: Node) -> None:
        """A node, and its pods, which others are to replace at once rather than after the controllers' patience."""
        name = one["metadata"]["name"]
        _unless_gone(lambda: self._client.delete(f"/api/v1/nodes/{name}"))
        for pod in self._client.get(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{name}")["items"]:
            metadata = pod["metadata"]
            path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}?gracePeriodSeconds=0"
            _unless_gone(lambda path=path: self._client.delete(path))

    def _keep(self, data: dict[str, str | None]) -> None:
        """Other pools may be kept at the same time."""
        try:
            self._client.patch(f"{CONFIG_MAP}?{_MANAGER}", {"data": data})
        except ApiError as error:
            if error.status != 404:
                raise
            self._create_config_map(data)

    def _create_config_map(self, data: dict[str, str | None]) -> None:
        folder, _, name = CONFIG_MAP.rpartition("/")
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": _LABELS}}
        try:
            self._client.create(f"{folder}?{_MANAGER}", {**body, "data": {k: v for k, v in data.items() if v}})
        except ApiError as error:
            if error.status != 409:
                raise
            self._client.patch(f"{CONFIG_MAP}?{_MANAGER}", {"data": data})


def _changed(old: dict[str, str], new: dict[str, str]) -> dict[str, str | None]:
    """Labels to set, and None for those to take off."""
    changed: dict[str, str | None] = {key: value for key, value in new.items() if old.get(key) != value}
    return {**dict.fromkeys(old.keys() - new.keys()), **changed}


def _unless_gone(delete: Callable[[], Any]) -> None:
    try:
        delete()
    except ApiError as error:
        if error.status != 404:
            raise
