"""What developers may do in the namespace of one workload."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.platform.cluster_roles import DEVELOPER, ROLES, subjects


@dataclass(frozen=True, kw_only=True)
class DevelopersArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    groups: Sequence[str]
    """Groups of developers, by the names that the cluster's cloud gives them."""

    namespace: pulumi.Resource
    """The namespace."""


class Developers(pulumi.ComponentResource):
    """Lets groups look into one workload, and restart what hangs."""

    def __init__(self, name: str, args: DevelopersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Developers", name, {}, opts)
        kubernetes.rbac.v1.RoleBinding(
            f"{name}-binding",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name="developers", namespace=args.workload),
            role_ref=kubernetes.rbac.v1.RoleRefArgs(api_group=ROLES, kind="ClusterRole", name=DEVELOPER),
            subjects=subjects(args.groups),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )
        self.register_outputs({})
