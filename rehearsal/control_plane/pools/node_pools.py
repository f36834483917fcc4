"""Node pools, and what their nodes are: the same for every cloud, from what each says about its own."""

import hashlib
import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from typing import Any, Final

from rehearsal.control_plane.pools.machines import Machine, allocatable

POOL: Final = "rehearsal/node-pool"
"""The annotation that says which pool a node is of: labels are the cloud's own."""

_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_FEATURES: Final = {
    "kubernetes.io/os": "linux",
    "beta.kubernetes.io/os": "linux",
}

REGION_LABELS: Final = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
"""What every cloud says the region of a node by."""

Node = Mapping[str, Any]
"""A node as the API server has it."""


@dataclass(frozen=True, kw_only=True)
class Taint:
    """Keeps pods off that do not tolerate it."""

    key: str
    value: str = ""
    effect: str = "NoSchedule"

    @classmethod
    def parsed(cls, text: str) -> "Taint":
        """One that is written as kubectl takes it: `key=value:effect`."""
        pair, _, effect = text.rpartition(":")
        key, _, value = pair.partition("=")
        return cls(key=key, value=value, effect=effect)


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A group of equal nodes."""

    name: str
    """Unique in its cluster."""
    cloud: str
    """Whose rules say what a node keeps of its machine: `gke`, `aks`, `oke` or `local`."""
    machine: Machine
    zones: tuple[str, ...]
    """Values of the zone labels that nodes are spread over; one empty text where there are none."""
    count: int
    """How many nodes it is to have, at first where an autoscaler goes on from there."""
    limits: tuple[int, int] | None = None
    """The fewest and the most nodes of a pool that scales by itself."""
    pods: int = 110
    """The most pods of a node."""
    disk_gib: int = 100
    labels: Mapping[str, str]
    """Labels that all nodes have in common."""
    zone_labels: tuple[str, ...] = ("topology.kubernetes.io/zone",)
    rotating: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Labels whose values nodes take by turns."""
    taints: tuple[Taint, ...] = ()
    node_name: str
    """Template of a node's name: with `{number}` in base 36 and `{group}` or `{group_digits}`, which all nodes of the
    pool share, or with `{address}`."""
    provider_id: str
    """Template of how the cloud knows a node, with the same and `{name}`, `{zone}`, or the node's own `{digest}`."""
    addresses: str = "10.0.0.0/16"
    """Block that nodes take addresses from."""
    version: str = ""
    """Kubernetes of the nodes, as they report it."""

    @property
    def fewest(self) -> int:
        return self.limits[0] if self.limits else self.count

    @property
    def most(self) -> int:
        return self.limits[1] if self.limits else self.count

    def within_limits(self, nodes: int) -> int:
        """The number of nodes that the pool's autoscaler leaves alone."""
        return bounded(nodes, (self.fewest, self.most))


def bounded(nodes: int, limits: tuple[int, int] | None) -> int:
    """That many nodes, or the number within the limits that is nearest."""
    return min(max(nodes, limits[0]), limits[1]) if limits else nodes


def to_json(pool: Pool) -> dict[str, Any]:
    """As it is kept in the cluster."""
    return asdict(pool)


def from_json(kept: Mapping[str, Any]) -> Pool:
    """Reads back what `to_json` gave."""
    pool = Pool(**{**kept, "machine": Machine(**kept["machine"])})
    return replace(
        pool,
        zones=tuple(kept["zones"]),
        limits=tuple(kept["limits"]) if kept["limits"] else None,
        zone_labels=tuple(kept["zone_labels"]),
        rotating={key: tuple(values) for key, values in kept["rotating"].items()},
        taints=tuple(Taint(**taint) for taint in kept["taints"]),
    )


def of_pool(pool: Pool, nodes: Iterable[Node]) -> list[Node]:
    """The nodes of one pool."""
    return [node for node in nodes if (node["metadata"].get("annotations") or {}).get(POOL) == pool.name]


def added(pool: Pool, nodes: Sequence[Node], number: int) -> list[dict[str, Any]]:
    """That many further nodes of a pool, spread over its zones. `nodes` are all that the cluster has."""
    taken = {node["metadata"]["name"] for node in nodes}
    placed = Counter(_zone(pool, node) for node in of_pool(pool, nodes))
    found: list[dict[str, Any]] = []
    numbers = _free_numbers(pool, taken)
    for _ in range(number):
        zone = min(pool.zones, key=lambda zone: (placed[zone], pool.zones.index(zone)))
        placed[zone] += 1
        found.append(node(pool, next(numbers), zone))
    return found


