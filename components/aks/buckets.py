"""The buckets of an AKS stack that its workloads ask for: a container each, in a storage account of its own."""

from collections.abc import Mapping, Sequence
from typing import Final

from components.aks.data_encryption import AksDataKey
from components.aks.identity import AksWorkloadIdentity
from components.aks.object_store import AksObjectStore, AksObjectStoreArgs
from components.aks.subscription import AksSubscription
from components.contracts import Bucket, BucketDemand, ServiceAccount

CONTAINER: Final = "objects"
"""The container. Versions and what is deleted when are the account's affair: no two buckets share one."""


def build_buckets(
    demands: Sequence[BucketDemand],
    subscription: AksSubscription,
    identities: Mapping[ServiceAccount, AksWorkloadIdentity],
    key: AksDataKey,
) -> dict[tuple[str, str], Bucket]:
    """Registers each bucket, and lets its users use it."""
    return {(demand.workload, demand.name): _bucket(demand, subscription, identities, key) for demand in demands}


def _bucket(
    demand: BucketDemand,
    subscription: AksSubscription,
    identities: Mapping[ServiceAccount, AksWorkloadIdentity],
    key: AksDataKey,
) -> Bucket:
    name = f"bucket-{demand.workload}.{demand.name}"
    writers = {f"{account.name}-writes": account for account in demand.writers}
    readers = {f"{account.name}-reads": account for account in demand.readers}
    account = subscription.global_name(demand.workload, demand.name)
    store = AksObjectStore(
        name,
        AksObjectStoreArgs(
            place=subscription.place,
            account=account,
            containers=(CONTAINER,),
            zone_redundant=subscription.stack.high_availability,
            public=not subscription.private,
            expire_days=demand.expire_days,
            noncurrent_days=demand.old_version_days,
            protect=subscription.stack.protect,
            writers={granted: identities[user].principal_id for granted, user in writers.items()},
            readers={granted: identities[user].principal_id for granted, user in readers.items()},
            key=key,
        ),
        subscription.opts,
    )
    reached = subscription.endpoint(name, "blob", store.account_id)
    return Bucket(
        variables={"BUCKET": CONTAINER, "ENDPOINT": f"https://{account}.blob.core.windows.net", "ACCOUNT": account},
        grants={
            user: [store.grants[f"{CONTAINER}-{granted}"], *reached] for granted, user in {**writers, **readers}.items()
        },
    )
