"""The groups of people that may reach the Kubernetes API of a GKE stack. What they may do there is the platform's."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gke.project import GkeProject

VIEWER = "roles/container.clusterViewer"
"""Finds the cluster and connects to it, and sees nothing in it: https://cloud.google.com/iam/docs/understanding-roles"""


@dataclass(frozen=True, kw_only=True)
class GkePeopleArgs:
    project: str
    """Id of the project of the cluster."""

    groups: Sequence[str]
    """Addresses of the groups."""

    resource_manager_api: pulumi.Resource
    """The Cloud Resource Manager API, switched on: grants on a project go through it."""


class GkePeople(pulumi.ComponentResource):
    """Lets groups get as far as the cluster's own rules."""

    def __init__(self, name: str, args: GkePeopleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkePeople", name, {}, opts)
        for group in args.groups:
            gcp.projects.IAMMember(
                f"{name}-{group}",
                project=args.project,
                role=VIEWER,
                member=f"group:{group}",
                opts=pulumi.ResourceOptions(parent=self, depends_on=[args.resource_manager_api]),
            )
        self.register_outputs({})


def build_people(project: GkeProject) -> None:
    """Registers the grants of the groups that the stack names, if it names any."""
    groups = project.stack.access.groups
    if groups:
        api = project.apis["cloudresourcemanager"]
        GkePeople(
            "people", GkePeopleArgs(project=project.project, groups=groups, resource_manager_api=api), project.opts
        )
