"""The registry block of a stack: who may push images, besides those who deploy."""

from typing import Annotated

from stacks.access import OciGroup
from stacks.accounts import Uuid
from stacks.model import Distinct, Model, form
from stacks.object_storage import Generations

GkeMember = Annotated[
    str,
    form(
        r"(user|group|serviceAccount):[^@\s]+@[^@\s]+|principal(Set)?://iam\.googleapis\.com/\S+",
        "a member such as serviceAccount:ci@acme-platform.iam.gserviceaccount.com",
    ),
]
"""Who is granted something: https://cloud.google.com/iam/docs/principal-identifiers"""


class AksRegistry(Model):
    """The registry in Azure Container Registry."""

    pushers: Annotated[tuple[Uuid, ...], Distinct] = ()
    """Object ids of applications and identities that may push images, for example that of a pipeline. They may delete
    none."""


class GkeRegistry(Model):
    """The repository in Artifact Registry."""

    pushers: Annotated[tuple[GkeMember, ...], Distinct] = ()
    """Members that may push images, for example those of a build service. They may delete none."""


class OkeRegistry(Model):
    """The tokens that pods pull images with: Oracle's registry takes no identity of a node."""

    tokens: Generations = ("first",)
    """Names of the pulling user's tokens; pods use the first. To rotate: add a new name, put it first, drop the old
    one, with an `up` after each step."""

    pushers: Annotated[tuple[OciGroup, ...], Distinct] = ()
    """OCIDs of groups that may push images besides whoever deploys: those of pipelines, for example."""
