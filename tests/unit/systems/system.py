"""The plan of one application system on a stack, and what a test asks of it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.mock_engine import Deployed, Registration
from tests.plans import plan, settings_of

SIZES = ("gke-dev", "gke-prod")
"""Stacks that differ in size."""


@dataclass(frozen=True)
class System:
    """A system as one stack would run it, its own images and all."""

    name: str
    stack: str
    deployed: Deployed

    @property
    def host(self) -> str:
        """Where it answers outside."""
        return f"{self.name}.{settings_of(self.stack)['domain']}"

    def values(self, service: str) -> dict[str, Any]:
        """What the release of a service is made of."""
        return self.deployed.named(f"{self.name}-{service}-release").inputs["values"]

    def services(self) -> set[str]:
        """Those that are released."""
        releases = [one.inputs for one in self.deployed.of_type("kubernetes:helm.sh/v3:Release")]
        return {one["name"] for one in releases if one["namespace"] == self.name and "app-service" in one["chart"]}

    def objects(self, kind: str) -> dict[str, dict[str, Any]]:
        """Objects of its namespace of one kind (the last part of its type), by name."""
        found = [one for one in self.deployed.registrations.values() if one.type.rpartition(":")[2] == kind]
        return {_name(one): one.inputs for one in found if _namespace(one) == self.name}

    def release(self, name: str) -> dict[str, Any]:
        """What a release of somebody else's chart in its namespace is made of."""
        return next(
            one.inputs["values"]
            for one in self.deployed.of_type("kubernetes:helm.sh/v3:Release")
            if (one.inputs["namespace"], one.inputs["name"]) == (self.name, name)
        )

    @property
    def gateway(self) -> "Gateway":
        return Gateway(self.name, gateway_file(self.deployed))

    def rules(self, name: str) -> list[dict[str, Any]]:
        """The rules of a PrometheusRule."""
        return [rule for group in self.objects("PrometheusRule")[name]["spec"]["groups"] for rule in group["rules"]]

    def objectives(self, service: str) -> dict[str, str]:
        """What a service promises, as it is recorded: by objective."""
        floors = ("slo:objective:ratio", "slo:throughput_floor:rate")
        return {
            rule["labels"]["slo"]: rule["expr"]
            for rule in self.rules("slos")
            if rule.get("record") in floors and rule["labels"]["service"] == service
        }


@dataclass(frozen=True)
class Gateway:
    """What the gateway's file has of a system."""

    name: str
    file: Mapping[str, Any]

    def service(self, name: str) -> dict[str, Any]:
        """A service of Kong by what follows the system's name."""
        return next(one for one in self.file["services"] if one["name"] == f"{self.name}.{name}")

    @property
    def services(self) -> set[str]:
        return {one["name"] for one in self.file["services"] if self.name in one.get("tags", [])}

    def route(self, name: str) -> dict[str, Any]:
        """A route by what follows the system's name."""
        routes = [route for one in self.file["services"] for route in one["routes"]]
        return next(route for route in routes if route["name"] == f"{self.name}.{name}")

    def plugins(self, route: str) -> dict[str, dict[str, Any]]:
        """Plugins of a route, by name."""
        return {one["name"]: one["config"] for one in self.route(route)["plugins"]}

    def upstream(self, name: str) -> dict[str, Any]:
        return next(one for one in self.file["upstreams"] if one["name"] == f"{self.name}.{name}")


def gateway_file(deployed: Deployed) -> dict[str, Any]:
    """What Kong reads. A credential of the vault is the name of its variable."""
    files = [
        one.inputs["stringData"]["kong.yml"]
        for one in deployed.of_type("kubernetes:core/v1:Secret")
        if "kong.yml" in one.inputs.get("stringData", {})
    ]
    (file,) = files
    told = "\n".join(line for line in file.split("\n") if not line.startswith("{{"))
    return json.loads(re.sub(r"\{\{[^}]*\.(\w+)[^}]*\}\}", r'"\1"', told))


@cache
def system(name: str, stack: str) -> System:
    """A system alone on a committed stack."""
    return System(name, stack, plan(stack, {"workloads": {name: {}}}))


def _name(one: Registration) -> str:
    return one.inputs["metadata"]["name"]


def _namespace(one: Registration) -> str | None:
    metadata = one.inputs.get("metadata")
    return metadata.get("namespace") if isinstance(metadata, dict) else None
