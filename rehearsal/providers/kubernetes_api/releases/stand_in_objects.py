"""The objects of a stand-in: a pod that needs what the true chart's pods need, and what else is known of the chart."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.providers import paths
from rehearsal.providers.kubernetes.charts import Chart
from rehearsal.providers.kubernetes.tables import charts
from rehearsal.providers.wire import Properties

_LABEL = "app.kubernetes.io/name"
_INSTANCE = "app.kubernetes.io/instance"
_CLASSES = ("storageClassName", "storageClass")
_CONFINED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 65534,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""What the restricted Pod Security Standard asks for: a namespace refuses no stand-in that takes the true chart."""


def objects(chart: Chart, release: str, namespace: str, values: Properties) -> Iterator[dict[str, Any]]:
    """What a release makes, definitions aside; always the same for the same values."""
    known = _known()["charts"].get(chart.name, {})
    names = {"release": release, "full": _full_name(chart.name, release, values, known)}
    labels = {_LABEL: chart.name, _INSTANCE: release}
    if not chart.runs_pods:
        return
    claims = [f"{names['full']}-{number}" for number, _ in enumerate(storage_classes(values))]
    for name, storage_class in zip(claims, storage_classes(values), strict=True):
        yield _claim(name, namespace, storage_class, labels)
    account, made = _account(names["full"], namespace, values, known, labels)
    yield from made
    yield from _services(names, namespace, values, known, labels)
    yield _deployment(chart, names["full"], namespace, values, known, labels, account, claims)
    for kind in chart.needed_kinds(values):
        yield _custom(kind, names["full"], namespace, labels)


def storage_classes(values: Any) -> list[str]:
    """The storage classes that values name, each once; `-` asks for none."""
    return sorted({name for name in _classes(values) if name not in ("", "-")})


def _classes(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _CLASSES and isinstance(item, str):
                yield item
            else:
                yield from _classes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _classes(item)


def _full_name(chart: str, release: str, values: Properties, known: dict[str, Any]) -> str:
    """The rule that `helm create` writes into a new chart, and almost all have kept."""
    base = str(values.get("nameOverride") or chart)
    made = release if base in release else f"{release}-{base}"
    return str(values.get("fullnameOverride") or made)[: known.get("longest_name", 63)].rstrip("-")


def _services(
    names: dict[str, str], namespace: str, values: Properties, known: dict[str, Any], labels: dict[str, str]
) -> Iterator[dict[str, Any]]:
    for service in known.get("services", ()):
        if not _on(service, values):
            continue
        ports = [{"name": name, "port": port, "targetPort": port} for name, port in service["ports"].items()]
        spec: dict[str, Any] = {"selector": labels, "ports": ports}
        if service.get("headless"):
            spec["clusterIP"] = "None"
        made = _object("v1", "Service", service["name"].format(**names), namespace, labels, {"spec": spec})
        yield _exposed(made, paths.first(values, service["exposed"])) if "exposed" in service else made


def _exposed(service: dict[str, Any], given: Any) -> dict[str, Any]:
    """A Service that its values may give to those outside."""
    given = given if isinstance(given, dict) else {}
    if given.get("annotations"):
        service["metadata"]["annotations"] = given["annotations"]
    service["spec"] |= {key: given[key] for key in ("type", "externalTrafficPolicy") if given.get(key)}
    return service


def _on(entry: dict[str, Any], values: Properties) -> bool:
    """By a switch, or by a number of replicas, which is 0 where the values say nothing of it."""
    if "replicas" in entry:
        return int(paths.first(values, entry["replicas"]) or 0) > 0
    chosen = paths.first(values, entry["switch"]) if "switch" in entry else None
    return entry.get("default", True) if chosen is None else chosen is True


def _account(
    full: str, namespace: str, values: Properties, known: dict[str, Any], labels: dict[str, str]
) -> tuple[str, list[dict[str, Any]]]:
    """The service account of the pods, and the object unless the values say that it is there already."""
    given = paths.first(values, known.get("account", "serviceAccount"))
    given = given if isinstance(given, dict) else {}
    if given.get("create") is False:
        return str(given.get("name") or "default"), []
    name = str(given.get("name") or full)
    made = _object("v1", "ServiceAccount", name, namespace, labels, {})
    if given.get("annotations"):
        made["metadata"]["annotations"] = given["annotations"]
    return name, [made]


def _deployment(
    chart: Chart,
    full: str,
    namespace: str,
    values: Properties,
    known: dict[str, Any],
    labels: dict[str, str],
    account: str,
    claims: list[str],
) -> dict[str, Any]:
    pod_labels = paths.first(values, known.get("pod_labels", "podLabels"))
    sources = [{"secretRef": {"name": name}} for name in sorted(set(chart.needed_secrets(values)))]
    sources += [{"configMapRef": {"name": name}} for name in sorted(set(chart.needed_config_maps(values)))]
    volumes: list[dict[str, Any]] = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claims]
    host = known.get("host_path")
    if host and _on(host, values):
        volumes.append({"name": "host", "hostPath": {"path": host["path"]}})
    container = {
        "name": chart.name,
        "image": _image(chart, values, known),
        "envFrom": sources,
        "securityContext": _CONFINED,
        "volumeMounts": [{"name": volume["name"], "mountPath": f"/mnt/{volume['name']}"} for volume in volumes],
    }
    template = {
        "metadata": {"labels": {**(pod_labels if isinstance(pod_labels, dict) else {}), **labels}},
        "spec": {"serviceAccountName": account, "containers": [container], "volumes": volumes},
    }
    strategy = {"type": "Recreate"} if claims else {"type": "RollingUpdate"}
    spec = {"replicas": 1, "strategy": strategy, "selector": {"matchLabels": labels}, "template": template}
    return _object("apps/v1", "Deployment", full, namespace, labels, {"spec": spec})


def _image(chart: Chart, values: Properties, known: dict[str, Any]) -> str:
    """As the values name it, where they do; else after the chart."""
    given = paths.first(values, known.get("image", "image"))
    given = given if isinstance(given, dict) else {}
    repository = "/".join(str(given[key]) for key in ("registry", "repository") if given.get(key))
    tag = str(given.get("tag") or chart.app_version or chart.version)
    digest = f"@{given['digest']}" if given.get("digest") else ""
    return f"{repository or chart.name}:{tag}{digest}"


def _claim(name: str, namespace: str, storage_class: str, labels: dict[str, str]) -> dict[str, Any]:
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": storage_class,
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return _object("v1", "PersistentVolumeClaim", name, namespace, labels, {"spec": spec})


def _custom(kind: str, full: str, namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    """The least that the definition of a kind takes."""
    group, _, name = kind.rpartition("/")
    version = _versions()[kind]
    return _object(f"{group}/{version}", name, full, namespace, labels, {"spec": _known()["objects"].get(kind, {})})


def _object(
    api_version: str, kind: str, name: str, namespace: str, labels: dict[str, str], content: dict[str, Any]
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}


@cache
def _versions() -> dict[str, str]:
    """The first version of each custom kind that a chart of ours brings."""
    sets = charts()["definitions"].values()
    return {f"{item['group']}/{item['kind']}": item["versions"][0] for brought in sets for item in brought}


@cache
def _known() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "stand_ins.json").read_text())
