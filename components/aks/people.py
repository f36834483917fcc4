"""The groups of people that may reach the Kubernetes API of an AKS stack. What they may do there is the platform's."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.aks.resource_group import Place
from components.aks.roles import CLUSTER_USER, grant
from components.aks.subscription import AksSubscription


@dataclass(frozen=True, kw_only=True)
class AksPeopleArgs:
    place: Place
    """Where the cluster lies."""

    cluster: pulumi.Input[str]
    """Id of the cluster."""

    groups: Sequence[str]
    """Object ids of the Entra groups."""


class AksPeople(pulumi.ComponentResource):
    """Lets groups get a kubeconfig of the cluster."""

    def __init__(self, name: str, args: AksPeopleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksPeople", name, {}, opts)
        for group in args.groups:
            grant(
                f"{name}-{group}",
                CLUSTER_USER,
                subscription_id=args.place.subscription_id,
                scope=args.cluster,
                principal_id=group,
                principal_type="Group",
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def build_people(subscription: AksSubscription, cluster: pulumi.Input[str]) -> None:
    """Registers the grants of the groups that the stack names, if it names any."""
    groups = subscription.stack.access.groups
    if groups:
        AksPeople("people", AksPeopleArgs(place=subscription.place, cluster=cluster, groups=groups), subscription.opts)
