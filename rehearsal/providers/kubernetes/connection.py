"""From a provider's settings to the rehearsed cluster that they reach."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Endpoint, Inventory
from rehearsal.providers.kubernetes.kubeconfig import UNREACHABLE, active, parse_kubeconfig
from rehearsal.providers.wire import Properties


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
            UNREACHABLE.format(server=server, why=f"dial tcp: lookup {urlsplit(server).hostname}: no such host")
        )
    _check_certificate(cluster, endpoint, server)
    _check_credential(user, endpoint, server)
    return Connection(endpoint.account, endpoint.cloud, endpoint)


def _check_certificate(cluster: dict[str, Any], endpoint: Endpoint, server: str) -> None:
    """A client trusts the public authorities, or only the one that it is given."""
    if cluster.get("insecure-skip-tls-verify"):
        return
    if cluster.get("certificate-authority-data", "") != endpoint.certificate:
        why = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
        raise CloudError(UNREACHABLE.format(server=server, why=why))


def _check_credential(user: dict[str, Any], endpoint: Endpoint, server: str) -> None:
    command = (user.get("exec") or {}).get("command")
    if command is None:
        raise CloudError(
            UNREACHABLE.format(server=server, why="the server has asked for the client to provide credentials")
        )
    if command != endpoint.plugin:
        why = f"getting credentials: {command} gets none for this cluster, {endpoint.plugin} does: Unauthorized"
        raise CloudError(UNREACHABLE.format(server=server, why=why))
