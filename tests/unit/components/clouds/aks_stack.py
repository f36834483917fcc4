"""AKS stacks for tests, and what they register."""

from collections.abc import Callable, Sequence
from typing import Any

import pulumi

from components.aks.foundation import build_foundation
from components.contracts import Demands, Foundation, ServiceAccount
from stacks.settings import parse
from tests.mock_engine import Deployed

GRANT = "azure-native:authorization:RoleAssignment"
ACCOUNT = "azure-native:storage:StorageAccount"
VAULT = "azure-native:keyvault:Vault"
LOCK = "azure-native:authorization:ManagementLockByScope"
SERVER = "azure-native:dbforpostgresql:Server"
SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"
TENANT = "33333333-2222-4333-8444-555555555555"
ADMINS = "22222222-2222-4333-8444-555555555555"

POSTGRES = {"sku": "Standard_D2ds_v5", "storage_gib": 128}


def stack(**changes: Any) -> Any:
    """Settings of a small stack, with changes by top-level key; `private_endpoints` is one of the network's."""
    cluster = {
        "zones": ["1"] if changes.get("environment", "dev") == "dev" else ["1", "2", "3"],
        "api_access": {"mode": "allow-list", "allowed_cidrs": ["203.0.113.0/24"]},
        "node_pools": {"system": {"vm_size": "Standard_D4s_v5", "min_nodes": 1, "max_nodes": 3}},
    }
    return parse(
        {
            "cloud": "aks",
            "environment": "dev",
            "domain": "acme.example",
            "account": {
                "subscription_id": SUBSCRIPTION,
                "tenant_id": TENANT,
                "location": "westeurope",
                "admin_group_ids": [ADMINS],
            },
            "network": {"cidr": "10.64.0.0/13", "private_endpoints": changes.pop("private_endpoints", False)},
            "cluster": {**cluster, **changes.pop("cluster", {})},
            **changes,
        }
    )


def pools(**by_name: dict[str, Any]) -> dict[str, Any]:
    """A cluster's node pools, usual ones but for what is said."""
    usual = {"vm_size": "Standard_D4s_v5", "min_nodes": 1, "max_nodes": 3}
    return {"node_pools": {name: {**usual, **pool} for name, pool in by_name.items()}}


def deployed_by(
    deploy_once: Callable[..., Deployed], principals: Sequence[ServiceAccount] = ()
) -> Callable[..., Deployed]:
    """What a foundation registers, by its changes."""

    def deployed(**changes: Any) -> Deployed:
        demands = Demands(principals=principals)
        return deploy_once(lambda: build_foundation(stack(**changes), demands), (changes, principals))

    return deployed


def contracts_by(
    deploy: Callable[..., Deployed], principals: Sequence[ServiceAccount] = ()
) -> Callable[..., Foundation]:
    """What a foundation delivers, by its changes."""

    def delivered(**changes: Any) -> Foundation:
        built: list[Foundation] = []
        deploy(lambda: built.append(build_foundation(stack(**changes), Demands(principals=principals))))
        return built[0]

    return delivered


def grants(deployed: Deployed) -> dict[str, tuple[str, str, str]]:
    """Role, principal and scope by name."""
    return {
        one.name: (one.inputs["roleDefinitionId"][-36:], one.inputs["principalId"], one.inputs["scope"])
        for one in deployed.of_type(GRANT)
    }


def resolved(deploy: Callable[..., Deployed], pick: Callable[[Foundation], Any], **changes: Any) -> Any:
    """What a foundation delivers, with its outputs as the plain values that they become."""
    found: list[Any] = []

    def program() -> None:
        delivered = build_foundation(stack(**changes), Demands())
        pulumi.Output.from_input(pick(delivered)).apply(found.append)

    deploy(program)
    return found[0]
