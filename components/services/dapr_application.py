"""Dapr in the namespace of one workload: components, who may call whom, subscriptions and policies."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.contracts import DaprSecretStore, ServiceAccount
from components.data.connections import KafkaConnection, PostgresConnection
from components.platform.dapr import WITH_SIDECAR
from components.secret_names import prefix
from components.services.dapr_components import components
from components.services.dapr_configuration import configuration
from components.services.dapr_object import DaprObject, Declared
from components.services.dapr_resiliency import resiliency
from components.services.dapr_secrets import external_secret, reader, secret_names
from components.services.dapr_sidecar import pod_annotations
from components.services.dapr_subscriptions import subscriptions
from components.services.dapr_topics import sidecars
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

    external_secrets: Sequence[pulumi.Resource] = ()
    """What those Secrets come by: the operator, and its store."""

    name_resolution: Mapping[str, Any] | None = None
    """How sidecars find each other, if not by Kubernetes."""

    namespace: pulumi.Resource
    """The namespace, as the resource to depend on."""

    definitions: Sequence[pulumi.Resource]
    """Dapr's definitions."""


class DaprApplication(pulumi.ComponentResource):
    """All that the sidecars of one workload read."""

    def __init__(self, name: str, args: DaprApplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:DaprApplication", name, {}, opts)
        self._name, self._args = name, args
        self._waits: defaultdict[str, list[pulumi.Resource]] = defaultdict(list)
        ready = [*args.definitions, args.namespace]
        behind = [resource for data in (args.kafka, args.postgres) if data for resource in data.ready]
        for declared in components(args.spec, args.kafka, args.postgres, args.secret_store):
            self._register(declared, [*ready, *behind] if declared.name != "secrets" else ready)
        for declared in subscriptions(args.spec):
            self._register(declared, ready)
        self._reads: dict[str, list[Declared]] = {}
        for service, dapr in sidecars(args.spec).items():
            called_by = args.callers.get(service, ())
            read = [configuration(args.workload, service, dapr, called_by, args.name_resolution)]
            policies = resiliency(service, dapr, args.spec.services[service].calls)
            self._reads[service] = [*read, policies] if policies else read
            for declared in self._reads[service]:
                self._register(declared, ready, service)
        if args.secret_store is None:
            self._secrets()
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
        opts = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        following = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, *args.external_secrets])
        objects = {
            name: external_secret(f"{self._name}-{name}", name, args.workload, following)
            for name in secret_names(args.workload, args.spec)
        }
        for service, dapr in sidecars(args.spec).items():
            if dapr.secrets:
                names = [f"{prefix(args.workload)}{name}" for name in dapr.secrets]
                grant = reader(f"{self._name}-{service}-secrets", service, args.workload, names, opts)
                self._waits[service] += [grant, *(objects[name] for name in names)]

    def waits_for(self, service: str) -> list[pulumi.Resource]:
        """What has to be there before pods of the service start: all that their sidecar reads."""
        return list(self._waits[service])

    def labels(self, service: str) -> dict[str, str]:
        """Labels of the service's pods, by which the API server asks the injector about them; none without a sidecar."""
        return dict(WITH_SIDECAR) if self._args.spec.services[service].dapr is not None else {}

    def annotations(self, service: str) -> dict[str, str]:
        """Annotations of the service's pods; none without a sidecar."""
        spec = self._args.spec.services[service]
        if spec.dapr is None:
            return {}
        return pod_annotations(service, spec, spec.dapr, self._args.postgres, self._reads[service])
