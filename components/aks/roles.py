"""Azure's built-in roles, and how one is granted.

The ids are the same in every tenant: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

from typing import Literal

import pulumi
import pulumi_azure_native as azure

ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
"""Pulls images."""

ACR_PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"
"""Pulls and pushes images; deletes none."""

BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
"""Reads, writes, lists and deletes blobs; changes neither the account nor who may use it."""

BLOB_DATA_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
"""Reads and lists blobs, and changes nothing."""

CLUSTER_ADMIN = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
"""Does everything in a cluster, through the Kubernetes API."""

CLUSTER_USER = "4abbcc35-e782-43d8-92c5-2d3f1bd2253f"
"""Gets a kubeconfig, which holds no credential, and nothing else."""

DNS_ZONE_CONTRIBUTOR = "befefa01-2a29-4197-83a8-272ff33ce314"
"""Manages the records of a zone, and the zone itself."""

IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
"""Attaches a managed identity to machines."""

KEY_VAULT_CONTRIBUTOR = "f25e0fa2-a7c8-4377-a976-54943a77a395"
"""Manages a vault, private links to it included, and reads nothing that is in it."""

KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
"""Reads a vault's keys, wraps and unwraps with them: what a service needs that encrypts its data with them."""

KEY_VAULT_CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
"""Encrypts and decrypts with a vault's keys."""

KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
"""Reads the secrets of a vault."""

NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
"""Joins machines and load balancers to subnets."""

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
"""Sees what there is, and how it is set."""

SERVICE_BUS_DATA_RECEIVER = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"
"""Takes messages of a queue, dead ones included."""

SERVICE_BUS_DATA_SENDER = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"
"""Sends messages to a queue."""

PrincipalType = Literal["ServicePrincipal", "Group"]


def grant(
    name: str,
    role: str,
    *,
    subscription_id: str,
    scope: pulumi.Input[str],
    principal_id: pulumi.Input[str],
    principal_type: PrincipalType = "ServicePrincipal",
    opts: pulumi.ResourceOptions,
) -> azure.authorization.RoleAssignment:
    """Gives a principal a role on `scope` and all below it.

    The principal's type is said, because a new identity is not in the directory yet when its grant is checked:
    https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---assigning-a-role-to-a-new-principal-sometimes-fails
    """
    return azure.authorization.RoleAssignment(
        name,
        azure.authorization.RoleAssignmentArgs(
            scope=scope,
            principal_id=principal_id,
            principal_type=principal_type,
            role_definition_id=(
                f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization/roleDefinitions/{role}"
            ),
        ),
        opts=opts,
    )
