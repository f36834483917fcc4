"""What Google Cloud refuses beyond the rules of its table. Each check names its source."""

from collections.abc import Callable

from rehearsal.providers import paths
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.gcp import database_checks, network_checks, queue_checks
from rehearsal.providers.gcp.members import check_condition, check_member, check_role
from rehearsal.providers.gcp.names import region_of, relative_name, service_agent
from rehearsal.providers.gcp.outputs import release_channel
from rehearsal.providers.gcp.places import check_place
from rehearsal.providers.gcp.versions import check_version
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.wire import Properties

# Source: cloud.google.com/service-usage/docs/enabled-service ("services enabled by default").
ENABLED_BY_DEFAULT = frozenset(
    f"{name}.googleapis.com"
    for name in (
        "bigquery",
        "cloudapis",
        "datastore",
        "logging",
        "monitoring",
        "servicemanagement",
        "serviceusage",
        "sql-component",
        "storage",
        "storage-api",
        "storage-component",
    )
)
_SERVICE = "gcp:projects/service:Service"
_KEY_GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
_PROJECT_GRANT = "gcp:projects/iAMMember:IAMMember"
_ENCRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
_KEYS = {
    "gcp:container/cluster:Cluster": ("databaseEncryption.keyName", "container.googleapis.com"),
    "gcp:storage/bucket:Bucket": ("encryption.defaultKmsKeyName", "storage.googleapis.com"),
    "gcp:artifactregistry/repository:Repository": ("kmsKeyName", "artifactregistry.googleapis.com"),
    database_checks.INSTANCE: ("encryptionKeyName", "sqladmin.googleapis.com"),
    queue_checks.TOPIC: ("kmsKeyName", "pubsub.googleapis.com"),
}


