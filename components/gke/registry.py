"""The image registry of a GKE stack, in Artifact Registry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

READER = "roles/artifactregistry.reader"

WRITER = "roles/artifactregistry.writer"
"""Pushes and pulls; deletes no image and changes nothing of the repository."""

UNTAGGED_DAYS = 30
"""Days that an image is kept after its last tag was taken away."""


@dataclass(frozen=True, kw_only=True)
class GkeRegistryArgs:
    project: str
    """Project of the repository."""

    location: str
    """Region of the repository."""

    repository: str
    """Id of the repository."""

    immutable_tags: bool
    """Whether a tag, once pushed, always means the same image."""

    readers: Mapping[str, pulumi.Input[str]]
    """Members that may pull, by a name for the grant."""

    pushers: Sequence[str]
    """Members that may push, besides those who deploy."""

    encryption_key: pulumi.Input[str]
    """Id of the key that images are encrypted with."""

    encryption_grant: pulumi.Resource
    """The grant that lets Artifact Registry use the key: creating the repository fails without it."""

    protect: bool
    """Whether the repository refuses to be destroyed. Without it, the images are lost."""

    api: pulumi.Resource
    """The Artifact Registry API, switched on."""

    scanning_api: pulumi.Resource
    """The Container Scanning API, switched on: images are scanned only where it is."""


class GkeRegistry(pulumi.ComponentResource):
    """A repository of images, which nodes pull from by their identity."""

    image_prefix: pulumi.Output[str]
    """What stands before `/<workload>/<service>:<tag>` in the name of an image."""

    def __init__(self, name: str, args: GkeRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeRegistry", name, {}, opts)
        repository = gcp.artifactregistry.Repository(
            f"{name}-repository",
            repository_args(args),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.api, args.scanning_api, args.encryption_grant], protect=args.protect
            ),
        )

        def granted(grant: str, role: str, member: pulumi.Input[str]) -> pulumi.Resource:
            return gcp.artifactregistry.RepositoryIamMember(
                f"{name}-{grant}",
                repository=repository.name,
                location=args.location,
                role=role,
                member=member,
                opts=pulumi.ResourceOptions(parent=self),
            )

        self.grants = [granted(f"{reader}-pulls", READER, member) for reader, member in args.readers.items()]
        for member in args.pushers:
            granted(f"{member}-pushes", WRITER, member)

        # Known from the start, so that a first preview can check what is made of it.
        self.image_prefix = pulumi.Output.from_input(f"{args.location}-docker.pkg.dev/{args.project}/{args.repository}")
        self.register_outputs({"image_prefix": self.image_prefix})


def repository_args(args: GkeRegistryArgs) -> gcp.artifactregistry.RepositoryArgs:
    """A Docker repository that scans images and drops untagged ones.

    The clean-up leaves tagged versions alone: with immutable tags the registry refuses to delete them.
    """
    return gcp.artifactregistry.RepositoryArgs(
        repository_id=args.repository,
        location=args.location,
        format="DOCKER",
        description="Images of the application services",
        kms_key_name=args.encryption_key,
        docker_config=gcp.artifactregistry.RepositoryDockerConfigArgs(immutable_tags=args.immutable_tags),
        cleanup_policies=[
            gcp.artifactregistry.RepositoryCleanupPolicyArgs(
                id="drop-untagged",
                action="DELETE",
                condition=gcp.artifactregistry.RepositoryCleanupPolicyConditionArgs(
                    tag_state="UNTAGGED", older_than=f"{UNTAGGED_DAYS * 86400}s"
                ),
            )
        ],
        vulnerability_scanning_config=gcp.artifactregistry.RepositoryVulnerabilityScanningConfigArgs(
            enablement_config="INHERITED"
        ),
    )
