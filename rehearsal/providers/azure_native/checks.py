"""What Azure refuses beyond the rules of its table. Each check names its source."""

import base64
from collections.abc import Callable
from typing import Final

from rehearsal.providers import paths
from rehearsal.providers.azure_native import network_checks
from rehearsal.providers.azure_native.cluster_checks import ClusterChecks, check_agent_pool
from rehearsal.providers.azure_native.encryption_checks import check_account
from rehearsal.providers.azure_native.flow_log_checks import ACCOUNT, check_flow_log
from rehearsal.providers.azure_native.postgres_checks import SERVER, PostgresChecks
from rehearsal.providers.azure_native.queue_checks import NAMESPACE, QUEUE, check_namespace, check_queue
from rehearsal.providers.azure_native.roles import ASSIGNMENT, check_assignment, check_scope
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource

CLUSTER: Final = "azure-native:containerservice:ManagedCluster"
_POOL: Final = "azure-native:containerservice:AgentPool"
_WINDOW: Final = "azure-native:containerservice:MaintenanceConfiguration"
_LOCK: Final = "azure-native:authorization:ManagementLockByScope"
_REGISTRY: Final = "azure-native:containerregistry:Registry"
_TASK: Final = "azure-native:containerregistry:Task"
_VAULT: Final = "azure-native:keyvault:Vault"
_CREDENTIAL: Final = "azure-native:managedidentity:FederatedIdentityCredential"
_SETTING: Final = "azure-native:monitor:DiagnosticSetting"
_BLOBS: Final = "azure-native:storage:BlobServiceProperties"

# Source: learn.microsoft.com/azure/aks/monitor-aks-reference#supported-resource-logs.
_CLUSTER_LOGS: Final = frozenset(
    {
        "cloud-controller-manager",
        "cluster-autoscaler",
        "csi-azuredisk-controller",
        "csi-azurefile-controller",
        "csi-snapshot-controller",
        "fleet-member-agent",
        "fleet-member-net-controller-manager",
        "fleet-mcs-controller-manager",
        "guard",
        "kube-apiserver",
        "kube-audit",
        "kube-audit-admin",
        "kube-controller-manager",
        "kube-scheduler",
    }
)

_NETWORK_CHECKS: Final[dict[str, Callable[[Subject, Inventory, Referee], None]]] = {
    "azure-native:network:NatGateway": network_checks.check_nat_gateway,
    "azure-native:network:PrivateEndpoint": network_checks.check_private_endpoint,
    "azure-native:network:PublicIPAddress": network_checks.check_address,
    "azure-native:network:Subnet": network_checks.check_subnet,
    "azure-native:network:VirtualNetwork": network_checks.check_network,
    "azure-native:network:FlowLog": check_flow_log,
    "azure-native:dns:Zone": network_checks.check_zone,
    "azure-native:privatedns:PrivateZone": network_checks.check_zone,
    "azure-native:privatedns:VirtualNetworkLink": network_checks.check_link,
}


class Checks:
    """Looks at an operation before the inventory changes."""

    def __init__(self, inventory: Inventory, referee: Referee) -> None:
        self._inventory = inventory
        self._referee = referee
        self._own: dict[str, Callable[[Subject, Resource | None], None]] = {
            ASSIGNMENT: lambda subject, row: check_assignment(subject, inventory),
            CLUSTER: lambda subject, row: ClusterChecks(subject, row, inventory, referee).run(),
            _POOL: self._pool,
            _WINDOW: _check_window,
            _REGISTRY: _check_registry,
            _VAULT: _check_vault,
            _CREDENTIAL: self._credential,
            _SETTING: self._setting,
            _BLOBS: _check_blobs,
            _LOCK: lambda subject, row: check_scope(str(subject.inputs["scope"]).rstrip("/"), inventory),
            _TASK: _check_task,
            ACCOUNT: self._account,
            NAMESPACE: lambda subject, row: check_namespace(subject, row, inventory),
            QUEUE: lambda subject, row: check_queue(subject),
            SERVER: lambda subject, row: PostgresChecks(subject, row, inventory, referee).run(),
        }

    def run(self, operation: str, subject: Subject, row: Resource | None) -> None:
        if operation == "delete":
            self._locks(subject)
            return
        if shared := _NETWORK_CHECKS.get(subject.type):
            shared(subject, self._inventory, self._referee)
        if own := self._own.get(subject.type):
            own(subject, row)

    def _locks(self, subject: Subject) -> None:
        """Source: learn.microsoft.com/azure/azure-resource-manager/management/lock-resources#lock-inheritance."""
        for lock in self._inventory.list(account=subject.account, type=_LOCK):
            scope = str(lock.inputs["scope"]).rstrip("/")
            if lock.id != subject.id and (
                f"{subject.id}/".startswith(f"{scope}/") or scope.startswith(f"{subject.id}/")
            ):
                raise CloudError(
                    f"Status=409 Code=\"ScopeLocked\": The scope '{subject.id}' cannot perform delete operation "
                    f"because following scope(s) are locked: '{scope}'. Please remove the lock and try again."
                )

    def _pool(self, subject: Subject, row: Resource | None) -> None:
        name = str(subject.inputs["resourceName"])
        check_agent_pool(subject, self._referee.find([CLUSTER], name, subject.account))

    def _account(self, subject: Subject, row: Resource | None) -> None:
        check_account(subject, self._inventory)
        _check_zones(subject, row)

    def _credential(self, subject: Subject, row: Resource | None) -> None:
        """Source: learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations."""
        if not str(subject.inputs.get("issuer")).startswith("https://"):
            raise CloudError('Status=400 Code="BadRequest": the issuer of a federated credential is an https URL.')
        if len(subject.inputs.get("audiences") or []) != 1:
            raise CloudError('Status=400 Code="BadRequest": a federated credential has exactly one audience.')
        others = [
            other
            for other in self._inventory.list(account=subject.account, type=_CREDENTIAL)
            if other.scope == subject.scope and other.id != subject.id
        ]
        if any(all(other.inputs[key] == subject.inputs[key] for key in ("issuer", "subject")) for other in others):
            raise CloudError(
                'Status=409 Code="Conflict": issuer and subject of a federated credential are unique in its identity.'
            )
        if len(others) >= 20:
            raise CloudError('Status=400 Code="BadRequest": an identity has 20 federated credentials at most.')

    def _setting(self, subject: Subject, row: Resource | None) -> None:
        """Source: learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings."""
        target = str(subject.inputs["resourceUri"]).rstrip("/")
        found = next((row for row in self._inventory.list(retained=False) if row.id == target), None)
        if found is None:
            raise CloudError(f"Status=404 Code=\"ResourceNotFound\": the resource '{target}' was not found.")
        categories = set(paths.select(subject.inputs, "logs[*].category"))
        if found.type == CLUSTER and not categories <= _CLUSTER_LOGS:
            unknown = ", ".join(sorted(categories - _CLUSTER_LOGS))
            raise CloudError(f"Status=400 Code=\"BadRequest\": Category '{unknown}' is not supported.")


