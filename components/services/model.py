"""The model of a workload file: an application system and its services."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, ValidationInfo, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from components.services import dapr_checks
from components.services.call_circles import circle_inside
from components.services.calls import Calls, problems_inside
from components.services.canary_model import Canary, name_problems
from components.services.dapr_model import Components, DaprSpec
from components.services.data_model import reserved_names
from components.services.gateway_checks import access_problems, service_problems
from components.services.gateway_model import GatewaySpec, RouteSpec
from components.services.quota_model import Quota
from components.services.service_secrets import SecretName, given_twice
from components.services.slo import Slos
from components.services.upstream_model import UpstreamSpec
from components.services.values import HttpPath, Image, PortName, PortNumber, Resources, ServiceName, VariableName
from stacks.model import LabelValue, Model, at
from stacks.problems import SettingsError, validated

WORKLOADS = Path("workloads")
"""Folder of the workload files, from the program's own folder."""

Language = Literal["python", "nodejs", "dotnet", "java"]


class Probe(Model):
    """An HTTP request that the kubelet makes; 2xx and 3xx are success."""

    path: HttpPath
    port: PortName
    """Name of the port."""

    period_seconds: int = Field(default=10, ge=1)
    timeout_seconds: int = Field(default=2, ge=1)
    failures: int = Field(default=3, ge=1)
    """Failures in a row after which the pod is restarted, or taken out of service."""


class Probes(Model):
    """How the kubelet sees that a pod has started, is alive, and can serve."""

    startup: Probe | None = None
    liveness: Probe | None = None
    readiness: Probe | None = None


class Metrics(Model):
    """Where Prometheus scrapes the service."""

    port: PortName
    """Name of the port."""

    path: HttpPath = "/metrics"


