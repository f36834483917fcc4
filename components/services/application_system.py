"""An application system: its namespace and its services."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.contracts import Registry
from components.platform.namespaces import Namespaces, NamespacesArgs
from components.services.application_service import ApplicationService, ApplicationServiceArgs
from components.services.model import Workload


@dataclass(frozen=True, kw_only=True)
class ApplicationSystemArgs:
    workload: Workload
    """What the workload file says."""

    registry: Registry
    """Where images are pulled from."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which services with metrics make use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""


class ApplicationSystem(pulumi.ComponentResource):
    """Every service of one workload file, in a namespace of its own."""

    urls: pulumi.Output[dict[str, str]]
    """Where each service answers inside the cluster, by its name."""

    def __init__(self, name: str, args: ApplicationSystemArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:ApplicationSystem", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespaces = Namespaces(f"{name}-namespace", NamespacesArgs(levels={name: "restricted"}), child)
        services = {
            service: ApplicationService(
                f"{name}-{service}",
                ApplicationServiceArgs(
                    workload=name,
                    service=service,
                    spec=spec,
                    image_prefix=args.registry.image_prefix,
                    waits_for=[namespaces[name], args.service_monitors, *args.nodes],
                ),
                child,
            )
            for service, spec in args.workload.services.items()
        }

        self.urls = pulumi.Output.all(**{service: component.url for service, component in services.items()})
        self.register_outputs({"urls": self.urls})
