"""Services that are principals of Oracle Cloud, and read what is their workload's in the vault."""

from collections.abc import Sequence
from dataclasses import replace

import pulumi

from components.contracts import SECRET_STORE, ServiceAccount, WorkloadIdentity
from components.oke.identity import pod_identity
from components.oke.secrets import OkeSecretReader, reader_args
from components.oke.tenancy import OkeTenancy
from components.secret_names import longer_prefixes, prefix


def build_principals(
    tenancy: OkeTenancy, cluster: pulumi.Input[str], vault: pulumi.Output[str], accounts: Sequence[ServiceAccount]
) -> dict[ServiceAccount, WorkloadIdentity]:
    """Lets the pods of each account read the secrets of its workload, which is its namespace."""
    identities: dict[ServiceAccount, WorkloadIdentity] = {}
    for account in accounts:
        args = reader_args(tenancy, cluster, vault, account)
        workload, workloads = account.namespace, list(tenancy.stack.workloads)
        args = replace(args, prefix=prefix(workload), others=longer_prefixes(workload, workloads))
        reader = OkeSecretReader(f"principal-{account.namespace}-{account.name}", args, tenancy.opts)
        identities[account] = pod_identity(account, tenancy.region, [reader.policy], {SECRET_STORE: vault})
    return identities
