"""Who reads the vault of an OKE stack."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_oci as oci

from components.contracts import SECRETS_READER, SecretStore, ServiceAccount
from components.naming import physical_name
from components.oke.identity import location, pod_identity, workload
from components.oke.tenancy import OkeTenancy


@dataclass(frozen=True, kw_only=True)
class OkeSecretReaderArgs:
    compartment: str
    """OCID of the compartment of the vault."""

    cluster_name: str
    """Name of the cluster, which the policy is named after."""

    cluster: pulumi.Input[str]
    """OCID of the cluster."""

    vault: pulumi.Input[str]
    """OCID of the vault."""

    account: ServiceAccount
    """The service account whose pods read."""

    prefix: str | None = None
    """How the names of the secrets begin that may be read; every secret, if not given."""

    others: Sequence[str] = ()
    """How the names of secrets begin that are somebody else's, although they begin with the prefix."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeSecretReader(pulumi.ComponentResource):
    """The policy that lets the pods of one service account read secrets of the vault, and change none."""

    def __init__(self, name: str, args: OkeSecretReaderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeSecretReader", name, {}, opts)
        account = args.account
        self.policy = oci.identity.Policy(
            f"{name}-policy",
            compartment_id=args.compartment,
            name=physical_name(args.cluster_name, account.namespace, account.name, "secrets", limit=100),
            description=f"{account.namespace}/{account.name} of {args.cluster_name} reads secrets",
            statements=[
                pulumi.Output.all(args.cluster, args.vault).apply(
                    lambda parts: read_statement(args, parts[0], parts[1])
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )
        self.register_outputs({})


def read_statement(args: OkeSecretReaderArgs, cluster: str, vault: str) -> str:
    """What lets the pods read values by name.

    The vault is named too, since other stacks may have one in the same compartment:
    https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/keypolicyreference.htm
    """
    narrowed = [f"target.vault.id = '{vault}'"]
    if args.prefix is not None:
        narrowed.append(f"target.secret.name = /{args.prefix}*/")
    narrowed += [f"target.secret.name != /{other}*/" for other in args.others]
    condition = workload(cluster, args.account, *narrowed)
    return f"Allow any-user to read secret-bundles in {location(args.compartment)} where {condition}"


def store_provider(vault: pulumi.Input[str], region: str) -> dict[str, Any]:
    """The `spec.provider` block of a store that External Secrets reads by the identity of its own pods."""
    return {"oracle": {"vault": vault, "region": region, "principalType": "Workload"}}


def build_secret_store(tenancy: OkeTenancy, cluster: pulumi.Input[str], vault: pulumi.Output[str]) -> SecretStore:
    """Lets External Secrets read the vault."""
    args = reader_args(tenancy, cluster, vault, SECRETS_READER)
    reader = OkeSecretReader("secrets", args, tenancy.opts)
    return SecretStore(
        vault=vault,
        provider=store_provider(vault, tenancy.region),
        reader=pod_identity(SECRETS_READER, tenancy.region, [reader.policy]),
    )


def reader_args(
    tenancy: OkeTenancy,
    cluster: pulumi.Input[str],
    vault: pulumi.Input[str],
    account: ServiceAccount,
) -> OkeSecretReaderArgs:
    """A reader of the stack's vault."""
    return OkeSecretReaderArgs(
        compartment=tenancy.compartment,
        cluster_name=tenancy.cluster_name,
        cluster=cluster,
        vault=vault,
        account=account,
        home=tenancy.home,
    )
