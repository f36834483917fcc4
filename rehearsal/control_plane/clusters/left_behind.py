"""What a stack left in a cluster that is being deleted: everything that is not the cluster's own."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from rehearsal.control_plane import private_files
from rehearsal.control_plane.api_client import ApiClient, ApiError, read_kubeconfig
from rehearsal.control_plane.control_plane import ControlPlane, ControlPlaneError
from rehearsal.setup.lock import exclusive

_FILE: Final = "left-behind.json"
_PATIENCE_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.1
_PASSING: Final = frozenset(
    {"Binding", "ComponentStatus", "CSINode", "Endpoints", "EndpointSlice", "Event", "IPAddress", "Lease", "Node"}
)
"""Kinds that come and go by themselves, or stand for machines."""
_STORAGE: Final = frozenset({"PersistentVolume", "PersistentVolumeClaim"})
"""Kinds that a controller makes on a stack's behalf and that outlive what they were made for."""
_OWN: Final = frozenset(
    {
        "Go-http-client",
        "api-priority-and-fairness-config-consumer-v1",
        "api-priority-and-fairness-config-producer-v1",
        "clusterrole-aggregation-controller",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kubernetes-service-cidr-controller",
        "kwok",
        "rehearsal",
        "service-cidr-controller",
    }
)
"""Who writes what is the cluster's own, as managed fields name them: by their programs' names."""
_HELM: Final = "helm"


def found(plane: ControlPlane) -> list[str]:
    """What is left in a cluster, as `kind namespace/name`. Raises `ApiError` or `OSError` where it does not answer.

    Definitions of custom resources that Helm keeps are not told: charts leave them on purpose, as everything of their
    kinds would go along (helm.sh/docs/chart_best_practices/custom_resource_definitions).
    """
    with closing(ApiClient(read_kubeconfig(plane.kubeconfig))) as client:
        return sorted(
            f"{kind} {_place(one)}"
            for kind, path in _collections(client)
            for one in _listed(client, path)
            if _is_left(kind, one) and not is_kept(kind, one)
        )


def is_kept(kind: str, one: Mapping[str, Any]) -> bool:
    """Whether an object is a definition that no other than Helm has written."""
    return kind == "CustomResourceDefinition" and _managers(one) <= _OWN | {_HELM}


def note(home: Path, cluster: str, left: Sequence[str]) -> None:
    """Keeps what was left in a cluster, under the cluster's id, until it is told."""
    file = home / _FILE
    with exclusive(file.with_suffix(".lock"), told=""):
        known = _read(file)
        known[cluster] = list(left)
        private_files.write(file, json.dumps({key: value for key, value in known.items() if value}, indent=1))


def told(home: Path) -> list[str]:
    """What was left in clusters that are gone, in lines for the user; forgotten once it is told."""
    file = home / _FILE
    with exclusive(file.with_suffix(".lock"), told=""):
        known = _read(file)
        file.unlink(missing_ok=True)
    return [line for cluster, left in known.items() for line in _lines(cluster, left)]


def _lines(cluster: str, left: Sequence[str]) -> Iterator[str]:
    yield f"What was left in the cluster {cluster} when it was deleted:"
    yield from (f"  {one}" for one in left)


def _collections(client: ApiClient) -> Iterator[tuple[str, str]]:
    """Every kind that can be listed, with the path of its objects, in the version that the API server prefers.

    The version that it prefers of a group need not have all kinds: Dapr's subscriptions have a newer one than the rest.
    """
    groups = [["/api/v1"]]
    for group in client.get("/apis")["groups"]:
        versions = [group["preferredVersion"], *group["versions"]]
        groups.append([f"/apis/{one}" for one in dict.fromkeys(version["groupVersion"] for version in versions)])
    for group in groups:
        told: set[str] = set()
        for version in group:
            for resource in _resources(client, version):
                if "/" not in resource["name"] and "list" in resource["verbs"] and resource["kind"] not in told:
                    told.add(resource["kind"])
                    yield resource["kind"], f"{version}/{resource['name']}"


def _resources(client: ApiClient, version: str) -> list[dict[str, Any]]:
    try:
        return client.get(version)["resources"]
    except ApiError as error:
        if error.status not in (404, 503):  # an aggregated API whose server is away
            raise
        return []


def _listed(client: ApiClient, path: str) -> list[dict[str, Any]]:
    """The first question about a custom kind makes the API server set up its store, and come back later it says."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return client.get(path).get("items") or []
        except ApiError as error:
            if error.status != 429 or time.monotonic() > end:
                raise
        time.sleep(_PAUSE_SECONDS)


def _is_left(kind: str, one: Mapping[str, Any]) -> bool:
    metadata = one["metadata"]
    if kind in _PASSING or metadata.get("ownerReferences"):
        return False
    managers = _managers(one)
    # What has no field but its name has no manager either, as the account that every namespace gets.
    empty = not managers and (kind, metadata["name"]) != ("ServiceAccount", "default")
    return kind in _STORAGE or empty or not managers <= _OWN


def _managers(one: Mapping[str, Any]) -> set[str]:
    """Who has written fields of an object."""
    return {entry.get("manager", "").replace("_", "-") for entry in one["metadata"].get("managedFields") or []}


def _place(one: Mapping[str, Any]) -> str:
    metadata = one["metadata"]
    return "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))


def _read(file: Path) -> dict[str, list[str]]:
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ControlPlaneError(f"{file} is damaged, and nobody knows what was left in clusters: remove it.") from error
