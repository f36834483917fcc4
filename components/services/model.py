"""The model of a workload file: an application system and its services."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, StringConstraints, ValidationError, ValidationInfo, field_validator

from stacks.model import Model
from stacks.problems import SettingsError, describe

WORKLOADS = Path("workloads")
"""Folder of the workload files, from the program's own folder."""

ServiceName = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$")]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
PortName = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
HttpPath = Annotated[str, StringConstraints(pattern=r"^/")]


class Image(Model):
    """Which build of the service runs."""

    tag: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", examples=["1.0.0"])
    """Tag of the image."""

    digest: str | None = Field(
        default=None, pattern=r"^sha256:[0-9a-f]{64}$", examples=["sha256:..."], validate_default=True
    )
    """Digest of the image. Wins over the tag."""

    @field_validator("digest")
    @classmethod
    def _is_one_build(cls, digest: str | None, info: ValidationInfo) -> str | None:
        if digest is None and info.data.get("tag", "") is None:
            raise ValueError("missing; a tag or a digest is needed")
        return digest


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


class Resources(Model):
    """What each pod asks for. Memory is also its limit."""

    cpu: str = Field(default="50m", pattern=r"^[0-9]+(\.[0-9]+)?m?$", examples=["250m"])
    memory: str = Field(default="128Mi", pattern=r"^[0-9]+(Ki|Mi|Gi)$", examples=["256Mi"])


class ServiceSpec(Model):
    """One service: a set of equal pods behind one name."""

    image: Image
    replicas: int = Field(default=2, ge=0, le=1000)
    ports: dict[PortName, PortNumber] = Field(default_factory=dict[PortName, PortNumber])
    """Container ports by name; each is also a port of the Service."""

    probes: Probes = Probes()
    metrics: Metrics | None = None
    env: dict[VariableName, str] = Field(default_factory=dict[VariableName, str])
    """Plain environment. Credentials do not belong here."""

    resources: Resources = Resources()
    grace_seconds: int = Field(default=30, ge=1, le=3600)
    """Seconds that a pod has to end what it is doing."""

    @field_validator("probes")
    @classmethod
    def _probes_use_the_ports(cls, probes: Probes, info: ValidationInfo) -> Probes:
        for name in Probes.model_fields:
            probe: Probe | None = getattr(probes, name)
            if probe is not None and probe.port not in info.data.get("ports", {probe.port}):
                raise ValueError(f"{name}.port: {probe.port} is not one of the ports")
        return probes

    @field_validator("metrics")
    @classmethod
    def _metrics_use_a_port(cls, metrics: Metrics | None, info: ValidationInfo) -> Metrics | None:
        if metrics is not None and metrics.port not in info.data.get("ports", {metrics.port}):
            raise ValueError(f"port: {metrics.port} is not one of the ports")
        return metrics


class WorkloadSpec(Model):
    """An application system. Its name is its file's."""

    services: dict[ServiceName, ServiceSpec] = Field(min_length=1)


def parse_workload(name: str, values: Any) -> WorkloadSpec:
    """The model of one workload file's content.

    Raises `SettingsError` with every problem at once, one line each, by key path.
    """
    source = f"workload {name}"
    if not isinstance(values, Mapping):
        raise SettingsError(["services: missing"], source)
    try:
        return WorkloadSpec.model_validate(values)
    except ValidationError as error:
        raise SettingsError(describe(error, [WorkloadSpec]), source) from None


def load_workload(name: str, folder: Path = WORKLOADS) -> WorkloadSpec:
    """Reads `<folder>/<name>.yaml`. Raises `SettingsError` where it is missing, no YAML, or wrong."""
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise SettingsError([f"workloads: there is no {path}; known: {known}"])
    try:
        return parse_workload(name, yaml.safe_load(path.read_text()))
    except yaml.YAMLError as error:
        raise SettingsError([f"not YAML: {' '.join(str(error).split())}"], f"workload {name}") from None
