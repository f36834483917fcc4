"""The buckets of a GKE stack that its workloads ask for, in Cloud Storage."""

from collections.abc import Sequence

from components.contracts import Bucket, BucketDemand
from components.gke.encryption import GkeKey
from components.gke.identity import GkeWorkloadPool
from components.gke.object_store import GkeObjectStore, GkeObjectStoreArgs
from components.gke.project import GkeProject
from components.naming import compact_name, physical_name


def build_buckets(
    demands: Sequence[BucketDemand], project: GkeProject, pool: GkeWorkloadPool, key: GkeKey
) -> dict[tuple[str, str], Bucket]:
    """Registers each bucket, and lets its users use it."""
    return {(demand.workload, demand.name): _bucket(demand, project, pool, key) for demand in demands}


def _bucket(demand: BucketDemand, project: GkeProject, pool: GkeWorkloadPool, key: GkeKey) -> Bucket:
    writers = {f"{account.name}-writes": account for account in demand.writers}
    readers = {f"{account.name}-reads": account for account in demand.readers}
    # The digest in it tells the `b` of `a-a` from the `a-b` of `a`, and both from the stack's own buckets.
    own = compact_name(demand.workload, demand.name, owner=project.cluster_name, limit=30)
    bucket = physical_name(project.project, project.cluster_name, own)
    store = GkeObjectStore(
        f"bucket-{demand.workload}.{demand.name}",
        GkeObjectStoreArgs(
            bucket=bucket,
            location=project.region,
            expire_days=demand.expire_days,
            noncurrent_days=demand.old_version_days,
            protect=project.stack.protect,
            pool=pool,
            writers=writers,
            readers=readers,
            encryption_key=key.key_id,
            encryption_grant=key.grant,
            api=project.apis["storage"],
        ),
        project.opts,
    )
    accounts = {**writers, **readers}
    return Bucket(
        variables={"BUCKET": bucket},
        grants={accounts[name]: [grant] for name, grant in store.grants.items()},
    )
