"""What keeps Dapr's sidecars from starting: a Configuration or a Secret that is not there.

Source: github.com/dapr/dapr at v1.18.3, cmd/daprd/app (a Configuration that is named has to be found) and
pkg/operator/api/components.go (one Secret that is missing is the end of all components of an application).
"""

from collections.abc import Iterator
from typing import Final

from rehearsal.providers.inventory import Resource
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.wire import Properties

_COMPONENT: Final = "kubernetes:dapr.io/v1alpha1:Component"
_CONFIGURATION: Final = "kubernetes:dapr.io/v1alpha1:Configuration"
_SECRET: Final = "kubernetes:core/v1:Secret"


def sidecar_obstacles(annotations: Properties, namespace: str, cluster: Cluster) -> list[str]:
    """Why the sidecars of pods with these annotations never get ready."""
    if str(annotations.get("dapr.io/enabled")).lower() != "true":
        return []
    name, app = annotations.get("dapr.io/config"), annotations.get("dapr.io/app-id")
    found: list[str] = []
    if name and not cluster.has(_CONFIGURATION, name, namespace):
        found.append(f'daprd: configuration "{name}" not found')
    for component in cluster.objects(_COMPONENT):
        scopes = component.inputs.get("scopes") or [app]
        if component.scope == namespace and app in scopes:
            found += [
                f'daprd: component {component.name}: secret "{secret}" not found'
                for secret in _secrets(component)
                if not cluster.has(_SECRET, secret, namespace)
            ]
    return found


def _secrets(component: Resource) -> Iterator[str]:
    spec = component.inputs.get("spec") or {}
    if (component.inputs.get("auth") or {}).get("secretStore", "kubernetes") != "kubernetes":
        return
    for entry in spec.get("metadata") or []:
        name = (entry.get("secretKeyRef") or {}).get("name")
        if name:
            yield name
