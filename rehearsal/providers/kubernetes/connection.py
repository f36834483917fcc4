"""From a provider's settings to the rehearsed cluster that they reach."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import yaml

from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Endpoint, Inventory
from rehearsal.providers.wire import Properties

_UNREACHABLE = (
    "configured Kubernetes cluster is unreachable: unable to load schema information from the API server: "
    'Get "{server}/version": {why}'
)


@dataclass(frozen=True)
class Connection:
    """A cluster that answers."""

    account: str
    cloud: str
    endpoint: Endpoint | None = None
    """None for a cluster that the user already has."""


def connect(configuration: Properties, inventory: Inventory) -> Connection:
    """The cluster behind a kubeconfig, or behind a context of the user's own file."""
    kubeconfig = parse_kubeconfig(configuration.get("kubeconfig"))
    if kubeconfig is None:
        context = configuration.get("context")
        if not context:
            raise CloudError(
                "configured Kubernetes cluster is unreachable: no context of the user's kubeconfig is named"
            )
        return Connection(f"kubernetes/context/{context}", "local")
    cluster, user = active(kubeconfig, configuration)
    server = str(cluster.get("server", ""))
    endpoint = inventory.endpoint(urlsplit(server).hostname or "")
    if endpoint is None:
        raise CloudError(
            _UNREACHABLE.format(server=server, why=f"dial tcp: lookup {urlsplit(server).hostname}: no such host")
        )
    _check_certificate(cluster, endpoint, server)
    _check_credential(user, endpoint, server)
    return Connection(endpoint.account, endpoint.cloud, endpoint)


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


def _check_certificate(cluster: dict[str, Any], endpoint: Endpoint, server: str) -> None:
    """A client trusts the public authorities, or only the one that it is given."""
    if cluster.get("insecure-skip-tls-verify"):
        return
    if cluster.get("certificate-authority-data", "") != endpoint.certificate:
        why = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
        raise CloudError(_UNREACHABLE.format(server=server, why=why))


def _check_credential(user: dict[str, Any], endpoint: Endpoint, server: str) -> None:
    command = (user.get("exec") or {}).get("command")
    if command is None:
        raise CloudError(
            _UNREACHABLE.format(server=server, why="the server has asked for the client to provide credentials")
        )
    if command != endpoint.plugin:
        why = f"getting credentials: {command} gets none for this cluster, {endpoint.plugin} does: Unauthorized"
        raise CloudError(_UNREACHABLE.format(server=server, why=why))
