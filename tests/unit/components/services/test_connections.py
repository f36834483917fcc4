"""Which connections a stack's settings and a workload's file bring about."""

from typing import Any

import pytest

from components.contracts import LOGS_WRITER, ServiceAccount
from components.gke.foundation import CAPABILITIES
from components.local.object_store import volume
from components.network.connections import Address, Connection, Place, Pods
from components.platform.applications import Applications
from components.platform.connections.situation import Situation
from components.platform.network_policies import platform_connections
from components.services.connections import workload_connections
from components.services.model import WorkloadSpec, parse_workload
from components.services.stack_traits import StackTraits
from stacks.settings import parse
from tests.plans import settings_of

OIDC = {
    "issuer": "https://login.example.com:8443",
    "jwks_url": "https://keys.example.com/jwks",
    "client_id": "grafana",
    "email_domains": ["example.com"],
}
SERVICE: dict[str, Any] = {"image": {"tag": "1.0.0"}, "ports": {"http": 8080, "admin": 9000}}


def shown(connections: list[Connection]) -> set[str]:
    """Each connection as `source -> target ports`, with the names of pods alone."""
    return {
        " ".join([_end(one.source), "->", _end(one.target), *(str(port.number) for port in one.ports)])
        for one in connections
    }


def _end(end: Pods | Place | Address) -> str:
    match end:
        case Pods():
            return end.name
        case Place():
            return end.name.lower()
        case Address():
            return end.block


def platform(
    alert_ports: tuple[int, ...] = (),
    namespaces: tuple[str, ...] = ("external-secrets",),
    backups_by_identity: bool = True,
    **changed: Any,
) -> set[str]:
    stack = parse({**settings_of("gke-dev"), **changed})
    return shown(
        platform_connections(
            Situation(
                stack=stack,
                capabilities=CAPABILITIES,
                logs=volume("logs", LOGS_WRITER),
                dns=None,
                backups_by_identity=backups_by_identity,
                managed_postgres=False,
                applications=Applications(),
                namespaces=namespaces,
                alert_ports=alert_ports,
            )
        )
    )


def todo(traits: StackTraits | None = None, **services: dict[str, Any]) -> set[str]:
    spec = parse_workload("todo", {"services": {name: {**SERVICE, **one} for name, one in services.items()}})
    return shown(workload_connections({"todo": spec}, traits or StackTraits()))


def test_who_is_told_of_alerts_is_reached_at_its_port():
    assert "alertmanager -> outside 443 587" in platform((443, 587))
    assert not [one for one in platform() if one.startswith("alertmanager -> outside")]


def test_an_identity_provider_is_reached_by_those_who_ask_it():
    before, after = platform(), platform(monitoring={"oidc": OIDC})

    assert after - before == {
        "kong -> oauth2-proxy 4180",
        "oauth2-proxy -> grafana 3000",
        "oauth2-proxy -> prometheus 9090",
        "oauth2-proxy -> alertmanager 9093",
        "oauth2-proxy -> jaeger 16686",
        "oauth2-proxy -> outside 8443",
        "grafana -> outside 443",
        "prometheus -> oauth2-proxy 44180",
    }
    assert before - after == {"kong -> prometheus 9090", "kong -> alertmanager 9093", "kong -> jaeger 16686"}


@pytest.mark.parametrize(
    ("changed", "opened"),
    [
        ({"metrics": {"remote_write": {"url": "http://mimir.example.com/push"}}}, "prometheus -> outside 80"),
        (
            {"traces": {"store": {"kind": "cassandra", "endpoints": ["a.example.com:9042", "b.example.com:9042"]}}},
            "jaeger -> outside 9042",
        ),
        (
            {"secrets": {"vault": {"address": "https://vault.example.com:8200", "role": "reader"}}},
            "external-secrets -> outside 8200",
        ),
    ],
)
def test_a_store_outside_is_reached_at_its_port(changed: dict[str, Any], opened: str):
    assert opened in platform(**changed) - platform()


def test_a_service_alone_sends_what_it_measures_and_no_more():
    assert todo(backend={}) == {"all.services -> otel-collector 4317 4318"}


def test_what_a_file_says_is_opened():
    backend = {
        "metrics": {"port": "admin"},
        "routes": [{"paths": ["/"]}],
        "calls": ["users", "api.acme.example", "203.0.113.7:8443"],
        "cloud_identity": True,
    }

    assert todo(backend=backend, users={}) - todo(backend={}, users={}) == {
        "prometheus -> backend 9000",
        "kong -> backend 8080",
        "backend -> users 8080 9000",
        "backend -> outside 443",
        "backend -> 203.0.113.7/32 8443",
        "backend -> identity",
    }


def test_where_no_cloud_runs_the_cluster_nobody_is_asked_for_an_identity():
    assert todo(StackTraits(cloud=False), backend={"cloud_identity": True}) == todo(backend={})


def test_services_with_sidecars_talk_by_them_alone():
    dapr = {"dapr": {"port": "http"}}

    assert "backend -> users 50002" in todo(backend={"calls": ["users"], **dapr}, users=dapr)
    assert "backend -> users 8080 9000" in todo(backend={"calls": ["users"]}, users=dapr)
    assert "backend -> users 8080 9000" in todo(backend={"calls": ["users"], **dapr}, users={})


def test_secrets_are_read_from_the_clouds_vault_or_from_the_kubernetes_api():
    backend = {"dapr": {"port": "http", "secrets": ["api-key"]}}
    reader = StackTraits(vault_readers=[ServiceAccount(namespace="todo", name="backend")])

    assert "backend -> api_server" in todo(backend=backend)
    assert {"backend -> outside 443", "backend -> identity"} <= todo(reader, backend=backend)


def test_a_database_is_in_the_namespace_or_the_clouds():
    spec: WorkloadSpec = parse_workload(
        "todo",
        {"components": {"state": {}}, "services": {"backend": {**SERVICE, "dapr": {"port": "http", "state": True}}}},
    )

    inside, outside = (
        shown(workload_connections({"todo": spec}, StackTraits(database_port=port))) for port in (None, 5433)
    )
    assert {"backend -> data.postgres 5432", "cnpg -> data.postgres 8000 5432"} <= inside
    assert {"backend -> databases 5433", "job.todo-database -> databases 5433"} <= outside
    assert not [one for one in outside if "data.postgres" in one]
