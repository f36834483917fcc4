"""The registry block of a stack: who may push images, besides those who deploy."""

from typing import Annotated

from stacks.accounts import Uuid
from stacks.model import Distinct, Model, form

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
