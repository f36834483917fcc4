"""The way in from outside: the gateway, with the monitoring host behind a login."""

from collections.abc import Mapping

import pulumi

from components.namespaces import GATEWAY, MONITORING
from components.platform.base import Base
from components.platform.gateway_config import Gateway
from components.platform.grafana import GrafanaAdmin
from components.platform.kong import Kong, KongArgs
from components.platform.monitoring_host import ADMIN_PASSWORD, upstreams, with_oidc, with_password
from components.platform.oauth2_proxy import OAuth2Proxy, OAuth2ProxyArgs
from stacks.observability import Oidc


def build_access(
    base: Base,
    admin: GrafanaAdmin,
    client_secret: pulumi.Input[str] | None,
    load_balancer: Mapping[str, pulumi.Input[str]] | None,
) -> Kong:
    """Registers the gateway, and what asks people who they are.

    `load_balancer` are the annotations of one that faces the internet, None where nobody outside reaches the cluster.
    """
    oidc = base.stack.monitoring.oidc
    if oidc is not None and client_secret is not None:
        _identity_proxy(base, oidc, client_secret)
        gateway, credentials = with_oidc(base.host), {}
    else:
        gateway, credentials = with_password(base.host), {ADMIN_PASSWORD: admin.password}
    return _kong(base, gateway, credentials, load_balancer)


def _kong(
    base: Base,
    gateway: Gateway,
    credentials: Mapping[str, pulumi.Input[str]],
    load_balancer: Mapping[str, pulumi.Input[str]] | None,
) -> Kong:
    args = KongArgs(
        gateway=gateway,
        credentials=credentials,
        load_balancer=load_balancer,
        high_availability=base.stack.high_availability,
        namespace=base.namespaces[GATEWAY],
        service_monitors=base.crds,
        nodes=base.nodes,
        charts=base.charts,
    )
    return Kong("kong", args, base.opts)


def _identity_proxy(base: Base, oidc: Oidc, client_secret: pulumi.Input[str]) -> None:
    args = OAuth2ProxyArgs(
        host=base.host,
        oidc=oidc,
        client_secret=client_secret,
        upstreams=upstreams(),
        high_availability=base.stack.high_availability,
        namespace=base.namespaces[MONITORING],
        service_monitors=base.crds,
        nodes=base.nodes,
    )
    OAuth2Proxy("oauth2-proxy", args, base.opts)
