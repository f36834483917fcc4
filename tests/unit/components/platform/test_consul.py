"""Consul, where a stack has it: what its chart is told, and what sidecars look up in it."""

from functools import cache
from typing import Any

import pytest

from components.platform.consul import ADDRESS
from components.platform.consul_reader import RULES
from components.services.dapr.discovery import name_problems
from components.services.model import parse_workload
from rehearsal.providers import paths
from tests.mock_engine import Deployed
from tests.plans import STACKS, committed_plan, plan

RELEASE = "kubernetes:helm.sh/v3:Release"
CONFIGURATION = "kubernetes:dapr.io/v1alpha1:Configuration"
SERVICE = "kubernetes:core/v1:Service"
SECRET = "kubernetes:core/v1:Secret"


@cache
def with_consul(stack: str) -> Deployed:
    return plan(stack, {"mesh.consul": True})


def released(deployed: Deployed, name: str) -> dict[str, Any]:
    (found,) = [one.inputs["values"] for one in deployed.of_type(RELEASE) if one.inputs["name"] == name]
    return found


def named(deployed: Deployed, kind: str) -> dict[tuple[str, str], Any]:
    return {
        (one.inputs["metadata"]["namespace"], one.inputs["metadata"]["name"]): one.inputs
        for one in deployed.of_type(kind)
    }


@pytest.mark.parametrize("stack", STACKS)
def test_no_stack_has_consul_unasked(stack: str):
    assert [one.name for one in committed_plan(stack).registrations.values() if "consul" in one.name] == []
    assert all("nameResolution" not in one.inputs["spec"] for one in committed_plan(stack).of_type(CONFIGURATION))


@pytest.mark.parametrize("stack", ["gke-prod", "gke-dev", "local-dev"])
def test_servers_encrypt_what_they_say_and_answer_nobody_without_a_token(stack: str):
    values = released(with_consul(stack), "consul")

    assert {
        path: paths.first(values, path)
        for path in (
            "global.tls.enabled",
            "global.tls.httpsOnly",
            "global.tls.verify",
            "global.gossipEncryption.autoGenerate",
            "global.acls.manageSystemACLs",
            "global.installK8sNetworkingCRDs",
            "connectInject.enabled",
            "dns.enabled",
            "ui.enabled",
        )
    } == {
        "global.tls.enabled": True,
        "global.tls.httpsOnly": True,
        "global.tls.verify": True,
        "global.gossipEncryption.autoGenerate": True,
        "global.acls.manageSystemACLs": True,
        "global.installK8sNetworkingCRDs": False,
        "connectInject.enabled": False,
        "dns.enabled": False,
        "ui.enabled": False,
    }


def test_three_servers_agree_where_one_may_fail():
    sizes = {stack: released(with_consul(stack), "consul")["server"] for stack in ("gke-prod", "gke-dev")}

    assert {stack: (one["replicas"], one["disruptionBudget"]) for stack, one in sizes.items()} == {
        "gke-prod": (3, {"enabled": True}),
        "gke-dev": (1, {"enabled": False}),
    }


def test_the_services_of_workloads_are_carried_into_the_catalog_and_no_others():
    sync = released(with_consul("gke-prod"), "consul")["syncCatalog"]

    assert (sync["enabled"], sync["toConsul"], sync["toK8S"], sync["k8sAllowNamespaces"]) == (
        True,
        True,
        False,
        ["todo"],
    )


def test_sidecars_look_each_other_up_in_consul():
    deployed = with_consul("gke-prod")

    resolvers = {name: one["spec"]["nameResolution"] for name, one in named(deployed, CONFIGURATION).items()}
    services = ("backend", "recurring-task", "notification", "sync", "audit")
    assert set(resolvers) == {("todo", service) for service in services}
    for resolver in resolvers.values():
        assert (resolver["component"], resolver["version"]) == ("consul", "v1")
        assert resolver["configuration"]["client"] == {
            "address": ADDRESS,
            "scheme": "https",
            "tokenFile": "/consul/token",
            "tlsConfig": {"caFile": "/consul/ca.crt"},
        }
        assert resolver["configuration"]["selfRegister"] is False


def test_a_service_is_in_the_catalog_under_its_app_id_with_the_port_of_its_sidecars():
    backend = named(with_consul("gke-prod"), SERVICE)[("todo", "backend-consul")]

    assert backend["metadata"]["annotations"] == {
        "consul.hashicorp.com/service-name": "backend",
        "consul.hashicorp.com/service-meta-DAPR_PORT": "50002",
    }
    assert backend["spec"]["clusterIP"] == "None"
    assert backend["spec"]["selector"] == {
        "app.kubernetes.io/name": "backend",
        "app.kubernetes.io/part-of": "todo",
        "groundwork/sidecar": "true",
    }


def test_sidecars_show_a_token_that_reads_from_a_file_that_services_do_not_have():
    deployed = with_consul("gke-prod")
    pods = released(deployed, "backend")
    secrets = named(deployed, SECRET)

    assert pods["secretVolumes"]["consul-client"] == "consul-client"
    assert "consul-client:/consul" in pods["podAnnotations"]["dapr.io/volume-mounts"].split(",")
    assert (
        secrets[("todo", "consul-client")]["stringData"]["token"]
        == (secrets[("consul", "consul-reader")]["stringData"]["token"])
    )
    assert secrets[("consul", "consul-management")]["stringData"] not in [
        one["stringData"] for (namespace, _), one in secrets.items() if namespace != "consul"
    ]
    assert 'policy = "write"' not in RULES


def test_pods_wait_until_servers_know_their_token():
    deployed = with_consul("gke-prod")
    waits = next(one for one in deployed.registrations.values() if one.name == "todo-backend-release").depends_on

    assert {"consul-release", "consul-reader", "todo-dapr-consul", "todo-dapr-backend-registration"} <= {
        urn.rpartition("::")[2] for urn in waits
    }


def test_two_services_of_one_name_are_refused_which_the_catalog_could_not_tell_apart():
    dapr = {"image": {"tag": "1"}, "ports": {"http": 8080}, "dapr": {"port": "http"}}
    plain = {"image": {"tag": "1"}, "ports": {"http": 8080}}
    shop = parse_workload("shop", {"services": {"web": dapr, "api": dapr}})
    todo = parse_workload("todo", {"services": {"web": dapr, "api": plain}})

    assert list(name_problems({"shop": shop, "todo": todo})) == [
        "workloads/todo.yaml: services.web: workloads/shop.yaml has a sidecar of this name too, and Consul knows no "
        "namespaces; rename one, or set mesh.consul: false"
    ]
