"""The vault of an OKE stack, and the keys in it: one for the cluster, one for what is stored outside of it."""

from dataclasses import dataclass

import pulumi
import pulumi_oci as oci
import pulumi_random as random

from components.naming import physical_name
from components.oke.identity import location


@dataclass(frozen=True, kw_only=True)
class OkeEncryptionArgs:
    tenancy: str
    """OCID of the tenancy, which dynamic groups belong to."""

    compartment: str
    """OCID of the compartment of the vault, the key and the cluster."""

    region: str
    """Region of the buckets."""

    cluster: str
    """Name of the cluster."""

    protect: bool
    """Whether vault and keys refuse to be destroyed. Without a key, what it encrypted is lost."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeEncryption(pulumi.ComponentResource):
    """A vault with two keys, and the policies that let clusters of the compartment, and Object Storage, use one each.

    The shared kind of vault has no automatic rotation: keys are rotated by hand, with
    `oci kms management key-version create`.
    """

    vault_id: pulumi.Output[str]
    """OCID of the vault, which people put the secrets of workloads in."""

    cluster_key_id: pulumi.Output[str]
    """OCID of the key that the cluster encrypts its Secrets with."""

    storage_key_id: pulumi.Output[str]
    """OCID of the key of the buckets, and of the secrets in the vault."""

    def __init__(self, name: str, args: OkeEncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeEncryption", name, {}, opts)
        kept = pulumi.ResourceOptions(parent=self, protect=args.protect)
        # A vault is deleted a week or more after one asks for it, so each incarnation of a stack shows a name of its
        # own: https://docs.oracle.com/en-us/iaas/Content/KeyManagement/Tasks/managingvaults_topic-To_delete_a_vault.htm
        incarnation = random.RandomId(f"{name}-incarnation", byte_length=4, opts=pulumi.ResourceOptions(parent=self))
        label = pulumi.Output.format("{0}-{1}", args.cluster, incarnation.hex)
        vault = oci.kms.Vault(
            f"{name}-vault",
            compartment_id=args.compartment,
            display_name=label,
            vault_type="DEFAULT",
            opts=kept,
        )
        cluster_key = oci.kms.Key(f"{name}-key", key_args(args, vault, label), opts=kept)
        storage_key = oci.kms.Key(
            f"{name}-storage-key", key_args(args, vault, pulumi.Output.format("{0}-storage", label)), opts=kept
        )
        self.cluster_grant = self._cluster_grant(name, args, cluster_key.id)
        self.storage_grant = self._storage_grant(name, args, storage_key.id)

        self.vault_id = vault.id
        self.cluster_key_id = cluster_key.id
        self.storage_key_id = storage_key.id
        self.register_outputs(
            {
                "vault_id": self.vault_id,
                "cluster_key_id": self.cluster_key_id,
                "storage_key_id": self.storage_key_id,
            }
        )

    def _cluster_grant(self, name: str, args: OkeEncryptionArgs, key_id: pulumi.Output[str]) -> pulumi.Resource:
        """Lets clusters use their key. The cluster has no OCID yet, so its compartment stands for it.

        https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengencryptingdata.htm
        """
        group_name = physical_name(args.cluster, "clusters", limit=100)
        group = oci.identity.DynamicGroup(
            f"{name}-clusters",
            compartment_id=args.tenancy,
            name=group_name,
            description=f"Clusters in the compartment of {args.cluster}",
            matching_rule=f"ALL {{resource.type = 'cluster', resource.compartment.id = '{args.compartment}'}}",
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )
        statement = use_statement(f"dynamic-group {group_name}", args, key_id)
        return oci.identity.Policy(
            f"{name}-grant",
            compartment_id=args.compartment,
            name=physical_name(args.cluster, "secrets-key", limit=100),
            description=f"{args.cluster} encrypts its Secrets",
            statements=[statement],
            opts=pulumi.ResourceOptions(parent=self, provider=args.home, depends_on=[group]),
        )

    def _storage_grant(self, name: str, args: OkeEncryptionArgs, key_id: pulumi.Output[str]) -> pulumi.Resource:
        """Lets Object Storage of the region use the key: a bucket with a key is refused before.

        https://docs.oracle.com/en-us/iaas/Content/Object/Tasks/encryption.htm
        """
        statement = use_statement(f"service objectstorage-{args.region}", args, key_id)
        return oci.identity.Policy(
            f"{name}-storage-grant",
            compartment_id=args.compartment,
            name=physical_name(args.cluster, "storage-key", limit=100),
            description=f"Object Storage encrypts the buckets of {args.cluster}",
            statements=[statement],
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )


def use_statement(who: str, args: OkeEncryptionArgs, key_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """Lets somebody use one key, and no other of the compartment."""
    return pulumi.Output.format(
        "Allow {0} to use keys in {1} where target.key.id = '{2}'", who, location(args.compartment), key_id
    )


def key_args(args: OkeEncryptionArgs, vault: oci.kms.Vault, label: pulumi.Output[str]) -> oci.kms.KeyArgs:
    """A key that never leaves the vault's hardware."""
    return oci.kms.KeyArgs(
        compartment_id=args.compartment,
        display_name=label,
        management_endpoint=vault.management_endpoint,
        key_shape=oci.kms.KeyKeyShapeArgs(algorithm="AES", length=32),
        protection_mode="HSM",
    )
