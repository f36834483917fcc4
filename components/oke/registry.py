"""The image registry of an OKE stack, in Oracle's container registry, and who pulls from it and pushes to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.contracts import PullCredential, Registry
from components.naming import physical_name
from components.oke.identity import OkeUser, OkeUserArgs, location
from components.oke.image_scanning import OkeImageScanning, OkeImageScanningArgs
from components.oke.tenancy import OkeTenancy

PUSH_PERMISSIONS = ("REPOSITORY_INSPECT", "REPOSITORY_READ", "REPOSITORY_UPDATE")
"""Pushes to and pulls from a repository that is there; creates and deletes none:
https://docs.oracle.com/en-us/iaas/Content/Registry/Concepts/registrypolicyrepoaccess.htm"""


@dataclass(frozen=True, kw_only=True)
class OkeRegistryArgs:
    tenancy: str
    """OCID of the tenancy, which users and groups belong to."""

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

    email_domain: str
    """Domain of the address that the pulling user has to have."""

    tokens: Sequence[str]
    """Names of the tokens that the pulling user has, two at most. The first is the one in use."""

    pushers: Sequence[str]
    """OCIDs of the groups that may push."""

    home: pulumi.ProviderResource
    """Provider of the tenancy's home region."""


class OkeRegistry(pulumi.ComponentResource):
    """A private repository for each image: a push to a name without one lands in the tenancy's root compartment.

    The registry knows no identity of a node, so a user that may only read these repositories pulls for all of them.
    """

    image_prefix: pulumi.Output[str]
    """What stands before `/<workload>/<service>:<tag>` in the name of an image."""

    username: pulumi.Output[str]
    """Who pulls, as the registry wants to be told."""

    token: pulumi.Output[str]
    """What the user proves itself with. A secret."""

    def __init__(self, name: str, args: OkeRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeRegistry", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        repositories = [
            oci.artifacts.ContainerRepository(
                f"{name}-{image.replace('/', '-')}",
                compartment_id=args.compartment,
                display_name=repository_name(args, image),
                is_immutable=args.immutable_tags,
                is_public=False,
                opts=child,
            )
            for image in args.images
        ]
        OkeImageScanning(
            f"{name}-scans", scanning_args(args), pulumi.ResourceOptions(parent=self, depends_on=repositories)
        )
        if args.pushers:
            self._pushers(name, args)
        tokens = self._tokens(name, args)

        self.image_prefix = image_prefix(args.region, args.namespace, args.prefix)
        self.username = pulumi.Output.format("{0}/{1}", args.namespace, puller(args))
        self.token = pulumi.Output.secret(tokens[0].token)
        self.register_outputs({"image_prefix": self.image_prefix, "username": self.username, "token": self.token})

    def _tokens(self, name: str, args: OkeRegistryArgs) -> list[oci.identity.AuthToken]:
        user = OkeUser(f"{name}-puller", puller_args(args), pulumi.ResourceOptions(parent=self))
        return [
            oci.identity.AuthToken(
                f"{name}-token-{token}",
                user_id=user.user_id,
                description=token,
                # The provider shows the token in plain text: it is to be a secret before it is in any state.
                opts=pulumi.ResourceOptions(parent=self, provider=args.home, additional_secret_outputs=["token"]),
            )
            for token in args.tokens
        ]

    def _pushers(self, name: str, args: OkeRegistryArgs) -> None:
        oci.identity.Policy(
            f"{name}-pushers",
            compartment_id=args.compartment,
            name=physical_name(args.prefix, "pushers", limit=100),
            description=f"Pipelines push the images of {args.prefix}",
            statements=[push_statement(args, group) for group in args.pushers],
            opts=pulumi.ResourceOptions(parent=self, provider=args.home),
        )


def server(region: str) -> str:
    """Where the registry of a region answers:
    https://docs.oracle.com/en-us/iaas/Content/Registry/Concepts/registryprerequisites.htm
    """
    return f"ocir.{region}.oci.oraclecloud.com"


def image_prefix(region: str, namespace: pulumi.Input[str], prefix: str) -> pulumi.Output[str]:
    """What stands before `/<workload>/<service>:<tag>` in the name of an image."""
    return pulumi.Output.format("{0}/{1}/{2}", server(region), namespace, prefix)


def repository_name(args: OkeRegistryArgs, image: str) -> str:
    """The repository of an image, below the tenancy's namespace."""
    return f"{args.prefix}/{image}"


def repositories_only(args: OkeRegistryArgs) -> str:
    """The condition that only the stack's own repositories meet."""
    names = ", ".join(f"target.repo.name = '{repository_name(args, image)}'" for image in args.images)
    return f"ANY {{{names}}}"


def push_statement(args: OkeRegistryArgs, group: str) -> str:
    """What lets a group push to the repositories."""
    permitted = ", ".join(f"request.permission = '{permission}'" for permission in PUSH_PERMISSIONS)
    condition = f"ALL {{{repositories_only(args)}, ANY {{{permitted}}}}}"
    return f"Allow group id {group} to manage repos in {location(args.compartment)} where {condition}"


def puller(args: OkeRegistryArgs) -> str:
    """Name of the user that nodes pull as."""
    return physical_name(args.prefix, "images", "user", limit=100)


def puller_args(args: OkeRegistryArgs) -> OkeUserArgs:
    """The user, who may read the repositories and nothing else."""
    user = puller(args)
    return OkeUserArgs(
        tenancy=args.tenancy,
        compartment=args.compartment,
        user=user,
        email=f"{user}@{args.email_domain}",
        purpose=f"Pulls the images of {args.prefix}",
        statements=[
            f"Allow group {user} to read repos in {location(args.compartment)} where {repositories_only(args)}"
        ],
        home=args.home,
    )


def scanning_args(args: OkeRegistryArgs) -> OkeImageScanningArgs:
    """Every repository of the stack is scanned."""
    return OkeImageScanningArgs(
        compartment=args.compartment,
        name=args.prefix,
        repositories=[repository_name(args, image) for image in args.images],
        home=args.home,
    )


def build_registry(tenancy: OkeTenancy, images: Sequence[str]) -> Registry:
    """Registers the repositories, and the user that pulls from them. Without images there is nothing to pull."""
    if not images:
        return Registry(image_prefix=image_prefix(tenancy.region, tenancy.namespace, tenancy.cluster_name))
    settings = tenancy.stack.registry
    registry = OkeRegistry(
        "registry",
        OkeRegistryArgs(
            tenancy=tenancy.tenancy,
            compartment=tenancy.compartment,
            region=tenancy.region,
            namespace=tenancy.namespace,
            prefix=tenancy.cluster_name,
            images=images,
            immutable_tags=tenancy.stack.protect,
            email_domain=tenancy.stack.domain,
            tokens=settings.tokens,
            pushers=settings.pushers,
            home=tenancy.home,
        ),
        tenancy.opts,
    )
    return Registry(
        image_prefix=registry.image_prefix,
        pull_credential=PullCredential(
            generation=settings.tokens[0],
            server=server(tenancy.region),
            username=registry.username,
            token=registry.token,
        ),
    )
