"""The model of a service in a workload file."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from components.services.calls import Calls
from components.services.dapr.model import DaprSpec
from components.services.data.model import DataName
from components.services.gateway.canary_model import Canary
from components.services.gateway.checks import health_problems, service_problems
from components.services.gateway.model import RouteSpec
from components.services.gateway.upstream_model import UpstreamSpec
from components.services.monitoring.alert_model import ServiceAlerts
from components.services.monitoring.dashboard_model import ServiceDashboards
from components.services.monitoring.slo import Slos
from components.services.pods.autoscaling_model import Autoscaling
from components.services.pods.placement_model import Disruption, Owners, Spread
from components.services.pods.port_model import Port, Ports
from components.services.pods.probe_model import Probes
from components.services.pods.task_model import Init, Job, Migrations, Task, TaskName, name_clashes
from components.services.pods.volume_model import Volume, VolumeName
from components.services.pods.volume_model import problems as volume_problems
from components.services.service_secrets import SecretName, given_twice
from components.services.values import CommandWord, HttpPath, Image, PortName, Resources, VariableName, VariableValue
from stacks.model import Distinct, Model, at

Language = Literal["python", "nodejs", "dotnet", "java"]


class Metrics(Model):
    """Where Prometheus scrapes the service."""

    port: PortName
    """Name of the port."""

    path: HttpPath = "/metrics"


class ServiceSpec(Model):
    """One service: a set of equal pods behind one name."""

    image: Image
    replicas: int = Field(default=2, ge=0, le=1000)
    ports: Ports = Field(default_factory=dict[str, Port])
    """Container ports by name, each a number, or a number and what is spoken there; each is also a port of the Service.
    """

    command: tuple[CommandWord, ...] = ()
    """What is run instead of the image's entry point, word by word: no shell reads it."""

    args: tuple[CommandWord, ...] = ()
    """What it is called with, instead of what the image says."""

    probes: Probes = Probes()
    metrics: Metrics | None = None
    slos: Slos = Slos()
    """What the service promises. By default availability and latency, if it has a port (docs/slos.md)."""

    alerts: ServiceAlerts | None = None
    """Bounds of its errors and its latency now, beyond which somebody is told (docs/slos.md)."""

    dashboards: ServiceDashboards = ()
    """Dashboards about the service alone (docs/dashboards)."""

    instrumentation: Language | None = None
    """Whose agent is put into the pods: they send traces and metrics without a change of code (docs/traces.md)."""

    env: dict[VariableName, VariableValue] = Field(default_factory=dict[VariableName, VariableValue])
    """Plain environment. Credentials do not belong here."""

    secrets: dict[VariableName, SecretName] = Field(default_factory=dict[VariableName, SecretName])
    """Environment from the vault: by variable, what its secret is called there after `<workload>-`. Pods are replaced
    when a value changes (docs/secrets.md)."""

    calls: Calls = ()
    """Whom the pods call: services of this workload by name, those of others as `workload/service`, hosts outside of
    the cluster as `host` (port 443) or `host:port`. Nothing else is open to them (docs/network-policies.md)."""

    data: Annotated[tuple[DataName, ...], Distinct] = ()
    """Data services of the workload that the pods use, by name. They get the address and the credentials of each in
    variables that begin with its name, and reach no other (docs/data-services.md)."""

    dapr: DaprSpec | None = None
    """What the service uses of Dapr. Its pods get a sidecar then, whose app-id is the service's name (docs/dapr.md)."""

    routes: tuple[RouteSpec, ...] = ()
    """Requests from outside that reach the service, through the gateway (docs/gateway.md)."""

    upstream: UpstreamSpec = UpstreamSpec()
    """How the gateway spreads requests over the pods, and when it leaves one out."""

    canary: Canary | None = None
    """Another build, which a share of the requests through the gateway tries out."""

    resources: Resources = Resources()
    autoscaling: Autoscaling | None = None
    """What decides on the number of pods, instead of `replicas`."""

    disruption: Disruption = Disruption()
    """How many pods may be missing while nodes are drained. By default all but one."""

    spread: Spread = Spread()
    """How the pods are spread over zones and nodes."""

    volumes: dict[VolumeName, Volume] = Field(default_factory=dict[str, Volume])
    """What stands in the file system of the pods besides their image and a writable /tmp, by name."""

    init: tuple[Init, ...] = ()
    """Containers that run to their end in each pod, one after another, before the service starts."""

    jobs: dict[TaskName, Job] = Field(default_factory=dict[str, Job])
    """What runs at fixed times, by name."""

    migrations: Migrations | None = None
    """What runs to its end before each release of the service, and stops it by failing."""

    owners: Owners = Owners()
    """Whose service it is."""

    cloud_identity: bool = False
    """Whether the pods are a principal of the cloud, by their service account. It may read the workload's secrets in
    the cloud's vault, and no others. `SECRET_STORE` in their environment says where those are."""

    drain_seconds: int = Field(default=5, ge=0, le=3600)
    """Seconds that a pod goes on serving after it is told to stop, while load balancers forget it."""

    grace_seconds: int = Field(default=30, ge=1, le=3600, validate_default=True)
    """Seconds that a pod has to end what it is doing, `drain_seconds` included."""

    @property
    def fewest_pods(self) -> int:
        """Pods that there are at any time."""
        return self.autoscaling.min if self.autoscaling is not None else self.replicas

    @property
    def most_pods(self) -> int:
        """Pods that there may be."""
        return self.autoscaling.max if self.autoscaling is not None else self.replicas

    @model_validator(mode="after")
    def _pods_fit_together(self) -> Self:
        parts = {
            "autoscaling": self.autoscaling.problems(answers=bool(self.ports)) if self.autoscaling else (),
            "disruption": self.disruption.problems(self.fewest_pods),
            "volumes": volume_problems(self.volumes, self.most_pods + (self.canary is not None), self.resources),
            "probes.readiness": health_problems(self),
            "init": name_clashes(self.init, sidecar=self.dapr is not None),
            "": self._secrets_of_tasks(),
        }
        found = [
            (".".join(filter(None, (part, key))), text) for part, problems in parts.items() for key, text in problems
        ]
        if self.autoscaling is not None and "replicas" in self.model_fields_set:
            found.append(("replicas", "autoscaling decides on it; leave one of the two out"))
        if found:
            raise at(*found)
        return self

    def _secrets_of_tasks(self) -> Iterator[tuple[str, str]]:
        """Variables of tasks that have their values from the vault, as all of the service's own: key path, and text."""
        tasks: dict[str, Task] = {
            **{f"init.{index}": task for index, task in enumerate(self.init)},
            **{f"jobs.{name}": task for name, task in self.jobs.items()},
            **({"migrations": self.migrations} if self.migrations is not None else {}),
        }
        for path, task in tasks.items():
            yield from (
                (f"{path}.env.{name}", "has its value from the vault") for name in task.env if name in self.secrets
            )

    @field_validator("secrets")
    @classmethod
    def _variables_have_one_value(cls, secrets: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if found := given_twice(info.data.get("env", {}), secrets):
            raise at(*found)
        return secrets

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
        if "ports" in info.data and (found := probes.problems(info.data["ports"])):
            raise at(*found)
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

    @field_validator("alerts")
    @classmethod
    def _bounded_requests_come_in(cls, alerts: ServiceAlerts | None, info: ValidationInfo) -> ServiceAlerts | None:
        if alerts is not None and not info.data.get("ports", True):
            raise ValueError("the service has no port to answer at")
        return alerts

    @field_validator("slos")
    @classmethod
    def _objectives_can_be_measured(cls, slos: Slos, info: ValidationInfo) -> Slos:
        answers, measured = (bool(info.data.get(key, True)) for key in ("ports", "metrics"))
        unmeasured = slos.unmeasured(answers=answers, measured=measured)
        if unmeasured:
            raise at(*unmeasured)
        return slos
