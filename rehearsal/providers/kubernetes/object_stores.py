"""What Loki needs before it starts: the bucket that it is told of, and the right to use it.

A Loki that clears what has expired reads its list of deletions from the bucket first, and ends where it cannot:
"init compactor: failed to init delete store", github.com/grafana/loki/issues/13780.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from rehearsal.providers import paths
from rehearsal.providers.azure_native.roles import IDENTITY, holds_role
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.kubernetes.charts import Chart
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.federation import trusts
from rehearsal.providers.kubernetes.private_names import unresolved
from rehearsal.providers.oci.policies import applies, statements_of
from rehearsal.providers.wire import Properties

_BUCKET = "gcp:storage/bucket:Bucket"
_BUCKET_GRANTS = "gcp:storage/bucketIAMMember:BucketIAMMember"
_WRITERS = ("roles/storage.objectUser", "roles/storage.objectAdmin", "roles/storage.admin")

_ACCOUNT = "azure-native:storage:StorageAccount"
_CONTAINER = "azure-native:storage:BlobContainer"
_CLIENT = "azure.workload.identity/client-id"
_BLOB_WRITERS = ("Storage Blob Data Contributor",)

_OCI_BUCKET = "oci:ObjectStorage/bucket:Bucket"
_OCI_KEY = "oci:Identity/customerSecretKey:CustomerSecretKey"
_OCI_GROUP = "oci:Identity/group:Group"
_OCI_MEMBERSHIP = "oci:Identity/userGroupMembership:UserGroupMembership"


def store_obstacles(chart: Chart, release: Properties, cluster: Cluster, inventory: Inventory) -> list[str]:
    """Why a release of Loki would end as soon as it starts, in a cluster of a cloud whose buckets are known."""
    storage = paths.first(release, "values.loki.storage")
    if chart.name != "loki" or not isinstance(storage, dict):
        return []
    bucket = str(paths.first(storage, "bucketNames.chunks"))
    match storage.get("type"), cluster.cloud:
        case "gcs", "gke":
            found = _google(bucket, release, inventory)
        case "azure", "aks":
            found = _azure(storage, bucket, release, cluster, inventory)
        case "s3", "oke":
            found = _oracle(storage, bucket, inventory)
        case _:
            return []
    return [f"init compactor: failed to init delete store: {reason}" for reason in found]


def _google(bucket: str, release: Properties, inventory: Inventory) -> Iterator[str]:
    """Source: cloud.google.com/kubernetes-engine/docs/how-to/workload-identity (principals)."""
    if not any(row.name == bucket for row in inventory.list(type=_BUCKET, retained=False)):
        yield f"storage: bucket doesn't exist: {bucket}"
        return
    namespace, name = release["namespace"], _service_account(release)
    grants = inventory.list(type=_BUCKET_GRANTS)
    if not any(
        grant.inputs.get("bucket") == bucket
        and grant.inputs.get("role") in _WRITERS
        and str(grant.inputs.get("member")).endswith(f"/subject/ns/{namespace}/sa/{name}")
        for grant in grants
    ):
        yield (
            f"googleapi: Error 403: {namespace}/{name} does not have storage.objects.list access to the bucket {bucket}"
        )


def _azure(
    storage: Properties, container: str, release: Properties, cluster: Cluster, inventory: Inventory
) -> Iterator[str]:
    """Sources: learn.microsoft.com/entra/workload-id/workload-identity-federation, /azure/storage/blobs/
    assign-azure-role-data-access.
    """
    name = paths.first(storage, "azure.accountName")
    account = next((row for row in inventory.list(type=_ACCOUNT) if row.name == name), None)
    blobs = next((row for row in inventory.list(type=_CONTAINER) if _is_container(row, name, container)), None)
    if account is None or blobs is None:
        yield f'Status=404 Code="ContainerNotFound": the container {container} of {name} does not exist'
        return
    yield from unresolved(account, f"{name}.blob.core.windows.net", inventory)
    client = paths.first(release, "values.serviceAccount.annotations") or {}
    identity = next(
        (row for row in inventory.list(type=IDENTITY) if row.outputs["clientId"] == client.get(_CLIENT)), None
    )
    subject = f"system:serviceaccount:{release['namespace']}:{_service_account(release)}"
    if identity is None or not trusts(identity, subject, cluster, inventory):
        yield f"AADSTS70021: no federated identity record of {client.get(_CLIENT)} is for {subject}"
        return
    if not holds_role(identity.outputs["principalId"], _BLOB_WRITERS, blobs.id, inventory, account=account.account):
        yield (
            f'Status=403 Code="AuthorizationPermissionMismatch": {identity.name} is not {_BLOB_WRITERS[0]} of the '
            f"container {container}"
        )


def _oracle(storage: Properties, bucket: str, inventory: Inventory) -> Iterator[str]:
    """Source: docs.oracle.com/iaas/Content/Object/Tasks/s3compatibleapi.htm: a key acts for its user, and the user is
    in the groups that policies name.
    """
    namespace = str(urlsplit(str(paths.first(storage, "s3.endpoint"))).hostname).partition(".")[0]
    rows = inventory.list(type=_OCI_BUCKET, retained=False)
    found = next((row for row in rows if row.name == bucket and row.inputs["namespace"] == namespace), None)
    if found is None:
        yield f"NoSuchBucket: the bucket {bucket} does not exist in the namespace {namespace}"
        return
    owners = {row.inputs["userId"] for row in inventory.list(type=_OCI_KEY)}
    memberships = inventory.list(type=_OCI_MEMBERSHIP)
    groups = {row.inputs["groupId"] for row in memberships if row.inputs["userId"] in owners}
    names = {row.name for row in inventory.list(type=_OCI_GROUP) if row.id in groups}
    if not any(
        statement.kind == "group"
        and statement.name in names
        and (statement.verb, statement.what) in (("manage", "objects"), ("manage", "object-family"))
        and applies(statement, found.inputs["compartmentId"], "target.bucket.name", bucket)
        for statement in statements_of(found.account, inventory)
    ):
        yield f"AccessDenied: no policy lets the owner of a customer secret key manage objects in the bucket {bucket}"


def _is_container(row: Resource, account: Any, name: str) -> bool:
    return row.inputs.get("accountName") == account and row.inputs.get("containerName") == name


def _service_account(release: Properties) -> str:
    return str(paths.first(release, "values.serviceAccount.name") or release["name"])
