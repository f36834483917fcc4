"""What a kubeconfig says: the cluster that a provider's settings point at, and who asks."""

import json
from typing import Any, Final

import yaml

from rehearsal.providers.errors import CloudError
from rehearsal.providers.wire import Properties

UNREACHABLE: Final = (
    "configured Kubernetes cluster is unreachable: unable to load schema information from the API server: "
    'Get "{server}/version": {why}'
)


def parse_kubeconfig(value: Any) -> dict[str, Any] | None:
    """The kubeconfig that a setting holds, None where it holds nothing or the path of the user's own file."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str) or not value:
        return None
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = yaml.safe_load(value)
    return parsed if isinstance(parsed, dict) else None


def active(kubeconfig: dict[str, Any], configuration: Properties) -> tuple[dict[str, Any], dict[str, Any]]:
    """The cluster and the user of the context in use."""
    name = configuration.get("context") or kubeconfig.get("current-context")
    context = _named(kubeconfig, "contexts", name, "context")
    if context is None:
        raise CloudError(f'configured Kubernetes cluster is unreachable: context "{name}" does not exist')
    wanted = configuration.get("cluster") or context.get("cluster")
    cluster = _named(kubeconfig, "clusters", wanted, "cluster")
    if cluster is None:
        raise CloudError(f'configured Kubernetes cluster is unreachable: cluster "{wanted}" does not exist')
    return cluster, _named(kubeconfig, "users", context.get("user"), "user") or {}


def _named(kubeconfig: dict[str, Any], section: str, name: Any, key: str) -> dict[str, Any] | None:
    found = (entry for entry in kubeconfig.get(section) or [] if entry.get("name") == name)
    entry = next(found, None)
    return None if entry is None else entry.get(key) or {}
