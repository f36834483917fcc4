"""A workload: one application system, with a namespace of its own for its services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.contracts import Registry, ServiceAccount, WorkloadIdentity
from components.namespaces import Namespaces, NamespacesArgs
from components.services.application_service import ApplicationService, ApplicationServiceArgs
from components.services.image_pull import ImagePull, ImagePullArgs
from components.services.model import WorkloadSpec


@dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    spec: WorkloadSpec
    """What the workload file says."""

    registry: Registry
    """Where images are pulled from."""

    principals: Mapping[ServiceAccount, WorkloadIdentity] = field(
        default_factory=dict[ServiceAccount, WorkloadIdentity]
    )
    """What makes pods principals of the cloud, by service account."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which services with metrics make use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""


class Workload(pulumi.ComponentResource):
    """Every service of one workload file."""

    addresses: pulumi.Output[dict[str, dict[str, str]]]
    """Where each service answers inside the cluster: by its name and the name of the port, as `host:port`."""

    def __init__(self, name: str, args: WorkloadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Workload", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespaces = Namespaces(f"{name}-namespace", NamespacesArgs(levels={args.workload: "restricted"}), child)
        namespace = namespaces[args.workload]
        pull = self._pull(name, args, namespace)
        services = {
            service: ApplicationService(
                f"{name}-{service}",
                ApplicationServiceArgs(
                    workload=args.workload,
                    service=service,
                    spec=spec,
                    image_prefix=args.registry.image_prefix,
                    pull_secret=pull.secret_name if pull else None,
                    identity=args.principals.get(ServiceAccount(namespace=args.workload, name=service)),
                    waits_for=[
                        namespace,
                        args.service_monitors,
                        *args.nodes,
                        *([pull.secret] if pull else []),
                    ],
                ),
                child,
            )
            for service, spec in args.spec.services.items()
        }

        self.addresses = pulumi.Output.all(**{service: component.addresses for service, component in services.items()})
        self.register_outputs({"addresses": self.addresses})

    def _pull(self, name: str, args: WorkloadArgs, namespace: pulumi.Resource) -> ImagePull | None:
        credential = args.registry.pull_credential
        if credential is None:
            return None
        pull = ImagePullArgs(credential=credential, namespace=args.workload, exists=namespace)
        return ImagePull(f"{name}-images", pull, pulumi.ResourceOptions(parent=self))
