"""Dapr in the namespace of one workload: components, who may call whom, subscriptions and policies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.contracts import DaprSecretStore, ServiceAccount
from components.data.connections import KafkaConnection, PostgresConnection
from components.platform.consul import ConsulClient
from components.platform.dapr import WITH_SIDECAR
from components.platform.vault_secret import Vault
from components.secret_names import prefix
from components.services.dapr.components import components, secrets_of
from components.services.dapr.configuration import configuration
from components.services.dapr.discovery import RESOLUTION, SECRET, credentials, mounted, registration
from components.services.dapr.object import DaprObject, Declared
from components.services.dapr.resiliency import resiliency
from components.services.dapr.secrets import followed, reader, secret_names
from components.services.dapr.sidecar import Sidecar, pod_annotations, volumes
from components.services.dapr.subscriptions import subscriptions
from components.services.dapr.topics import sidecars
from components.services.model import WorkloadSpec


@dataclass(frozen=True, kw_only=True)
class DaprApplicationArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    spec: WorkloadSpec
    """What the workload file says."""

    callers: Mapping[str, Sequence[ServiceAccount]]
    """By service, the services that call it through Dapr, those of other workloads among them."""

    kafka: KafkaConnection | None = None
    """Where messages go, unless the broker is the user's."""

    postgres: PostgresConnection | None = None
    """Where state and configuration are."""

    secret_store: DaprSecretStore | None = None
    """How Dapr reads the workload's vault; if not given, services read Secrets that follow it."""

    vault: Vault
    """What those Secrets are made of."""

    consul: ConsulClient | None = None
    """Whose catalog sidecars find each other in, if not by Kubernetes."""

    namespace: pulumi.Resource
    """The namespace, as the resource to depend on."""

    definitions: Sequence[pulumi.Resource]
    """Dapr's definitions."""

    control_plane: pulumi.Resource
    """Dapr's control plane: pods do not get a sidecar before it is there."""


class DaprApplication(pulumi.ComponentResource):
    """All that the sidecars of one workload read."""

    def __init__(self, name: str, args: DaprApplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:DaprApplication", name, {}, opts)
        self._name, self._args = name, args
        self._waits = {service: [args.control_plane] for service in sidecars(args.spec)}
        ready = [*args.definitions, args.namespace]
        behind = {
            "pubsub": args.kafka.ready if args.kafka else (),
            "state": args.postgres.ready if args.postgres else (),
            "configuration": args.postgres.ready if args.postgres else (),
        }
        self._components = list(components(args.spec, args.kafka, args.postgres, args.secret_store))
        for declared in self._components:
            self._register(declared, [*ready, *behind.get(declared.name, ())])
        for declared in subscriptions(args.spec):
            self._register(declared, ready)
        resolution = None if args.consul is None else RESOLUTION
        # A sidecar that starts meanwhile would ask servers that are not there yet.
        resolved = [*ready, *(args.consul.ready if args.consul else ())]
        self._reads: dict[str, list[Declared]] = {}
        for service, dapr in sidecars(args.spec).items():
            called_by = args.callers.get(service, ())
            read = [configuration(args.workload, service, dapr, called_by, resolution)]
            policies = resiliency(service, dapr, args.spec.services[service].calls)
            self._reads[service] = [*read, policies] if policies else read
            for declared in self._reads[service]:
                self._register(declared, resolved, service)
        if args.secret_store is None:
            self._secrets()
        if args.consul is not None:
            self._discovery(args.consul)
        self.register_outputs({})

    def _register(self, declared: Declared, waits_for: Sequence[pulumi.Resource], service: str | None = None) -> None:
        resource = DaprObject(
            f"{self._name}-{declared.kind.lower()}-{declared.name}",
            declared,
            self._args.workload,
            pulumi.ResourceOptions(parent=self, depends_on=[*waits_for]),
        )
        for user in [service] if service else declared.scopes:
            self._waits[user].append(resource)

    def _secrets(self) -> None:
        args = self._args
        objects = {
            name: followed(f"{self._name}-{name}", name, args.workload, args.vault, args.namespace, self)
            for name in secret_names(args.workload, args.spec)
        }
        opts = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        for service, dapr in sidecars(args.spec).items():
            if dapr.secrets:
                names = [f"{prefix(args.workload)}{name}" for name in dapr.secrets]
                grant = reader(f"{self._name}-{service}-secrets", service, args.workload, names, opts)
                self._waits[service] += [grant, *(objects[name] for name in names)]

    def _discovery(self, consul: ConsulClient) -> None:
        args = self._args
        secret = credentials(self._name, args.workload, consul, args.namespace, self)
        for service in sidecars(args.spec):
            found_by = registration(self._name, args.workload, service, args.namespace, self)
            self._waits[service] += [*consul.ready, secret, found_by]

    def waits_for(self, service: str) -> list[pulumi.Resource]:
        """What has to be there before pods of the service start: all that their sidecar reads, and who gives it."""
        return list(self._waits.get(service, ()))

    def sidecar(self, service: str) -> Sidecar | None:
        """What the pods of the service need for their sidecar; none without one."""
        args = self._args
        spec = args.spec.services[service]
        if spec.dapr is None:
            return None
        annotations = pod_annotations(service, spec, spec.dapr, args.postgres, self._reads[service])
        mounts = volumes(spec.dapr, args.postgres)
        return Sidecar(
            annotations=annotations if args.consul is None else mounted(annotations),
            labels=WITH_SIDECAR,
            volumes=mounts if args.consul is None else {**mounts, SECRET: SECRET},
            restarted_by=secrets_of(one for one in self._components if service in one.scopes),
            reads_secrets=bool(spec.dapr.secrets) and args.secret_store is None,
        )
