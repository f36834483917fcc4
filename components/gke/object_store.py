"""A bucket of a GKE stack, in Cloud Storage, and who may use it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.contracts import ObjectStore, ServiceAccount, WorkloadIdentity
from components.gke.encryption import GkeKey
from components.gke.identity import GkeWorkloadPool
from components.gke.project import GkeProject
from components.naming import physical_name
from components.retention import Retention

OBJECT_ROLE = "roles/storage.objectUser"
"""Reads, writes, lists and deletes objects; changes neither the bucket nor who may use it."""

READER_ROLE = "roles/storage.objectViewer"
"""Reads and lists objects, and changes nothing."""

BUCKET_ROLE = "roles/storage.legacyBucketReader"
"""Sees how the bucket is set, and changes nothing. barman-cloud asks for the bucket before it uses it, and gives up
where it may not: https://github.com/EnterpriseDB/barman/blob/master/barman/cloud_providers/google_cloud_storage.py"""

SOFT_DELETE_SECONDS = 7 * 86400


@dataclass(frozen=True, kw_only=True)
class GkeObjectStoreArgs:
    bucket: str
    """Name of the bucket. Unique among all buckets in the world."""

    location: str
    """Region of the bucket."""

    expire_days: int | None = None
    """Age in days at which objects are deleted; never, if not given."""

    noncurrent_days: int | None
    """Days that an overwritten or deleted object can be brought back; not at all, if not given."""

    protect: bool
    """Whether the bucket refuses to be destroyed; else it is destroyed with what it holds."""

    pool: GkeWorkloadPool
    """Where writers and readers are principals."""

    writers: Mapping[str, ServiceAccount]
    """Who may use the objects, by the name of the grant."""

    readers: Mapping[str, ServiceAccount] = field(default_factory=dict[str, ServiceAccount])
    """Who may read the objects and no more, by the name of the grant."""

    askers: Mapping[str, ServiceAccount] = field(default_factory=dict[str, ServiceAccount])
    """Who may see how the bucket itself is set, by the name of the grant."""

    encryption_key: pulumi.Input[str]
    """Id of the key that objects are encrypted with."""

    encryption_grant: pulumi.Resource
    """The grant that lets Cloud Storage use the key: creating the bucket fails without it."""

    api: pulumi.Resource
    """The Cloud Storage API, switched on."""


class GkeObjectStore(pulumi.ComponentResource):
    """A private bucket with a grant for each of its users, and no other."""

    bucket: pulumi.Output[str]
    """Name of the bucket."""

    def __init__(self, name: str, args: GkeObjectStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeObjectStore", name, {}, opts)
        bucket = gcp.storage.Bucket(
            f"{name}-bucket",
            bucket_args(args),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.api, args.encryption_grant], protect=args.protect
            ),
        )
        self.grants = {
            grant: gcp.storage.BucketIAMMember(
                f"{name}-{grant}",
                bucket=bucket.name,
                role=role,
                member=args.pool.member(account),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[args.pool.cluster]),
            )
            for role, accounts in (
                (OBJECT_ROLE, args.writers),
                (READER_ROLE, args.readers),
                (BUCKET_ROLE, args.askers),
            )
            for grant, account in accounts.items()
        }

        self.bucket = bucket.name
        self.register_outputs({"bucket": self.bucket})


def bucket_args(args: GkeObjectStoreArgs) -> gcp.storage.BucketArgs:
    """The bucket: no public access, no object ACLs, old versions and stale uploads cleared away."""
    return gcp.storage.BucketArgs(
        name=args.bucket,
        location=args.location,
        uniform_bucket_level_access=True,
        public_access_prevention="enforced",
        force_destroy=not args.protect,
        encryption=gcp.storage.BucketEncryptionArgs(default_kms_key_name=args.encryption_key),
        versioning=gcp.storage.BucketVersioningArgs(enabled=args.noncurrent_days is not None),
        soft_delete_policy=gcp.storage.BucketSoftDeletePolicyArgs(
            retention_duration_seconds=0 if args.noncurrent_days is None else SOFT_DELETE_SECONDS
        ),
        lifecycle_rules=lifecycle_rules(args),
    )


def lifecycle_rules(args: GkeObjectStoreArgs) -> list[gcp.storage.BucketLifecycleRuleArgs]:
    """What is deleted when: objects by age, their old versions, and uploads that were never finished."""
    rules = [_rule("AbortIncompleteMultipartUpload", gcp.storage.BucketLifecycleRuleConditionArgs(age=7))]
    if args.noncurrent_days is not None:
        old = gcp.storage.BucketLifecycleRuleConditionArgs(days_since_noncurrent_time=args.noncurrent_days)
        rules.insert(0, _rule("Delete", old))
    if args.expire_days is not None:
        expired = gcp.storage.BucketLifecycleRuleConditionArgs(age=args.expire_days, with_state="LIVE")
        rules.insert(0, _rule("Delete", expired))
    return rules


def _rule(action: str, condition: gcp.storage.BucketLifecycleRuleConditionArgs) -> gcp.storage.BucketLifecycleRuleArgs:
    return gcp.storage.BucketLifecycleRuleArgs(
        action=gcp.storage.BucketLifecycleRuleActionArgs(type=action), condition=condition
    )


def build_store(
    name: str,
    writers: Mapping[str, ServiceAccount],
    kept: Retention,
    project: GkeProject,
    pool: GkeWorkloadPool,
    key: GkeKey,
    *,
    asked_for: bool = False,
) -> ObjectStore:
    """Registers a bucket, and lets its writers use it, each named by what its grant ends in. `asked_for` says whether
    they ask for the bucket itself before they use it.
    """
    bucket = physical_name(project.project, project.cluster_name, name)
    askers: Mapping[str, ServiceAccount] = writers if asked_for else {}
    store = GkeObjectStore(
        name,
        GkeObjectStoreArgs(
            bucket=bucket,
            location=project.region,
            expire_days=kept.expire_days,
            noncurrent_days=kept.noncurrent_days,
            protect=project.stack.protect,
            pool=pool,
            writers={f"grant{suffix}": account for suffix, account in writers.items()},
            askers={f"bucket-grant{suffix}": account for suffix, account in askers.items()},
            encryption_key=key.key_id,
            encryption_grant=key.grant,
            api=project.apis["storage"],
        ),
        project.opts,
    )
    return ObjectStore(
        bucket=store.bucket,
        kind="gcs",
        loki_storage={"type": "gcs", "bucketNames": {"chunks": bucket, "ruler": bucket}},
        velero_location=velero_location(bucket, project.project),
        url=f"gs://{bucket}",
        writers={
            account: WorkloadIdentity(
                service_account=account,
                grants=[
                    grant for name, grant in store.grants.items() if name.removeprefix("bucket-") == f"grant{suffix}"
                ],
            )
            for suffix, account in writers.items()
        },
    )


def velero_location(bucket: str, project: str) -> dict[str, Any]:
    """How Velero's plugin finds the bucket.

    It wants the name of an account that signs addresses, where its pods have no key. Pods that are principals of their
    own have no such account: whoever reads a backup's log reads it from the bucket.
    https://github.com/vmware-tanzu/velero-plugin-for-gcp/blob/main/backupstoragelocation.md
    """
    return {"provider": "gcp", "bucket": bucket, "config": {"serviceAccount": f"{project}.svc.id.goog"}}
