"""A workload: one application system, with a namespace of its own for its services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Bucket, Queue, Registry, ServiceAccount, WorkloadIdentity
from components.namespaces import Namespaces, NamespacesArgs
from components.platform.platform import Platform
from components.platform.vault_secret import vault_secret
from components.services.application_service import ApplicationService, ApplicationServiceArgs
from components.services.dapr.application import DaprApplication, DaprApplicationArgs
from components.services.dapr.database import with_configuration
from components.services.data.declared import Data, build_data
from components.services.data.service import Ground
from components.services.developers import Developers, DevelopersArgs
from components.services.gateway.canary import CanariesArgs, build_canaries
from components.services.image_pull import ImagePull, ImagePullArgs
from components.services.model import WorkloadSpec
from components.services.monitoring.alert_rules import alert_groups
from components.services.monitoring.dashboards import WorkloadDashboards, WorkloadDashboardsArgs
from components.services.monitoring.instrumentation import Instrumentation, InstrumentationArgs
from components.services.monitoring.slo_rules import slo_groups
from components.services.pods.service_volumes import secret_name
from components.services.pods.volume_model import secret_volumes
from components.services.quota import WorkloadQuota, WorkloadQuotaArgs
from components.services.service_secrets import vault_names
from stacks.observability import Alerts


@dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    spec: WorkloadSpec
    """What the workload file says."""

    stand_in: bool = False
    """Whether every service runs as a public test image."""

    registry: Registry
    """Where images are pulled from."""

    principals: Mapping[ServiceAccount, WorkloadIdentity] = field(
        default_factory=dict[ServiceAccount, WorkloadIdentity]
    )
    """What makes pods principals of the cloud, by service account."""

    buckets: Mapping[tuple[str, str], Bucket] = field(default_factory=dict[tuple[str, str], Bucket])
    """The buckets that the cloud has made for workloads, by workload and name."""

    queues: Mapping[tuple[str, str], Queue] = field(default_factory=dict[tuple[str, str], Queue])
    """The queues that the cloud has made for workloads, by workload and name."""

    platform: Platform
    """What it stands on."""

    callers: Mapping[str, Sequence[ServiceAccount]] = field(default_factory=dict[str, Sequence[ServiceAccount]])
    """By service, the services of any workload that call it through Dapr."""

    developers: Sequence[str] = ()
    """Groups that may look into it and restart what hangs, by the names that the cluster's cloud gives them."""

    runbooks: str = Alerts().runbooks
    """Address of the repository's files, which the links of alerts to their runbooks begin with."""


