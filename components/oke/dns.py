"""The public zone of an OKE stack's domain, and the pods that may write in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_oci as oci

from components.contracts import CERTIFICATES_SOLVER, DNS_WRITER, Dns, ServiceAccount, SolverWebhook
from components.naming import physical_name
from components.oke.identity import location, pod_identity, workload
from components.oke.tenancy import OkeTenancy
from stacks.versions import OCI_SOLVER_IMAGE

SOLVER = ServiceAccount(namespace=CERTIFICATES_SOLVER.namespace, name="cert-manager-webhook-oci")
"""The service account that answers challenges: cert-manager has no solver for Oracle's DNS and asks a webhook to."""

WEBHOOK = SolverWebhook(image=OCI_SOLVER_IMAGE, group="acme.oci.dns")
"""The webhook, which takes OKE's workload identity unless an issuer names a Secret."""

SOLVER_NAME = "oci"
"""What the webhook calls its only solver."""


@dataclass(frozen=True, kw_only=True)
class OkeDnsArgs:
    compartment: str
    """OCID of the compartment of the zone."""

    domain: str
    """Domain that the zone is for."""

    cluster_name: str
    """Name of the cluster, which the policies are named after."""

    cluster: pulumi.Input[str]
    """OCID of the cluster."""

    writers: Sequence[ServiceAccount]
    """Service accounts whose pods write records of the zone."""

    protect: bool
    """Whether the zone refuses to be destroyed. Another one may have other name servers, which the zone above has to be
    told."""

    tags: dict[str, str]
    """Tags of the zone."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeDns(pulumi.ComponentResource):
    """A zone, and for each writer a policy that reaches this zone alone."""

    zone_id: pulumi.Output[str]
    """OCID of the zone."""

    name_servers: pulumi.Output[list[str]]
    """What the zone above has to delegate the domain to."""

    def __init__(self, name: str, args: OkeDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeDns", name, {}, opts)
        zone = oci.dns.Zone(
            f"{name}-zone",
            compartment_id=args.compartment,
            name=args.domain,
            zone_type="PRIMARY",
            freeform_tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.policies = {
            writer: oci.identity.Policy(
                f"{name}-{writer.name}",
                compartment_id=args.compartment,
                name=physical_name(args.cluster_name, writer.name, "records", limit=100),
                description=f"{writer.namespace}/{writer.name} of {args.cluster_name} writes records of {args.domain}",
                statements=pulumi.Output.all(args.cluster, zone.id).apply(
                    lambda parts, writer=writer: writer_statements(args.compartment, parts[0], parts[1], writer)
                ),
                opts=pulumi.ResourceOptions(parent=self, provider=args.home),
            )
            for writer in args.writers
        }

        self.zone_id = zone.id
        self.name_servers = zone.nameservers.apply(host_names)
        self.register_outputs({"zone_id": self.zone_id, "name_servers": self.name_servers})


def host_names(servers: Sequence[oci.dns.outputs.ZoneNameserver]) -> list[str]:
    """The name servers, always in the same order."""
    return sorted(server.hostname for server in servers if server.hostname)


def writer_statements(compartment: str, cluster: str, zone: str, writer: ServiceAccount) -> list[str]:
    """What lets pods find the zone among the compartment's, and read and write its records.

    Records of one kind alone cannot be granted: such a condition declines the calls that change a zone's records
    together, which external-dns and the webhook make.
    https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/dnspolicyreference.htm
    """
    pods, only = workload(cluster, writer), workload(cluster, writer, f"target.dns-zone.id = '{zone}'")
    return [
        f"Allow any-user to inspect dns-zones in {location(compartment)} where {pods}",
        f"Allow any-user to use dns-zones in {location(compartment)} where {only}",
        f"Allow any-user to use dns-records in {location(compartment)} where {only}",
    ]


def solver(compartment: str) -> dict[str, Any]:
    """The `dns01` block of an issuer, for the webhook."""
    return {
        "webhook": {
            "groupName": WEBHOOK.group,
            "solverName": SOLVER_NAME,
            "config": {"compartmentOCID": compartment},
        }
    }


def external_dns_values(compartment: str, region: str, domain: str, zone: pulumi.Input[str]) -> dict[str, Any]:
    """Values of the external-dns chart: its settings for Oracle Cloud are a file, which holds nothing secret.

    JSON, which is YAML too. https://github.com/kubernetes-sigs/external-dns/blob/v0.21.0/provider/oci/oci.go
    """
    settings = {"auth": {"region": region, "useWorkloadIdentity": True}, "compartment": compartment}
    return {
        "provider": {"name": "oci"},
        "domainFilters": [domain],
        "extraArgs": {"zone-id-filter": zone},
        "secretConfiguration": {
            "enabled": True,
            "mountPath": "/etc/kubernetes",
            "data": {"oci.yaml": json.dumps(settings)},
        },
    }


def build_dns(tenancy: OkeTenancy, cluster: pulumi.Input[str]) -> Dns:
    """Registers the zone of the stack's domain, and lets its two writers write in it."""
    domain = tenancy.stack.domain
    dns = OkeDns(
        "dns",
        OkeDnsArgs(
            compartment=tenancy.compartment,
            domain=domain,
            cluster_name=tenancy.cluster_name,
            cluster=cluster,
            writers=[SOLVER, DNS_WRITER],
            protect=tenancy.stack.protect,
            tags=tenancy.tags,
            home=tenancy.home,
        ),
        tenancy.opts,
    )
    return Dns(
        name_servers=dns.name_servers,
        solver=solver(tenancy.compartment),
        solver_webhook=WEBHOOK,
        solver_identity=pod_identity(SOLVER, tenancy.region, [dns.policies[SOLVER]]),
        external_dns=external_dns_values(tenancy.compartment, tenancy.region, domain, dns.zone_id),
        records_identity=pod_identity(DNS_WRITER, tenancy.region, [dns.policies[DNS_WRITER]]),
    )
