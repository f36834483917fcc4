"""Scans of the images of an OKE stack for known vulnerabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.naming import physical_name
from components.oke.identity import location

SCANNED_FIRST = 1
"""Images of each repository that are scanned when scanning starts. Every image that is pushed later is scanned."""


@dataclass(frozen=True, kw_only=True)
class OkeImageScanningArgs:
    compartment: str
    """OCID of the compartment of the repositories."""

    name: str
    """What recipe, target and policy are named after."""

    repositories: Sequence[str]
    """The repositories, by name."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeImageScanning(pulumi.ComponentResource):
    """A recipe and its target, and the policy that lets the scanning service read the images.

    https://docs.oracle.com/en-us/iaas/scanning/using/managing-image-targets.htm
    """

    def __init__(self, name: str, args: OkeImageScanningArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeImageScanning", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        scanning = oci.vulnerabilityscanning
        grant = oci.identity.Policy(
            f"{name}-grant",
            compartment_id=args.compartment,
            name=physical_name(args.name, "scans", limit=100),
            description=f"The images of {args.name} are scanned",
            statements=[
                f"Allow service vulnerability-scanning-service to read {what} in {location(args.compartment)}"
                for what in ("repos", "compartments")
            ],
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )
        recipe = scanning.ContainerScanRecipe(
            f"{name}-recipe",
            compartment_id=args.compartment,
            display_name=args.name,
            image_count=SCANNED_FIRST,
            scan_settings=scanning.ContainerScanRecipeScanSettingsArgs(scan_level="STANDARD"),
            opts=child,
        )
        scanning.ContainerScanTarget(
            f"{name}-target",
            compartment_id=args.compartment,
            container_scan_recipe_id=recipe.id,
            display_name=args.name,
            target_registry=scanning.ContainerScanTargetTargetRegistryArgs(
                compartment_id=args.compartment, type="OCIR", repositories=list(args.repositories)
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant]),
        )
        self.register_outputs({})
