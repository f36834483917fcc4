"""The key that an OKE cluster encrypts its Secrets with."""

from dataclasses import dataclass

import pulumi
import pulumi_oci as oci
import pulumi_random as random

from components.naming import physical_name
from components.oke.identity import place


@dataclass(frozen=True, kw_only=True)
class OkeEncryptionArgs:
    tenancy: str
    """OCID of the tenancy, which dynamic groups belong to."""

    compartment: str
    """OCID of the compartment of the vault, the key and the cluster."""

    cluster: str
    """Name of the cluster."""

    protect: bool
    """Whether vault and key refuse to be destroyed. Without the key, what it encrypted is lost."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeEncryption(pulumi.ComponentResource):
    """A key in a vault, and the policy that lets clusters of the compartment use it.

    The shared kind of vault has no automatic rotation: the key is rotated by hand, with
    `oci kms management key-version create`.
    """

    key_id: pulumi.Output[str]
    """OCID of the key."""

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
        key = oci.kms.Key(
            f"{name}-key",
            compartment_id=args.compartment,
            display_name=label,
            management_endpoint=vault.management_endpoint,
            key_shape=oci.kms.KeyKeyShapeArgs(algorithm="AES", length=32),
            protection_mode="HSM",
            opts=kept,
        )
        self.grant = self._grant(name, args, key.id)

        self.key_id = key.id
        self.register_outputs({"key_id": self.key_id})

    def _grant(self, name: str, args: OkeEncryptionArgs, key_id: pulumi.Output[str]) -> pulumi.Resource:
        """Lets clusters use the key. The cluster has no OCID yet, so its compartment stands for it.

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
        statement = pulumi.Output.format(
            "Allow dynamic-group {0} to use keys in {1} where target.key.id = '{2}'",
            group_name,
            place(args.compartment),
            key_id,
        )
        return oci.identity.Policy(
            f"{name}-grant",
            compartment_id=args.compartment,
            name=physical_name(args.cluster, "secrets-key", limit=100),
            description=f"{args.cluster} encrypts its Secrets",
            statements=[statement],
            opts=pulumi.ResourceOptions(parent=self, provider=args.home, depends_on=[group]),
        )
