"""What is kept of a release: what Helm says of it, in the shape of the provider's state."""

import json
import re
from dataclasses import dataclass
from typing import Any

from rehearsal.providers.diff import Change, Diff, Kind, changes, replacing
from rehearsal.providers.kubernetes_api.releases.release_inputs import DEFAULT_TIMEOUT
from rehearsal.providers.kubernetes_api.releases.rendered import heads
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import UNKNOWN, Properties, Secret, has_unknown, plain

_IN_LIST = re.compile(r"\[\d+\]")
_FIXED = frozenset({"name", "namespace"})
_COMPUTED = ("status", "resourceNames", "checksum")


@dataclass(frozen=True)
class Live:
    """A release as Helm has it."""

    name: str
    namespace: str
    revision: int
    status: str
    chart: str
    version: str
    app_version: str
    values: Properties
    manifest: str


def live(release: str, metadata: str) -> Live:
    """A release from the JSON of `helm status` (or install, or upgrade) and of `helm get metadata`."""
    told, chart = json.loads(release), json.loads(metadata)
    return Live(
        name=told["name"],
        namespace=told["namespace"],
        revision=int(told["version"]),
        status=told["info"]["status"],
        chart=chart["chart"],
        version=chart["version"],
        app_version=chart.get("appVersion") or "",
        values=told.get("config") or {},
        manifest=told.get("manifest") or "",
    )


def kept(inputs: Properties, release: Live) -> Properties:
    """The outputs of a release: its inputs, and of what is live what the provider keeps."""
    return {
        **inputs,
        "name": inputs.get("name", release.name),
        "namespace": inputs.get("namespace", release.namespace),
        "chart": inputs.get("chart", release.chart),
        "values": _merged(inputs.get("values") or {}, release.values),
        "version": release.version,
        "resourceNames": resource_names(release.manifest),
        "status": {
            "name": release.name,
            "namespace": release.namespace,
            "revision": release.revision,
            "status": release.status,
            "chart": release.chart,
            "version": release.version,
            "appVersion": release.app_version,
        },
        # Whole and secret, as the real provider keeps it.
        "__inputs": Secret(plain(inputs)),
    }


def imported(release: Live) -> Properties:
    """The inputs of a release that no program has described yet; its chart goes by its name alone."""
    return {
        "name": release.name,
        "namespace": release.namespace,
        "chart": release.chart,
        "version": release.version,
        "values": release.values,
        "timeout": DEFAULT_TIMEOUT,
    }


def promised(inputs: Properties) -> Properties:
    """Outputs of a release in a preview."""
    return {**inputs, "resourceNames": UNKNOWN, "status": UNKNOWN}


def resource_names(manifest: str) -> dict[str, list[str]]:
    """The objects of a release, hooks aside: by `Kind.group/apiVersion`, as `namespace/name`."""
    found: dict[str, set[str]] = {}
    for head in heads(manifest):
        metadata, api_version = head.get("metadata") or {}, head["apiVersion"]
        group = api_version.rpartition("/")[0]
        key = f"{head['kind']}.{group}/{api_version}" if group else f"{head['kind']}/{api_version}"
        namespace, name = metadata.get("namespace"), str(metadata.get("name", ""))
        found.setdefault(key, set()).add(f"{namespace}/{name}" if namespace else name)
    return {key: sorted(names) for key, names in sorted(found.items())}


def difference(operation: Operation) -> Diff:
    """What the program changed, and what of the live release is not as the program wants it.

    Source: pulumi-kubernetes helm_release.go Diff, a three-way comparison in which what others added stays unnoticed.
    """
    new = operation.inputs
    former = {key: value for key, value in (operation.old_inputs or {}).items() if key not in _COMPUTED}
    seen = {key: operation.old_outputs[key] for key in new if key in operation.old_outputs}
    found = {change.path: change for change in changes(former or seen, new)}
    drift = changes(seen, {key: value for key, value in new.items() if key in seen})
    found |= {change.path: change for change in drift if change.path not in found and _undone(change)}
    ordered = [found[path] for path in sorted(found)]
    return Diff(changes=ordered, replaces=[change.path for change in ordered if replacing(change, _FIXED)])


def _undone(change: Change) -> bool:
    """Lists are put back as a whole, maps only in what the program says of them."""
    return (change.kind is not Kind.DELETE or bool(_IN_LIST.search(change.path))) and not has_unknown(change.new)


def _merged(wanted: Any, there: Any) -> Any:
    """The live values over the wanted ones, secret where those are."""
    if isinstance(wanted, Secret):
        return wanted if there is None or there == plain(wanted) else Secret(_merged(plain(wanted), there))
    if isinstance(wanted, dict) and isinstance(there, dict):
        return {**wanted, **{key: _merged(wanted.get(key), value) for key, value in there.items() if value is not None}}
    if isinstance(wanted, list) and isinstance(there, list) and len(wanted) == len(there):
        return [_merged(one, other) for one, other in zip(wanted, there, strict=True)]
    return wanted if there is None or there == plain(wanted) else there