class Workload(pulumi.ComponentResource):
    """Every service of one workload file."""

    addresses: pulumi.Output[dict[str, dict[str, str]]]
    """Where each service answers inside the cluster: by its name and the name of the port, as `host:port`."""

    def __init__(self, name: str, args: WorkloadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Workload", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespaces = Namespaces(f"{name}-namespace", NamespacesArgs(levels={args.workload: "restricted"}), child)
        self.namespace = namespace = namespaces[args.workload]
        self._bounds(name, args, namespace)
        pull = self._pull(name, args, namespace)
        agents = self._agents(name, args, namespace)
        data = self._data(args, namespace)
        dapr = self._dapr(name, args, data, namespace)
        described = {
            service: ApplicationServiceArgs(
                workload=args.workload,
                service=service,
                spec=spec,
                stand_in=args.stand_in,
                image_prefix=args.registry.image_prefix,
                pull_secret=pull.secret_name if pull else None,
                identity=args.principals.get(ServiceAccount(namespace=args.workload, name=service)),
                sidecar=dapr.sidecar(service) if dapr else None,
                data=data.access[service],
                storage_class=args.platform.data.storage_class,
                waits_for=[
                    namespace,
                    args.platform.service_monitors,
                    *args.platform.nodes,
                    *([pull.secret] if pull else []),
                    *self._secrets(name, args, service, namespace),
                    *([args.platform.scaler] if spec.autoscaling else []),
                    *([agents.object] if agents and spec.instrumentation else []),
                    *(dapr.waits_for(service) if dapr else []),
                ],
            )
            for service, spec in args.spec.services.items()
        }
        services = {service: ApplicationService(f"{name}-{service}", one, child) for service, one in described.items()}
        self._canaries(name, args, described, services, namespace)
        self._objectives(name, args, namespace)
        boards = WorkloadDashboardsArgs(workload=args.workload, spec=args.spec, namespace=namespace)
        WorkloadDashboards(f"{name}-dashboards", boards, child)

        self.addresses = pulumi.Output.all(**{service: component.addresses for service, component in services.items()})
        self.register_outputs({"addresses": self.addresses})

    def _bounds(self, name: str, args: WorkloadArgs, namespace: pulumi.Resource) -> None:
        """How much it may take, and who may look into it."""
        child = pulumi.ResourceOptions(parent=self)
        sizes = args.platform.data.sizes
        quota = WorkloadQuotaArgs(workload=args.workload, spec=args.spec, sizes=sizes, namespace=namespace)
        WorkloadQuota(f"{name}-bounds", quota, child)
        if args.developers:
            people = DevelopersArgs(workload=args.workload, groups=args.developers, namespace=namespace)
            Developers(f"{name}-developers", people, child)

    def _pull(self, name: str, args: WorkloadArgs, namespace: pulumi.Resource) -> ImagePull | None:
        credential = args.registry.pull_credential
        if credential is None:
            return None
        pull = ImagePullArgs(credential=credential, namespace=args.workload, exists=namespace)
        return ImagePull(f"{name}-images", pull, pulumi.ResourceOptions(parent=self))

    def _secrets(
        self, name: str, args: WorkloadArgs, service: str, namespace: pulumi.Resource
    ) -> list[pulumi.Resource]:
        spec = args.spec.services[service]
        variables = {"secrets": (service, spec.secrets)} if spec.secrets else {}
        files = {
            f"{volume}-files": (secret_name(service, volume), one.files)
            for volume, one in secret_volumes(spec.volumes).items()
        }
        return [
            vault_secret(
                f"{name}-{service}-{suffix}",
                args.platform.vault,
                secret=secret,
                namespace=args.workload,
                values=vault_names(args.workload, values),
                exists=namespace,
                parent=self,
            )
            for suffix, (secret, values) in {**variables, **files}.items()
        ]

    def _agents(self, name: str, args: WorkloadArgs, namespace: pulumi.Resource) -> Instrumentation | None:
        if not any(spec.instrumentation for spec in args.spec.services.values()):
            return None
        agents = InstrumentationArgs(workload=args.workload, namespace=namespace, operator=args.platform.agents)
        return Instrumentation(f"{name}-instrumentation", agents, pulumi.ResourceOptions(parent=self))

    def _data(self, args: WorkloadArgs, namespace: pulumi.Resource) -> Data:
        opts, nodes = pulumi.ResourceOptions(parent=self), args.platform.nodes
        ground = Ground(operators=args.platform.data, namespace=namespace, buckets=args.buckets, queues=args.queues)
        data = build_data(args.workload, args.spec, ground, opts)
        if data.database is None or args.spec.components.configuration is None:
            return data
        return replace(data, database=with_configuration(args.workload, data.database, nodes, opts))

    def _dapr(self, name: str, args: WorkloadArgs, data: Data, namespace: pulumi.Resource) -> DaprApplication | None:
        opts, platform, callers = pulumi.ResourceOptions(parent=self), args.platform, args.callers
        if not any(spec.dapr for spec in args.spec.services.values()):
            return None
        stores = [own.secret_store for account, own in args.principals.items() if account.namespace == args.workload]
        application = DaprApplicationArgs(
            workload=args.workload,
            spec=args.spec,
            callers=callers,
            kafka=data.messages,
            postgres=data.database,
            secret_store=next((store for store in stores if store is not None), None),
            vault=platform.vault,
            consul=platform.consul,
            namespace=namespace,
            definitions=platform.runtime.definitions,
            control_plane=platform.runtime.release,
        )
        return DaprApplication(f"{name}-dapr", application, opts)

    def _canaries(
        self,
        name: str,
        args: WorkloadArgs,
        described: Mapping[str, ApplicationServiceArgs],
        services: Mapping[str, ApplicationService],
        namespace: pulumi.Resource,
    ) -> None:
        canaries = CanariesArgs(
            workload=args.workload,
            spec=args.spec,
            services=described,
            releases={service: component.release for service, component in services.items()},
            namespace=namespace,
            service_monitors=args.platform.service_monitors,
            scaler=args.platform.scaler,
            runbooks=args.runbooks,
        )
        build_canaries(name, canaries, pulumi.ResourceOptions(parent=self))

    def _objectives(self, name: str, args: WorkloadArgs, namespace: pulumi.Resource) -> None:
        """Rules about what services promise, and about the bounds that they are to stay within."""
        rules = {
            "slos": slo_groups(args.workload, args.spec, args.runbooks),
            "alerts": alert_groups(args.workload, args.spec, args.runbooks),
        }
        for kind, groups in rules.items():
            if not groups:
                continue
            kubernetes.apiextensions.CustomResource(
                f"{name}-{kind}",
                api_version="monitoring.coreos.com/v1",
                kind="PrometheusRule",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(name=kind, namespace=args.workload),
                spec={"groups": groups},
                opts=pulumi.ResourceOptions(parent=self, depends_on=[namespace, args.platform.service_monitors]),
            )
