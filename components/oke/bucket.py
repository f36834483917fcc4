"""A versioned bucket of an OKE stack, in Object Storage, and what the service does to it by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.naming import physical_name
from components.oke.identity import location

STALE_UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class OkeBucketArgs:
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

    expire_days: int | None = None
    """Age in days at which objects are deleted; never, if not given."""

    noncurrent_days: int | None
    """Days that an overwritten or deleted object can be brought back; not at all, if not given."""

    protect: bool
    """Whether the bucket refuses to be destroyed. Without it the bucket can go, once it is empty."""

    tags: Mapping[str, str]
    """Tags of the bucket."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


def build_bucket(name: str, args: OkeBucketArgs, parent: pulumi.Resource) -> oci.objectstorage.Bucket:
    """Registers the bucket, and the rules by which it is cleared.

    Object Storage carries the rules out itself, for which it needs a grant like everybody else:
    https://docs.oracle.com/en-us/iaas/Content/Object/Tasks/usinglifecyclepolicies.htm
    """
    bucket = oci.objectstorage.Bucket(
        f"{name}-bucket",
        bucket_args(args),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[args.encryption_grant], protect=args.protect),
    )
    grant = oci.identity.Policy(
        f"{name}-lifecycle-grant",
        compartment_id=args.compartment,
        name=physical_name(args.bucket, "lifecycle", limit=100),
        description=f"Object Storage clears {args.bucket}",
        statements=[lifecycle_statement(args)],
        opts=pulumi.ResourceOptions(parent=parent, provider=args.home),
    )
    oci.objectstorage.ObjectLifecyclePolicy(
        f"{name}-lifecycle",
        namespace=args.namespace,
        bucket=bucket.name,
        rules=lifecycle_rules(args),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[grant]),
    )
    return bucket


def bucket_args(args: OkeBucketArgs) -> oci.objectstorage.BucketArgs:
    """The bucket: no public access, and old versions kept for a while where they are wanted."""
    return oci.objectstorage.BucketArgs(
        compartment_id=args.compartment,
        namespace=args.namespace,
        name=args.bucket,
        access_type="NoPublicAccess",
        storage_tier="Standard",
        versioning="Disabled" if args.noncurrent_days is None else "Enabled",
        kms_key_id=args.encryption_key,
        freeform_tags=args.tags,
    )


def lifecycle_statement(args: OkeBucketArgs) -> str:
    """Lets Object Storage delete objects of the bucket."""
    return (
        f"Allow service objectstorage-{args.region} to manage object-family in {location(args.compartment)} "
        f"where target.bucket.name = '{args.bucket}'"
    )


def lifecycle_rules(args: OkeBucketArgs) -> list[oci.objectstorage.ObjectLifecyclePolicyRuleArgs]:
    """What is deleted when: objects by age, their old versions, and uploads that were never finished."""
    rules = [_rule("stale-uploads", "ABORT", "multipart-uploads", STALE_UPLOAD_DAYS)]
    if args.noncurrent_days is not None:
        rules.insert(0, _rule("old-versions", "DELETE", "previous-object-versions", args.noncurrent_days))
    if args.expire_days is not None:
        rules.insert(0, _rule("expired", "DELETE", "objects", args.expire_days))
    return rules


def _rule(name: str, action: str, target: str, days: int) -> oci.objectstorage.ObjectLifecyclePolicyRuleArgs:
    return oci.objectstorage.ObjectLifecyclePolicyRuleArgs(
        name=name, action=action, target=target, is_enabled=True, time_amount=str(days), time_unit="DAYS"
    )
