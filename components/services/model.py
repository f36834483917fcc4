"""The model of a workload file: an application system and its services."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, TypeAdapter, ValidationInfo, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from components.services.call_circles import circle_inside
from components.services.calls import problems_inside
from components.services.dapr import checks as dapr_checks
from components.services.dapr.model import Components
from components.services.data.model import DataName, DataSpec, data_problems
from components.services.gateway.canary_model import name_problems
from components.services.gateway.checks import access_problems
from components.services.gateway.model import GatewaySpec
from components.services.monitoring.dashboard_model import WorkloadDashboards
from components.services.pods.task_model import name_problems as task_name_problems
from components.services.quota_model import Quota
from components.services.service_model import ServiceSpec
from stacks.model import LabelValue, Model, at
from stacks.problems import SettingsError, validated
from stacks.workloads import ServiceName

WORKLOADS = Path("workloads")
"""Folder of the workload files, from the program's own folder."""


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

    data: dict[DataName, DataSpec] = Field(default_factory=dict[DataName, DataSpec])
    """Data services of the workload's own, by name. Services name in `data` which they use (docs/data-services.md)."""

    dashboards: WorkloadDashboards = ()
    """Dashboards about all of its services (docs/dashboards)."""

    services: dict[ServiceName, ServiceSpec] = Field(min_length=1)

    def team_label(self, workload: str) -> str:
        """The `team` label of alerts that have a label `service`: a template of Prometheus where teams differ."""
        team = self.team or workload
        own = {name: one.owners.team for name, one in self.services.items() if one.owners.team not in (None, team)}
        if not own:
            return team
        cases = "{{ else ".join(f'if eq $labels.service "{service}" }}}}{other}' for service, other in own.items())
        return f"{{{{ {cases}{{{{ else }}}}{team}{{{{ end }}}}"

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        if found := [*access_problems(self), *data_problems(self), *self._unmeasured()]:
            raise at(*found)
        return self

    def _unmeasured(self) -> Iterator[tuple[str, str]]:
        """What services are scaled by that the workload does not have: key path, and text."""
        shared = {self.components.pubsub.kind} if self.components.pubsub is not None else set[str]()
        for name, service in self.services.items():
            used = shared | {self.data[one].kind for one in service.data if one in self.data}
            if service.autoscaling is not None:
                for key, text in service.autoscaling.unmeasured(used):
                    yield f"services.{name}.autoscaling.{key}", text

    @field_validator("services")
    @classmethod
    def _calls_reach_a_service(cls, services: dict[str, ServiceSpec]) -> dict[str, ServiceSpec]:
        if found := [*problems_inside(services), *name_problems(services), *task_name_problems(services)]:
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
    return parse_workload(name, read_workload(name, folder))


def read_workload(name: str, folder: Path = WORKLOADS) -> Any:
    """The content of `<folder>/<name>.yaml`, unchecked. Raises `SettingsError` where it is missing or no YAML."""
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise SettingsError([f"workloads: there is no {path}; known: {known}"])
    try:
        return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError([f"not UTF-8 text: byte {error.start} is none of it"], f"workload {name}") from None
    except (YAMLError, ValueError) as error:
        raise SettingsError([f"not YAML: {yaml_problem(error)}"], f"workload {name}") from None


def yaml_problem(error: Exception) -> str:
    """What the YAML reader objects to, in one line and without the values of a key that stands twice."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        problem, _, _values = str(error.problem).partition(" with value ")
        return f"line {error.problem_mark.line + 1}: {problem}"
    return " ".join(str(error).split())