def _check_window(subject: Subject, row: Resource | None) -> None:
    """Source: learn.microsoft.com/azure/aks/planned-maintenance (three names; a schedule lasts four hours at least)."""
    names = ("default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")
    if subject.name not in names:
        raise CloudError(f"configName '{subject.name}' would have no effect: one of {', '.join(names)}")
    hours = paths.first(subject.inputs, "maintenanceWindow.durationHours")
    if hours is not None and not 4 <= hours <= 24:
        raise CloudError('Status=400 Code="InvalidParameter": durationHours lies between 4 and 24.')


def _check_zones(subject: Subject, row: Resource | None) -> None:
    """Source: learn.microsoft.com/azure/storage/common/redundancy-migration (zones come and go by a conversion)."""
    old, new = (str(paths.first(inputs, "sku.name")) for inputs in (row.inputs if row else {}, subject.inputs))
    if row is not None and old.endswith("ZRS") != new.endswith("ZRS"):
        raise CloudError(
            f'Status=400 Code="StorageAccountTypeConversionNotAllowed": the account {subject.name} goes from {old} to '
            f"{new} by a conversion, which no update starts."
        )


def _check_registry(subject: Subject, row: Resource | None) -> None:
    """Source: learn.microsoft.com/azure/container-registry/container-registry-skus and -soft-delete-policy."""
    premium = paths.first(subject.inputs, "sku.name") == "Premium"
    retention = paths.first(subject.inputs, "policies.retentionPolicy.status") == "enabled"
    needs = {
        "policies.retentionPolicy": retention,
        "zoneRedundancy": subject.inputs.get("zoneRedundancy") == "Enabled",
        "publicNetworkAccess": subject.inputs.get("publicNetworkAccess") == "Disabled",
    }
    for path, used in needs.items():
        if used and not premium:
            raise CloudError(f'Status=400 Code="SkuNotSupported": {path} needs the Premium sku.')
    if retention and paths.first(subject.inputs, "policies.softDeletePolicy.status") == "enabled":
        raise CloudError('Status=400 Code="InvalidParameter": retention and soft delete policies exclude each other.')


def _check_task(subject: Subject, row: Resource | None) -> None:
    """Source: learn.microsoft.com/azure/container-registry/container-registry-tasks-scheduled (five fields, UTC)."""
    for schedule in paths.select(subject.inputs, "trigger.timerTriggers[*].schedule"):
        if len(str(schedule).split()) != 5:
            raise CloudError(f"Status=400 Code=\"InvalidSchedule\": the schedule '{schedule}' has not five fields.")
    if paths.first(subject.inputs, "step.type") == "EncodedTask":
        try:
            base64.b64decode(str(paths.first(subject.inputs, "step.encodedTaskContent")), validate=True)
        except ValueError:
            raise CloudError('Status=400 Code="InvalidTaskStep": encodedTaskContent is no base64.') from None


def _check_vault(subject: Subject, row: Resource | None) -> None:
    """Source: learn.microsoft.com/azure/key-vault/general/soft-delete-overview; SDK docstrings of VaultProperties."""
    protected = paths.first(subject.inputs, "properties.enablePurgeProtection")
    if protected is False or (row and paths.first(row.inputs, "properties.enablePurgeProtection") and not protected):
        raise CloudError(
            'Status=400 Code="BadRequest": The property "enablePurgeProtection" cannot be set to false. '
            "Enabling the purge protection for a vault is an irreversible action."
        )
    days = paths.first(subject.inputs, "properties.softDeleteRetentionInDays")
    former = paths.first(row.inputs, "properties.softDeleteRetentionInDays") if row else days
    if former != days:
        raise CloudError('Status=400 Code="BadRequest": "softDeleteRetentionInDays" is fixed when a vault is created.')
    if days is not None and not 7 <= days <= 90:
        raise CloudError('Status=400 Code="BadRequest": "softDeleteRetentionInDays" lies between 7 and 90.')


def _check_blobs(subject: Subject, row: Resource | None) -> None:
    """Source: learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview, soft-delete-container-overview."""
    for key in ("deleteRetentionPolicy", "containerDeleteRetentionPolicy"):
        policy = subject.inputs.get(key) or {}
        if policy.get("enabled") and not 1 <= (policy.get("days") or 0) <= 365:
            raise CloudError(f'Status=400 Code="InvalidXmlDocument": {key}.days lies between 1 and 365.')
