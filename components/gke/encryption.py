"""The keys that a GKE stack encrypts with: one for each service that keeps something, and the grant to use it."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
import pulumi_random as random

ROTATION = "7776000s"
"""Ninety days, as CIS GKE benchmark 5.3 and Google's own guidance have it."""


@dataclass(frozen=True, kw_only=True)
class GkeKeyRingArgs:
    key_ring: str
    """First part of the key ring's name."""

    location: str
    """Region of the ring and its keys: that of what they encrypt."""

    kms_api: pulumi.Resource
    """The Cloud KMS API, switched on."""


class GkeKeyRing(pulumi.ComponentResource):
    """A key ring under a name that no ring had before."""

    ring_id: pulumi.Output[str]
    """Id of the ring."""

    def __init__(self, name: str, args: GkeKeyRingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeKeyRing", name, {}, opts)
        # Key rings are never deleted and keep their names, so each incarnation of a stack needs a name of its own:
        # https://cloud.google.com/kms/docs/faq#delete_keys_and_key_rings
        incarnation = random.RandomId(f"{name}-incarnation", byte_length=4, opts=pulumi.ResourceOptions(parent=self))
        ring = gcp.kms.KeyRing(
            f"{name}-ring",
            name=pulumi.Output.format("{0}-{1}", args.key_ring, incarnation.hex),
            location=args.location,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.kms_api]),
        )

        self.ring_id = ring.id
        self.register_outputs({"ring_id": self.ring_id})


@dataclass(frozen=True, kw_only=True)
class GkeKeyArgs:
    ring: pulumi.Input[str]
    """Id of the key ring."""

    service: str
    """The service that uses the key, for example `container`."""

    api: pulumi.Resource
    """The service's API, switched on: its agent is what uses the key."""

    protect: bool
    """Whether the key refuses to be destroyed. Without it, what it encrypted is lost."""


class GkeKey(pulumi.ComponentResource):
    """A rotated key, and the grant that lets one service use it."""

    key_id: pulumi.Output[str]
    """Id of the key."""

    def __init__(self, name: str, args: GkeKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeKey", name, {}, opts)
        # No `name`: where the key has to be replaced, the new one is there before anything lets go of the old one.
        key = gcp.kms.CryptoKey(
            f"{name}-key",
            key_ring=args.ring,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=ROTATION,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.agent = self._agent(name, args)
        self.grant = gcp.kms.CryptoKeyIAMMember(
            f"{name}-grant",
            crypto_key_id=key.id,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=self.agent,
            opts=pulumi.ResourceOptions(parent=self),
        )

        self.key_id = key.id
        self.register_outputs({"key_id": self.key_id})

    def _agent(self, name: str, args: GkeKeyArgs) -> pulumi.Output[str]:
        """The account that the service acts as. Asking for it brings it into being; storage has a call of its own."""
        if args.service == "storage":
            agent = gcp.storage.get_project_service_account_output(
                opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[args.api])
            )
            return agent.member
        return gcp.projects.ServiceIdentity(
            f"{name}-agent",
            service=f"{args.service}.googleapis.com",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.api]),
        ).member
