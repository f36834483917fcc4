"""NetworkPolicies, derived from connections: one for each set of pods that has any, and one that denies all else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_kubernetes.meta.v1 import LabelSelectorArgsDict, LabelSelectorRequirementArgsDict
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicyEgressRuleArgsDict,
    NetworkPolicyIngressRuleArgsDict,
    NetworkPolicyPeerArgsDict,
    NetworkPolicyPortArgsDict,
    NetworkPolicySpecArgsDict,
)

from components.network.cluster_network import ClusterNetwork, Door
from components.network.connections import Address, Connection, Place, Pods, Port, tcp, udp

LINK_LOCAL = "169.254.0.0/16"
"""Where clouds tell machines who they are. Nobody outside lives there."""

CLUSTER_DNS = Pods(name="dns", namespace="kube-system", labels={"k8s-app": ("kube-dns", "node-local-dns")})
"""CoreDNS and kube-dns, which have the same label, and the cache that some clusters have on every node."""

DNS_PORTS = (*udp(53), *tcp(53))

EVERYWHERE = "0.0.0.0/0"

Rules = dict[tuple[Port, ...], list[NetworkPolicyPeerArgsDict] | None]
"""Peers by the ports that are open to them; None instead of peers is everybody."""


@dataclass(frozen=True)
class _Policy:
    """What is open to some pods, and what they reach."""

    pods: Pods
    ingress: Rules = field(default_factory=Rules)
    egress: Rules = field(default_factory=Rules)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One NetworkPolicy."""

    namespace: str
    name: str
    spec: NetworkPolicySpecArgsDict


def policies(
    connections: Sequence[Connection],
    network: ClusterNetwork,
    guarded: Collection[str],
    *,
    own: Collection[str],
    owner: str = "",
) -> list[Policy]:
    """The policies of the pods in `guarded`, the namespaces that deny what nobody declared.

    `owner` names whose connections these are, where they open something in namespaces that are not `own`: by policies
    of their own, which have that name in front and come and go with them. Policies add up.
    """
    found: dict[tuple[str, str], _Policy] = {}

    def of(pods: Pods) -> _Policy:
        policy = found.setdefault((pods.namespace, pods.name), _Policy(pods))
        if policy.pods.labels != pods.labels:
            raise ValueError(f"{pods.namespace}: {pods.name} stands for different pods")
        return policy

    for one in connections:
        if isinstance(one.target, Pods) and one.target.namespace in guarded:
            _add(of(one.target).ingress, one.ports, _sources(one.source, one.target.namespace))
        if isinstance(one.source, Pods) and one.source.namespace in guarded:
            for door in _doors(one, network):
                _add(of(one.source).egress, *door)
    return [
        Policy(
            namespace=namespace,
            name=name if namespace in own else f"{owner}.{name}",
            spec=_spec(policy),
        )
        for (namespace, name), policy in found.items()
    ]


def default_deny(namespace: str) -> Policy:
    """Nothing goes in, and out go only questions to the cluster's DNS."""
    rules: Rules = {DNS_PORTS: [_pods(CLUSTER_DNS, namespace)]}
    return Policy(
        namespace=namespace,
        name="default-deny",
        spec={"pod_selector": {}, "policy_types": ["Ingress", "Egress"], "egress": _egress(rules)},
    )


def _sources(source: Pods | Place, namespace: str) -> list[NetworkPolicyPeerArgsDict] | None:
    if isinstance(source, Pods):
        return [_pods(source, namespace)]
    if source is not Place.ANYBODY:
        raise ValueError(f"{source.value} opens no connection that a policy could name")
    return None


def _doors(
    connection: Connection, network: ClusterNetwork
) -> list[tuple[Sequence[Port], list[NetworkPolicyPeerArgsDict] | None]]:
    """Where the target is, as what stands for it in this cluster, with the ports."""
    match connection.target:
        case Pods() as pods:
            assert isinstance(connection.source, Pods)
            return [(connection.ports, [_pods(pods, connection.source.namespace)])]
        case Address(block):
            return [(connection.ports, [_block(block)])]
        case Place.OUTSIDE:
            return [(connection.ports, [_block(EVERYWHERE, [*network.own, LINK_LOCAL])])]
        case Place.NODES:
            return [(connection.ports, None)]
        case Place.API_SERVER:
            return _of(network.api_server)
        case Place.IDENTITY:
            return _of(network.identity)
        case Place.DATABASES:
            return [(connection.ports, [_block(block)]) for block in network.databases]
        case Place.ANYBODY:
            raise ValueError("nothing connects to anybody")


