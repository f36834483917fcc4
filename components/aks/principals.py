"""Services that are principals of Azure, and the vault of each workload."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pulumi

from components.aks.secrets import vault_of
from components.aks.site import Site
from components.contracts import ServiceAccount, WorkloadIdentity

PRINCIPAL_STORE = "SECRET_STORE"
"""What a service's environment calls the address of its own vault."""


def principals(
    site: Site, issuer: pulumi.Input[str], accounts: Sequence[ServiceAccount]
) -> Mapping[ServiceAccount, WorkloadIdentity]:
    """An identity for each service account, and for each workload a vault that its identities alone read."""
    by_workload: defaultdict[str, list[ServiceAccount]] = defaultdict(list)
    for account in accounts:
        by_workload[account.namespace].append(account)
    return {
        account: identity
        for workload, its_own in by_workload.items()
        for account, identity in _principals_of(site, issuer, workload, its_own).items()
    }


def _principals_of(
    site: Site, issuer: pulumi.Input[str], workload: str, accounts: Sequence[ServiceAccount]
) -> Mapping[ServiceAccount, WorkloadIdentity]:
    name = f"principals-{workload}"
    identities = {account: site.identity(f"{name}-{account.name}", account, issuer) for account in accounts}
    readers = {account.name: identity.principal_id for account, identity in identities.items()}
    vault = vault_of(site, name, (workload, site.cluster_name), readers)
    reached = site.endpoint(name, "vault", vault.vault_id)
    return {
        account: identity.contract([vault.grants[account.name], *reached], {PRINCIPAL_STORE: vault.uri})
        for account, identity in identities.items()
    }
