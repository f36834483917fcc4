"""What Azure refuses about flow logs."""

from rehearsal.providers import paths
from rehearsal.providers.azure_native.network_checks import NETWORK
from rehearsal.providers.azure_native.roles import IDENTITY, holds_role
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource

ACCOUNT = "azure-native:storage:StorageAccount"

GROUP_OF_WATCHERS = "NetworkWatcherRG"
"""Source: learn.microsoft.com/azure/network-watcher/network-watcher-create (Azure makes group and watcher itself)."""


def check_flow_log(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Sources: learn.microsoft.com/azure/network-watcher/ vnet-flow-logs-overview, vnet-flow-logs-managed-identity."""
    location = str(subject.inputs.get("location"))
    target = str(subject.inputs["targetResourceId"]).rstrip("/")
    network = inventory.get(NETWORK, target)
    if network is None:
        raise CloudError(f"Status=404 Code=\"ResourceNotFound\": the resource '{target}' was not found.")
    watcher = f"NetworkWatcher_{network.outputs['location']}"
    if subject.inputs["networkWatcherName"] != watcher:
        raise CloudError(
            f"Status=404 Code=\"ResourceNotFound\": the network watcher '{subject.inputs['networkWatcherName']}' was "
            f"not found: that of the network's region is '{watcher}'."
        )
    account = referee.find([ACCOUNT], str(subject.inputs["storageId"]), subject.account)
    if account is None:
        return
    if {location, network.outputs["location"]} != {account.outputs["location"]}:
        raise CloudError(
            'Status=400 Code="StorageAccountLocationMismatch": flow log, network and storage account lie in one region.'
        )
    _check_access(subject, account, inventory)


def _check_access(subject: Subject, account: Resource, inventory: Inventory) -> None:
    closed = paths.first(account.inputs, "networkRuleSet.defaultAction") == "Deny"
    if closed and paths.first(account.inputs, "networkRuleSet.bypass") != "AzureServices":
        raise CloudError(
            f'Status=400 Code="StorageAccountNotReachable": the account {account.name} is closed and lets no trusted '
            "services of Azure in."
        )
    if account.inputs.get("allowSharedKeyAccess") is not False:
        return
    identities = paths.first(subject.inputs, "identity.userAssignedIdentities") or []
    rows = [inventory.get(IDENTITY, str(identity)) for identity in identities]
    principals = [row.outputs["principalId"] for row in rows if row is not None]
    role = "Storage Blob Data Contributor"
    if not any(holds_role(one, [role], account.id, inventory, account=subject.account) for one in principals):
        raise CloudError(
            f'Status=403 Code="AuthorizationPermissionMismatch": the account {account.name} takes no keys: the flow '
            f"log needs an identity with the role {role} on it."
        )
