"""Who may enter by an OIDC provider: the flags of oauth2-proxy, and where its secrets are."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.platform.monitoring_host import upstreams
from components.platform.oauth2_proxy import OAuth2Proxy, OAuth2ProxyArgs, arguments
from rehearsal.providers.kubernetes.pod_security import ENFORCE, violations
from stacks.observability import Oidc
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite

HOST = "monitoring.acme.example"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def oidc(**changes: Any) -> Oidc:
    values = {
        "issuer": "https://login.acme.example",
        "client_id": "groundwork",
        "jwks_url": "https://login.acme.example/keys",
        "groups": ["ops"],
        **changes,
    }
    return Oidc.model_validate_json(json.dumps(values))


def args(**changes: Any) -> OAuth2ProxyArgs:
    wait = Prerequisite("wait")
    common = OAuth2ProxyArgs(
        host=HOST,
        oidc=oidc(),
        client_secret=pulumi.Output.secret("client-secret-of-acme"),
        upstreams=upstreams(),
        high_availability=False,
        namespace=wait,
        service_monitors=wait,
        nodes=[wait],
    )
    return replace(common, **changes)


@pytest.fixture
def proxy(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def deployed(**changes: Any) -> Deployed:
        return deploy(lambda: OAuth2Proxy("login", args(**changes)) and None)

    return deployed


def pod(deployed: Deployed) -> dict[str, Any]:
    return deployed.only(DEPLOYMENT).inputs["spec"]["template"]


def test_members_of_the_groups_may_enter_whatever_their_address():
    flags = arguments(HOST, oidc(groups=["ops", 'CN=On "call",OU=acme']), upstreams())

    assert [flag for flag in flags if flag.startswith(("--allowed-group", "--email-domain"))] == [
        "--allowed-group=ops",
        '--allowed-group="CN=On ""call"",OU=acme"',
        "--email-domain=*",
    ]


def test_without_groups_the_domain_of_the_address_decides():
    flags = arguments(HOST, oidc(groups=[], email_domains=["acme.example", "acme.test"]), upstreams())

    assert [flag for flag in flags if flag.startswith(("--allowed-group", "--email-domain"))] == [
        "--email-domain=acme.example",
        "--email-domain=acme.test",
    ]


def test_the_provider_is_asked_for_what_the_settings_say():
    flags = arguments(HOST, oidc(scopes=["openid", "email", "groups"]), upstreams())

    assert "--scope=openid email groups" in flags
    assert "--oidc-issuer-url=https://login.acme.example" in flags
    assert "--redirect-url=https://monitoring.acme.example/oauth2/callback" in flags


def test_every_path_goes_to_its_backend_as_it_is():
    flags = arguments(HOST, oidc(), upstreams())

    assert [flag for flag in flags if flag.startswith("--upstream")] == [
        "--upstream=http://kps-grafana.monitoring.svc:80/grafana/",
        "--upstream=http://kps-prometheus.monitoring.svc:9090/prometheus/",
        "--upstream=http://kps-alertmanager.monitoring.svc:9093/alertmanager/",
        "--upstream=http://jaeger.tracing.svc:16686/jaeger/",
    ]


def test_secrets_reach_the_pod_by_name_only(proxy: Callable[..., Deployed]):
    deployed = proxy()

    assert deployed.only("kubernetes:core/v1:Secret").inputs["stringData"] == {
        "client-secret": "client-secret-of-acme",
        "cookie-secret": "generated-password",
    }
    (container,) = pod(deployed)["spec"]["containers"]
    assert {one["name"]: one["valueFrom"]["secretKeyRef"] for one in container["env"]} == {
        "OAUTH2_PROXY_CLIENT_SECRET": {"name": "oauth2-proxy", "key": "client-secret"},
        "OAUTH2_PROXY_COOKIE_SECRET": {"name": "oauth2-proxy", "key": "cookie-secret"},
    }
    assert "client-secret-of-acme" not in json.dumps(deployed.only(DEPLOYMENT).inputs)


def test_another_secret_brings_other_pods(proxy: Callable[..., Deployed]):
    first, again = pod(proxy())["metadata"], pod(proxy())["metadata"]
    rotated = pod(proxy(client_secret="another"))["metadata"]

    assert first == again
    assert first["annotations"] != rotated["annotations"]


def test_its_pods_are_as_restricted_as_can_be(proxy: Callable[..., Deployed]):
    assert violations(pod(proxy())["spec"], {ENFORCE: "restricted"}) is None


def test_two_pods_outlive_each_other_where_it_has_to_be_there(proxy: Callable[..., Deployed]):
    dev, prod = proxy(), proxy(high_availability=True)

    assert dev.only(DEPLOYMENT).inputs["spec"]["replicas"] == 1
    assert dev.of_type("kubernetes:policy/v1:PodDisruptionBudget") == []
    assert prod.only(DEPLOYMENT).inputs["spec"]["replicas"] == 2
    assert prod.only("kubernetes:policy/v1:PodDisruptionBudget").inputs["spec"]["maxUnavailable"] == 1


def test_its_metrics_are_scraped(proxy: Callable[..., Deployed]):
    deployed = proxy()

    monitor = deployed.only("kubernetes:monitoring.coreos.com/v1:ServiceMonitor").inputs
    service = deployed.only("kubernetes:core/v1:Service").inputs
    assert monitor["spec"]["selector"]["matchLabels"] == service["metadata"]["labels"]
    assert [port["port"] for port in service["spec"]["ports"] if port["name"] == "metrics"] == [44180]
    assert monitor["spec"]["endpoints"] == [{"port": "metrics"}]
