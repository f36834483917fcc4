"""What the gateway listens on, and the Service that hands connections to it.

One load balancer serves all of it: 80 for plain HTTP, 443 for everything over TLS (HTTP/1.1, HTTP/2, WebSocket, gRPC),
9080 for gRPC without TLS.

Since nginx 1.25.1 `http2` is a switch of a server and no longer of a port. Kong writes one server for all of its ports
and turns it on when any of them asks for it (kong/templates/nginx_kong.lua), so port 80 would take HTTP/2 without TLS
as well, from clients that begin with it. What a request may do is decided by the protocols of its route, on each port
alike. https://nginx.org/en/docs/http/ngx_http_v2_module.html#http2
"""

from collections.abc import Mapping
from typing import Any, Final

import pulumi

HTTP: Final = 8000
TLS: Final = 8443
H2C: Final = 9080
"""Port of gRPC without TLS, of the pods and of the Service."""

SERVICE_PORTS: Final[Mapping[str, int]] = {"http": 80, "tls": 443, "h2c": H2C}
"""What clients connect to."""

ADDRESSES = ("0.0.0.0", "[::]")

KEEPALIVE: Final = "so_keepalive=60s:20s:3"
"""After a minute of silence the kernel asks whether the client is still there, and gives up after three questions. Load
balancers count that as traffic, so a quiet WebSocket lives on behind them: Oracle's forgets a connection after 6
minutes, Azure's after 30 at most. https://nginx.org/en/docs/http/ngx_http_core_module.html#listen"""


def listeners() -> str:
    """Kong's `proxy_listen`."""
    parameters = {HTTP: "", TLS: " http2 ssl", H2C: " http2"}
    return ", ".join(
        f"{address}:{port}{flags} {KEEPALIVE}" for port, flags in parameters.items() for address in ADDRESSES
    )


def listener_environment() -> dict[str, str]:
    """Settings of Kong that the chart would write otherwise: it knows of one port with TLS and of one without."""
    return {
        "proxy_listen": listeners(),
        # `proxy.stream` opens a third port of the pods and of the Service, and would make it one of plain TCP.
        "stream_listen": "off",
        "port_maps": f"{SERVICE_PORTS['http']}:{HTTP}, {SERVICE_PORTS['tls']}:{TLS}, {H2C}:{H2C}",
    }


def proxy(load_balancer: Mapping[str, pulumi.Input[str]] | None) -> dict[str, Any]:
    """The Service that takes requests in, as the chart's `proxy` block.

    `load_balancer` are the annotations of one that faces the internet, None where nobody outside reaches the cluster.
    """
    common: dict[str, Any] = {
        "labels": {"enable-metrics": "true"},
        "stream": [{"containerPort": H2C, "servicePort": SERVICE_PORTS["h2c"], "protocol": "TCP"}],
    }
    if load_balancer is None:
        return {"type": "ClusterIP", **common}
    return {
        "type": "LoadBalancer",
        "annotations": dict(load_balancer),
        # The nodes that have a pod, and no others: one more hop would hide the client's address.
        "externalTrafficPolicy": "Local",
        **common,
    }
