"""What Kong does with requests besides passing them on: its plugins, as the program names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

PluginName = Literal[
    "acl",
    "basic-auth",
    "bot-detection",
    "correlation-id",
    "cors",
    "ip-restriction",
    "jwt",
    "key-auth",
    "opentelemetry",
    "pre-function",
    "prometheus",
    "proxy-cache",
    "rate-limiting",
    "request-size-limiting",
    "request-termination",
    "request-transformer",
]
PLUGINS: Final[tuple[PluginName, ...]] = get_args(PluginName)

AUTHENTICATION: Final[Mapping[PluginName, str]] = {"basic-auth": "password", "jwt": "token", "key-auth": "key"}
"""Plugins that ask who somebody is, and the kind of credential that each takes."""


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """Something that Kong does with a request, of one route, of one service, or of all."""

    name: PluginName
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The plugin's own fields; those that are absent have its defaults."""


@dataclass(frozen=True, kw_only=True)
class Counters:
    """A store that speaks the protocol of Redis: replicas count requests together in it."""

    host: str
    port: int = 6379
    username: str | None = None
    password: str | None = None
    """A reference such as `{vault://env/counters-password}`, which Kong reads from `COUNTERS_PASSWORD` in its
    environment when it starts; never the password."""

    tls: bool = False
    server_name: str | None = None
    """Name in the store's certificate, which is verified where connections are encrypted."""

    database: int = 0
    timeout_ms: int = 500
    """Longest wait for the store, in milliseconds. Afterwards a request passes uncounted."""


METRICS: Final = Plugin(
    name="prometheus",
    config={
        "status_code_metrics": True,
        "latency_metrics": True,
        "bandwidth_metrics": True,
        "upstream_health_metrics": True,
    },
)
"""Metrics of every route and service. Without its switches the plugin counts connections and no more."""


def allowed(groups: Sequence[str]) -> Plugin:
    """Lets nobody through but consumers of one of the groups."""
    return Plugin(name="acl", config={"allow": list(groups), "hide_groups_header": True})


def counters_record(counters: Counters) -> dict[str, Any]:
    """The store as Kong's plugins read it."""
    return {
        "host": counters.host,
        "port": counters.port,
        "timeout": counters.timeout_ms,
        "database": counters.database,
        **({"username": counters.username} if counters.username else {}),
        **({"password": counters.password} if counters.password else {}),
        **({"ssl": True, "ssl_verify": True} if counters.tls else {}),
        **({"server_name": counters.server_name} if counters.server_name else {}),
    }


def plugin_record(plugin: Plugin) -> dict[str, Any]:
    """The plugin as Kong reads it."""
    return {"name": plugin.name, "config": dict(plugin.config)}
