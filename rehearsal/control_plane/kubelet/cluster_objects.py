"""What a cluster holds, as far as its rehearsed machines have to know it."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rehearsal.control_plane.api_client import JSON, METADATA, Change

Object = dict[str, Any]

POD = "pods"
SECRET = "secrets"
CONFIG_MAP = "configmaps"
SERVICE_ACCOUNT = "serviceaccounts"
NODE = "nodes"
CLAIM = "persistentvolumeclaims"
VOLUME = "persistentvolumes"
STORAGE_CLASS = "storageclasses"
ATTACHMENT = "volumeattachments"
SERVICE = "services"
INGRESS = "ingresses"
INGRESS_CLASS = "ingressclasses"
DEFINITION = "customresourcedefinitions"

_REGISTRY_SECRETS = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}


@dataclass(frozen=True)
class Kind:
    """One kind that is watched."""

    group: str
    """The path of its API group and version."""
    selector: str = ""
    """Field selector of the objects that matter."""
    type: str = JSON
    """How much of each is told."""


KINDS = {
    # Once a pod runs there is nothing left to decide about it.
    POD: Kind("api/v1", "status.phase=Pending"),
    # Helm keeps its releases, a megabyte each, in Secrets that no pod refers to.
    SECRET: Kind("api/v1", "type!=helm.sh/release.v1"),
    CONFIG_MAP: Kind("api/v1"),
    SERVICE_ACCOUNT: Kind("api/v1"),
    NODE: Kind("api/v1"),
    CLAIM: Kind("api/v1"),
    VOLUME: Kind("api/v1"),
    STORAGE_CLASS: Kind("apis/storage.k8s.io/v1"),
    ATTACHMENT: Kind("apis/storage.k8s.io/v1"),
    SERVICE: Kind("api/v1"),
    INGRESS: Kind("apis/networking.k8s.io/v1"),
    INGRESS_CLASS: Kind("apis/networking.k8s.io/v1"),
    DEFINITION: Kind("apis/apiextensions.k8s.io/v1", type=METADATA),
}


def path(kind: str, key: str = "", subresource: str = "") -> str:
    """Where the API server has an object, or a kind where no key is given."""
    namespace, _, name = key.rpartition("/")
    parts = [KINDS[kind].group, *(["namespaces", namespace] if namespace else []), kind, name, subresource]
    return "/" + "/".join(part for part in parts if part)


def key_of(object_: Object) -> str:
    """Namespace and name, or the name of what lives in no namespace."""
    metadata = object_["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if "namespace" in metadata else metadata["name"]


class ClusterObjects:
    """The objects that are, kept from what watches tell."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[str, Object]] = {kind: {} for kind in KINDS}
        self._incomplete = set(KINDS)
        self._told: dict[str, set[str]] = {}

    @property
    def complete(self) -> bool:
        """Whether every kind has been told once; what is missing before may only not have been told yet."""
        return not self._incomplete

    def add(self, kind: str) -> bool:
        """Keeps objects of a custom kind, too, whose definition came only now; false where it does so already."""
        new = kind not in self._objects
        self._objects.setdefault(kind, {})
        return new

    def get(self, kind: str, key: str) -> Object | None:
        return self._objects.get(kind, {}).get(key)

    def items(self, kind: str) -> list[tuple[str, Object]]:
        """In the order of the keys."""
        return sorted(self._objects[kind].items())

    def take(self, change: Change) -> Iterator[str]:
        """Keeps what a watch tells; yields the keys of the objects that it concerns."""
        kept = self._objects[change.kind]
        match change.type:
            case "BEGIN":
                self._told[change.kind] = set()
            case "COMPLETE":
                gone = set(kept) - self._told.pop(change.kind, set(kept))
                for key in gone:
                    del kept[key]
                self._incomplete.discard(change.kind)
                yield from sorted(gone)
            case "DELETED":
                key = key_of(change.object)
                kept.pop(key, None)
                yield key
            case _:
                key = key_of(change.object)
                kept[key] = (
                    _SLIM[change.kind](change.object) if change.kind in _SLIM else _without_managers(change.object)
                )
                if change.kind in self._told:
                    self._told[change.kind].add(key)
                yield key


def _without_managers(object_: Object) -> Object:
    object_["metadata"].pop("managedFields", None)
    return object_


def _secret(object_: Object) -> Object:
    """Its keys, and the registries that it has credentials for; never a value."""
    data = object_.get("data") or {}
    registries: list[str] = []
    with suppress(KeyError, ValueError, binascii.Error, AttributeError):
        content = json.loads(base64.b64decode(data[_REGISTRY_SECRETS[object_.get("type", "")]]))
        registries = list(content.get("auths", content))
    return {"metadata": _name(object_), "keys": frozenset(data), "registries": frozenset(map(_host, registries))}


def _config_map(object_: Object) -> Object:
    keys = frozenset({**(object_.get("data") or {}), **(object_.get("binaryData") or {})})
    return {"metadata": _name(object_), "keys": keys}


def _service_account(object_: Object) -> Object:
    return {"metadata": _name(object_), "keys": frozenset()}


def _name(object_: Object) -> Object:
    return {key: object_["metadata"][key] for key in ("name", "namespace") if key in object_["metadata"]}


def _host(registry: str) -> str:
    return registry.removeprefix("https://").removeprefix("http://").partition("/")[0]


_SLIM: dict[str, Callable[[Object], Object]] = {
    SECRET: _secret,
    CONFIG_MAP: _config_map,
    SERVICE_ACCOUNT: _service_account,
}
