"""Where the gateway's pods count requests together, so that a limit is one limit however many of them run."""

from typing import Final

from components.data.connections import ValkeyConnection
from components.data.valkey import PORT, USER, Valkey, ValkeyArgs
from components.namespaces import GATEWAY
from components.platform.base import Base
from components.platform.gateway_config import Gateway
from components.platform.gateway_plugins import Counters
from components.platform.kong_values import COUNTERS_PASSWORD

RELEASE: Final = "kong-counters"

MEMORY_MIB: Final = 64
"""Room for some 400,000 counters. Each goes when its period is over; where they do not fit, the one that ends first."""

COUNTERS: Final = Counters(
    host=f"{RELEASE}.{GATEWAY}.svc",
    port=PORT,
    username=USER,
    password=f"{{vault://env/{COUNTERS_PASSWORD.lower().replace('_', '-')}}}",
)
"""The store as plugins reach it. Kong reads the password from its environment, where a Secret puts it."""


def counted(gateway: Gateway) -> bool:
    """Whether any limit is counted in the store."""
    plugins = [
        *gateway.plugins,
        *(plugin for service in gateway.services for plugin in service.plugins),
        *(plugin for route in gateway.all_routes for plugin in route.plugins),
    ]
    return any(plugin.config.get("policy") == "redis" for plugin in plugins)


def build_rate_counters(base: Base) -> ValkeyConnection:
    """Registers the store. It keeps nothing on disk: a limit that begins anew is no loss."""
    args = ValkeyArgs(
        release=RELEASE,
        namespace=GATEWAY,
        max_memory_mib=MEMORY_MIB,
        eviction="volatile-ttl",
        exists=base.namespaces[GATEWAY],
        service_monitors=base.crds,
        nodes=base.nodes,
        charts=base.charts,
    )
    return Valkey(RELEASE, args, base.opts).connection
