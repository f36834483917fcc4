"""Dashboards of a workload and of its services: rendered templates, once it is put in whose they are."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.naming import physical_name
from components.platform.dashboards import FOLDER_ANNOTATION, LABEL, RENDERED
from components.services.model import WorkloadSpec

TEMPLATES = RENDERED / "workload"
"""Where templates are, by name."""

LONGEST_UID: Final = 40
"""Characters. https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/"""

ALL: Final = ".+"


@dataclass(frozen=True, kw_only=True)
class Board:
    """One dashboard that a workload file asks for."""

    template: str
    workload: str
    service: str | None = None
    """The service that it is about; all of them, if not given."""

    @property
    def name(self) -> str:
        """What tells it apart within its workload."""
        return f"{self.service}-{self.template}" if self.service else self.template

    @property
    def uid(self) -> str:
        """Its address in Grafana: no name has a `_`, so no two are the same."""
        owner = (self.workload, self.service) if self.service else (self.workload,)
        return physical_name("gw", "_".join((*owner, self.template)), limit=LONGEST_UID)

    @property
    def title(self) -> str:
        return " / ".join((self.workload, *([self.service] if self.service else []), _template(self.template)["title"]))

    @property
    def given(self) -> Mapping[str, str]:
        """What it is about, by the variables of templates."""
        return {
            "namespace": self.workload,
            "service": self.service or ALL,
            "upstream": f"{self.workload}[.]{self.service or '[^.]+'}[.].+",
        }

    def rendered(self) -> str:
        """Its JSON."""
        template = _template(self.template)
        variables = [self._about(variable) for variable in template["templating"]["list"]]
        board = {**template, "uid": self.uid, "title": self.title, "templating": {"list": variables}}
        return json.dumps(board, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"

    def _about(self, variable: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**variable, "query": self.given[variable["name"]]} if variable["type"] == "constant" else variable


@dataclass(frozen=True, kw_only=True)
class WorkloadDashboardsArgs:
    workload: str
    """Name of the workload; its namespace and its folder in Grafana have the same name."""

    spec: WorkloadSpec
    """What the workload file says."""

    namespace: pulumi.Resource
    """The namespace."""


class WorkloadDashboards(pulumi.ComponentResource):
    """A ConfigMap for each dashboard, beside the services that it is about."""

    def __init__(self, name: str, args: WorkloadDashboardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:WorkloadDashboards", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        for board in boards(args.workload, args.spec):
            kubernetes.core.v1.ConfigMap(
                f"{name}-{board.name}",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(
                    name=f"dashboard-{board.name}",
                    namespace=args.workload,
                    labels=LABEL,
                    annotations={FOLDER_ANNOTATION: args.workload},
                ),
                data={f"{board.uid}.json": board.rendered()},
                opts=child,
            )
        self.register_outputs({})


def boards(workload: str, spec: WorkloadSpec) -> Iterator[Board]:
    """The dashboards that a workload file asks for: those of the workload, then those of its services."""
    for template in spec.dashboards:
        yield Board(template=template, workload=workload)
    for service, one in spec.services.items():
        for template in one.dashboards:
            yield Board(template=template, workload=workload, service=service)


@cache
def _template(name: str) -> Mapping[str, Any]:
    return json.loads((TEMPLATES / f"{name}.json").read_text(encoding="utf-8"))
