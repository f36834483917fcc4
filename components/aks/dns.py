"""The public zone of an AKS stack's domain, in Azure DNS."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.aks.resource_group import Place
from components.aks.roles import DNS_ZONE_CONTRIBUTOR, READER, grant
from components.aks.subscription import AksSubscription
from components.contracts import CERTIFICATES_SOLVER, DNS_WRITER, Dns


@dataclass(frozen=True, kw_only=True)
class AksDnsArgs:
    place: Place
    """Where the stack lies."""

    group: str
    """Name of the zone's own resource group."""

    domain: str
    """Name of the zone."""

    writers: Mapping[str, pulumi.Input[str]]
    """Principal ids of identities that write records, by a name for the grant."""

    finders: Mapping[str, pulumi.Input[str]]
    """Principal ids of identities that look for the zone by listing those of its group, by a name for the grant."""

    protect: bool
    """Whether the zone refuses to be destroyed: the next one of the same name has other name servers."""


class AksDns(pulumi.ComponentResource):
    """A signed zone, with one grant a writer. No lock: it would keep writers from deleting records.

    It is alone in its resource group. Zones are listed by group, and whoever may read a group reads all that is in it.
    """

    name_servers: pulumi.Output[list[str]]
    """What the zone above has to delegate the domain to."""

    def __init__(self, name: str, args: AksDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksDns", name, {}, opts)
        kept = pulumi.ResourceOptions(parent=self, protect=args.protect)
        group = azure.resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=args.group,
            location=args.place.location,
            tags=args.place.tags,
            opts=kept,
        )
        zone = azure.dns.Zone(
            f"{name}-zone",
            resource_group_name=group.name,
            zone_name=args.domain,
            zone_type=azure.dns.ZoneType.PUBLIC,
            location="global",
            tags=args.place.tags,
            opts=kept,
        )
        azure.dns.DnssecConfig(
            f"{name}-signed",
            resource_group_name=group.name,
            zone_name=zone.name,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.grants = {
            writer: [self._grant(f"{name}-{writer}-writes", DNS_ZONE_CONTRIBUTOR, args, zone.id, principal)]
            for writer, principal in args.writers.items()
        }
        for finder, principal in args.finders.items():
            self.grants[finder].append(self._grant(f"{name}-{finder}-finds", READER, args, group.id, principal))

        self.name_servers = zone.name_servers.apply(list)
        self.register_outputs({"name_servers": self.name_servers})

    def _grant(
        self, name: str, role: str, args: AksDnsArgs, scope: pulumi.Input[str], principal: pulumi.Input[str]
    ) -> azure.authorization.RoleAssignment:
        return grant(
            name,
            role,
            subscription_id=args.place.subscription_id,
            scope=scope,
            principal_id=principal,
            opts=pulumi.ResourceOptions(parent=self),
        )


def solver(
    domain: str, subscription_id: str, resource_group: str, client_id: pulumi.Input[str]
) -> Mapping[str, pulumi.Input[Any]]:
    """The `dns01` block of an issuer: cert-manager takes on an identity with the token of its own pod.

    https://cert-manager.io/docs/configuration/acme/dns01/azuredns/
    """
    return {
        "azureDNS": {
            "environment": "AzurePublicCloud",
            "subscriptionID": subscription_id,
            "resourceGroupName": resource_group,
            "hostedZoneName": domain,
            "managedIdentity": {"clientID": client_id},
        }
    }


def external_dns_values(domain: str, tenant_id: str, subscription_id: str, resource_group: str) -> dict[str, Any]:
    """Values of the external-dns chart. Its Azure provider reads a file and no flags; nothing in it is secret.

    Which identity it takes on stands in its pod's environment, where Azure's webhook puts it:
    https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/azure/
    """
    settings = {
        "tenantId": tenant_id,
        "subscriptionId": subscription_id,
        "resourceGroup": resource_group,
        "useWorkloadIdentityExtension": True,
    }
    return {
        "provider": {"name": "azure"},
        "domainFilters": [domain],
        "secretConfiguration": {
            "enabled": True,
            "mountPath": "/etc/kubernetes",
            "data": {"azure.json": json.dumps(settings)},
        },
    }


def build_dns(subscription: AksSubscription, issuer: pulumi.Input[str]) -> Dns:
    """Registers the zone of the stack's domain, and lets its two writers write in it."""
    solves = subscription.identity("dns-solver", CERTIFICATES_SOLVER, issuer)
    writes = subscription.identity("dns-writer", DNS_WRITER, issuer)
    domain, place, group = subscription.stack.domain, subscription.place, f"{subscription.cluster_name}-dns"
    zone = AksDns(
        "dns",
        AksDnsArgs(
            place=place,
            group=group,
            domain=domain,
            writers={"cert-manager": solves.principal_id, "external-dns": writes.principal_id},
            finders={"external-dns": writes.principal_id},
            protect=subscription.stack.protect,
        ),
        subscription.opts,
    )
    return Dns(
        name_servers=zone.name_servers,
        solver=solver(domain, place.subscription_id, group, solves.client_id),
        solver_identity=solves.contract(zone.grants["cert-manager"]),
        external_dns=external_dns_values(domain, place.tenant_id, place.subscription_id, group),
        records_identity=writes.contract(zone.grants["external-dns"]),
    )
