"""The gcp provider of a rehearsal."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rehearsal.providers import paths
from rehearsal.providers.cloud_provider import CloudProvider
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.gcp.checks import Checks
from rehearsal.providers.gcp.invokes import answer
from rehearsal.providers.gcp.names import last, project_number, region_of, relative_name
from rehearsal.providers.gcp.outputs import output_fields, reached_at
from rehearsal.providers.inventory import Endpoint, Inventory, Resource, open_inventory
from rehearsal.providers.provider import Operation
from rehearsal.providers.rules import RuleBook
from rehearsal.providers.wire import Properties, plain

if TYPE_CHECKING:
    from rehearsal.control_plane.pools.node_pools import Pool

CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
WORKLOAD_POOL = "gcp:iam/workloadIdentityPool:WorkloadIdentityPool"
_PARENTS = {
    "cluster": CLUSTER,
    "instance": "gcp:sql/databaseInstance:DatabaseInstance",
    "keyRing": "gcp:kms/keyRing:KeyRing",
    "managedZone": "gcp:dns/managedZone:ManagedZone",
    "network": "gcp:compute/network:Network",
    "repository": "gcp:artifactregistry/repository:Repository",
    "router": "gcp:compute/router:Router",
    "secret": "gcp:secretmanager/secret:Secret",
    "secretId": "gcp:secretmanager/secret:Secret",
    "subscription": "gcp:pubsub/subscription:Subscription",
    "topic": "gcp:pubsub/topic:Topic",
}


class GcpProvider(CloudProvider):
    """Projects are accounts; any project id names one."""

    package: ClassVar[str] = "gcp"
    cluster_type: ClassVar[str] = CLUSTER

    def __init__(self, inventory: Inventory) -> None:
        super().__init__(RuleBook(Path(__file__).with_name("rules.json")), inventory)
        self._checks = Checks(inventory, self.referee)

    def account(self, inputs: Properties) -> str:
        return f"gcp/{self._project(inputs)}"

    def fields(self, resource_type: str, inputs: Properties) -> Properties:
        project = self._project(inputs)
        region = inputs.get("region") or self.configuration.get("region", "")
        location = inputs.get("location") or self.configuration.get("zone") or region
        fields = {**inputs, "project": project, "number": project_number(project)}
        fields |= {"region": last(region), "location": location, "etag": "BwYzqL3n0aE="}
        for key, parent in _PARENTS.items():
            if isinstance(inputs.get(key), str):
                found = self.referee.find([parent], inputs[key], f"gcp/{project}")
                fields[f"{key}_id"] = found.id if found else relative_name(inputs[key])
                fields[f"{key}_name"] = last(inputs[key])
        if resource_type == NODE_POOL and "/locations/" in str(inputs.get("cluster")):
            fields["location"] = str(inputs["cluster"]).split("/locations/")[1].split("/")[0]
        return fields

    def computed_fields(self, subject: Subject, fields: Properties) -> Properties:
        found = output_fields(subject, fields, self.inventory)
        server = self.backing.api_server(subject.id) if subject.type == CLUSTER else None
        return found if server is None else {**found, **reached_at(server, found)}

    def shape(self, resource_type: str, inputs: Properties) -> Properties:
        given = dict(inputs)
        if resource_type == "gcp:storage/bucket:Bucket" and isinstance(given.get("location"), str):
            given["location"] = given["location"].upper()
        for key in ("network", "subnetwork"):
            if resource_type.startswith("gcp:compute/") and isinstance(plain(given.get(key)), str):
                given[key] = self._self_link(key, plain(given[key]), plain(given))
        return given

    def normalize(self, reference: str) -> str:
        return relative_name(reference)

    def exists_outside(self, resource_type: str, value: str, subject: Subject) -> bool:
        project = subject.account.removeprefix("gcp/")
        if resource_type == "gcp:serviceaccount/account:Account":
            return value in ("default", f"{project_number(project)}-compute@developer.gserviceaccount.com")
        return resource_type == _PARENTS["network"] and last(value) == "default"

    def check_operation(self, operation: str, subject: Subject, row: Resource | None) -> None:
        fields = self.fields(subject.type, subject.inputs)
        self._checks.run(operation, subject, row, fields)

    def created(self, row: Resource) -> None:
        pool = paths.first(row.inputs, "workloadIdentityConfig.workloadPool")
        if row.type == CLUSTER:
            if self.backing.api_server(row.id) is None:
                self._register_endpoints(row)
            if pool is not None and self.inventory.get(WORKLOAD_POOL, pool) is None:
                made = Resource(account=row.account, type=WORKLOAD_POOL, id=pool, name=pool, inputs={}, outputs={})
                self.inventory.put(replace(made, retained=True))

    def deleted(self, row: Resource) -> None:
        if row.type == CLUSTER:
            self.inventory.delete_account(cluster_account(row))

    def place(self, subject: Subject) -> tuple[str, str]:
        return "gke", region_of(self.fields(subject.type, subject.inputs)["location"])

    def cluster_of(self, subject: Subject) -> str | None:
        if subject.type == CLUSTER:
            return subject.id
        return subject.id.rpartition("/nodePools/")[0] if subject.type == NODE_POOL else None

    def node_pools(self, subject: Subject) -> "list[Pool]":
        from rehearsal.providers.gcp.pools import node_pools

        return node_pools(subject, self.fields(subject.type, subject.inputs), self.inventory, self.referee)

    def implied_replaces(self, operation: Operation) -> list[str]:
        """Where a resource names no project, the provider's counts, and a resource cannot move to another."""
        if "project" not in self.book.of(operation.type).replaces or "project" in operation.inputs:
            return []
        current, wanted = plain(operation.old_outputs.get("project")), self.configuration.get("project")
        return ["project"] if current is not None and wanted is not None and current != wanted else []

    def invoke(self, token: str, arguments: Properties) -> Properties:
        return answer(token, plain(arguments), self.configuration, self.inventory)

    def _project(self, inputs: Properties) -> str:
        project = inputs.get("project") or self.configuration.get("project")
        if not project:
            raise CloudError("project: required field is not set")
        return str(project).removeprefix("projects/")

    def _self_link(self, key: str, value: str, inputs: Properties) -> str:
        if "/" not in value:
            found = self.referee.find([f"gcp:compute/{key}:{key.title()}"], value, self.account(inputs))
            value = found.id if found else value
        return value if not value.startswith("projects/") else f"https://www.googleapis.com/compute/v1/{value}"

    def _register_endpoints(self, row: Resource) -> None:
        by_name = dns_endpoint(row)
        addresses = {row.outputs["endpoint"], paths.first(row.outputs, "privateClusterConfig.privateEndpoint")}
        if paths.first(row.outputs, "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled") is False:
            addresses = set[str]()
        for host in {by_name, *addresses} - {None, ""}:
            self.inventory.register_endpoint(
                Endpoint(
                    host=host,
                    account=cluster_account(row),
                    cloud="gke",
                    cluster_type=row.type,
                    cluster_id=row.id,
                    # The name is served with a publicly trusted certificate:
                    # cloud.google.com/kubernetes-engine/docs/concepts/network-isolation
                    certificate="" if host == by_name else row.outputs["masterAuth"]["clusterCaCertificate"],
                    plugin="gke-gcloud-auth-plugin",
                )
            )


def dns_endpoint(row: Resource) -> str:
    return paths.first(row.outputs, "controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint")


def cluster_account(row: Resource) -> str:
    """The account that holds what runs in a cluster."""
    return f"kubernetes/{dns_endpoint(row)}"


def create(inventory: Inventory | None = None) -> GcpProvider:
    return GcpProvider(inventory or open_inventory())
