"""Who may use the routes of a workload, and what is done with their requests, as the gateway knows it.

Consumers and groups are those of the whole gateway: a key of any consumer satisfies `key-auth` of any route. So their
names begin with the workload's, and a route that asks who somebody is lets through consumers of its own workload alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from components.platform.gateway_credentials import Consumer, Key, Password
from components.platform.gateway_plugins import (
    AUTHENTICATION,
    Counters,
    Plugin,
    PluginName,
    allowed,
    counters_record,
)
from components.services.gateway.authentication_plugins import Acl
from components.services.gateway.consumer_model import ConsumerSpec
from components.services.gateway.model import GatewaySpec, RouteSpec
from components.services.gateway.plugin_model import PluginSpec
from components.services.gateway.response_plugins import OpenTelemetry
from components.services.gateway.restriction_plugins import RateLimiting


@dataclass(frozen=True, kw_only=True)
class PluginContext:
    """What plugins need of the platform."""

    traces_endpoint: str
    """Where spans are sent: the collector's OTLP over HTTP, with its path."""

    counters: Counters | None = None
    """What replicas of the gateway count requests in together; none where only one runs."""


def effective_plugins(gateway: GatewaySpec, route: RouteSpec) -> dict[PluginName, PluginSpec]:
    """The plugins of a route: those of the workload that it does not do without, and its own in their place."""
    common = gateway.plugins.chosen
    kept: dict[PluginName, PluginSpec] = {name: common[name] for name in common if name not in route.without}
    return {**kept, **route.plugins.chosen}


def route_plugins(workload: str, gateway: GatewaySpec, route: RouteSpec, context: PluginContext) -> list[Plugin]:
    """The plugins of a route as Kong's, with the one that keeps consumers of other workloads out."""
    chosen = effective_plugins(gateway, route)
    plugins = [_plugin(name, plugin, context) for name, plugin in chosen.items() if not isinstance(plugin, Acl)]
    if not AUTHENTICATION.keys() & chosen.keys():
        return plugins
    acl = chosen.get("acl")
    return [*plugins, _acl(workload, gateway, route, acl if isinstance(acl, Acl) else None)]


def consumers(workload: str, gateway: GatewaySpec) -> list[Consumer]:
    """The consumers of a workload."""
    return [
        Consumer(
            username=f"{workload}.{name}",
            groups=[workload, own_group(workload, name), *(group_name(workload, group) for group in spec.groups)],
            keys=[Key(source=key.source(workload)) for key in spec.keys],
            passwords=[
                Password(username=password.username or f"{workload}.{name}", source=password.source(workload))
                for password in spec.passwords
            ],
            tokens=[token.token(workload) for token in spec.tokens],
        )
        for name, spec in gateway.consumers.items()
    ]


def own_group(workload: str, consumer: str) -> str:
    """The group that has one consumer alone."""
    return f"{workload}.consumers.{consumer}"


def group_name(workload: str, group: str) -> str:
    """The gateway's name for a group of a workload."""
    return f"{workload}.groups.{group}"


def _plugin(name: PluginName, plugin: PluginSpec, context: PluginContext) -> Plugin:
    config = plugin.config()
    if isinstance(plugin, OpenTelemetry):
        config["traces_endpoint"] = context.traces_endpoint
    if isinstance(plugin, RateLimiting) and plugin.policy == "redis" and context.counters is not None:
        config |= {"policy": "redis", "redis": counters_record(context.counters)}
    return Plugin(name=name, config=config)


def _acl(workload: str, gateway: GatewaySpec, route: RouteSpec, acl: Acl | None) -> Plugin:
    if acl is not None and acl.allow:
        groups = [group_name(workload, group) for group in acl.allow]
    elif acl is not None:
        groups = [own_group(workload, name) for name in _not_denied(gateway.consumers, acl)]
    else:
        groups = [own_group(workload, name) for name in route.consumers] or [workload]
    hides = acl is None or acl.hide_groups_header
    plugin = allowed(groups)
    return Plugin(name=plugin.name, config={**plugin.config, "hide_groups_header": hides})


def _not_denied(known: Mapping[str, ConsumerSpec], acl: Acl) -> list[str]:
    """Consumers in none of the groups. Kong's own `deny` would let those of other workloads through."""
    return [name for name, spec in known.items() if not set(spec.groups) & set(acl.deny)]
