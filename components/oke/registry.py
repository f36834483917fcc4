"""The image registry of an OKE stack, in Oracle's container registry."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci


@dataclass(frozen=True, kw_only=True)
class OkeRegistryArgs:
    compartment: str
    """OCID of the compartment of the repositories."""

    region: str
    """Region of the registry."""

    namespace: pulumi.Input[str]
    """The tenancy's namespace, which registry and object storage share."""

    prefix: str
    """First part of the repositories' names."""

    images: Sequence[str]
    """The images, as `<workload>/<service>`."""

    immutable_tags: bool
    """Whether a tag, once pushed, always means the same image."""


class OkeRegistry(pulumi.ComponentResource):
    """A private repository for each image: a push to a name without one lands in the tenancy's root compartment."""

    image_prefix: pulumi.Output[str]
    """What stands before `/<workload>/<service>:<tag>` in the name of an image."""

    def __init__(self, name: str, args: OkeRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeRegistry", name, {}, opts)
        for image in args.images:
            oci.artifacts.ContainerRepository(
                f"{name}-{image.replace('/', '-')}",
                compartment_id=args.compartment,
                display_name=f"{args.prefix}/{image}",
                is_immutable=args.immutable_tags,
                is_public=False,
                opts=pulumi.ResourceOptions(parent=self),
            )

        self.image_prefix = pulumi.Output.format("{0}/{1}/{2}", server(args.region), args.namespace, args.prefix)
        self.register_outputs({"image_prefix": self.image_prefix})


def server(region: str) -> str:
    """Where the registry of a region answers:
    https://docs.oracle.com/en-us/iaas/Content/Registry/Concepts/registryprerequisites.htm
    """
    return f"ocir.{region}.oci.oraclecloud.com"
