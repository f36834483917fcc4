"""The public zone of a GKE stack's domain, in Cloud DNS, and the two workloads that write in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.contracts import CERTIFICATES_SOLVER, DNS_WRITER, Dns, ServiceAccount, WorkloadIdentity
from components.gke.identity import GkeWorkloadPool
from components.gke.project import GkeProject
from components.naming import physical_name

ZONE_ROLE = "roles/dns.admin"
"""Writes records; granted on one zone: https://cloud.google.com/dns/docs/zones/iam-per-resource-zones"""

LISTER_ROLE = "roles/dns.reader"
"""Sees the zones of the project, which external-dns lists before it picks its own."""


@dataclass(frozen=True, kw_only=True)
class GkeDnsArgs:
    zone: str
    """Name of the zone."""

    domain: str
    """The domain, without a trailing dot."""

    pool: GkeWorkloadPool
    """Where the writers are principals."""

    protect: bool
    """Whether the zone refuses to be destroyed. A new one has other name servers, and has to be delegated anew."""

    api: pulumi.Resource
    """The Cloud DNS API, switched on."""

    resource_manager_api: pulumi.Resource
    """The Cloud Resource Manager API, switched on: grants on a project go through it."""


class GkeDns(pulumi.ComponentResource):
    """A signed zone, in which the solver of certificates and the writer of hosts may change records."""

    name_servers: pulumi.Output[Sequence[str]]
    """What the zone above has to delegate the domain to."""

    def __init__(self, name: str, args: GkeDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeDns", name, {}, opts)
        self._name, self._args = name, args
        zone = gcp.dns.ManagedZone(
            f"{name}-zone",
            zone_args(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.api], protect=args.protect),
        )
        self.solver_grants = [self._on_zone("solver", zone, CERTIFICATES_SOLVER)]
        self.records_grants = [self._on_zone("records", zone, DNS_WRITER), self._on_project("lister", DNS_WRITER)]

        self.name_servers = zone.name_servers
        self.register_outputs({"name_servers": self.name_servers})

    def _on_zone(self, grant: str, zone: gcp.dns.ManagedZone, account: ServiceAccount) -> pulumi.Resource:
        return gcp.dns.DnsManagedZoneIamMember(
            f"{self._name}-{grant}",
            managed_zone=zone.name,
            role=ZONE_ROLE,
            member=self._args.pool.member(account),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._args.pool.cluster]),
        )

    def _on_project(self, grant: str, account: ServiceAccount) -> pulumi.Resource:
        waits = [self._args.resource_manager_api, self._args.pool.cluster]
        return gcp.projects.IAMMember(
            f"{self._name}-{grant}",
            project=self._args.pool.project,
            role=LISTER_ROLE,
            member=self._args.pool.member(account),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits),
        )


def zone_args(args: GkeDnsArgs) -> gcp.dns.ManagedZoneArgs:
    """The zone, signed. Until the zone above has its DS record too, resolvers take it for an unsigned one."""
    return gcp.dns.ManagedZoneArgs(
        name=args.zone,
        dns_name=f"{args.domain}.",
        description=f"Hosts below {args.domain}",
        visibility="public",
        dnssec_config=gcp.dns.ManagedZoneDnssecConfigArgs(state="on"),
        # Records of hosts and challenges are no resources of the stack, and a zone with records does not go.
        force_destroy=not args.protect,
    )


def solver(project: str, zone: str) -> dict[str, Any]:
    """The `dns01` block of a cert-manager issuer. With the zone's name the solver needs not list the project's."""
    return {"cloudDNS": {"project": project, "hostedZoneName": zone}}


def external_dns_values(project: str, zone: str, domain: str) -> dict[str, Any]:
    """Values of the external-dns chart that find one zone, whatever other zones of the domain the project has."""
    return {
        "provider": {"name": "google"},
        "domainFilters": [domain],
        "extraArgs": {
            "google-project": project,
            "google-zone-visibility": "public",
            "zone-id-filter": zone,
        },
    }


def build_dns(project: GkeProject, pool: GkeWorkloadPool) -> Dns:
    """Registers the zone of the stack's domain, and lets its two writers write in it."""
    stack = project.stack
    zone, domain = physical_name(stack.name, stack.environment), stack.domain
    dns = GkeDns(
        "dns",
        GkeDnsArgs(
            zone=zone,
            domain=domain,
            pool=pool,
            protect=stack.protect,
            api=project.apis["dns"],
            resource_manager_api=project.apis["cloudresourcemanager"],
        ),
        project.opts,
    )
    return Dns(
        name_servers=dns.name_servers,
        solver=solver(project.project, zone),
        solver_identity=WorkloadIdentity(service_account=CERTIFICATES_SOLVER, grants=dns.solver_grants),
        external_dns=external_dns_values(project.project, zone, domain),
        records_identity=WorkloadIdentity(service_account=DNS_WRITER, grants=dns.records_grants),
    )
