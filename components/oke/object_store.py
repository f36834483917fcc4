"""A bucket of an OKE stack, in Object Storage, and the one user that may use it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_oci as oci

from components.contracts import ObjectStore, ServiceAccount, StaticKey, WorkloadIdentity
from components.naming import physical_name
from components.oke.bucket import OkeBucketArgs, build_bucket
from components.oke.encryption import OkeEncryption
from components.oke.identity import OkeUser, OkeUserArgs, bucket_statements
from components.oke.tenancy import OkeTenancy
from components.retention import Retention


@dataclass(frozen=True, kw_only=True)
class OkeObjectStoreArgs(OkeBucketArgs):
    tenancy: str
    """OCID of the tenancy, which users and groups belong to."""

    email_domain: str
    """Domain of the address that the bucket's user has to have."""

    keys: Sequence[str]
    """Names of the keys that the user has, two at most. The first is the one in use."""


class OkeObjectStore(pulumi.ComponentResource):
    """A private, versioned bucket, and a user with keys of the S3 protocol that may use this bucket alone.

    Loki and Velero know no principal of Oracle Cloud, only such keys: https://github.com/grafana/loki/issues/7713
    Object Storage deletes empty buckets only: `oci os object bulk-delete-versions` clears one of old versions too.
    """

    bucket: pulumi.Output[str]
    """Name of the bucket."""

    access_key_id: pulumi.Output[str]
    """Names the key in use."""

    secret_access_key: pulumi.Output[str]
    """Proves the key in use. A secret."""

    def __init__(self, name: str, args: OkeObjectStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeObjectStore", name, {}, opts)
        bucket = build_bucket(name, args, self)
        user_name = physical_name(args.bucket, "user", limit=100)
        user = OkeUser(f"{name}-writer", user_args(args, user_name), pulumi.ResourceOptions(parent=self))
        keys = [
            oci.identity.CustomerSecretKey(
                f"{name}-key-{key}",
                user_id=user.user_id,
                display_name=key,
                # The provider shows the key in plain text: it is to be a secret before it is in any state.
                opts=pulumi.ResourceOptions(parent=self, provider=args.home, additional_secret_outputs=["key"]),
            )
            for key in args.keys
        ]
        # Whoever writes the bucket names it by its name, and waits for it no other way.
        self.grants = [bucket, *user.grants]

        self.bucket = bucket.name
        self.access_key_id = keys[0].id
        self.secret_access_key = pulumi.Output.secret(keys[0].key)
        self.register_outputs(
            {
                "bucket": self.bucket,
                "access_key_id": self.access_key_id,
                "secret_access_key": self.secret_access_key,
            }
        )


def user_args(args: OkeObjectStoreArgs, user: str) -> OkeUserArgs:
    """The user, who may use the objects of the bucket and nothing else."""
    return OkeUserArgs(
        tenancy=args.tenancy,
        compartment=args.compartment,
        user=user,
        email=f"{user}@{args.email_domain}",
        purpose=f"Writes the bucket {args.bucket}",
        statements=bucket_statements(user, args.compartment, args.bucket),
        home=args.home,
    )


def loki_storage(bucket: str, namespace: pulumi.Input[str], region: str) -> dict[str, Any]:
    """The `loki.storage` block of the Loki chart."""
    return {
        "type": "s3",
        "bucketNames": {"chunks": bucket, "ruler": bucket},
        "s3": {"endpoint": s3_endpoint(namespace, region), "region": region, "s3ForcePathStyle": True},
    }


def velero_location(bucket: str, namespace: pulumi.Input[str], region: str) -> dict[str, Any]:
    """How Velero's plugin finds the bucket. Object Storage refuses the checksums that the client sends by default:
    https://github.com/vmware-tanzu/velero/issues/9089
    """
    config = {
        "region": region,
        "s3Url": s3_endpoint(namespace, region),
        "s3ForcePathStyle": "true",
        "checksumAlgorithm": "",
    }
    return {"provider": "aws", "bucket": bucket, "config": config}


def s3_endpoint(namespace: pulumi.Input[str], region: str) -> pulumi.Output[str]:
    """Where Object Storage speaks the S3 protocol:
    https://docs.oracle.com/en-us/iaas/Content/Object/Tasks/s3compatibleapi.htm
    """
    return pulumi.Output.format("https://{0}.compat.objectstorage.{1}.oraclecloud.com", namespace, region)


def build_store(
    name: str, writers: Sequence[ServiceAccount], kept: Retention, tenancy: OkeTenancy, encryption: OkeEncryption
) -> ObjectStore:
    """Registers a bucket, and the user that its writers use it as."""
    bucket, keys = physical_name(tenancy.cluster_name, name), tenancy.stack.object_storage.keys
    store = OkeObjectStore(name, store_args(bucket, kept, tenancy, encryption), tenancy.opts)
    return ObjectStore(
        bucket=store.bucket,
        kind="s3",
        loki_storage=loki_storage(bucket, tenancy.namespace, tenancy.region),
        velero_location=velero_location(bucket, tenancy.namespace, tenancy.region),
        url=f"s3://{bucket}",
        endpoint=s3_endpoint(tenancy.namespace, tenancy.region),
        region=tenancy.region,
        writers={account: WorkloadIdentity(service_account=account, grants=store.grants) for account in writers},
        key=StaticKey(
            generation=keys[0],
            access_key_id=store.access_key_id,
            secret_access_key=store.secret_access_key,
            grants=store.grants,
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
