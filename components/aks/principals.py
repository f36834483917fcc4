"""Services that are principals of Azure, and the vault of each workload."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi

from components.aks.secrets import build_vault
from components.aks.subscription import AksSubscription
from components.contracts import SECRET_STORE, DaprSecretStore, ServiceAccount, WorkloadIdentity


def build_principals(
    subscription: AksSubscription, issuer: pulumi.Input[str], accounts: Sequence[ServiceAccount]
) -> Mapping[ServiceAccount, WorkloadIdentity]:
    """Registers an identity for each service account, and for each workload a vault that its identities alone read."""
    by_workload: defaultdict[str, list[ServiceAccount]] = defaultdict(list)
    for account in accounts:
        by_workload[account.namespace].append(account)
    return {
        account: identity
        for workload, its_own in by_workload.items()
        for account, identity in _of_workload(subscription, issuer, workload, its_own).items()
    }


def _of_workload(
    subscription: AksSubscription, issuer: pulumi.Input[str], workload: str, accounts: Sequence[ServiceAccount]
) -> Mapping[ServiceAccount, WorkloadIdentity]:
    name = f"principals-{workload}"
    identities = {account: subscription.identity(f"{name}-{account.name}", account, issuer) for account in accounts}
    readers = {account.name: identity.principal_id for account, identity in identities.items()}
    vault = build_vault(subscription, name, (workload, subscription.cluster_name), readers)
    reached = subscription.endpoint(name, "vault", vault.vault_id)
    # Which identity it is, the pod's own environment says.
    store = DaprSecretStore(type="secretstores.azure.keyvault", metadata={"vaultName": vault.name})
    return {
        account: replace(
            identity.contract([vault.grants[account.name], *reached], {SECRET_STORE: vault.uri}), secret_store=store
        )
        for account, identity in identities.items()
    }