def surplus(pool: Pool, nodes: Sequence[Node], number: int) -> list[Node]:
    """That many nodes of a pool that can go, from where most are, the youngest first."""
    remaining = sorted(of_pool(pool, nodes), key=lambda node: node["metadata"]["name"])
    gone: list[Node] = []
    for _ in range(min(number, len(remaining))):
        placed = Counter(_zone(pool, node) for node in remaining)
        last = max(remaining, key=lambda node: (placed[_zone(pool, node)], node["metadata"]["name"]))
        remaining.remove(last)
        gone.append(last)
    return gone


def node(pool: Pool, number: int, zone: str) -> dict[str, Any]:
    """A node as its kubelet registers it."""
    fields = _fields(pool, number, zone)
    labels = {
        **_FEATURES,
        **dict.fromkeys(("kubernetes.io/arch", "beta.kubernetes.io/arch"), pool.machine.architecture),
        **dict.fromkeys(("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"), pool.machine.name),
        "kubernetes.io/hostname": fields["name"],
        **(dict.fromkeys(pool.zone_labels, zone) if zone else {}),
        **{key: values[number % len(values)] for key, values in pool.rotating.items()},
        **pool.labels,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": fields["name"],
            "labels": labels,
            "annotations": {POOL: pool.name, "kwok.x-k8s.io/node": "fake"},
        },
        "spec": {"providerID": pool.provider_id.format(**fields), "taints": taints(pool)},
        "status": status(pool, fields["name"], fields["address"]),
    }


def taints(pool: Pool) -> list[dict[str, str]]:
    """Taints as a node has them."""
    return [{key: value for key, value in asdict(taint).items() if value} for taint in pool.taints]


def status(pool: Pool, name: str, address: str) -> dict[str, Any]:
    """What a node has, what of it pods may take, and where it answers."""
    millicores, mebibytes = allocatable(pool.cloud, pool.machine, pool.pods)
    disk = f"{pool.disk_gib}Gi"
    common = {"pods": str(pool.pods), "ephemeral-storage": disk}
    return {
        "capacity": {"cpu": str(pool.machine.cpus), "memory": f"{pool.machine.memory_mib}Mi", **common},
        "allocatable": {"cpu": f"{millicores}m", "memory": f"{mebibytes}Mi", **common},
        "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
        "nodeInfo": {
            **dict.fromkeys(("bootID", "containerRuntimeVersion", "kernelVersion", "machineID"), "rehearsed"),
            **dict.fromkeys(("osImage", "systemUUID"), "rehearsed"),
            **dict.fromkeys(("kubeletVersion", "kubeProxyVersion"), pool.version or "rehearsed"),
            "architecture": pool.machine.architecture,
            "operatingSystem": "linux",
        },
    }


def _free_numbers(pool: Pool, taken: set[str]) -> Iterator[int]:
    return (number for number in count() if _fields(pool, number, pool.zones[0])["name"] not in taken)


def _fields(pool: Pool, number: int, zone: str) -> dict[str, str]:
    digest = hashlib.sha256(f"{pool.node_name}/{pool.name}/{number}".encode()).hexdigest()
    address = _address(pool, number)
    group = hashlib.sha256(f"{pool.node_name}/{pool.name}".encode()).hexdigest()
    fields = {
        "digest": digest,
        "group": group[:8],
        "group_digits": str(int(group, 16))[:8],
        "number": _base36(number),
        "zone": zone,
        "address": address,
    }
    return {**fields, "name": pool.node_name.format(**fields)}


def _address(pool: Pool, number: int) -> str:
    """Pools of one cluster share a block: each starts somewhere else in it."""
    block = ipaddress.IPv4Network(pool.addresses, strict=False)
    start = int(hashlib.sha256(pool.name.encode()).hexdigest(), 16)
    return str(block[2 + (start + number) % max(block.num_addresses - 3, 1)])


def _zone(pool: Pool, node: Node) -> str:
    return (node["metadata"].get("labels") or {}).get(pool.zone_labels[0], "")


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, last = divmod(number, 36)
        digits = _BASE36[last] + digits
    return digits
