"""The operator of RabbitMQ, which makes clusters of objects in any namespace.

It is published as a manifest, not as a chart. What is left out of that are its webhooks: they refuse pods that Pod
Security refuses in the namespaces of workloads anyway, and fill in what is always said here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import RABBITMQ_OPERATOR as NAMESPACE
from components.platform.carried_definitions import carried
from components.platform.rabbitmq_operator_access import access
from components.priorities import CRITICAL
from stacks.versions import RABBITMQ_OPERATOR_IMAGE

DEFINITIONS: Final = Path(__file__).with_suffix(".json")
"""The definition at the version that the stack runs, without descriptions."""

NAME: Final = "rabbitmq-cluster-operator"

OPERATOR: Final = {"app.kubernetes.io/name": NAME}
"""Labels of the operator's pods."""

METRICS_PORT: Final = 8080


@dataclass(frozen=True, kw_only=True)
class RabbitmqOperatorArgs:
    definitions: dict[str, Any]
    """`spec` of each definition, by its name."""

    high_availability: bool
    """Whether a second pod stands by."""

    namespace: pulumi.Resource
    """The namespace that the operator runs in: `rabbitmq-operator`."""

    service_monitors: pulumi.Resource
    """The PodMonitor definition."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""


class RabbitmqOperator(pulumi.ComponentResource):
    """Brings the definition of RabbitMQ's clusters, and looks after what is made of it."""

    def __init__(self, name: str, args: RabbitmqOperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:RabbitmqOperator", name, {}, opts)
        self.definitions: Sequence[pulumi.Resource] = [
            kubernetes.apiextensions.v1.CustomResourceDefinition(
                f"{name}-{definition.partition('.')[0]}",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(
                    name=definition, labels={"app.kubernetes.io/part-of": "rabbitmq"}
                ),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for definition, spec in args.definitions.items()
        ]
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=NAME, namespace=NAMESPACE)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        account = kubernetes.core.v1.ServiceAccount(f"{name}-account", metadata=metadata, opts=child)
        rights = access(name, NAME, NAMESPACE, pulumi.ResourceOptions(parent=self, depends_on=[account]))
        self.operator = kubernetes.apps.v1.Deployment(
            f"{name}-deployment",
            metadata=metadata,
            spec=deployment(args.high_availability),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self.definitions, *rights, *args.nodes]),
        )
        """To depend on, as its objects do."""

        kubernetes.apiextensions.CustomResource(
            f"{name}-metrics",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=metadata,
            spec={"selector": {"matchLabels": OPERATOR}, "podMetricsEndpoints": [{"port": "metrics"}]},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
        )
        self.register_outputs({})


def rabbitmq_definitions() -> dict[str, Any]:
    """`spec` of each definition. What it says of pods that differ from the operator's own is left out: with that it is
    nested deeper than the SDK reads, a hundred levels of protobuf. Kubernetes refuses what is wrong in a pod anyway.
    """
    definitions = carried(DEFINITIONS)
    for spec in definitions.values():
        for version in spec["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            for step in ("spec", "override", "statefulSet", "spec", "template"):
                schema = schema["properties"][step]
            schema["properties"]["spec"] = {"type": "object", "x_kubernetes_preserve_unknown_fields": True}
    return definitions


def deployment(high_availability: bool) -> kubernetes.apps.v1.DeploymentSpecArgs:
    """The pods: one of two works, and the other takes over its lease."""
    selector = kubernetes.meta.v1.LabelSelectorArgs(match_labels=OPERATOR)
    pod = kubernetes.core.v1.PodSpecArgs(
        service_account_name=NAME,
        priority_class_name=CRITICAL,
        termination_grace_period_seconds=10,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        topology_spread_constraints=[
            kubernetes.core.v1.TopologySpreadConstraintArgs(
                max_skew=1,
                topology_key="kubernetes.io/hostname",
                when_unsatisfiable="ScheduleAnyway",
                label_selector=selector,
            )
        ],
        containers=[_container()],
    )
    return kubernetes.apps.v1.DeploymentSpecArgs(
        replicas=2 if high_availability else 1,
        selector=selector,
        template=kubernetes.core.v1.PodTemplateSpecArgs(
            metadata=kubernetes.meta.v1.ObjectMetaArgs(labels=OPERATOR), spec=pod
        ),
    )


def _container() -> kubernetes.core.v1.ContainerArgs:
    own_namespace = kubernetes.core.v1.EnvVarSourceArgs(
        field_ref=kubernetes.core.v1.ObjectFieldSelectorArgs(field_path="metadata.namespace")
    )
    return kubernetes.core.v1.ContainerArgs(
        name="operator",
        image=RABBITMQ_OPERATOR_IMAGE,
        command=["/manager"],
        args=["--health-probe-bind-address=:8081", f"--metrics-bind-address=:{METRICS_PORT}"],
        env=[
            kubernetes.core.v1.EnvVarArgs(name="OPERATOR_NAMESPACE", value_from=own_namespace),
            kubernetes.core.v1.EnvVarArgs(name="ENABLE_WEBHOOKS", value="false"),
            # It would ask each cluster itself, every five minutes; what it does otherwise it does by the API.
            kubernetes.core.v1.EnvVarArgs(name="DISABLE_DEPRECATED_FEATURES_CHECK", value="true"),
        ],
        ports=[kubernetes.core.v1.ContainerPortArgs(name="metrics", container_port=METRICS_PORT)],
        liveness_probe=_probe("/healthz", 15),
        readiness_probe=_probe("/readyz", 5),
        resources=kubernetes.core.v1.ResourceRequirementsArgs(
            requests={"cpu": "50m", "memory": "128Mi"}, limits={"memory": "256Mi"}
        ),
        security_context=kubernetes.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
    )


def _probe(path: str, delay: int) -> kubernetes.core.v1.ProbeArgs:
    return kubernetes.core.v1.ProbeArgs(
        http_get=kubernetes.core.v1.HTTPGetActionArgs(path=path, port=8081), initial_delay_seconds=delay
    )
