"""What a cloud puts into a new cluster: storage classes, kinds of its own, the name service."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Final

from rehearsal.control_plane.api_client import ApiClient, ApiError, read_kubeconfig
from rehearsal.control_plane.control_plane import ControlPlane

_TABLE = Path(__file__).with_name("contents.json")
_DNS_ADDRESS: Final = "10.96.0.10"
"""The tenth address of the range that control planes have for services."""
_MANAGER: Final = "fieldManager=rehearsal"
_PATIENCE_SECONDS: Final = 20.0
_PAUSE_SECONDS: Final = 0.1


def fill(plane: ControlPlane, cloud: str) -> None:
    """Puts it there, what is there already left out. Raises `ApiError` and `OSError`."""
    with closing(ApiClient(read_kubeconfig(plane.kubeconfig))) as client:
        for path, body in objects(cloud):
            if not _is_there(client, f"{path}/{body['metadata']['name']}"):
                client.create(f"{path}?{_MANAGER}", body)
        for definition in _table()[cloud]["definitions"]:
            for version in definition["versions"]:
                _wait(client, f"/apis/{definition['group']}/{version}/{_plural(definition)}")


def _wait(client: ApiClient, path: str) -> None:
    """Until a kind is served, which is a moment after its definition is there."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            client.get(path)
        except ApiError as error:
            if error.status not in (404, 429) or time.monotonic() > end:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _plural(definition: dict[str, Any]) -> str:
    return definition.get("plural") or f"{definition['kind'].lower()}s"


def _is_there(client: ApiClient, path: str) -> bool:
    try:
        client.get(path)
    except ApiError as error:
        if error.status != 404:
            raise
        return False
    return True


def objects(cloud: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """All of it, each with the path of its kind."""
    table = _table()[cloud]
    for name in table["namespaces"]:
        yield "/api/v1/namespaces", _object("v1", "Namespace", name)
    for name, given in table["storage_classes"].items():
        body = _storage_class(name, given, default=name == table["default_storage_class"])
        yield "/apis/storage.k8s.io/v1/storageclasses", body
    for definition in table["definitions"]:
        yield (
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            _definition(**{**definition, "plural": _plural(definition)}),
        )
    yield "/api/v1/namespaces/kube-system/services", _name_service(table["dns"])


def _object(version: str, kind: str, name: str, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **metadata}}


def _storage_class(name: str, given: dict[str, Any], *, default: bool) -> dict[str, Any]:
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    usual = {"reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": True}
    return {**_object("storage.k8s.io/v1", "StorageClass", name, annotations=annotations), **usual, **given}


def _definition(group: str, kind: str, plural: str, versions: list[str], scope: str = "Namespaced") -> dict[str, Any]:
    """A kind of the cloud's own, that takes any fields: the first version is the one that is stored."""
    # The API server takes groups of the Kubernetes project itself only with a word about who approved them.
    approved = {"api-approved.kubernetes.io": "https://github.com/kubernetes-csi/external-snapshotter/pull/814"}
    annotations = approved if group.endswith(".k8s.io") else {}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        **_object("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.{group}", annotations=annotations),
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [
                {"name": version, "served": True, "storage": version == versions[0], "schema": schema}
                for version in versions
            ],
        },
    }


def _name_service(name: str) -> dict[str, Any]:
    labels = {"k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": name}
    ports = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]
    spec = {"clusterIP": _DNS_ADDRESS, "selector": {"k8s-app": "kube-dns"}, "ports": ports}
    return {**_object("v1", "Service", "kube-dns", labels=labels), "spec": spec}


@cache
def _table() -> dict[str, Any]:
    return json.loads(_TABLE.read_text())
