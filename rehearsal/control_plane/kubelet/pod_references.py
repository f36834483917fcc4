"""What the pods of a node refer to, and in which words a kubelet says that it is not there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

PodSpec = dict[str, Any]
Keys = Callable[[str, str], frozenset[str] | None]
"""The keys of an object of the pod's namespace by its kind and name, None where there is no such object."""

SECRET = "secret"
CONFIG_MAP = "configmap"
SERVICE_ACCOUNT = "serviceaccount"


@dataclass(frozen=True)
class Reference:
    """Something that has to be there before a container starts."""

    kind: str
    name: str
    keys: tuple[str, ...] = ()
    """Keys that it has to have."""


@dataclass(frozen=True)
class Mount:
    """A volume with what it is made of."""

    volume: str
    references: tuple[Reference, ...]


def mounts(spec: PodSpec) -> Iterator[Mount]:
    """The volumes of a pod that come of other objects. Optional sources are left out."""
    for volume in spec.get("volumes") or []:
        sources = (volume.get("projected") or {}).get("sources") or [volume]
        references = tuple(found for source in sources for found in _of_source(source, spec))
        if references:
            yield Mount(volume["name"], references)


def settings(container: dict[str, Any]) -> Iterator[Reference]:
    """What the environment of a container comes of, in the kubelet's order. Optional sources are left out."""
    for source in container.get("envFrom") or []:
        yield from _unless_optional(SECRET, source.get("secretRef"))
        yield from _unless_optional(CONFIG_MAP, source.get("configMapRef"))
    for variable in container.get("env") or []:
        source = variable.get("valueFrom") or {}
        for kind, field in ((SECRET, "secretKeyRef"), (CONFIG_MAP, "configMapKeyRef")):
            reference = source.get(field)
            yield from _unless_optional(kind, reference, keys=(reference["key"],) if reference else ())


def claims(spec: PodSpec, pod: str) -> Iterator[str]:
    """Names of the claims that a pod mounts; one of an ephemeral volume is named by pod and volume."""
    for volume in spec.get("volumes") or []:
        if claim := volume.get("persistentVolumeClaim"):
            yield claim["claimName"]
        elif "ephemeral" in volume:
            yield f"{pod}-{volume['name']}"


def pull_secrets(spec: PodSpec) -> list[str]:
    """Names of the Secrets with which images are pulled."""
    return [reference["name"] for reference in spec.get("imagePullSecrets") or [] if reference.get("name")]


def mount_failure(mount: Mount, keys: Keys) -> str | None:
    """Why a volume cannot be mounted.

    Source: pkg/volume/secret, configmap and projected of Kubernetes 1.36, which say it in the event FailedMount.
    """
    found = [failure for reference in mount.references if (failure := _mount_failure(reference, keys))]
    if not found:
        return None
    what = found[0] if len(found) == 1 else f"[{', '.join(found)}]"
    return f'MountVolume.SetUp failed for volume "{mount.volume}" : {what}'


def setting_failure(container: dict[str, Any], keys: Keys, namespace: str) -> str | None:
    """Why a container cannot be configured.

    Source: makeEnvironmentVariables in pkg/kubelet/kubelet_pods.go of Kubernetes 1.36; the container then waits with
    the reason CreateContainerConfigError.
    """
    for reference in settings(container):
        present = keys(reference.kind, reference.name)
        if present is None:
            return f'{reference.kind} "{reference.name}" not found'
        for key in reference.keys:
            if key not in present:
                kind = "Secret" if reference.kind == SECRET else "ConfigMap"
                return f"couldn't find key {key} in {kind} {namespace}/{reference.name}"
    return None


def _mount_failure(reference: Reference, keys: Keys) -> str | None:
    present = keys(reference.kind, reference.name)
    if present is None and reference.kind == SERVICE_ACCOUNT:
        return f'failed to fetch token: serviceaccounts "{reference.name}" not found'
    if present is None:
        return f'{reference.kind} "{reference.name}" not found'
    absent = next((key for key in reference.keys if key not in present), None)
    if absent is None:
        return None
    if reference.kind == SECRET:
        return f"references non-existent secret key: {absent}"
    return f"configmap references non-existent config key: {absent}"


def _of_source(source: dict[str, Any], spec: PodSpec) -> Iterator[Reference]:
    """A source of a projected volume, or a volume that has but one."""
    for kind, field in ((SECRET, "secret"), (CONFIG_MAP, "configMap")):
        reference = source.get(field)
        keys = tuple(item["key"] for item in (reference or {}).get("items") or [])
        yield from _unless_optional(kind, reference, keys=keys)
    if "serviceAccountToken" in source:
        yield Reference(SERVICE_ACCOUNT, spec.get("serviceAccountName") or "default")


def _unless_optional(kind: str, reference: dict[str, Any] | None, *, keys: tuple[str, ...] = ()) -> Iterator[Reference]:
    """Volumes call the name of their Secret secretName."""
    if reference is None or reference.get("optional") is True:
        return
    name = reference.get("secretName") or reference.get("name")
    if name:
        yield Reference(kind, name, keys)
