"""A workload: one application system, with a namespace of its own for its services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Registry, ServiceAccount, WorkloadIdentity
from components.namespaces import Namespaces, NamespacesArgs
from components.platform.data_operators import DataOperators
from components.services.application_service import ApplicationService, ApplicationServiceArgs
from components.services.data_services import DataServicesArgs, build_data_services
from components.services.image_pull import ImagePull, ImagePullArgs
from components.services.instrumentation import Instrumentation, InstrumentationArgs
from components.services.model import WorkloadSpec
from components.services.slo_rules import slo_groups
from stacks.observability import Alerts


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
    """The Prometheus operator's definitions, which services with metrics and rules make use of."""

    instrumentation: pulumi.Resource | None = None
    """The release of the OpenTelemetry operator, which instrumented services need."""

    runbooks: str = Alerts().runbooks
    """Address of the repository's files, which the links of alerts to their runbooks begin with."""

    data: DataOperators | None = None
    """What makes the data services that the components of the workload stand on, where it has any."""

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
        agents = self._agents(name, args, namespace)
        if args.data:
            build_data_services(
                DataServicesArgs(workload=args.workload, spec=args.spec, operators=args.data, namespace=namespace),
                child,
            )
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
                        *([agents.object] if agents and spec.instrumentation else []),
                    ],
                ),
                child,
            )
            for service, spec in args.spec.services.items()
        }
        self._objectives(name, args, namespace)

        self.addresses = pulumi.Output.all(**{service: component.addresses for service, component in services.items()})
        self.register_outputs({"addresses": self.addresses})

    def _pull(self, name: str, args: WorkloadArgs, namespace: pulumi.Resource) -> ImagePull | None:
        credential = args.registry.pull_credential
        if credential is None:
            return None
        pull = ImagePullArgs(credential=credential, namespace=args.workload, exists=namespace)
        return ImagePull(f"{name}-images", pull, pulumi.ResourceOptions(parent=self))

    def _agents(self, name: str, args: WorkloadArgs, namespace: pulumi.Resource) -> Instrumentation | None:
        if args.instrumentation is None or not any(spec.instrumentation for spec in args.spec.services.values()):
            return None
        agents = InstrumentationArgs(workload=args.workload, namespace=namespace, operator=args.instrumentation)
        return Instrumentation(f"{name}-instrumentation", agents, pulumi.ResourceOptions(parent=self))

    def _objectives(self, name: str, args: WorkloadArgs, namespace: pulumi.Resource) -> None:
        groups = slo_groups(args.workload, args.spec, args.runbooks)
        if not groups:
            return
        kubernetes.apiextensions.CustomResource(
            f"{name}-slos",
            api_version="monitoring.coreos.com/v1",
            kind="PrometheusRule",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name="slos", namespace=args.workload),
            spec={"groups": groups},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[namespace, args.service_monitors]),
        )