class Checks:
    """Looks at an operation before the inventory changes."""

    def __init__(self, inventory: Inventory, referee: Referee) -> None:
        self._inventory = inventory
        self._referee = referee
        self._before_writing: dict[str, Callable[[Subject, Properties], None]] = {
            "gcp:compute/subnetwork:Subnetwork": self._subnetwork,
            database_checks.RANGE: self._range,
            "gcp:compute/routerNat:RouterNat": self._nat,
            "gcp:container/cluster:Cluster": self._cluster,
            "gcp:dns/recordSet:RecordSet": self._record,
            database_checks.CONNECTION: self._connection,
            database_checks.INSTANCE: self._database,
            "gcp:storage/bucketIAMMember:BucketIAMMember": self._bucket_member,
            queue_checks.TOPIC: lambda subject, fields: queue_checks.check_topic(subject.inputs),
            queue_checks.SUBSCRIPTION: lambda subject, fields: queue_checks.check_subscription(subject.inputs),
        }

    def run(self, operation: str, subject: Subject, row: Resource | None, fields: Properties) -> None:
        self._enabled(subject, fields["project"])
        if operation == "delete":
            self._before_deleting(subject)
            return
        check_place(subject.type, subject.inputs, fields)
        if "member" in subject.inputs and "role" in subject.inputs:
            check_role(subject.inputs["role"])
            check_member(subject.inputs["member"], fields["project"], self._inventory)
            check_condition(subject.inputs)
        self._key(subject, fields)
        if check := self._before_writing.get(subject.type):
            check(subject, fields)
        if subject.type == database_checks.INSTANCE and row is not None:
            database_checks.check_version(row.inputs, subject.inputs)

    def _before_deleting(self, subject: Subject) -> None:
        if subject.type == database_checks.INSTANCE:
            database_checks.check_delete(subject.inputs)
        elif subject.type == database_checks.CONNECTION:
            database_checks.check_disconnect(subject.inputs, self._inventory)

    def _enabled(self, subject: Subject, project: str) -> None:
        """Source: the API's SERVICE_DISABLED answer, cloud.google.com/apis/docs/troubleshooting."""
        service = subject.rules.service
        if service is None or service in ENABLED_BY_DEFAULT:
            return
        if self._inventory.get(_SERVICE, f"{project}/{service}") is None:
            raise CloudError(
                f"googleapi: Error 403: {service} API has not been used in project {project} before or it is disabled. "
                "Enable it, then retry. Details: reason: SERVICE_DISABLED"
            )

    def _key(self, subject: Subject, fields: Properties) -> None:
        """Source: github.com/ollionorg/gcp-landing-zone/pull/59; cloud.google.com/kms/docs/compatible-services."""
        path, service = _KEYS.get(subject.type, ("", ""))
        key = paths.first(subject.inputs, path) if path else None
        if not isinstance(key, str):
            return
        self._same_place(key, subject, fields)
        agent = service_agent(service, fields["project"])
        grants = [
            *self._inventory.list(type=_KEY_GRANT),
            *self._inventory.list(account=subject.account, type=_PROJECT_GRANT),
        ]
        if not any(_grants(grant, key, f"serviceAccount:{agent}") for grant in grants):
            raise CloudError(
                f"googleapi: Error 403: Permission denied on Cloud KMS key. Please ensure that the service account "
                f"{agent} has been authorized to use {key} ({_ENCRYPTER})., forbidden"
            )

    def _same_place(self, key: str, subject: Subject, fields: Properties) -> None:
        """Source: cloud.google.com/kms/docs/cmek#guidelines and the services' own pages on customer-managed keys.

        Topics are in no place: cloud.google.com/pubsub/docs/encryption.
        """
        if subject.type == queue_checks.TOPIC:
            return
        place = relative_name(key).split("/")[3] if key.count("/") >= 3 else ""
        location = str(fields["location"] or fields["region"]).lower()
        wanted = region_of(location) if subject.type == "gcp:container/cluster:Cluster" else location
        if subject.type == database_checks.INSTANCE:
            wanted = fields["region"]
        if place != wanted:
            raise CloudError(f"googleapi: Error 400: the Cloud KMS key {key} must be in the location {wanted}, invalid")

    def _subnetwork(self, subject: Subject, fields: Properties) -> None:
        network_checks.check_overlap(subject, self._inventory, self._referee)

    def _nat(self, subject: Subject, fields: Properties) -> None:
        network_checks.check_nat_ports(subject.inputs)

    def _cluster(self, subject: Subject, fields: Properties) -> None:
        network_checks.check_cluster_network(subject, fields, self._inventory, self._referee)
        inputs = subject.inputs
        check_version(inputs.get("minMasterVersion"), release_channel(inputs))
        # Source: SDK docstring of initialNodeCount; github.com/pulumi/pulumi/issues/12257.
        if not inputs.get("enableAutopilot") and not inputs.get("nodePools") and not inputs.get("initialNodeCount"):
            raise CloudError("googleapi: Error 400: Cluster.initial_node_count must be greater than zero., badRequest")
        pool = paths.first(inputs, "workloadIdentityConfig.workloadPool")
        # Source: cloud.google.com/kubernetes-engine/docs/how-to/workload-identity.
        if pool is not None and pool != f"{fields['project']}.svc.id.goog":
            raise CloudError(
                f"googleapi: Error 400: workload_pool '{pool}' is not valid: "
                f"it must be {fields['project']}.svc.id.goog, badRequest"
            )

    def _record(self, subject: Subject, fields: Properties) -> None:
        """Source: cloud.google.com/dns/docs/records: a record's name lies in its zone."""
        zone = self._referee.find(["gcp:dns/managedZone:ManagedZone"], subject.inputs["managedZone"], subject.account)
        name = subject.inputs["name"]
        if zone is not None and name != zone.inputs["dnsName"] and not name.endswith(f".{zone.inputs['dnsName']}"):
            raise CloudError(f"googleapi: Error 400: '{name}' is not in the zone '{zone.inputs['dnsName']}', invalid")

    def _database(self, subject: Subject, fields: Properties) -> None:
        database_checks.check_instance(subject.inputs, self._inventory)

    def _range(self, subject: Subject, fields: Properties) -> None:
        database_checks.check_range(subject.inputs)
        network_checks.check_overlap(subject, self._inventory, self._referee)

    def _connection(self, subject: Subject, fields: Properties) -> None:
        names = subject.inputs.get("reservedPeeringRanges") or []
        found = (self._referee.find([database_checks.RANGE], name, subject.account) for name in names)
        database_checks.check_ranges(subject.inputs, found)

    def _bucket_member(self, subject: Subject, fields: Properties) -> None:
        """Source: cloud.google.com/iam/docs/federated-identity-supported-services (Cloud Storage)."""
        bucket = self._inventory.get("gcp:storage/bucket:Bucket", subject.inputs["bucket"])
        federated = subject.inputs["member"].startswith(("principal:", "principalSet:"))
        if federated and bucket is not None and bucket.inputs.get("uniformBucketLevelAccess") is not True:
            raise CloudError(
                f"googleapi: Error 400: the bucket {subject.inputs['bucket']} needs uniform bucket-level access "
                "before it can be granted to federated identities, invalid"
            )


def _grants(grant: Resource, key: str, member: str) -> bool:
    if grant.inputs.get("role") != _ENCRYPTER or grant.inputs.get("member") != member:
        return False
    return "cryptoKeyId" not in grant.inputs or relative_name(grant.inputs["cryptoKeyId"]) == relative_name(key)
