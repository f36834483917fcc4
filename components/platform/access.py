"""The way in from outside: the gateway, with the monitoring host behind a login."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.namespaces import GATEWAY, MONITORING
from components.platform.base import Base
from components.platform.external_dns import host_annotations
from components.platform.gateway_config import Gateway, merged
from components.platform.grafana import GrafanaAdmin
from components.platform.kong import Kong, KongArgs
from components.platform.monitoring_host import ADMIN_PASSWORD, upstreams, with_oidc, with_password
from components.platform.oauth2_proxy import OAuth2Proxy, OAuth2ProxyArgs
from components.platform.rate_counters import build_rate_counters, counted
from components.platform.vault_secret import Vault
from stacks.observability import Oidc


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    admin: GrafanaAdmin
    """Who enters the monitoring host without an OIDC provider."""

    client_secret: pulumi.Input[str] | None
    """Secret of the client, with an OIDC provider."""

    applications: Gateway
    """Routes of the workloads, and what they need."""

    vault: Vault | None = None
    """Where credentials of consumers are that people put there."""

    load_balancer: Mapping[str, pulumi.Input[str]] | None
    """Annotations of a load balancer that faces the internet, None where nobody outside reaches the cluster."""

    certificate: pulumi.Resource
    """The certificate of the stack's hosts."""


def build_access(base: Base, args: AccessArgs) -> Kong:
    """Registers the gateway, and what asks people who they are."""
    oidc = base.stack.monitoring.oidc
    if oidc is not None and args.client_secret is not None:
        _identity_proxy(base, oidc, args.client_secret)
        monitoring, known = with_oidc(base.host), {}
    else:
        monitoring, known = with_password(base.host), {ADMIN_PASSWORD: args.admin.password}
    return _kong(base, merged(monitoring, args.applications), known, args)


def _kong(base: Base, gateway: Gateway, known: Mapping[str, pulumi.Input[str]], args: AccessArgs) -> Kong:
    hosts = {host for route in gateway.all_routes for host in route.hosts}
    kong = KongArgs(
        gateway=gateway,
        credentials=known,
        vault=args.vault,
        load_balancer={**args.load_balancer, **host_annotations(hosts)} if args.load_balancer is not None else None,
        settings=base.stack.gateway,
        high_availability=base.stack.high_availability,
        certificate=args.certificate,
        counters=build_rate_counters(base) if counted(gateway) else None,
        namespace=base.namespaces[GATEWAY],
        service_monitors=base.crds,
        nodes=base.nodes,
        charts=base.charts,
    )
    return Kong("kong", kong, base.opts)


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
