"""Variables at the top of a dashboard, and how queries use them."""

from dataclasses import dataclass

from dashboards.panels import Source


@dataclass(frozen=True, kw_only=True)
class Variable:
    """Several values can be chosen; `All` is `.+`: Loki refuses a selector that could match nothing."""

    name: str
    label: str
    description: str
    query: str
    """`label_values(series, label)`, of which the options come."""

    source: Source = "prometheus"
    everything: str = ".+"
    """What `All` matches."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A number that whoever looks types in, such as a price. Queries use it outside of quotes."""

    name: str
    label: str
    description: str
    default: str


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a template is about: put in where it is deployed, not shown, and not chosen by whoever looks."""

    name: str
    label: str
    description: str
    example: str
    """What stands there in a drawing, and in a template that is loaded as it is."""


CLOUD = Variable(
    name="cloud",
    label="Cloud",
    description="The cloud of a stack. One Prometheus knows one; a long-term store that several write to knows more.",
    query="label_values(groundwork_stack_info, cloud)",
)

NAMESPACE = Variable(
    name="namespace",
    label="Namespace",
    description="A namespace of the cluster: a workload, or a part of the platform.",
    query="label_values(kube_namespace_status_phase, namespace)",
)

SERVICE = Variable(
    name="service",
    label="Service",
    description="A service that sends traces, by its service.name: an application service by its release.",
    query='label_values(traces_span_metrics_calls_total{k8s_namespace_name=~"$namespace"}, service_name)',
)

GIVEN_NAMESPACE = Given(
    name="namespace", label="Namespace", description="The namespace of the workload, which has its name.", example=".+"
)
GIVEN_SERVICE = Given(
    name="service", label="Service", description="The service, or a regular expression of all.", example=".+"
)
GIVEN_UPSTREAM = Given(
    name="upstream",
    label="Kong service",
    description="Services and upstreams of the workload as Kong calls them, a regular expression.",
    example=".+",
)
