"""A platform that is one resource: what tests of workloads stand on."""

from typing import Any

import pulumi

from components.contracts import ObjectStore, ServiceAccount, WorkloadIdentity
from components.data.sizes import SIZES
from components.namespaces import MONITORING, Namespaces, NamespacesArgs
from components.platform.data_operators import DataOperators
from components.platform.platform import Platform
from components.platform.runtime import Runtime
from components.platform.vault_secret import Vault
from components.releases import ChartSource

WRITER = ServiceAccount(namespace="databases", name="backups")
STORE = ObjectStore(
    bucket="backups",
    kind="gcs",
    loki_storage={},
    writers={WRITER: WorkloadIdentity(service_account=WRITER)},
)


class Prerequisite(pulumi.ComponentResource):
    """Stands for any resource that a component waits for."""

    def __init__(self, name: str) -> None:
        super().__init__("test:index:Prerequisite", name)


def bare_platform(wait: pulumi.Resource | None = None, **changes: Any) -> Platform:
    """Every part of it is `wait`, but those that are given."""
    wait = wait or Prerequisite("platform")
    data = DataOperators(
        kafka=wait,
        postgres=wait,
        mongodb=wait,
        rabbitmq=[wait],
        own_ca=wait,
        database_backups=STORE,
        barman=None,
        backup_hour=2,
        backup_days=7,
        sizes=SIZES["dev"],
        high_availability=False,
        protect=False,
        storage_class="fast",
        service_monitors=wait,
        charts=ChartSource(),
        nodes=[],
    )
    parts: dict[str, Any] = {
        "nodes": [],
        "namespaces": Namespaces(f"{wait._name}-namespaces", NamespacesArgs(levels={MONITORING: "privileged"})),
        "service_monitors": wait,
        "agents": wait,
        "scaler": wait,
        "runtime": Runtime(release=wait, definitions=[wait]),
        "data": data,
        "vault": Vault(field=None, refresh_minutes=60, ready=[wait]),
        "monitoring": pulumi.Output.from_input({"url": "https://monitoring.acme.example"}),
    }
    return Platform(**{**parts, **changes})
