"""What the parts of an AKS stack's foundation are built on."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.aks.identity import AksWorkloadIdentity, AksWorkloadIdentityArgs
from components.aks.network import AksNetwork
from components.aks.private_endpoint import AksPrivateEndpoint, AksPrivateEndpointArgs, Group
from components.aks.private_zone import AksPrivateZone
from components.aks.resource_group import Place
from components.contracts import ServiceAccount
from components.naming import compact_name
from stacks.settings import AksStack


@dataclass(frozen=True, kw_only=True)
class Site:
    """The stack's settings, place and network, and what is built of them in the same way everywhere."""

    stack: AksStack
    """The settings."""

    place: Place
    """Where everything lies."""

    cluster_name: str
    """Name of the cluster, of its resource group too."""

    network: AksNetwork
    """The stack's network."""

    zones: Mapping[Group, AksPrivateZone]
    """Private zones of Azure's services; none where these are reached by their public addresses."""

    opts: pulumi.ResourceOptions
    """Options of every component."""

    @property
    def private(self) -> bool:
        """Whether Azure's services are closed to the internet."""
        return self.stack.network.private_endpoints

    def world_name(self, purpose: str, limit: int = 24) -> str:
        """A name that nobody else in the world has taken."""
        owner = self.stack.account.subscription_id
        return compact_name(purpose, self.cluster_name, owner=owner, limit=limit)

    def endpoint(self, name: str, group: Group, target: pulumi.Input[str]) -> list[pulumi.Resource]:
        """What users of a service wait for besides, where it is closed to the internet."""
        zone = self.zones.get(group)
        if zone is None:
            return []
        args = AksPrivateEndpointArgs(
            place=self.place,
            target=target,
            group=group,
            subnet=self.network.endpoints_subnet_id,
            zone=zone.zone_id,
            link=zone.link,
        )
        return [AksPrivateEndpoint(f"{name}-{group}", args, self.opts).record]

    def identity(self, name: str, account: ServiceAccount, issuer: pulumi.Input[str]) -> AksWorkloadIdentity:
        """An identity for the pods of a service account."""
        args = AksWorkloadIdentityArgs(place=self.place, service_account=account, issuer=issuer)
        return AksWorkloadIdentity(name, args, self.opts)