class ServiceSpec(Model):
    """One service: a set of equal pods behind one name."""

    image: Image
    replicas: int = Field(default=2, ge=0, le=1000)
    ports: dict[PortName, PortNumber] = Field(default_factory=dict[PortName, PortNumber])
    """Container ports by name; each is also a port of the Service."""

    probes: Probes = Probes()
    metrics: Metrics | None = None
    slos: Slos = Slos()
    """What the service promises. By default availability and latency, if it has a port (docs/slos.md)."""

    instrumentation: Language | None = None
    """Whose agent is put into the pods: they send traces and metrics without a change of code (docs/traces.md)."""

    env: dict[VariableName, str] = Field(default_factory=dict[VariableName, str])
    """Plain environment. Credentials do not belong here."""

    secrets: dict[VariableName, SecretName] = Field(default_factory=dict[VariableName, SecretName])
    """Environment from the vault: by variable, what its secret is called there after `<workload>-`. Pods are replaced
    when a value changes (docs/secrets.md)."""

    calls: Calls = ()
    """Whom the pods call: services of this workload by name, those of others as `workload/service`, hosts outside of
    the cluster as `host` (port 443) or `host:port`. Nothing else is open to them (docs/network-policies.md)."""

    dapr: DaprSpec | None = None
    """What the service uses of Dapr. Its pods get a sidecar then, whose app-id is the service's name (docs/dapr.md)."""

    routes: tuple[RouteSpec, ...] = ()
    """Requests from outside that reach the service, through the gateway (docs/gateway.md)."""

    upstream: UpstreamSpec = UpstreamSpec()
    """How the gateway spreads requests over the pods, and when it leaves one out."""

    canary: Canary | None = None
    """Another build, which a share of the requests through the gateway tries out."""

    resources: Resources = Resources()
    cloud_identity: bool = False
    """Whether the pods are a principal of the cloud, by their service account. It may read the workload's secrets in
    the cloud's vault, and no others. `SECRET_STORE` in their environment says where those are."""

    drain_seconds: int = Field(default=5, ge=0, le=3600)
    """Seconds that a pod goes on serving after it is told to stop, while load balancers forget it."""

    grace_seconds: int = Field(default=30, ge=1, le=3600, validate_default=True)
    """Seconds that a pod has to end what it is doing, `drain_seconds` included."""

    @field_validator("secrets")
    @classmethod
    def _variables_have_one_value(cls, secrets: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if found := given_twice(info.data.get("env", {}), secrets):
            raise at(*found)
        return secrets

    @field_validator("ports")
    @classmethod
    def _each_number_has_one_name(cls, ports: dict[str, int]) -> dict[str, int]:
        taken: dict[int, str] = {}
        again = [(name, number) for name, number in ports.items() if taken.setdefault(number, name) != name]
        if again:
            raise at(*((name, f"{number} is the port {taken[number]} already") for name, number in again))
        return ports

    @field_validator("grace_seconds")
    @classmethod
    def _time_is_left_after_the_drain(cls, grace: int, info: ValidationInfo) -> int:
        drain: int | None = info.data.get("drain_seconds")
        if drain is not None and grace <= drain:
            raise ValueError(f"expected more than drain_seconds ({drain}), which are part of it")
        return grace

    @field_validator("probes")
    @classmethod
    def _probes_use_the_ports(cls, probes: Probes, info: ValidationInfo) -> Probes:
        ports: dict[str, int] | None = info.data.get("ports")
        unknown = [
            (kind, probe.port) for kind, probe in probes if probe and ports is not None and probe.port not in ports
        ]
        if unknown:
            raise at(*((f"{kind}.port", f"{port} is not one of the ports") for kind, port in unknown))
        return probes

    @field_validator("metrics")
    @classmethod
    def _metrics_use_a_port(cls, metrics: Metrics | None, info: ValidationInfo) -> Metrics | None:
        if metrics is not None and metrics.port not in info.data.get("ports", {metrics.port}):
            raise at(("port", f"{metrics.port} is not one of the ports"))
        return metrics

    @field_validator("routes")
    @classmethod
    def _routes_go_to_a_port(cls, routes: tuple[RouteSpec, ...], info: ValidationInfo) -> tuple[RouteSpec, ...]:
        if "ports" in info.data and (found := service_problems(routes, info.data["ports"])):
            raise at(*found)
        return routes

    @field_validator("canary")
    @classmethod
    def _a_canary_has_what_it_needs(cls, canary: Canary | None, info: ValidationInfo) -> Canary | None:
        routed, dapr = bool(info.data.get("routes", True)), info.data.get("dapr") is not None
        if canary and (found := canary.problems(routed=routed, dapr=dapr, secrets=info.data.get("secrets", {}))):
            raise at(*found)
        return canary

    @field_validator("dapr")
    @classmethod
    def _dapr_calls_a_port(cls, dapr: DaprSpec | None, info: ValidationInfo) -> DaprSpec | None:
        if dapr is not None and dapr.port is not None and dapr.port not in info.data.get("ports", {dapr.port}):
            raise at(("port", f"{dapr.port} is not one of the ports"))
        return dapr

    @field_validator("slos")
    @classmethod
    def _objectives_can_be_measured(cls, slos: Slos, info: ValidationInfo) -> Slos:
        answers, measured = (bool(info.data.get(key, True)) for key in ("ports", "metrics"))
        unmeasured = slos.unmeasured(answers=answers, measured=measured)
        if unmeasured:
            raise at(*unmeasured)
        return slos


class Retention(Model):
    """How long the workload wants to find what it told. A stack keeps everything for the longest that is asked."""

    metrics_days: int | None = Field(default=None, ge=1, le=400)
    """Days that metrics are kept."""

    logs_days: int | None = Field(default=None, ge=1, le=400)
    """Days that logs are kept."""

    traces_days: int | None = Field(default=None, ge=1, le=90)
    """Days that traces are kept."""


class WorkloadSpec(Model):
    """An application system. Its name is its file's."""

    team: Annotated[LabelValue, Field(min_length=1)] | None = None
    """Who gets the alerts about it: their `team` label. The name of the workload, if not given."""

    retention: Retention = Retention()
    components: Components = Components()
    """What Dapr brings to the services: messages, state, configuration (docs/dapr.md)."""

    gateway: GatewaySpec = GatewaySpec()
    """What the routes of all services have in common: plugins, and who may use them (docs/gateway.md)."""

    quota: Quota = Quota()
    """The most that all pods of the workload may ask for together."""

    services: dict[ServiceName, ServiceSpec] = Field(min_length=1)

    @model_validator(mode="after")
    def _routes_let_somebody_through(self) -> Self:
        if found := access_problems(self):
            raise at(*found)
        return self

    @field_validator("services")
    @classmethod
    def _calls_reach_a_service(cls, services: dict[str, ServiceSpec]) -> dict[str, ServiceSpec]:
        if found := [*problems_inside(services), *name_problems(services), *reserved_names(services)]:
            raise at(*found)
        if circle := circle_inside(services):
            raise ValueError(circle)
        return services

    @field_validator("services")
    @classmethod
    def _dapr_has_what_services_use(
        cls, services: dict[str, ServiceSpec], info: ValidationInfo
    ) -> dict[str, ServiceSpec]:
        components: Components | None = info.data.get("components")
        if components is not None and (found := dapr_checks.problems(services, components)):
            raise at(*found)
        return services


def parse_workload(name: str, values: Any) -> WorkloadSpec:
    """The model of one workload file's content.

    Raises `SettingsError` with every problem at once, one line each, by key path.
    """
    return validated(TypeAdapter(WorkloadSpec), values, [WorkloadSpec], f"workload {name}")


def load_workload(name: str, folder: Path = WORKLOADS) -> WorkloadSpec:
    """Reads `<folder>/<name>.yaml`. Raises `SettingsError` where it is missing, no YAML, or wrong."""
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise SettingsError([f"workloads: there is no {path}; known: {known}"])
    try:
        values = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError([f"not UTF-8 text: byte {error.start} is none of it"], f"workload {name}") from None
    except (YAMLError, ValueError) as error:
        raise SettingsError([f"not YAML: {yaml_problem(error)}"], f"workload {name}") from None
    return parse_workload(name, values)


def yaml_problem(error: Exception) -> str:
    """What the YAML reader objects to, in one line and without the values of a key that stands twice."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        problem, _, _values = str(error.problem).partition(" with value ")
        return f"line {error.problem_mark.line + 1}: {problem}"
    return " ".join(str(error).split())
