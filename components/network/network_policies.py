"""NetworkPolicies as resources of a cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.network.cluster_network import ClusterNetwork
from components.network.connections import Connection
from components.network.policies import default_deny, policies


@dataclass(frozen=True, kw_only=True)
class NetworkPoliciesArgs:
    connections: Sequence[Connection]
    """Who reaches whom. Everything else is closed."""

    closed: Sequence[str]
    """Namespaces whose pods are closed from here on, to each other as well."""

    namespaces: Mapping[str, pulumi.Resource]
    """Every closed namespace that one of the connections begins or ends in, by its name."""

    network: ClusterNetwork
    """What stands for the places that are no pods."""

    owner: str = ""
    """Whose connections these are: what the names of policies in other namespaces begin with."""


class NetworkPolicies(pulumi.ComponentResource):
    """Closes namespaces, but for what is declared. Pods on the host network are out of every policy's reach."""

    def __init__(self, name: str, args: NetworkPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:NetworkPolicies", name, {}, opts)
        denied = [default_deny(namespace) for namespace in args.closed]
        opened = policies(args.connections, args.network, args.namespaces, own=args.closed, owner=args.owner)
        for policy in [*denied, *opened]:
            namespace = args.namespaces[policy.namespace]
            kubernetes.networking.v1.NetworkPolicy(
                f"{name}-{policy.namespace}-{policy.name}",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(name=policy.name, namespace=policy.namespace),
                spec=policy.spec,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[namespace],
                    # Gone with the namespace and not before: controllers still have to reach the API while what they
                    # look after is being deleted.
                    deleted_with=namespace,
                ),
            )
        self.register_outputs({})
