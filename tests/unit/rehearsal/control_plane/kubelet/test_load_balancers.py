"""Which addresses load balancers get."""

import ipaddress
from typing import Any

import pytest

from rehearsal.control_plane.kubelet.load_balancers import LoadBalancers
from rehearsal.control_plane.kubelet.work_queue import WorkQueue
from tests.unit.rehearsal.control_plane.kubelet.fake_api import FakeApi, known

PUBLIC, PRIVATE = ipaddress.ip_network("203.0.113.0/24"), ipaddress.ip_network("10.255.0.0/16")


def item(
    name: str = "web", spec: dict[str, Any] | None = None, address: str = "", **annotations: str
) -> dict[str, Any]:
    status = {"loadBalancer": {"ingress": [{"ip": address}]}} if address else {}
    return {
        "metadata": {"name": name, "namespace": "space", "annotations": annotations},
        "spec": {"type": "LoadBalancer"} if spec is None else spec,
        "status": status,
    }


def given(kind: str, *items: dict[str, Any], cloud: str | None = None, **objects: Any) -> list[str | None]:
    """The addresses that the first of the objects gets; None for one that is taken back."""
    api = FakeApi()
    balancers = LoadBalancers(api, known(**{kind: list(items), **objects}), WorkQueue(), cloud)
    balancers.reconcile_service("space/web") if kind == "services" else balancers.reconcile_ingress("space/web")
    statuses = [body["status"]["loadBalancer"] for _, _, body in api.requests if body]
    return [balancer["ingress"][0]["ip"] if balancer else None for balancer in statuses]


@pytest.mark.parametrize(
    ("annotations", "network"),
    [
        ({}, PUBLIC),
        ({"networking.gke.io/load-balancer-type": "Internal"}, PRIVATE),
        ({"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}, PRIVATE),
        ({"service.beta.kubernetes.io/azure-load-balancer-internal": "false"}, PUBLIC),
        ({"service.beta.kubernetes.io/oci-load-balancer-internal": "true"}, PRIVATE),
        ({"oci-network-load-balancer.oraclecloud.com/internal": "true"}, PRIVATE),
    ],
)
def test_an_address_is_of_the_network_that_annotations_ask_for(annotations: dict[str, Any], network: Any):
    [address] = given("services", item(**annotations))

    assert ipaddress.ip_address(address or "") in network


def test_the_address_that_is_asked_for_is_given():
    assert given("services", item(spec={"type": "LoadBalancer", "loadBalancerIP": "203.0.113.9"})) == ["203.0.113.9"]
    annotations: dict[str, Any] = {"service.beta.kubernetes.io/azure-load-balancer-ipv4": "203.0.113.8"}
    assert given("services", item(**annotations)) == ["203.0.113.8"]


def test_the_same_service_gets_the_same_address_unless_another_has_it():
    [first] = given("services", item())
    [other] = given("services", item(), item("other", address=str(first)))

    assert given("services", item()) == [first]
    assert other != first


def test_an_address_stays_with_what_has_it():
    assert given("services", item(address="203.0.113.1")) == []
    assert given("ingresses", item(spec={}, address="203.0.113.1"), cloud="gke") == []


def test_a_service_of_another_type_has_no_address():
    assert given("services", item(spec={"type": "ClusterIP"})) == []
    assert given("services", item(spec={"type": "ClusterIP"}, address="203.0.113.1")) == [None]


def test_a_class_of_its_own_is_left_to_who_brings_it():
    spec = {"type": "LoadBalancer", "loadBalancerClass": "example.test/balancer"}
    googles = {"type": "LoadBalancer", "loadBalancerClass": "networking.gke.io/l4-regional-external"}

    assert given("services", item(spec=spec), cloud="gke") == []
    assert len(given("services", item(spec=googles), cloud="gke")) == 1
    assert given("services", item(spec=googles), cloud="aks") == []


CLASS = {"metadata": {"name": "nginx"}}
DEFAULT = {"metadata": {"name": "d", "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}}}


@pytest.mark.parametrize(
    ("ingress", "classes", "cloud", "served"),
    [
        (item(spec={"ingressClassName": "nginx"}), [CLASS], None, True),
        (item(spec={"ingressClassName": "other"}), [CLASS], None, False),
        (item(spec={}), [CLASS], None, False),
        (item(spec={}), [DEFAULT], None, True),
        (item(spec={}), [], "gke", True),
        (item(spec={}, **{"kubernetes.io/ingress.class": "gce"}), [], "gke", True),
        (item(spec={}, **{"kubernetes.io/ingress.class": "gce"}), [], "aks", False),
    ],
)
def test_an_ingress_has_an_address_where_its_class_is_served(
    ingress: dict[str, Any], classes: list[dict[str, Any]], cloud: str | None, served: bool
):
    assert len(given("ingresses", ingress, cloud=cloud, ingressclasses=classes)) == int(served)
