"""The Google APIs that a project must have switched on before anything can be created through them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

APIS = (
    "artifactregistry",
    "cloudkms",
    "cloudresourcemanager",
    "compute",
    "container",
    "containerscanning",
    "dns",
    "iam",
    "secretmanager",
    "storage",
)

POSTGRES_APIS = ("servicenetworking", "sqladmin")
"""What a stack needs besides that has its PostgreSQL run by Google."""


QUEUE_APIS = ("pubsub",)
"""What a stack needs besides whose workloads ask for queues."""


@dataclass(frozen=True, kw_only=True)
class GkeApisArgs:
    apis: Sequence[str]
    """Names of the APIs, without `.googleapis.com`."""


class GkeApis(pulumi.ComponentResource):
    """Switches APIs on, and leaves them on when the stack is destroyed: other stacks of the project may use them."""

    def __init__(self, name: str, args: GkeApisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeApis", name, {}, opts)
        self._enabled = {
            api: gcp.projects.Service(
                f"{name}-{api}",
                service=f"{api}.googleapis.com",
                disable_on_destroy=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for api in args.apis
        }
        self.register_outputs({})

    def __getitem__(self, api: str) -> pulumi.Resource:
        """The resource to depend on for `api`."""
        return self._enabled[api]
