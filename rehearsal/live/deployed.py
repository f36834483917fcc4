"""What a stack deploys to watch itself, read from the plan of its program: what is not wired is not here either.

The plan is the program's own, run against the SDK's mocks as the tests do.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from rehearsal.live.programs import ProofError

_RELEASE = "kubernetes:helm.sh/v3:Release"
_CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
_SECRET = "kubernetes:core/v1:Secret"
_OPERATOR = "kubernetes:monitoring.coreos.com/v1:"

Object = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Monitor:
    """A ServiceMonitor or PodMonitor that the program writes itself."""

    kind: str
    namespace: str
    name: str
    spec: Object

    @property
    def endpoints(self) -> Sequence[Object]:
        return self.spec.get("endpoints") or self.spec.get("podMetricsEndpoints") or ()


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The parts of the plan that the proof runs."""

    stack: str
    rules: Mapping[str, Sequence[Object]]
    """Groups of each PrometheusRule, by `namespace/name`."""

    monitors: Sequence[Monitor]
    dashboards: Mapping[str, Object]
    """By uid."""

    prometheus: Object
    """`prometheusSpec` of kube-prometheus-stack."""

    alertmanager: str
    """Alertmanager's configuration file."""

    loki: Object
    """Loki's configuration file."""

    config_maps: Mapping[str, Mapping[str, str]]
    """Data of every ConfigMap, by `namespace/name`."""

    releases: Mapping[str, Object]
    """Values of every release, by its name."""


def deployed(stack: str) -> Deployed:
    """What a committed stack deploys, once its workloads run their own images: stand-ins for those tell nothing of
    themselves. Raises `ProofError` where something that the proof needs is not in the plan.
    """
    from tests.plans import plan_of_own_images  # what only a clone has: nothing else in the rehearsal needs the tests

    plan = plan_of_own_images(stack)
    registrations = [one for one in plan.registrations.values() if one.type.startswith("kubernetes:")]
    return read(stack, [(one.type, _whole(one.inputs)) for one in registrations])


def _whole(value: Any) -> Any:
    """Whole numbers as such: on the wire between program and engine all numbers are floats."""
    if isinstance(value, Mapping):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def read(stack: str, resources: Sequence[tuple[str, Object]]) -> Deployed:
    """Finds the parts among the registered resources, each a type and inputs."""
    releases = {inputs["name"]: inputs.get("values", {}) for type_, inputs in resources if type_ == _RELEASE}
    config_maps = {_full_name(inputs): inputs.get("data", {}) for type_, inputs in resources if type_ == _CONFIG_MAP}
    metrics = _values(releases, "kps", stack)
    return Deployed(
        stack=stack,
        rules={_full_name(inputs): inputs["spec"]["groups"] for inputs in _custom(resources, "PrometheusRule")},
        monitors=list(_monitors(resources)),
        dashboards=dict(_dashboards(resources)),
        prometheus=metrics["prometheus"]["prometheusSpec"],
        alertmanager=_alertmanager(resources, metrics, stack),
        loki=_loki(_values(releases, "loki", stack)),
        config_maps=config_maps,
        releases=releases,
    )


def _custom(resources: Sequence[tuple[str, Object]], kind: str) -> Iterator[Object]:
    return (inputs for type_, inputs in resources if type_ == f"{_OPERATOR}{kind}")


def _full_name(inputs: Object) -> str:
    return f"{inputs['metadata'].get('namespace', 'default')}/{inputs['metadata']['name']}"


def _values(releases: Mapping[str, Object], name: str, stack: str) -> Object:
    if name not in releases:
        raise ProofError(f"the plan of {stack} has no release {name}, only {', '.join(sorted(releases)) or 'none'}.")
    return releases[name]


def _monitors(resources: Sequence[tuple[str, Object]]) -> Iterator[Monitor]:
    for kind in ("ServiceMonitor", "PodMonitor"):
        for inputs in _custom(resources, kind):
            metadata = inputs["metadata"]
            yield Monitor(kind=kind, namespace=metadata["namespace"], name=metadata["name"], spec=inputs["spec"])


def _dashboards(resources: Sequence[tuple[str, Object]]) -> Iterator[tuple[str, Object]]:
    for type_, inputs in resources:
        if type_ == _CONFIG_MAP and inputs["metadata"].get("labels", {}).get("grafana_dashboard") == "1":
            for text in inputs["data"].values():
                dashboard = json.loads(text)
                yield dashboard["uid"], dashboard


def _alertmanager(resources: Sequence[tuple[str, Object]], metrics: Object, stack: str) -> str:
    name = metrics["alertmanager"]["alertmanagerSpec"]["configSecret"]
    for type_, inputs in resources:
        if type_ == _SECRET and inputs["metadata"]["name"] == name:
            if "alertmanager.yaml" in inputs.get("stringData", {}):
                return str(inputs["stringData"]["alertmanager.yaml"])
            return base64.b64decode(inputs["data"]["alertmanager.yaml"]).decode()
    raise ProofError(f"the plan of {stack} has no Secret {name} with Alertmanager's configuration.")


def _loki(values: Object) -> Object:
    """The chart lays `structuredConfig` over the text in `config`."""
    text = yaml.safe_load(values["loki"].get("config") or "{}")
    return {**text, **values["loki"].get("structuredConfig", {})}
