"""Where an AKS stack lives in its subscription: resource group, network, names, and what every part is built with."""

import pulumi
import pulumi_azure_native as azure

from components.account_move import replaced_on_move
from components.address_plan import plan_addresses
from components.aks.identity import AksWorkloadIdentity, AksWorkloadIdentityArgs
from components.aks.network import AksNetwork, AksNetworkArgs
from components.aks.private_endpoint import ZONES, AksPrivateEndpoint, AksPrivateEndpointArgs, Group
from components.aks.private_zone import AksPrivateZone, AksPrivateZoneArgs
from components.aks.resource_group import AksResourceGroup, AksResourceGroupArgs, Place
from components.aks.type_aliases import without_versioned_aliases
from components.contracts import ServiceAccount
from components.naming import compact_name, physical_name
from stacks.settings import AksStack


class AksSubscription:
    """What all parts of one stack have in common."""

    def __init__(self, stack: AksStack) -> None:
        account = stack.account
        self.stack = stack
        self.private = stack.network.private_endpoints
        """Whether Azure's services are closed to the internet."""

        self.cluster_name = physical_name(stack.name, stack.environment, limit=40)
        self.tags = {"managed-by": "groundwork", "environment": stack.environment}
        owner = f"{account.tenant_id}/{account.subscription_id}"
        self.provider = azure.Provider(
            "azure",
            subscription_id=account.subscription_id,
            tenant_id=account.tenant_id,
            # Replaced too, so that whatever is in the old place is still deleted there.
            opts=pulumi.ResourceOptions(replacement_trigger=owner),
        )
        self.opts = pulumi.ResourceOptions(
            providers=[self.provider],
            transformations=[without_versioned_aliases, replaced_on_move({"azure-native:": owner})],
        )
        self.group = AksResourceGroup("resource-group", self._resource_group(), self.opts)
        self.place = Place(
            subscription_id=account.subscription_id,
            tenant_id=account.tenant_id,
            location=account.location,
            resource_group=self.group.name,
            tags=self.tags,
        )
        self.addresses = plan_addresses(stack.network.cidr)
        self.network = AksNetwork("network", self._network(), self.opts)
        self._zones: dict[Group, AksPrivateZone] = {}

    def _resource_group(self) -> AksResourceGroupArgs:
        account = self.stack.account
        return AksResourceGroupArgs(
            subscription_id=account.subscription_id,
            resource_group=self.cluster_name,
            location=account.location,
            tags=self.tags,
            admin_group_ids=account.admin_group_ids,
            protect=self.stack.protect,
        )

    def _network(self) -> AksNetworkArgs:
        return AksNetworkArgs(place=self.place, addresses=self.addresses, databases=self.stack.postgres is not None)

    def _zone(self, group: Group) -> AksPrivateZone:
        """The private zone of one of Azure's services, which is there once something has an endpoint in it."""
        if group not in self._zones:
            args = AksPrivateZoneArgs(place=self.place, zone=ZONES[group], network=self.network.network_id)
            self._zones[group] = AksPrivateZone(f"network-{group}", args, self.opts)
        return self._zones[group]

    def global_name(self, *purpose: str, limit: int = 24) -> str:
        """A name that is unique among all of Azure's, as those of accounts, registries and servers have to be."""
        owner = self.stack.account.subscription_id
        return compact_name(*purpose, self.cluster_name, owner=owner, limit=limit)

    def endpoint(self, name: str, group: Group, target: pulumi.Input[str]) -> list[pulumi.Resource]:
        """What users of a service wait for besides, where it is closed to the internet."""
        if not self.private:
            return []
        zone = self._zone(group)
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
