"""A bucket of an OKE stack, in Object Storage, and the one user that may use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_oci as oci

from components.contracts import ObjectStore, ServiceAccount, StaticKey, WorkloadIdentity
from components.naming import physical_name
from components.oke.encryption import OkeEncryption
from components.oke.identity import OkeUser, OkeUserArgs, bucket_statements, location
from components.oke.tenancy import OkeTenancy
from components.retention import Retention

STALE_UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class OkeObjectStoreArgs:
    tenancy: str
    """OCID of the tenancy, which users and groups belong to."""

    compartment: str
    """OCID of the compartment of the bucket."""

    region: str
    """Region of the bucket."""

    namespace: pulumi.Input[str]
    """The tenancy's namespace, in which buckets have names of their own."""

    bucket: str
    """Name of the bucket."""

    encryption_key: pulumi.Input[str]
    """OCID of the key that objects are encrypted with."""

    encryption_grant: pulumi.Resource
    """The policy that lets Object Storage use the key: creating the bucket fails without it."""

    email_domain: str
    """Domain of the address that the bucket's user has to have."""

    keys: Sequence[str]
    """Names of the keys that the user has, two at most. The first is the one in use."""

    expire_days: int | None = None
    """Age in days at which objects are deleted; never, if not given."""

    noncurrent_days: int
    """Days that an overwritten or deleted object can be brought back."""

    protect: bool
    """Whether the bucket refuses to be destroyed. Without it the bucket can go, once it is empty."""

    tags: Mapping[str, str]
    """Tags of the bucket."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


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
        bucket = oci.objectstorage.Bucket(
            f"{name}-bucket",
            bucket_args(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.encryption_grant], protect=args.protect),
        )
        self._lifecycle(name, args, bucket)
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

    def _lifecycle(self, name: str, args: OkeObjectStoreArgs, bucket: oci.objectstorage.Bucket) -> None:
        """Rules that the service carries out itself, for which it needs a grant like everybody else.

        https://docs.oracle.com/en-us/iaas/Content/Object/Tasks/usinglifecyclepolicies.htm
        """
        grant = oci.identity.Policy(
            f"{name}-lifecycle-grant",
            compartment_id=args.compartment,
            name=physical_name(args.bucket, "lifecycle", limit=100),
            description=f"Object Storage clears {args.bucket}",
            statements=[lifecycle_statement(args)],
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )
        oci.objectstorage.ObjectLifecyclePolicy(
            f"{name}-lifecycle",
            namespace=args.namespace,
            bucket=bucket.name,
            rules=lifecycle_rules(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant]),
        )


def bucket_args(args: OkeObjectStoreArgs) -> oci.objectstorage.BucketArgs:
    """The bucket: no public access, and old versions kept for a while."""
    return oci.objectstorage.BucketArgs(
        compartment_id=args.compartment,
        namespace=args.namespace,
        name=args.bucket,
        access_type="NoPublicAccess",
        storage_tier="Standard",
        versioning="Enabled",
        kms_key_id=args.encryption_key,
        freeform_tags=args.tags,
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


def lifecycle_statement(args: OkeObjectStoreArgs) -> str:
    """Lets Object Storage delete objects of the bucket."""
    return (
        f"Allow service objectstorage-{args.region} to manage object-family in {location(args.compartment)} "
        f"where target.bucket.name = '{args.bucket}'"
    )


def lifecycle_rules(args: OkeObjectStoreArgs) -> list[oci.objectstorage.ObjectLifecyclePolicyRuleArgs]:
    """What is deleted when: objects by age, their old versions, and uploads that were never finished."""
    rules = [
        _rule("old-versions", "DELETE", "previous-object-versions", args.noncurrent_days),
        _rule("stale-uploads", "ABORT", "multipart-uploads", STALE_UPLOAD_DAYS),
    ]
    if args.expire_days is not None:
        rules.insert(0, _rule("expired", "DELETE", "objects", args.expire_days))
    return rules


def _rule(name: str, action: str, target: str, days: int) -> oci.objectstorage.ObjectLifecyclePolicyRuleArgs:
    return oci.objectstorage.ObjectLifecyclePolicyRuleArgs(
        name=name, action=action, target=target, is_enabled=True, time_amount=str(days), time_unit="DAYS"
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
