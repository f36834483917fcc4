"""Which flows a plan's policies leave open."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.plans import committed_plan, plan_of_all_systems, settings_of
from tests.reachability.ends import ends, namespaces
from tests.reachability.flows import ALL_SYSTEMS, Flow
from tests.reachability.semantics import Cluster, End, selects

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

ENFORCED_BY_IDENTITY = {"gke": (True,), "aks": (True,), "oke": (False,), "local": (False,)}
"""Whether what enforces policies knows pods and nodes by their identities or by their addresses."""


@dataclass(frozen=True)
class Scene:
    """A plan, as far as policies and those who meet them go."""

    stack: str
    ends: Sequence[End]
    policies: Sequence[Mapping[str, Any]]
    namespaces: Mapping[str, Mapping[str, str]]

    @property
    def guarded(self) -> set[str]:
        """Namespaces with a policy that selects all of their pods."""
        return {one["metadata"]["namespace"] for one in self.policies if not one["spec"]["podSelector"]}

    @property
    def closed(self) -> set[str]:
        """Pods in those namespaces."""
        guarded = self.guarded
        return {end.name for end in self.ends if end.is_pod and end.namespace in guarded}


def scene(name: str) -> Scene:
    """Of a committed stack, or of one that runs all systems if its name ends so."""
    stack = name.removesuffix(ALL_SYSTEMS)
    plan = committed_plan(stack) if stack == name else plan_of_all_systems(stack)
    return Scene(
        stack=name,
        ends=ends(plan, settings_of(stack)),
        policies=[one.inputs for one in plan.of_type(POLICY)],
        namespaces=namespaces(plan),
    )


def open_flows(
    scene: Scene,
    identities: bool,
    policies: Sequence[Mapping[str, Any]] | None = None,
    near: Collection[str] | None = None,
) -> set[Flow]:
    """Everything that is open, but for what is between those that no policy is about.

    With `near`, only what begins or ends there.
    """
    cluster = Cluster(scene.policies if policies is None else policies, scene.namespaces, identities)
    closed = scene.closed
    return {
        (source.name, target.name, port)
        for source, target in _pairs(scene, near)
        if source.name in closed or target.name in closed
        for port in cluster.open_ports(source, target)
    }


def lopsided(
    scene: Scene,
    identities: bool,
    wanted: Collection[Flow],
    policies: Sequence[Mapping[str, Any]] | None = None,
    near: Collection[str] | None = None,
) -> set[Flow]:
    """What one pod may open and the other does not take, or the other way round: a hole of which only half is there.

    Ports that are open to everybody, or to every address, have no other half.
    """
    cluster = Cluster(scene.policies if policies is None else policies, scene.namespaces, identities)
    closed = scene.closed
    to_nodes = {(source, port) for source, target, port in wanted if target == "node"}
    from_all = {(target, port) for source, target, port in wanted if source == "outside"}
    found: set[Flow] = set()
    for source, target in _pairs(scene, near):
        if {source.name, target.name} <= closed:
            out, into = cluster.allowed("egress", source, target), cluster.allowed("ingress", target, source)
            found |= {(source.name, target.name, port) for port in out - into if (source.name, port) not in to_nodes}
            found |= {(source.name, target.name, port) for port in into - out if (target.name, port) not in from_all}
    return found


def selected(scene: Scene, policy: Mapping[str, Any]) -> set[str]:
    """Pods that a policy is for."""
    return {
        end.name
        for end in scene.ends
        if end.is_pod
        and end.namespace == policy["metadata"]["namespace"]
        and selects(policy["spec"]["podSelector"], end.labels)
    }


def _pairs(scene: Scene, near: Collection[str] | None) -> Iterator[tuple[End, End]]:
    for source in scene.ends:
        for target in scene.ends:
            if near is None or source.name in near or target.name in near:
                yield source, target
