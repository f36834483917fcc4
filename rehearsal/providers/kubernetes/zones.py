"""The zones of the clouds, and whether a service account of a cluster may write in one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal.providers.azure_native.roles import IDENTITY, holds_role
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.federation import trusts
from rehearsal.providers.oci.policies import applies, statements_of

_GOOGLE_ZONE = "gcp:dns/managedZone:ManagedZone"
_GOOGLE_ZONE_GRANT = "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember"
_GOOGLE_GRANT = "gcp:projects/iAMMember:IAMMember"
_GOOGLE_LISTERS = ("roles/dns.reader", "roles/dns.admin")
_AZURE_ZONE = "azure-native:dns:Zone"
_AZURE_GROUP = "azure-native:resources:ResourceGroup"
_ORACLE_ZONE = "oci:Dns/zone:Zone"


@dataclass(frozen=True)
class Writer:
    """A service account, and on Azure the identity that it says it is."""

    namespace: str
    name: str
    client: Any = None
    labelled: bool = True
    """Whether its pods bear the label without which Azure gives them no token."""


def google(zone: str, writer: Writer, inventory: Inventory) -> Iterator[str]:
    """Source: cloud.google.com/dns/docs/zones/iam-per-resource-zones."""
    if not any(row.name == zone for row in inventory.list(type=_GOOGLE_ZONE, retained=False)):
        yield f"googleapi: Error 404: the managed zone {zone} does not exist"
        return
    grants = [row for row in inventory.list(type=_GOOGLE_ZONE_GRANT) if row.inputs.get("managedZone") == zone]
    if not any(grant.inputs.get("role") == "roles/dns.admin" and _is(grant, writer) for grant in grants):
        yield f"googleapi: Error 403: {writer.namespace}/{writer.name} may not change records of the zone {zone}"


def google_lists(writer: Writer, inventory: Inventory) -> Iterator[str]:
    grants = inventory.list(type=_GOOGLE_GRANT)
    if not any(grant.inputs.get("role") in _GOOGLE_LISTERS and _is(grant, writer) for grant in grants):
        yield f"googleapi: Error 403: {writer.namespace}/{writer.name} may not list the zones of the project"


def _is(grant: Resource, writer: Writer) -> bool:
    return str(grant.inputs.get("member")).endswith(f"/subject/ns/{writer.namespace}/sa/{writer.name}")


def azure(domain: str, writer: Writer, cluster: Cluster, inventory: Inventory) -> Iterator[str]:
    """Source: learn.microsoft.com/azure/dns/dns-protect-zones-recordsets."""
    zone = next((row for row in inventory.list(type=_AZURE_ZONE) if row.inputs.get("zoneName") == domain), None)
    if zone is None:
        yield f'Status=404 Code="ResourceNotFound": the zone {domain} was not found'
        return
    identity = next((row for row in inventory.list(type=IDENTITY) if row.outputs["clientId"] == writer.client), None)
    subject = f"system:serviceaccount:{writer.namespace}:{writer.name}"
    if identity is None or not trusts(identity, subject, cluster, inventory):
        yield f"AADSTS70021: no federated identity record of {writer.client} is for {subject}"
        return
    if not writer.labelled:
        yield f"no token for {writer.namespace}/{writer.name}: its pods have no label azure.workload.identity/use"
    principal = identity.outputs["principalId"]
    if not holds_role(principal, ("DNS Zone Contributor",), zone.id, inventory, account=zone.account):
        yield f'Status=403 Code="AuthorizationFailed": {identity.name} is no DNS Zone Contributor of {domain}'


def azure_finds(domain: str, writer: Writer, cluster: Cluster, inventory: Inventory) -> Iterator[str]:
    """It lists the zones of its group before it takes one."""
    refused = list(azure(domain, writer, cluster, inventory))
    if refused:
        yield from refused
        return
    zone = next(row for row in inventory.list(type=_AZURE_ZONE) if row.inputs.get("zoneName") == domain)
    identity = next(row for row in inventory.list(type=IDENTITY) if row.outputs["clientId"] == writer.client)
    group = next((row for row in inventory.list(type=_AZURE_GROUP) if f"{zone.id}/".startswith(f"{row.id}/")), None)
    principal, roles = identity.outputs["principalId"], ("Reader", "DNS Zone Contributor")
    if group and not holds_role(principal, roles, group.id, inventory, account=zone.account):
        yield f'Status=403 Code="AuthorizationFailed": {identity.name} may not list the zones of {group.name}'


def oracle_in(compartment: str, writer: Writer, inventory: Inventory) -> Iterator[str]:
    """As the webhook finds a zone: among those of a compartment."""
    zones = [row for row in inventory.list(type=_ORACLE_ZONE) if row.inputs.get("compartmentId") == compartment]
    if not zones:
        yield f"NotAuthorizedOrNotFound: there is no zone in {compartment}"
    for zone in zones:
        yield from oracle(zone.name, writer, inventory)


def oracle(domain: str, writer: Writer, inventory: Inventory) -> Iterator[str]:
    """Source: docs.oracle.com/en-us/iaas/Content/Identity/policyreference/dnspolicyreference.htm."""
    zone = next((row for row in inventory.list(type=_ORACLE_ZONE, retained=False) if row.name == domain), None)
    if zone is None:
        yield f"NotAuthorizedOrNotFound: the zone {domain} does not exist"
        return
    if not any(
        statement.kind == "any-user"
        and (statement.verb, statement.what) in (("use", "dns-records"), ("manage", "dns-records"), ("manage", "dns"))
        and applies(statement, zone.inputs["compartmentId"], "target.dns-zone.id", zone.id)
        and applies(statement, zone.inputs["compartmentId"], "request.principal.namespace", writer.namespace)
        and applies(statement, zone.inputs["compartmentId"], "request.principal.service_account", writer.name)
        for statement in statements_of(zone.account, inventory)
    ):
        yield (
            f"NotAuthorizedOrNotFound: no policy lets {writer.namespace}/{writer.name} change records of the zone "
            f"{domain}"
        )
