"""The host `monitoring.<domain>`: Grafana, Prometheus, Alertmanager and Jaeger, each below its path, behind a login."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from components.namespaces import MONITORING
from components.platform.addresses import (
    ALERTMANAGER_PATH,
    GRAFANA_PATH,
    PROMETHEUS,
    PROMETHEUS_PATH,
    alertmanager_url,
    jaeger_url,
    prometheus_url,
)
from components.platform.gateway_config import Gateway, Route, Service
from components.platform.gateway_credentials import Consumer, Generated, Password
from components.platform.gateway_plugins import METRICS, Plugin, allowed
from components.platform.grafana import ADMIN_USER
from components.platform.oauth2_proxy import NAME

TIMEOUT_MS: Final = 300_000
"""A query over weeks, in milliseconds."""

CLOSED: Final = (
    f"~{PROMETHEUS_PATH}/(-/(reload|quit)|api/v1/(write|otlp|admin))",
    f"~{ALERTMANAGER_PATH}/-/reload",
    f"~{GRAFANA_PATH}/metrics",
)
"""What is for programs in the cluster: whoever may look at metrics may not stop Prometheus, nor write to it."""

GROUP: Final = "monitoring"
"""Whom the host lets in. A consumer of an application is one of the same gateway, and has a password as well."""

ADMIN_PASSWORD: Final = f"{ADMIN_USER}/password/0"
"""Place of the administrator's password among the gateway's credentials."""

ROOT: Final = "~/$"
"""The host itself. Grafana redirects to its own path what is not below it."""


@dataclass(frozen=True, kw_only=True)
class Backend:
    """One of those that answer, with the path in front of everything that they serve."""

    name: str
    path: str
    host: str
    port: int

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"


def backends() -> dict[str, Backend]:
    """What the host shows, by name."""
    urls = {
        "grafana": f"http://{PROMETHEUS}-grafana.{MONITORING}.svc:80{GRAFANA_PATH}",
        "prometheus": prometheus_url(),
        "alertmanager": alertmanager_url(),
        "jaeger": jaeger_url(),
    }
    found = {name: urlsplit(url) for name, url in urls.items()}
    return {
        name: Backend(name=name, path=url.path, host=url.hostname or "", port=url.port or 80)
        for name, url in found.items()
    }


def upstreams() -> Mapping[str, str]:
    """Addresses of what the host shows, by path: what oauth2-proxy asks for."""
    return {backend.path: backend.address for backend in backends().values()}


def with_password(host: str) -> Gateway:
    """The host for one generated administrator: Grafana by its own login, the others by the same name and password."""
    known = backends()
    login = [Plugin(name="basic-auth", config={"realm": "monitoring", "hide_credentials": True}), allowed([GROUP])]
    password = Password(username=ADMIN_USER, source=Generated(name="administrator"))
    return Gateway(
        services=[
            grafana(host, known["grafana"]),
            *(_service(host, backend, login) for name, backend in known.items() if name != "grafana"),
        ],
        routes=[closed(host)],
        consumers=[Consumer(username=ADMIN_USER, groups=[GROUP], passwords=[password])],
        plugins=[METRICS],
    )


def with_oidc(host: str) -> Gateway:
    """The host for the users of an identity provider: everything goes through the proxy that asks who they are."""
    return Gateway(
        services=[
            Service(
                name=NAME,
                host=f"{NAME}.{MONITORING}.svc",
                port=80,
                timeout_ms=TIMEOUT_MS,
                routes=[Route(name="monitoring", hosts=[host], paths=["/"])],
            ),
            Service(
                name="grafana",
                host=backends()["grafana"].host,
                port=backends()["grafana"].port,
                routes=[Route(name="monitoring-root", hosts=[host], paths=[ROOT])],
            ),
        ],
        routes=[closed(host)],
        plugins=[METRICS],
    )


def grafana(host: str, backend: Backend) -> Service:
    """Grafana, which logs in by itself. A browser sends it the password of its neighbours as well: Grafana would take
    that for a login and make everybody the administrator, so it does not arrive. Tokens do.
    """
    paths = [backend.path, ROOT]
    return Service(
        name=backend.name,
        host=backend.host,
        port=backend.port,
        timeout_ms=TIMEOUT_MS,
        routes=[
            Route(name="monitoring-grafana", hosts=[host], paths=paths),
            Route(
                name="monitoring-grafana-basic",
                hosts=[host],
                paths=paths,
                headers={"authorization": ["~*^[Bb]asic "]},
                plugins=[Plugin(name="request-transformer", config={"remove": {"headers": ["Authorization"]}})],
            ),
        ],
    )


def closed(host: str) -> Route:
    """Paths that nobody outside has a use for."""
    answer = Plugin(name="request-termination", config={"status_code": 404, "message": "Not found"})
    return Route(name="monitoring-closed", hosts=[host], paths=CLOSED, plugins=[answer])


def _service(host: str, backend: Backend, login: Sequence[Plugin]) -> Service:
    return Service(
        name=backend.name,
        host=backend.host,
        port=backend.port,
        timeout_ms=TIMEOUT_MS,
        routes=[Route(name=f"monitoring-{backend.name}", hosts=[host], paths=[backend.path])],
        plugins=login,
    )
