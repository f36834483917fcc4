"""The key that a GKE cluster encrypts its Secrets with."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
import pulumi_random as random

ROTATION = "7776000s"
"""Ninety days, as CIS GKE benchmark 5.3 and Google's own guidance have it."""


@dataclass(frozen=True, kw_only=True)
class GkeEncryptionArgs:
    key_ring: str
    """First part of the key ring's name."""

    location: str
    """Region of the key: the cluster's."""

    protect: bool
    """Whether the key refuses to be destroyed. Without it, what it encrypted is lost."""

    kms_api: pulumi.Resource
    """The Cloud KMS API, switched on."""

    container_api: pulumi.Resource
    """The Kubernetes Engine API, switched on: its service agent is what uses the key."""


class GkeEncryption(pulumi.ComponentResource):
    """A rotated key, and the grant that lets Kubernetes Engine use it."""

    key_id: pulumi.Output[str]
    """Id of the key."""

    def __init__(self, name: str, args: GkeEncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeEncryption", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Key rings are never deleted and keep their names, so each incarnation of a stack needs a name of its own:
        # https://cloud.google.com/kms/docs/faq#delete_keys_and_key_rings
        incarnation = random.RandomId(f"{name}-incarnation", byte_length=4, opts=child)
        ring = gcp.kms.KeyRing(
            f"{name}-ring",
            name=pulumi.Output.format("{0}-{1}", args.key_ring, incarnation.hex),
            location=args.location,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.kms_api]),
        )
        # No `name`: where the key has to be replaced, the new one is there before the cluster lets go of the old one.
        key = gcp.kms.CryptoKey(
            f"{name}-key",
            key_ring=ring.id,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=ROTATION,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        agent = gcp.projects.ServiceIdentity(
            f"{name}-agent",
            service="container.googleapis.com",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.container_api]),
        )
        self.grant = gcp.kms.CryptoKeyIAMMember(
            f"{name}-grant",
            crypto_key_id=key.id,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=agent.member,
            opts=child,
        )

        self.key_id = key.id
        self.register_outputs({"key_id": self.key_id})
