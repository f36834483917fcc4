"""The azure-native provider of a rehearsal."""

import hashlib
import ipaddress
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rehearsal.providers import paths
from rehearsal.providers.azure_native.checks import CLUSTER, Checks
from rehearsal.providers.azure_native.flow_log_checks import GROUP_OF_WATCHERS
from rehearsal.providers.azure_native.invokes import answer, server_name
from rehearsal.providers.certificates import cluster_authority
from rehearsal.providers.cloud_provider import CloudProvider
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Endpoint, Inventory, Resource, open_inventory
from rehearsal.providers.rules import RuleBook
from rehearsal.providers.wire import UNKNOWN, Properties, plain

if TYPE_CHECKING:
    from rehearsal.control_plane.pools.node_pools import Pool

_AGENT_POOL = "azure-native:containerservice:AgentPool"
_GROUP = "azure-native:resources:ResourceGroup"
_IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
_ZONE = "azure-native:privatedns:PrivateZone"
_GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


class AzureProvider(CloudProvider):
    """Subscriptions are accounts."""

    package: ClassVar[str] = "azure-native"
    cluster_type: ClassVar[str] = CLUSTER

    def __init__(self, inventory: Inventory) -> None:
        super().__init__(RuleBook(Path(__file__).with_name("rules.json")), inventory)
        self._checks = Checks(inventory, self.referee)

    def account(self, inputs: Properties) -> str:
        return f"azure/{self._subscription()}"

    def fields(self, resource_type: str, inputs: Properties) -> Properties:
        rules = self.book.of(resource_type)
        name = str(inputs.get(rules.name or "", ""))
        tenant = self.configuration.get("tenantId") or uuid(f"tenant of {self._subscription()}")
        fields = {**inputs, "subscription": self._subscription(), "tenant": tenant, "lower_name": name.lower()}
        fields["location"] = inputs.get("location") or self._location_of_group(inputs)
        fields["operator"] = uuid(f"operator of {self._subscription()}")
        fields |= {key: str(inputs[key]).rstrip("/") for key in ("scope", "resourceUri") if key in inputs}
        return fields

    def computed_fields(self, subject: Subject, fields: Properties) -> Properties:
        digest = fields["hash"]
        name = fields.get("dnsPrefix") or f"{subject.name}-dns"
        host, region = f"{name}-{digest[:8]}", str(fields["location"]).lower().replace(" ", "")
        server = self.backing.api_server(subject.id) if subject.type == CLUSTER else None
        public = server.address if server else f"{host}.hcp.{region}.azmk8s.io"
        private = server.address if server else f"{host}.private.{region}.azmk8s.io"
        return {
            "uuid": uuid(digest),
            "client": uuid(f"client {digest}"),
            "shard": str(int(fields["digits"]) % 9 + 1),
            "ip": str(ipaddress.ip_address("20.50.0.0") + int(fields["digits"]) % 2**18),
            "version": patch_version(fields.get("kubernetesVersion")),
            **_names(subject, public, private),
            "portal_fqdn": f"{host}.portal.hcp.{region}.azmk8s.io",
            # The trailing slash is part of the issuer that federated credentials have to repeat.
            "issuer": f"https://{region}.oic.prod-aks.azure.com/{fields['tenant']}/{uuid(f'issuer {digest}')}/",
            "identity_profile": self._identity_profile(subject, fields),
        }

    def shape(self, resource_type: str, inputs: Properties) -> Properties:
        """Identities go in as a list and come back as a map."""
        given = dict(inputs)
        identities = paths.first(plain(given), "identity.userAssignedIdentities")
        if isinstance(identities, list):
            known = all(isinstance(item, str) for item in identities)
            described = {item: self._identity(item) for item in identities} if known else UNKNOWN
            given["identity"] = {**given["identity"], "userAssignedIdentities": described}
        return given

    def normalize(self, reference: str) -> str:
        return reference.rstrip("/")

    def exists_outside(self, resource_type: str, value: str, subject: Subject) -> bool:
        """Principals are those of the directory, and Azure has private zones and a group of watchers of its own."""
        if resource_type == _GROUP:
            return value == GROUP_OF_WATCHERS
        if resource_type == _ZONE:
            return value in ("system", "none")
        return resource_type == _IDENTITY and _GUID.match(value) is not None

    def check_operation(self, operation: str, subject: Subject, row: Resource | None) -> None:
        self._checks.run(operation, subject, row)

    def created(self, row: Resource) -> None:
        if row.type != CLUSTER or self.backing.api_server(row.id) is not None:
            return
        for host in {row.outputs["fqdn"], row.outputs["privateFQDN"]} - {""}:
            self.inventory.register_endpoint(
                Endpoint(
                    host=host,
                    account=_cluster_account(row),
                    cloud="aks",
                    cluster_type=row.type,
                    cluster_id=row.id,
                    certificate=cluster_authority(row.outputs["resourceUID"]),
                    plugin="kubelogin",
                )
            )

    def deleted(self, row: Resource) -> None:
        if row.type == CLUSTER:
            self.inventory.delete_account(_cluster_account(row))

    def invoke(self, token: str, arguments: Properties) -> Properties:
        return answer(token, plain(arguments), self._subscription(), self.inventory, self.backing)

    def place(self, subject: Subject) -> tuple[str, str]:
        return "aks", str(self.fields(subject.type, subject.inputs)["location"])

    def cluster_of(self, subject: Subject) -> str | None:
        if subject.type == CLUSTER:
            return subject.id
        return subject.id.rpartition("/agentPools/")[0] if subject.type == _AGENT_POOL else None

    def node_pools(self, subject: Subject) -> "list[Pool]":
        from rehearsal.providers.azure_native.pools import node_pools

        return node_pools(subject, self._subscription(), self.inventory, self.referee, self._location_of_group)

    def _subscription(self) -> str:
        subscription = self.configuration.get("subscriptionId")
        if not subscription:
            raise CloudError("the provider needs a subscriptionId")
        return str(subscription)

    def _location_of_group(self, inputs: Properties) -> str:
        group = inputs.get("resourceGroupName")
        found = self.referee.find([_GROUP], group, self.account(inputs)) if isinstance(group, str) else None
        return str(found.inputs.get("location", "")) if found else ""

    def _identity(self, reference: str) -> dict[str, Any]:
        row = self.inventory.get(_IDENTITY, reference)
        return {key: row.outputs[key] for key in ("clientId", "principalId")} if row else {}

    def _identity_profile(self, subject: Subject, fields: Properties) -> dict[str, Any]:
        group = f"MC_{subject.inputs.get('resourceGroupName')}_{subject.name}_{fields['location']}"
        path = f"/subscriptions/{fields['subscription']}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity"
        kubelet = {
            "clientId": uuid(f"kubelet client {fields['hash']}"),
            "objectId": uuid(f"kubelet object {fields['hash']}"),
            "resourceId": f"{path}/userAssignedIdentities/{subject.name}-agentpool",
        }
        return {"kubeletidentity": kubelet}


def patch_version(wanted: Any) -> str:
    """The version that is run: a minor version stands for its newest patch."""
    version = str(wanted or "1.35")
    return version if version.count(".") == 2 else f"{version}.2"


def uuid(seed: str) -> str:
    """A version 4 UUID that belongs to a text."""
    digest = hashlib.sha256(seed.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def _cluster_account(row: Resource) -> str:
    return f"kubernetes/{server_name(row)}"


def _names(subject: Subject, public: str, private: str) -> Properties:
    """Names of the API server: a private cluster has a private one, and a public one only where that is wanted.

    Source: learn.microsoft.com/azure/aks/private-clusters#configure-a-private-dns-zone.
    """
    profile = subject.inputs.get("apiServerAccessProfile") or {}
    if not profile.get("enablePrivateCluster"):
        return {"fqdn": public, "private_fqdn": ""}
    return {"fqdn": "" if profile.get("enablePrivateClusterPublicFQDN") is False else public, "private_fqdn": private}


def create(inventory: Inventory | None = None) -> AzureProvider:
    return AzureProvider(inventory or open_inventory())
