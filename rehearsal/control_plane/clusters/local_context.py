"""The cluster of a local stack: one that is there before the stack is, at the context that the stack names."""

import json
from pathlib import Path
from typing import Final

from rehearsal.control_plane import control_plane as planes
from rehearsal.control_plane import private_files
from rehearsal.control_plane.api_client import ApiError
from rehearsal.control_plane.clusters import contents as cluster_contents
from rehearsal.control_plane.clusters.records import dns_label, plane_name
from rehearsal.control_plane.control_plane import ControlPlane, ControlPlaneError
from rehearsal.control_plane.pools.machines import Machine
from rehearsal.control_plane.pools.node_pools import Pool
from rehearsal.control_plane.pools.pool_nodes import PoolNodes
from rehearsal.setup.lock import exclusive

_MACHINE: Final = Machine(name="kind", cpus=8, memory_mib=16 * 1024)
"""What the container engine of a developer's machine has for a kind cluster."""


def ensure(home: Path, context: str) -> Path:
    """Starts it unless it runs. Returns a kubeconfig that holds the context. Raises `ControlPlaneError`."""
    plane = planes.reserve(home, plane_name(context, context))
    plane.start()
    # Two rehearsals of one stack begin at the same moment, and only later does the engine refuse one of them.
    with exclusive(plane.folder / "context.lock", told=""):
        _fill(plane, context)
    file = plane.folder / "context.kubeconfig"
    private_files.write(file, _kubeconfig(plane, context))
    return file


def kind_node(context: str) -> Pool:
    """The one node that a kind cluster has by default, which takes every pod.

    Source: kind.sigs.k8s.io/docs/user/quick-start and the labels of its nodes.
    """
    # A context may be called as nothing else may, such as admin@homelab.
    cluster = dns_label(context.removeprefix("kind-"))
    name = f"{cluster}-control-plane"
    return Pool(
        name="control-plane",
        cloud="local",
        machine=_MACHINE,
        zones=("",),
        count=1,
        labels={
            "node-role.kubernetes.io/control-plane": "",
            "node.kubernetes.io/exclude-from-external-load-balancers": "",
        },
        node_name=name,
        provider_id=f"kind://docker/{cluster}/{name}",
        addresses="172.18.0.0/16",
    )


def _fill(plane: ControlPlane, context: str) -> None:
    try:
        cluster_contents.fill(plane, "local")
        with PoolNodes(plane.kubeconfig) as nodes:
            nodes.bring(kind_node(context))
    except (ApiError, OSError) as error:
        raise ControlPlaneError(f"the API server of the context {context} refused its own contents: {error}") from error


def _kubeconfig(plane: ControlPlane, context: str) -> str:
    """The administrator's, called as the stack calls it."""
    content = json.loads(plane.kubeconfig.read_text())
    for section in ("clusters", "users"):
        content[section][0]["name"] = context
    content["contexts"] = [{"name": context, "context": {"cluster": context, "user": context}}]
    content["current-context"] = context
    return json.dumps(content)
