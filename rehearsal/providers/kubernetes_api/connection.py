"""From a provider's settings to a client of the cluster that they point at."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from kubernetes import client, config
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.exec_provider import ExecProvider
from kubernetes.config.kube_config import ConfigNode

from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes.kubeconfig import UNREACHABLE, active, parse_kubeconfig
from rehearsal.providers.kubernetes_api.kubeconfig_files import own_kubeconfig, read_kubeconfig
from rehearsal.providers.kubernetes_api.refusals import UnreachableError
from rehearsal.providers.kubernetes_api.settings import Settings
from rehearsal.providers.wire import UNKNOWN

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Connection:
    """A client and what its kubeconfig says besides."""

    client: client.ApiClient
    server: str
    namespace: str
    """Where objects go that name no namespace."""


def connect(settings: Settings) -> Connection:
    """A client for the cluster; nothing is asked of its API server yet, only the exec plugin for credentials."""
    kubeconfig = kubeconfig_of(settings)
    configuration = {"context": settings.context, "cluster": settings.cluster}
    try:
        cluster, user = active(kubeconfig, configuration)
    except CloudError as error:
        raise UnreachableError(str(error)) from error
    server = str(cluster.get("server", ""))
    _check_plugin(user, server)
    used = chosen_kubeconfig(kubeconfig, settings)
    given = client.Configuration()
    try:
        made = config.new_client_from_config_dict(used, persist_config=False, client_configuration=given)
    except (ConfigException, OSError, ValueError) as error:
        raise UnreachableError(_unusable(str(error))) from error
    if urlsplit(server).hostname in _LOOPBACK:
        given.proxy = None
        made = client.ApiClient(given)
    _check_credentials(made.configuration, cluster, user, server)
    return Connection(made, server, settings.namespace or _namespace(used) or "default")


def kubeconfig_of(settings: Settings) -> dict[str, Any]:
    """The kubeconfig as a map, wherever the settings say that it is."""
    if settings.kubeconfig is UNKNOWN:
        raise UnreachableError(_unusable("its cluster is not there yet"))
    if settings.kubeconfig is not None:
        return _given(settings.kubeconfig)
    return own_kubeconfig()


def _given(kubeconfig: Any) -> dict[str, Any]:
    # Neither a map as JSON nor one as YAML is a path, and some are too long to be asked about.
    if isinstance(kubeconfig, str) and not kubeconfig.lstrip().startswith("{") and "\n" not in kubeconfig:
        path = Path(kubeconfig).expanduser()
        if path.is_file():
            return read_kubeconfig(path)
    try:
        parsed = parse_kubeconfig(kubeconfig)
    except yaml.YAMLError as error:
        raise UnreachableError(f"failed to parse kubeconfig data in `kubernetes:config:kubeconfig`- {error}") from error
    if parsed is None:
        raise UnreachableError("failed to parse kubeconfig data in `kubernetes:config:kubeconfig`")
    return parsed


def chosen_kubeconfig(kubeconfig: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The kubeconfig with the context, and in it the cluster, that the settings ask for."""
    name = settings.context or kubeconfig.get("current-context")
    contexts = [
        {**entry, "context": {**(entry.get("context") or {}), "cluster": settings.cluster}}
        if settings.cluster and entry.get("name") == name
        else entry
        for entry in kubeconfig.get("contexts") or []
    ]
    users = kubeconfig.get("users") or []
    known = {entry.get("name") for entry in users}
    # A context may name no user; the client insists on one.
    needed = {str((entry.get("context") or {}).get("user", "")) for entry in contexts} - known
    return {
        **kubeconfig,
        "current-context": name,
        "contexts": [{**entry, "context": {"user": "", **(entry.get("context") or {})}} for entry in contexts],
        "users": [*users, *({"name": user, "user": {}} for user in sorted(needed))],
    }


def _namespace(kubeconfig: dict[str, Any]) -> str | None:
    name = kubeconfig["current-context"]
    contexts = (entry["context"] for entry in kubeconfig["contexts"] if entry.get("name") == name)
    return next(contexts, {}).get("namespace")


def _check_plugin(user: dict[str, Any], server: str) -> None:
    command = (user.get("exec") or {}).get("command")
    if command is not None and shutil.which(command) is None:
        hint = user["exec"].get("installHint")
        why = f"getting credentials: exec: executable {command} not found" + (f"\n\n{hint}" if hint else "")
        raise UnreachableError(UNREACHABLE_BECAUSE.format(server=server, why=why))


def _check_credentials(given: Any, cluster: dict[str, Any], user: dict[str, Any], server: str) -> None:
    """The client only logs that a plugin failed, and goes on as nobody."""
    if "exec" not in user or "BearerToken" in given.api_key or given.cert_file:
        return
    try:
        ExecProvider(ConfigNode("exec", user["exec"]), None, ConfigNode("cluster", cluster)).run()
    except (ConfigException, OSError) as error:
        why = f"getting credentials: {error}"
        raise UnreachableError(UNREACHABLE_BECAUSE.format(server=server, why=why)) from error


def _unusable(why: str) -> str:
    return f"unable to load Kubernetes client configuration from kubeconfig file: {why}"


UNREACHABLE_BECAUSE = UNREACHABLE.removeprefix("configured Kubernetes cluster is unreachable: ")
"""The reason alone: who reports it puts the sentence before it."""
