"""The buckets of an OKE stack that its workloads ask for, in Object Storage."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.contracts import Bucket, BucketDemand, ServiceAccount
from components.naming import compact_name, physical_name
from components.oke.bucket import OkeBucketArgs, build_bucket
from components.oke.encryption import OkeEncryption
from components.oke.identity import OBJECT_PERMISSIONS, READ_PERMISSIONS, pod_bucket_statements
from components.oke.tenancy import OkeTenancy


@dataclass(frozen=True, kw_only=True)
class OkeWorkloadBucketArgs(OkeBucketArgs):
    cluster: pulumi.Input[str]
    """OCID of the cluster."""

    writers: Sequence[ServiceAccount]
    """Who may use the objects."""

    readers: Sequence[ServiceAccount]
    """Who may read the objects, and no more."""


class OkeWorkloadBucket(pulumi.ComponentResource):
    """A private bucket, and a policy for each service account whose pods use it as themselves, without a key."""

    bucket: pulumi.Output[str]
    """Name of the bucket."""

    def __init__(self, name: str, args: OkeWorkloadBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeWorkloadBucket", name, {}, opts)
        bucket = build_bucket(name, args, self)
        used = ((OBJECT_PERMISSIONS, args.writers), (READ_PERMISSIONS, args.readers))
        self.policies = {
            account: oci.identity.Policy(
                f"{name}-{account.name}",
                compartment_id=args.compartment,
                name=physical_name(args.bucket, account.name, limit=100),
                description=f"{account.namespace}/{account.name} uses {args.bucket}",
                statements=statements(args, account, permissions),
                opts=pulumi.ResourceOptions(parent=self, provider=args.home),
            )
            for permissions, accounts in used
            for account in accounts
        }
        # Pods name the bucket by its name, and wait for it no other way.
        self.made = bucket

        self.bucket = bucket.name
        self.register_outputs({"bucket": self.bucket})


def statements(
    args: OkeWorkloadBucketArgs, account: ServiceAccount, permissions: Sequence[str]
) -> pulumi.Output[list[str]]:
    """What the policy says of the pods of one service account."""
    return pulumi.Output.from_input(args.cluster).apply(
        lambda cluster: pod_bucket_statements(cluster, account, args.compartment, args.bucket, permissions)
    )


def build_buckets(
    demands: Sequence[BucketDemand], tenancy: OkeTenancy, cluster: pulumi.Input[str], encryption: OkeEncryption
) -> dict[tuple[str, str], Bucket]:
    """Registers each bucket, and lets its users use it."""
    return {(demand.workload, demand.name): _bucket(demand, tenancy, cluster, encryption) for demand in demands}


def _bucket(demand: BucketDemand, tenancy: OkeTenancy, cluster: pulumi.Input[str], encryption: OkeEncryption) -> Bucket:
    # The digest in it tells the `b` of `a-a` from the `a-b` of `a`, and both from the stack's own buckets.
    own = compact_name(demand.workload, demand.name, owner=tenancy.cluster_name, limit=30)
    bucket = physical_name(tenancy.cluster_name, own)
    args = OkeWorkloadBucketArgs(
        compartment=tenancy.compartment,
        region=tenancy.region,
        namespace=tenancy.namespace,
        bucket=bucket,
        encryption_key=encryption.storage_key_id,
        encryption_grant=encryption.storage_grant,
        expire_days=demand.expire_days,
        noncurrent_days=demand.old_version_days,
        protect=tenancy.stack.protect,
        tags=tenancy.tags,
        home=tenancy.home,
        cluster=cluster,
        writers=demand.writers,
        readers=demand.readers,
    )
    made = OkeWorkloadBucket(f"bucket-{demand.workload}.{demand.name}", args, tenancy.opts)
    return Bucket(
        variables={
            "BUCKET": bucket,
            "NAMESPACE": tenancy.namespace,
            "ENDPOINT": f"https://objectstorage.{tenancy.region}.oraclecloud.com",
        },
        grants={account: [made.made, policy] for account, policy in made.policies.items()},
    )
