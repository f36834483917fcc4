"""The object stores of an OKE stack, as the platform knows them."""

from typing import Any

import pulumi

from components.contracts import ObjectStore, ServiceAccount, StaticKey, WorkloadIdentity
from components.naming import physical_name
from components.oke.encryption import OkeEncryption
from components.oke.object_store import OkeObjectStore, OkeObjectStoreArgs
from components.oke.tenancy import OkeTenancy
from components.retention import Retention


def build_store(
    name: str, writer: ServiceAccount, kept: Retention, tenancy: OkeTenancy, encryption: OkeEncryption
) -> ObjectStore:
    """Registers a bucket, and the user that its one writer uses it as."""
    bucket, keys = physical_name(tenancy.cluster_name, name), tenancy.stack.object_storage.keys
    store = OkeObjectStore(name, store_args(bucket, kept, tenancy, encryption), tenancy.opts)
    return ObjectStore(
        bucket=store.bucket,
        kind="s3",
        loki_storage=loki_storage(bucket, tenancy.namespace, tenancy.region),
        identity=WorkloadIdentity(service_account=writer, grants=store.grants),
        key=StaticKey(
            generation=keys[0],
            access_key_id=store.access_key_id,
            secret_access_key=store.secret_access_key,
        ),
    )


def store_args(bucket: str, kept: Retention, tenancy: OkeTenancy, encryption: OkeEncryption) -> OkeObjectStoreArgs:
    """A bucket of the stack."""
    stack = tenancy.stack
    return OkeObjectStoreArgs(
        tenancy=tenancy.tenancy,
        compartment=tenancy.compartment,
        region=tenancy.region,
        namespace=tenancy.namespace,
        bucket=bucket,
        encryption_key=encryption.storage_key_id,
        encryption_grant=encryption.storage_grant,
        email_domain=stack.domain,
        keys=stack.object_storage.keys,
        expire_days=kept.expire_days,
        noncurrent_days=kept.noncurrent_days,
        protect=stack.protect,
        tags=tenancy.tags,
        home=tenancy.home,
    )


def loki_storage(bucket: str, namespace: pulumi.Input[str], region: str) -> dict[str, Any]:
    """The `loki.storage` block of the Loki chart."""
    return {
        "type": "s3",
        "bucketNames": {"chunks": bucket, "ruler": bucket},
        "s3": {"endpoint": s3_endpoint(namespace, region), "region": region, "s3ForcePathStyle": True},
    }


def s3_endpoint(namespace: pulumi.Input[str], region: str) -> pulumi.Output[str]:
    """Where Object Storage speaks the S3 protocol:
    https://docs.oracle.com/en-us/iaas/Content/Object/Tasks/s3compatibleapi.htm
    """
    return pulumi.Output.format("https://{0}.compat.objectstorage.{1}.oraclecloud.com", namespace, region)