def _of(doors: Sequence[Door]) -> list[tuple[Sequence[Port], list[NetworkPolicyPeerArgsDict] | None]]:
    return [(tcp(*door.ports), [_block(door.block)]) for door in doors]


def _add(rules: Rules, ports: Sequence[Port], peers: list[NetworkPolicyPeerArgsDict] | None) -> None:
    key = tuple(sorted(ports))
    if not key:
        raise ValueError("a connection without a port would be one with every port")
    known = rules.get(key, [])
    if peers is None or known is None:
        rules[key] = None
    else:
        rules[key] = [*known, *(peer for peer in peers if peer not in known)]


def _once(rules: Rules) -> Rules:
    """Each end once: what is open to it at more ports is not said again at some of them."""

    def told(ports: tuple[Port, ...], peer: NetworkPolicyPeerArgsDict) -> bool:
        return any(
            (peers is None and set(ports) <= set(other))
            or (peers is not None and peer in peers and set(ports) < set(other))
            for other, peers in rules.items()
        )

    kept = {
        ports: None if peers is None else [peer for peer in peers if not told(ports, peer)]
        for ports, peers in rules.items()
    }
    return {ports: peers for ports, peers in kept.items() if peers != []}


def _spec(policy: _Policy) -> NetworkPolicySpecArgsDict:
    spec: NetworkPolicySpecArgsDict = {"pod_selector": selector(policy.pods), "policy_types": []}
    types: list[str] = []
    if policy.ingress:
        spec["ingress"] = _ingress(_once(policy.ingress))
        types.append("Ingress")
    if policy.egress:
        spec["egress"] = _egress(_once(policy.egress))
        types.append("Egress")
    spec["policy_types"] = [*types]
    return spec


def _ingress(rules: Rules) -> list[NetworkPolicyIngressRuleArgsDict]:
    return [
        {"ports": _ports(ports)} if peers is None else {"from_": peers, "ports": _ports(ports)}
        for ports, peers in rules.items()
    ]


def _egress(rules: Rules) -> list[NetworkPolicyEgressRuleArgsDict]:
    return [
        {"ports": _ports(ports)} if peers is None else {"to": peers, "ports": _ports(ports)}
        for ports, peers in rules.items()
    ]


def _ports(ports: Sequence[Port]) -> list[NetworkPolicyPortArgsDict]:
    return [{"port": port.number, "protocol": port.protocol} for port in ports]


def _block(cidr: str, besides: Sequence[str] = ()) -> NetworkPolicyPeerArgsDict:
    return {"ip_block": {"cidr": cidr, "except_": [*besides]}} if besides else {"ip_block": {"cidr": cidr}}


def _pods(pods: Pods, namespace: str) -> NetworkPolicyPeerArgsDict:
    """The pods as a policy of `namespace` names them."""
    if pods.namespace == namespace:
        return {"pod_selector": selector(pods)}
    where: Mapping[str, str] = {"kubernetes.io/metadata.name": pods.namespace}
    return {"namespace_selector": {"match_labels": where}, "pod_selector": selector(pods)}


def selector(pods: Pods) -> LabelSelectorArgsDict:
    """The pods, as Kubernetes selects them."""
    equal = {label: value for label, value in pods.labels.items() if isinstance(value, str)}
    among: list[LabelSelectorRequirementArgsDict] = [
        {"key": label, "operator": "In", "values": [*value]}
        for label, value in pods.labels.items()
        if not isinstance(value, str)
    ]
    found: LabelSelectorArgsDict = {}
    if equal:
        found["match_labels"] = equal
    if among:
        found["match_expressions"] = [*among]
    return found
