"""The oci provider of a rehearsal."""

import hashlib
import ipaddress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rehearsal.providers import paths
from rehearsal.providers.certificates import cluster_authority
from rehearsal.providers.cloud_provider import CloudProvider
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Endpoint, Inventory, Resource, open_inventory
from rehearsal.providers.oci.checks import check_delete, check_write
from rehearsal.providers.oci.cluster_checks import NODE_POOL
from rehearsal.providers.oci.database_checks import DB_SYSTEM
from rehearsal.providers.oci.invokes import answer, namespace_of
from rehearsal.providers.oci.network_checks import SUBNET
from rehearsal.providers.provider import Operation
from rehearsal.providers.rules import RuleBook
from rehearsal.providers.wire import Properties, plain

if TYPE_CHECKING:
    from rehearsal.control_plane.pools.node_pools import Pool

CLUSTER = "oci:ContainerEngine/cluster:Cluster"
ADDON = "oci:ContainerEngine/addon:Addon"
_VCN = "oci:Core/vcn:Vcn"


class OciProvider(CloudProvider):
    """Tenancies are accounts."""

    package: ClassVar[str] = "oci"
    cluster_type: ClassVar[str] = CLUSTER

    def __init__(self, inventory: Inventory) -> None:
        super().__init__(RuleBook(Path(__file__).with_name("rules.json")), inventory)

    def account(self, inputs: Properties) -> str:
        return f"oci/{self._setting('tenancyOcid')}"

    def fields(self, resource_type: str, inputs: Properties) -> Properties:
        tenancy, region = self._setting("tenancyOcid"), self._setting("region")
        compartment = inputs.get("compartmentId") or tenancy
        # Where the inputs name a namespace, templates take that one.
        own = {"namespace": namespace_of(tenancy), **inputs}
        return {
            **own,
            "tenancy": tenancy,
            "region": region,
            "region_key": region,
            "compartment": compartment,
            "view": inputs.get("viewId", ""),
            "user": f"ocid1.user.oc1..{_ocid_tail(tenancy)}",
        }

    def computed_fields(self, subject: Subject, fields: Properties) -> Properties:
        digest, region = fields["hash"], fields["region"]
        number = int(fields["digits"])
        public = str(ipaddress.ip_address("130.61.0.0") + number % 2**16)
        label = subject.inputs.get("dnsLabel", "")
        return {
            "uuid": f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}",
            "ip": public,
            "mac": ":".join(digest[index : index + 2] for index in (0, 2, 4)).upper(),
            "gateway": _gateway(subject.inputs.get("cidrBlock")),
            "vcn_domain": f"{label}.oraclevcn.com" if label else "",
            "subnet_domain": self._subnet_domain(subject, label),
            "endpoints": [self._endpoints(subject, public, number)],
            "issuer": f"https://objectstorage.{region}.oraclecloud.com/n/{fields['namespace']}/b/oidc/o/{digest[:32]}",
            "metadata": [],
            "nameservers": [{"hostname": f"ns{index}.p{number % 60}.dns.oraclecloud.net"} for index in range(1, 5)],
            "administrator": paths.first(subject.inputs, "credentials.username") or "",
            "secret": hashlib.sha256(f"secret {digest}".encode()).hexdigest()[:40],
            "vault": self._vault(subject),
        }

    def exists_outside(self, resource_type: str, value: str, subject: Subject) -> bool:
        """The tenancy and compartments may be older than any stack."""
        return resource_type == "oci:Identity/compartment:Compartment" and value.startswith(
            ("ocid1.compartment.", "ocid1.tenancy.")
        )

    def check_operation(self, operation: str, subject: Subject, row: Resource | None) -> None:
        region = self._setting("region")
        if operation == "delete":
            check_delete(subject, self.inventory, region)
            return
        self.referee.check_references(subject)
        # What is being created is not itself among what exists, even if something had its name before.
        itself = replace(subject, id=row.id if row else "")
        check_write(itself, self.inventory, region, row)

    def implied_replaces(self, operation: Operation) -> list[str]:
        """Source: SDK docstring of dbVersion: another version is an upgrade only where that was allowed."""
        old, new = operation.old_inputs.get("dbVersion"), operation.inputs.get("dbVersion")
        upgrades = operation.inputs.get("allowMajorVersionUpgrade") is True
        return ["dbVersion"] if operation.type == DB_SYSTEM and old != new and not upgrades else []

    def created(self, row: Resource) -> None:
        if row.type != CLUSTER or self.backing.api_server(row.id) is not None:
            return
        for address in filter(None, row.outputs["endpoints"][0].values()):
            self.inventory.register_endpoint(
                Endpoint(
                    host=address.partition(":")[0],
                    account=_cluster_account(row),
                    cloud="oke",
                    cluster_type=row.type,
                    cluster_id=row.id,
                    certificate=cluster_authority(row.id),
                    plugin="oci",
                )
            )

    def deleted(self, row: Resource) -> None:
        if row.type == CLUSTER:
            self.inventory.delete_account(_cluster_account(row))

    def invoke(self, token: str, arguments: Properties) -> Properties:
        tenancy, region = self._setting("tenancyOcid"), self._setting("region")
        return answer(token, plain(arguments), tenancy, region, self.inventory, self.backing)

    def place(self, subject: Subject) -> tuple[str, str]:
        return "oke", self._setting("region")

    def cluster_of(self, subject: Subject) -> str | None:
        # A cluster has no pools of its own.
        return str(subject.inputs.get("clusterId")) if subject.type in (NODE_POOL, ADDON) else None

    def node_pools(self, subject: Subject) -> "list[Pool]":
        from rehearsal.providers.oci.pools import node_pools

        return node_pools(subject, self._setting("region"), self.inventory)

    def former_node_pools(self, row: Resource) -> "list[Pool]":
        from rehearsal.providers.oci.pools import former_node_pools

        return former_node_pools(self.subject_of(row), self._setting("region"), self.inventory)

    def _setting(self, name: str) -> str:
        value = self.configuration.get(name)
        if not value:
            raise CloudError(
                f"can not create client, bad configuration: did not find a proper configuration for {name}"
            )
        return str(value)

    def _endpoints(self, subject: Subject, public: str, number: int) -> Properties:
        """A private address in the endpoint's subnet, and a public one where that was asked for."""
        config = subject.inputs.get("endpointConfig") or {}
        subnet = self.inventory.get(SUBNET, str(config.get("subnetId")))
        block = ipaddress.ip_network(subnet.inputs["cidrBlock"] if subnet else "10.0.0.0/24")
        private = block[2 + number % (block.num_addresses - 3)]
        asked = config.get("isPublicIpEnabled") is True
        real = self.backing.api_server(subject.id)
        return {
            "kubernetes": "",
            "privateEndpoint": real.address if real else f"{private}:6443",
            "publicEndpoint": "" if not asked else real.address if real else f"{public}:6443",
        }

    def _subnet_domain(self, subject: Subject, label: str) -> str:
        vcn = self.inventory.get(_VCN, str(subject.inputs.get("vcnId")))
        domain = vcn.outputs.get("vcnDomainName") if vcn else ""
        return f"{label}.{domain}" if label and domain else ""

    def _vault(self, subject: Subject) -> str:
        endpoint = subject.inputs.get("managementEndpoint")
        found = self.referee.find(["oci:Kms/vault:Vault"], endpoint, subject.account) if endpoint else None
        return found.id if found else ""


def _ocid_tail(seed: str) -> str:
    """The sixty characters that end an OCID."""
    digest = hashlib.sha512(seed.encode()).hexdigest()
    return f"aaaaaaaa{digest[:52]}"


def _gateway(block: str | None) -> str:
    return str(ipaddress.ip_network(block, strict=False)[1]) if block else ""


def _cluster_account(row: Resource) -> str:
    return f"kubernetes/{row.id}"


def create(inventory: Inventory | None = None) -> OciProvider:
    return OciProvider(inventory or open_inventory())
