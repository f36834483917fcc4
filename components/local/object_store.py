"""A local stack's object stores: volumes of the pods that use them."""

from components.contracts import ObjectStore, ServiceAccount, WorkloadIdentity


def volume(name: str, *writers: ServiceAccount) -> ObjectStore:
    """A store that lives on the writer's own volume, so that no grant is needed."""
    return ObjectStore(
        bucket=name,
        kind="filesystem",
        loki_storage={"type": "filesystem"},
        writers={account: WorkloadIdentity(service_account=account) for account in writers},
    )
