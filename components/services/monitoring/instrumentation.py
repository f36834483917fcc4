"""Auto-instrumentation of services: what the OpenTelemetry operator puts into their pods, and what asks for it."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.platform.addresses import collector_url
from components.platform.otel_operator import INSTRUMENTED
from components.pod_security import RESTRICTED_CONTAINER
from components.services.service_model import Language
from stacks.versions import AUTO_INSTRUMENTATION_IMAGES

NAME = "services"
"""Name of the Instrumentation object in each namespace that has one."""

CONTAINER = "app"
"""The container of the app-service chart that gets the agent."""

COPIER = 65532
"""The user that copies the agent into the pod. The images name none, so it would be root, which no pod may be."""


@dataclass(frozen=True, kw_only=True)
class InstrumentationArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    namespace: pulumi.Resource
    """The namespace, as the resource to depend on."""

    operator: pulumi.Resource
    """The release of the operator: it brings the definition, and its webhook has to answer before pods are created."""


class Instrumentation(pulumi.ComponentResource):
    """How the services of one workload are instrumented, those that ask for it."""

    def __init__(self, name: str, args: InstrumentationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Instrumentation", name, {}, opts)
        self.object = kubernetes.apiextensions.CustomResource(
            f"{name}-object",
            api_version="opentelemetry.io/v1alpha1",
            kind="Instrumentation",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=NAME, namespace=args.workload, labels=INSTRUMENTED),
            spec=instrumentation_spec(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.operator]),
        )
        """What the pods of instrumented services depend on: without it they would start without an agent."""

        self.register_outputs({})


def instrumentation_spec() -> dict[str, Any]:
    """Where agents send to and how, and the image of each language.

    Every trace is begun: which are kept is decided once they are complete. `service.name` is the name of the
    Deployment and `service.namespace` the namespace, both by the operator.
    """
    return {
        "exporter": {"endpoint": collector_url()},
        "propagators": ["tracecontext", "baggage"],
        "sampler": {"type": "parentbased_always_on"},
        "env": variables(
            # What services write to their output is collected from the node.
            OTEL_LOGS_EXPORTER="none",
            # https://opentelemetry.io/docs/specs/semconv/non-normative/http-migration/
            OTEL_SEMCONV_STABILITY_OPT_IN="http",
        ),
        "initContainerSecurityContext": {
            **RESTRICTED_CONTAINER,
            "runAsNonRoot": True,
            "runAsUser": COPIER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        # Trace and span go into the records of Python's own logging, as they do by themselves with the others.
        "python": {**agent("python"), "env": variables(OTEL_PYTHON_LOG_CORRELATION="true")},
        "nodejs": agent("nodejs"),
        # Its own log would go where nobody may write.
        "dotnet": {**agent("dotnet"), "env": variables(OTEL_DOTNET_AUTO_LOG_DIRECTORY="/tmp")},
        "java": agent("java", resources="resources"),
    }


def agent(language: Language, *, resources: str = "resourceRequirements") -> dict[str, Any]:
    """The image of a language's agent, and what copying it may take. Java's definition calls the latter otherwise."""
    limits = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}}
    return {"image": AUTO_INSTRUMENTATION_IMAGES[language], resources: limits}


def variables(**values: str) -> list[dict[str, str]]:
    """Environment variables as Kubernetes lists them."""
    return [{"name": name, "value": value} for name, value in values.items()]


def pod_annotations(language: Language) -> dict[str, str]:
    """What a pod asks the operator for an agent with."""
    prefix = "instrumentation.opentelemetry.io"
    return {f"{prefix}/inject-{language}": NAME, f"{prefix}/container-names": CONTAINER}


def pod_labels() -> dict[str, str]:
    """What makes the API server ask the operator about a pod."""
    return dict(INSTRUMENTED)
