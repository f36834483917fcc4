"""The gateway's release: what it listens on, what it is given, and what makes it start again."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components.data.connections import Pods, SecretKey, ValkeyConnection
from components.platform.gateway_config import Gateway, Route, Service
from components.platform.gateway_credentials import Consumer, Generated, Key, Password
from components.platform.gateway_plugins import Plugin, allowed
from components.platform.gateway_secret import configuration_name
from components.platform.kong import Kong, KongArgs
from components.releases import ChartSource
from stacks.gateway import GatewaySettings
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite

RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "kubernetes:core/v1:Secret"
ADMIN = Consumer(
    username="admin", groups=["admins"], passwords=[Password(username="admin", source=Generated(name="first"))]
)
TODO = Service(name="todo", host="todo", port=80, plugins=[Plugin(name="basic-auth"), allowed(["admins"])])
GATEWAY = Gateway(services=[TODO], consumers=[ADMIN])


def args(**changes: Any) -> KongArgs:
    wait = Prerequisite("wait")
    common = KongArgs(
        gateway=GATEWAY,
        credentials={"admin/password/0": pulumi.Output.secret("generated")},
        settings=GatewaySettings(min_replicas=1, max_replicas=1),
        high_availability=False,
        namespace=wait,
        service_monitors=wait,
        nodes=[wait],
        charts=ChartSource(),
    )
    return replace(common, **changes)


class Served(pulumi.CustomResource):
    """Stands for a resource of the cluster."""

    def __init__(self, name: str) -> None:
        super().__init__("kubernetes:core/v1:ConfigMap", name, {})


@pytest.fixture
def kong(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def deployed(**changes: Any) -> Deployed:
        return deploy(lambda: Kong("kong", args(**changes)) and None)

    return deployed


def values(deployed: Deployed) -> dict[str, Any]:
    return deployed.only(RELEASE).inputs["values"]


def test_the_configuration_is_a_secret_named_by_its_content(kong: Callable[..., Deployed]):
    deployed = kong()
    secret = deployed.only(SECRET)

    assert secret.inputs["metadata"] == {"name": configuration_name(GATEWAY), "namespace": "gateway"}
    written = json.loads(secret.inputs["stringData"]["kong.yml"])
    assert written["consumers"][0]["basicauth_credentials"] == [{"username": "admin", "password": "generated"}]
    assert values(deployed)["dblessConfig"] == {"secret": configuration_name(GATEWAY)}
    assert "generated" not in json.dumps(values(deployed))
    assert secret.urn in deployed.only(RELEASE).depends_on


def test_another_configuration_or_password_brings_other_pods(kong: Callable[..., Deployed]):
    first, again = values(kong()), values(kong())
    changed = values(kong(gateway=replace(GATEWAY, services=[replace(TODO, port=8080)])))
    rotated = values(kong(credentials={"admin/password/0": "another"}))

    assert first == again
    assert first["dblessConfig"] != changed["dblessConfig"]
    assert first["dblessConfig"] == rotated["dblessConfig"]
    assert first["podAnnotations"] != rotated["podAnnotations"]


def test_there_is_no_api_to_change_it(kong: Callable[..., Deployed]):
    found = values(kong())

    assert (found["env"]["admin_listen"], found["env"]["admin_gui_listen"]) == ("off", "off")
    assert [found[part] for part in ("admin", "manager", "portal", "portalapi", "ingressController")] == [
        {"enabled": False}
    ] * 5
    assert found["env"]["database"] == "off"
    assert kong().only(RELEASE).inputs["skipCrds"] is True


def test_its_metrics_are_scraped_wherever_the_chart_is_rendered(kong: Callable[..., Deployed]):
    assert values(kong())["serviceMonitor"] == {"enabled": True, "trustCRDsExist": True, "honorLabels": True}


def test_names_that_are_there_twice_are_refused_before_anything_is_made(kong: Callable[..., Deployed]):
    route = Route(name="one", hosts=["todo.acme.example"])

    with pytest.raises(SettingsError, match="route one is there twice"):
        kong(gateway=Gateway(routes=[route, route]))


def test_pods_wait_for_the_certificate_and_the_password_of_the_counters_and_not_for_the_counters(deploy: Any):
    def program() -> None:
        exists, store, certificate = kubernetes.core.v1.Secret("users"), Served("store"), Served("certificate")
        connection = ValkeyConnection(
            host="kong-counters.gateway.svc",
            port=6379,
            user="default",
            password=SecretKey(name="kong-counters-users", key="default"),
            pods=Pods(namespace="gateway", labels={}),
            ready=[exists, store],
        )
        Kong("kong", args(certificate=certificate, counters=connection))

    release = deploy(program).only(RELEASE)

    waits = {urn.rpartition("::")[2] for urn in release.depends_on}
    assert waits == {"users", "certificate", "kong-configuration"}
    password = {"valueFrom": {"secretKeyRef": {"name": "kong-counters-users", "key": "default"}}}
    assert release.inputs["values"]["customEnv"] == {"RATE_COUNTERS_PASSWORD": password}


def test_a_credential_that_is_generated_keeps_its_value_wherever_it_stands(kong: Callable[..., Deployed]):
    def names(*keys: str) -> list[str]:
        partner = Consumer(
            username="todo.partner", groups=["admins"], keys=[Key(source=Generated(name=key)) for key in keys]
        )
        plugins = [Plugin(name="basic-auth"), Plugin(name="key-auth"), allowed(["admins"])]
        gateway = Gateway(services=[replace(TODO, plugins=plugins)], consumers=[ADMIN, partner])
        return [one.name for one in kong(gateway=gateway).of_type("random:index/randomPassword:RandomPassword")]

    assert names("first", "second") == ["kong-todo.partner-key-first", "kong-todo.partner-key-second"]
    assert names("second") == ["kong-todo.partner-key-second"]
