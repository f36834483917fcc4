"""Services that are principals of Azure, and the vault of each workload."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi

from components.aks.identity import AksWorkloadIdentity
from components.aks.secrets import build_vault
from components.aks.subscription import AksSubscription
from components.contracts import SECRET_STORE, DaprSecretStore, ServiceAccount, WorkloadIdentity


def build_identities(
    subscription: AksSubscription, issuer: pulumi.Input[str], accounts: Sequence[ServiceAccount]
) -> Mapping[ServiceAccount, AksWorkloadIdentity]:
    """Registers an identity for each service account."""
    return {
        account: subscription.identity(f"principals-{account.namespace}-{account.name}", account, issuer)
        for account in accounts
    }


def build_principals(
    subscription: AksSubscription, identities: Mapping[ServiceAccount, AksWorkloadIdentity]
) -> Mapping[ServiceAccount, WorkloadIdentity]:
    """Registers for each workload a vault that its identities alone read."""
    by_workload: defaultdict[str, dict[ServiceAccount, AksWorkloadIdentity]] = defaultdict(dict)
    for account, identity in identities.items():
        by_workload[account.namespace][account] = identity
    return {
        account: identity
        for workload, its_own in by_workload.items()
        for account, identity in _of_workload(subscription, workload, its_own).items()
    }


def _of_workload(
    subscription: AksSubscription, workload: str, identities: Mapping[ServiceAccount, AksWorkloadIdentity]
) -> Mapping[ServiceAccount, WorkloadIdentity]:
    name = f"principals-{workload}"
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
