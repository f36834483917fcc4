"""Built-in roles of Azure, who holds them, and what Azure refuses about assignments of them."""

import re
from collections.abc import Iterable
from typing import Final

from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.wire import Properties

ASSIGNMENT: Final = "azure-native:authorization:RoleAssignment"
IDENTITY: Final = "azure-native:managedidentity:UserAssignedIdentity"

BUILT_IN: Final = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
    "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b": "Azure Kubernetes Service RBAC Cluster Admin",
    "4abbcc35-e782-43d8-92c5-2d3f1bd2253f": "Azure Kubernetes Service Cluster User Role",
    "befefa01-2a29-4197-83a8-272ff33ce314": "DNS Zone Contributor",
    "b12aa53e-6015-4669-85d0-8515ebb3ae7f": "Private DNS Zone Contributor",
    "f25e0fa2-a7c8-4377-a976-54943a77a395": "Key Vault Contributor",
    "e147488a-f6f5-4113-8e2d-b22465e65bf6": "Key Vault Crypto Service Encryption User",
    "12338af0-0e69-4776-bea7-57ae8d297424": "Key Vault Crypto User",
    "14b46e9e-c2b7-41b4-b07b-48a6ebf60603": "Key Vault Crypto Officer",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "f1a07417-d97a-45cb-824c-7a7467783830": "Managed Identity Operator",
    "4d97b98b-1d4f-4787-a291-c67834d212e7": "Network Contributor",
    "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0": "Azure Service Bus Data Receiver",
    "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": "Azure Service Bus Data Sender",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
}
"""Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles. Carried from there and not from what is
rehearsed: a wrong id there is one that Azure refuses."""

_DEFINITION = re.compile(
    r"^(/subscriptions/[^/]+)?/providers/Microsoft\.Authorization/roleDefinitions/([0-9a-f-]{36})$"
)
_ALL_POWERFUL = ("Owner", "Contributor")


def role_name(definition: str) -> str:
    """The role behind an id; one that is not built in does not exist here."""
    match = _DEFINITION.match(definition)
    if match is None or match[2] not in BUILT_IN:
        raise CloudError(
            f"Status=400 Code=\"RoleDefinitionDoesNotExist\": the role definition '{definition}' does not exist: its "
            "id is '/subscriptions/<subscription>/providers/Microsoft.Authorization/roleDefinitions/<built-in id>'"
        )
    return BUILT_IN[match[2]]


def check_assignment(subject: Subject, inventory: Inventory) -> None:
    """Source: learn.microsoft.com/azure/role-based-access-control/troubleshooting."""
    inputs = subject.inputs
    role_name(str(inputs["roleDefinitionId"]))
    scope = str(inputs["scope"]).rstrip("/")
    check_scope(scope, inventory)
    _check_principal(inputs, inventory)
    for row in inventory.list(type=ASSIGNMENT):
        same = all(_same(row.inputs, inputs, key) for key in ("scope", "principalId", "roleDefinitionId"))
        if same and row.id != subject.id:
            raise CloudError('Status=409 Code="RoleAssignmentExists": The role assignment already exists.')


def check_scope(scope: str, inventory: Inventory) -> None:
    """What a role assignment or a lock is on has to exist, unless it is a subscription."""
    if scope.count("/") > 2 and not _exists(scope, inventory):
        raise CloudError(f"Status=404 Code=\"ResourceNotFound\": the resource '{scope}' was not found.")


def holds_role(principal: str | None, roles: Iterable[str], scope: str, inventory: Inventory, *, account: str) -> bool:
    """Whether a principal has one of the roles on a scope, directly or from above."""
    wanted = {*roles, *_ALL_POWERFUL}
    return any(
        row.inputs.get("principalId") == principal
        and role_name(str(row.inputs["roleDefinitionId"])) in wanted
        and f"{scope}/".startswith(f"{str(row.inputs['scope']).rstrip('/')}/")
        for row in inventory.list(account=account, type=ASSIGNMENT)
    )


def _check_principal(inputs: Properties, inventory: Inventory) -> None:
    """A new identity is not in the directory yet: only a stated type skips the look-up there."""
    principal, stated = inputs["principalId"], inputs.get("principalType")
    if not any(row.outputs.get("principalId") == principal for row in inventory.list(type=IDENTITY)):
        return
    if stated is None:
        raise CloudError(
            f'Status=400 Code="PrincipalNotFound": Principal {principal} does not exist in the directory. If it was '
            "just created, set principalType to ServicePrincipal: that does not wait for replication"
        )
    if stated != "ServicePrincipal":
        raise CloudError(
            f"Status=400 Code=\"UnmatchedPrincipalType\": principal {principal} has the type 'ServicePrincipal', "
            f"not '{stated}'"
        )


def _same(one: Properties, other: Properties, key: str) -> bool:
    return str(one.get(key)).rstrip("/") == str(other.get(key)).rstrip("/")


def _exists(scope: str, inventory: Inventory) -> bool:
    return any(row.id == scope for row in inventory.list(retained=False))
