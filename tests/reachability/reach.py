"""Which flows a plan's policies leave open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.mock_engine import Deployed
from tests.plans import committed_plan, settings_of
from tests.reachability.ends import ends, namespaces
from tests.reachability.flows import Flow
from tests.reachability.semantics import Cluster, End

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


def scene(stack: str, deployed: Deployed | None = None) -> Scene:
    """Of a committed stack, or of a plan for one."""
    plan = deployed or committed_plan(stack)
    return Scene(
        stack=stack,
        ends=ends(plan, settings_of(stack)),
        policies=[one.inputs for one in plan.of_type(POLICY)],
        namespaces=namespaces(plan),
    )


def open_flows(scene: Scene, identities: bool, policies: Sequence[Mapping[str, Any]] | None = None) -> set[Flow]:
    """Everything that is open, but for what both ends leave open to everybody."""
    cluster = Cluster(scene.policies if policies is None else policies, scene.namespaces, identities)
    guarded = scene.guarded
    closed = {end.name for end in scene.ends if end.is_pod and end.namespace in guarded}
    return {
        (source.name, target.name, port)
        for source in scene.ends
        for target in scene.ends
        if source.name in closed or target.name in closed
        for port in cluster.open_ports(source, target)
    }
