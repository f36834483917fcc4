"""What NetworkPolicies let through. https://kubernetes.io/docs/concepts/services-networking/network-policies/

A connection is open if the source may open it and the target may take it. What no policy selects may do everything, and
pods on the host network, nodes and addresses outside have no policies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import Any

Port = tuple[int, str]
"""Number and protocol."""

EVERY_PORT = (0, "")
"""Stands for all of them, in a rule that names none."""


@dataclass(frozen=True)
class End:
    """A pod, or an address that is none."""

    name: str
    """`namespace/pod` of a pod."""

    address: IPv4Address
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    host_network: bool = False
    """A pod with the address of its node. Labels do not select it."""

    node: bool = False

    @property
    def is_pod(self) -> bool:
        """Whether labels select it."""
        return self.namespace is not None and not self.host_network


@dataclass(frozen=True)
class Cluster:
    """Policies, and the labels of namespaces that they select by."""

    policies: Sequence[Mapping[str, Any]]
    """The objects."""

    namespaces: Mapping[str, Mapping[str, str]]

    identities: bool
    """Whether pods and nodes are known by what they are and not by their addresses, as by Cilium: no block of addresses
    then has them. Else, as by Calico and kindnet, a block has whatever has an address in it."""

    def open_ports(self, source: End, target: End) -> frozenset[Port]:
        """Ports of the target that the source reaches."""
        out = self.allowed("egress", source, target)
        into = self.allowed("ingress", target, source)
        if EVERY_PORT in out:
            return into
        return out if EVERY_PORT in into else out & into

    def allowed(self, direction: str, selected: End, peer: End) -> frozenset[Port]:
        """Ports that policies of one end let through to, or from, the other."""
        policies = self._of(direction, selected)
        if policies is None:
            return frozenset({EVERY_PORT})
        ports: set[Port] = set()
        for namespace, rule in policies:
            if self._matches(rule.get("to" if direction == "egress" else "from"), namespace, peer):
                ports |= _ports(rule.get("ports"))
        return frozenset({EVERY_PORT}) if EVERY_PORT in ports else frozenset(ports)

    def _of(self, direction: str, selected: End) -> list[tuple[str, Mapping[str, Any]]] | None:
        """The rules for what is selected, with the namespace that they are in; None where nothing selects it."""
        if not selected.is_pod:
            return None
        known = self._rules.get((direction, selected.name))
        if known is None:
            known = [
                (policy["metadata"]["namespace"], policy["spec"])
                for policy in self.policies
                if policy["metadata"]["namespace"] == selected.namespace
                and direction.capitalize() in types(policy["spec"])
                and selects(policy["spec"]["podSelector"], selected.labels)
            ]
            self._rules[direction, selected.name] = known
        if not known:
            return None
        return [(namespace, rule) for namespace, spec in known for rule in spec.get(direction) or ()]

    @cached_property
    def _rules(self) -> dict[tuple[str, str], list[tuple[str, Any]]]:
        return {}

    def _matches(self, peers: Sequence[Mapping[str, Any]] | None, namespace: str, end: End) -> bool:
        return not peers or any(self._is(peer, namespace, end) for peer in peers)

    def _is(self, peer: Mapping[str, Any], namespace: str, end: End) -> bool:
        block = peer.get("ipBlock")
        if block is not None:
            known = self.identities and (end.namespace is not None or end.node)
            return not known and in_block(block, end.address)
        if not end.is_pod:
            return False
        assert end.namespace is not None
        if "namespaceSelector" not in peer:
            return end.namespace == namespace and selects(peer["podSelector"], end.labels)
        within = selects(peer["namespaceSelector"], self.namespaces[end.namespace])
        return within and selects(peer.get("podSelector", {}), end.labels)


def types(spec: Mapping[str, Any]) -> Sequence[str]:
    """Directions that a policy is about. It is about what goes in unless it says otherwise."""
    return spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def in_block(block: Mapping[str, Any], address: IPv4Address) -> bool:
    """Whether an `ipBlock` has the address."""
    excepted = any(address in IPv4Network(other) for other in block.get("except") or ())
    return address in IPv4Network(block["cidr"]) and not excepted


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector has what carries the labels. An empty one has everything."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_meets(requirement, labels) for requirement in selector.get("matchExpressions") or ())


def _meets(requirement: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = requirement["key"], requirement.get("values") or ()
    match requirement["operator"]:
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":
            return key not in labels or labels[key] not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case other:
            raise ValueError(f"{other} is no operator of a selector")


def _ports(ports: Sequence[Mapping[str, Any]] | None) -> set[Port]:
    if not ports:
        return {EVERY_PORT}
    found: set[Port] = set()
    for port in ports:
        if "port" not in port or "endPort" in port or isinstance(port["port"], str):
            raise ValueError("ports are single numbers here")
        found.add((int(port["port"]), port.get("protocol", "TCP")))
    return found
