"""RabbitMQ: a cluster of a workload's own, with the queues that its file declares and the user that works with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.data.connections import Pods, RabbitmqConnection, SecretKey
from components.data.rabbitmq_definitions import ADMINISTRATOR, APPLICATION, FILE, Queue, definitions, digest
from components.data.rabbitmq_objects import (
    PORT,
    administrator_name,
    application_name,
    certificate_name,
    certificate_spec,
    cluster_spec,
    host,
    nodes,
    service_monitor,
)
from components.data.sizes import RabbitmqSize

READY: Final = {"pulumi.com/waitFor": "condition=AllReplicasReady"}

WAIT: Final = "20m"
"""How long that may take: nodes are added, images pulled, volumes made, and each node of RabbitMQ joins the others."""


@dataclass(frozen=True, kw_only=True)
class RabbitmqArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    cluster: str
    """Name of the cluster, and how those of its objects begin."""

    queues: Mapping[str, Queue]
    """The queues, by name."""

    size: RabbitmqSize
    """What each node asks for."""

    storage_class: str
    """StorageClass of the volumes."""

    high_availability: bool
    """Whether three nodes keep every message thrice, in different zones."""

    protect: bool
    """Whether the cluster, and with it its volumes, refuses to be destroyed."""

    namespace: pulumi.Resource
    """The namespace."""

    operator: Sequence[pulumi.Resource]
    """The operator and its definition."""

    own_ca: pulumi.Resource
    """The cluster's own authority, which vouches for the nodes."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition."""


class Rabbitmq(pulumi.ComponentResource):
    """Nodes that are reached encrypted and by password alone."""

    def __init__(self, name: str, args: RabbitmqArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Rabbitmq", name, {}, opts)
        passwords = {
            user: random.RandomPassword(
                f"{name}-{user}-password", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
            ).result
            for user in (ADMINISTRATOR, APPLICATION)
        }
        secrets = [
            self._secret(name, "administrator", args, administrator_name(args.cluster), administrator(passwords)),
            self._secret(name, "application", args, application_name(args.cluster), application(passwords)),
            self._secret(name, "definitions", args, definitions_name(args), declared(args.queues, passwords)),
        ]
        certificate = self._object(
            name,
            "certificate",
            "cert-manager.io/v1",
            "Certificate",
            kubernetes.meta.v1.ObjectMetaArgs(name=certificate_name(args.cluster), namespace=args.workload),
            certificate_spec(args.cluster, args.workload),
            pulumi.ResourceOptions(depends_on=[args.namespace, args.own_ca]),
        )
        cluster = self._cluster(name, args, [*secrets, certificate])
        self._surroundings(name, args)

        # How it is reached.
        self.connection = RabbitmqConnection(
            host=host(args.cluster, args.workload),
            port=PORT,
            user=APPLICATION,
            password=SecretKey(name=application_name(args.cluster), key="password"),
            ca=SecretKey(name=certificate_name(args.cluster), key="ca.crt"),
            pods=Pods(namespace=args.workload, labels=nodes(args.cluster)),
            ready=[cluster, secrets[1]],
        )
        self.register_outputs({})

    def _cluster(
        self, name: str, args: RabbitmqArgs, needed: Sequence[pulumi.Resource]
    ) -> kubernetes.apiextensions.CustomResource:
        return self._object(
            name,
            "cluster",
            "rabbitmq.com/v1beta1",
            "RabbitmqCluster",
            kubernetes.meta.v1.ObjectMetaArgs(name=args.cluster, namespace=args.workload, annotations=READY),
            cluster_spec(
                args.cluster,
                definitions_name(args),
                args.size,
                args.storage_class,
                high_availability=args.high_availability,
            ),
            pulumi.ResourceOptions(
                depends_on=[args.namespace, *args.operator, *needed],
                protect=args.protect,
                custom_timeouts=pulumi.CustomTimeouts(create=WAIT, update=WAIT),
            ),
        )

    def _surroundings(self, name: str, args: RabbitmqArgs) -> None:
        """What scrapes the nodes, and what keeps two of them from being drained at once."""
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=args.cluster, namespace=args.workload)
        self._object(
            name,
            "monitor",
            "monitoring.coreos.com/v1",
            "ServiceMonitor",
            metadata,
            service_monitor(args.cluster, args.workload),
            pulumi.ResourceOptions(depends_on=[args.namespace, args.service_monitors]),
        )
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{name}-disruption-budget",
            metadata=metadata,
            spec=kubernetes.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1, selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=nodes(args.cluster))
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )

    def _secret(
        self, name: str, suffix: str, args: RabbitmqArgs, secret: str, values: Mapping[str, pulumi.Input[str]]
    ) -> pulumi.Resource:
        return kubernetes.core.v1.Secret(
            f"{name}-{suffix}",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=secret, namespace=args.workload),
            string_data=values,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )

    def _object(
        self,
        name: str,
        suffix: str,
        api_version: str,
        kind: str,
        metadata: kubernetes.meta.v1.ObjectMetaArgs,
        spec: Mapping[str, Any],
        opts: pulumi.ResourceOptions,
    ) -> kubernetes.apiextensions.CustomResource:
        return kubernetes.apiextensions.CustomResource(
            f"{name}-{suffix}",
            api_version=api_version,
            kind=kind,
            metadata=metadata,
            spec=spec,
            opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=self), opts),
        )


def definitions_name(args: RabbitmqArgs) -> str:
    """Name of the Secret with the definitions. Other queues are another one: nodes read it when they start."""
    return f"{args.cluster}-definitions-{digest(args.queues)}"


def administrator(passwords: Mapping[str, pulumi.Output[str]]) -> dict[str, pulumi.Input[str]]:
    """What the operator mounts into its pods, for its own preparations and for `rabbitmqadmin` in them."""
    password = passwords[ADMINISTRATOR]
    return {
        "username": ADMINISTRATOR,
        "password": password,
        "default_user.conf": pulumi.Output.format("default_user = {0}\ndefault_pass = {1}\n", ADMINISTRATOR, password),
    }


def application(passwords: Mapping[str, pulumi.Output[str]]) -> dict[str, pulumi.Input[str]]:
    """What services connect with."""
    return {"username": APPLICATION, "password": passwords[APPLICATION]}


def declared(queues: Mapping[str, Queue], passwords: Mapping[str, pulumi.Output[str]]) -> dict[str, pulumi.Input[str]]:
    """The file with the definitions."""
    return {FILE: pulumi.Output.all(**passwords).apply(lambda known: definitions(queues, known))}
