"""The object stores of an AKS stack, as their users see them."""

import pulumi

from components import retention
from components.aks.data_encryption import AksDataKey
from components.aks.object_store import AksObjectStore, AksObjectStoreArgs
from components.aks.site import Site
from components.contracts import (
    BACKUPS_WRITER,
    DATABASE_BACKUPS_WRITER,
    LOGS_WRITER,
    ObjectStore,
    ServiceAccount,
)
from components.retention import Retention

CHUNKS, RULER, BACKUPS = "chunks", "ruler", "backups"


class AksStores:
    """A storage account each for logs, for backups of the cluster and for those of databases."""

    def __init__(self, site: Site, issuer: pulumi.Input[str], key: AksDataKey) -> None:
        self._site, self._issuer, self._key = site, issuer, key
        kept = retention.of_logs(site.stack.logs.retention_days)
        self.logs = self._store("logs", (CHUNKS, RULER), LOGS_WRITER, kept)
        self.backups = self._store("backups", (BACKUPS,), BACKUPS_WRITER, retention.BACKUPS)
        self.database_backups = self._store("database-backups", (BACKUPS,), DATABASE_BACKUPS_WRITER, retention.BACKUPS)

    def _store(self, name: str, containers: tuple[str, ...], writer: ServiceAccount, kept: Retention) -> ObjectStore:
        site = self._site
        account = site.world_name(name)
        identity = site.identity(f"{name}-writer", writer, self._issuer)
        store = AksObjectStore(
            name,
            AksObjectStoreArgs(
                place=site.place,
                account=account,
                containers=containers,
                zone_redundant=site.stack.high_availability,
                public=not site.private,
                expire_days=kept.expire_days,
                noncurrent_days=kept.noncurrent_days,
                protect=site.stack.protect,
                writer=identity.principal_id,
                key=self._key,
            ),
            site.opts,
        )
        return ObjectStore(
            bucket=f"{account}/{containers[0]}",
            kind="azure",
            loki_storage={
                "type": "azure",
                "bucketNames": {"chunks": containers[0], "ruler": containers[-1]},
                "azure": {"accountName": account, "useFederatedToken": True},
            },
            identity=identity.contract([*store.grants, *site.endpoint(name, "blob", store.account_id)]),
        )
