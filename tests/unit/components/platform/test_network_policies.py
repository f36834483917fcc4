"""Policies, as they are derived from connections."""

from collections.abc import Callable, Sequence
from typing import Any

import pulumi_kubernetes as kubernetes
import pytest

from components.network.cluster_network import ClusterNetwork, Door
from components.network.connections import Address, Connection, Place, Pods, Port, connect, tcp, udp
from components.network.network_policies import NetworkPolicies, NetworkPoliciesArgs
from components.network.policies import default_deny, policies
from tests.mock_engine import Deployed

NETWORK = ClusterNetwork(
    own=["10.0.0.0/9", "10.200.0.0/20"],
    api_server=[Door(block="10.200.0.0/28", ports=[443])],
    identity=[Door(block="169.254.169.254/32", ports=[80])],
    databases=["10.210.0.0/24"],
)
WEB, STOCK = (Pods(name=name, namespace="shop", labels={"app": name}) for name in ("web", "stock"))
PROMETHEUS = Pods(name="prometheus", namespace="monitoring", labels={"app": ("prometheus", "agent")})


def derived(*connections: Sequence[Connection], own: Sequence[str] = ("shop", "monitoring")) -> dict[str, Any]:
    found = policies(
        [one for many in connections for one in many], NETWORK, {"shop", "monitoring"}, own=own, owner="apps"
    )
    return {f"{policy.namespace}/{policy.name}": policy.spec for policy in found}


def egress(place: Place | Address, ports: Sequence[Port] = ()) -> list[Any]:
    return derived(connect(WEB, place, ports, why="test"))["shop/web"]["egress"]


def test_a_connection_is_let_out_at_one_end_and_in_at_the_other():
    assert derived(connect(WEB, STOCK, tcp(8080), why="orders")) == {
        "shop/stock": {
            "pod_selector": {"match_labels": {"app": "stock"}},
            "policy_types": ["Ingress"],
            "ingress": [
                {
                    "from_": [{"pod_selector": {"match_labels": {"app": "web"}}}],
                    "ports": [{"port": 8080, "protocol": "TCP"}],
                }
            ],
        },
        "shop/web": {
            "pod_selector": {"match_labels": {"app": "web"}},
            "policy_types": ["Egress"],
            "egress": [
                {
                    "to": [{"pod_selector": {"match_labels": {"app": "stock"}}}],
                    "ports": [{"port": 8080, "protocol": "TCP"}],
                }
            ],
        },
    }


def test_pods_of_another_namespace_are_named_with_it():
    (rule,) = derived(connect(PROMETHEUS, WEB, tcp(8080), why="metrics"))["shop/web"]["ingress"]

    assert rule["from_"] == [
        {
            "namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": "monitoring"}},
            "pod_selector": {
                "match_expressions": [{"key": "app", "operator": "In", "values": ["prometheus", "agent"]}]
            },
        }
    ]


def test_what_is_opened_in_a_namespace_of_others_is_a_policy_of_its_own():
    assert set(derived(connect(PROMETHEUS, WEB, tcp(8080), why="metrics"), own=["shop"])) == {
        "shop/web",
        "monitoring/apps.prometheus",
    }


def test_pods_of_a_namespace_that_is_not_closed_get_no_policy():
    dns = Pods(name="dns", namespace="kube-system", labels={"k8s-app": "kube-dns"})

    assert set(derived(connect(PROMETHEUS, dns, tcp(9153), why="metrics"))) == {"monitoring/prometheus"}


def test_outside_is_every_address_but_those_of_the_cluster_and_of_machines_that_know_secrets():
    block = {"cidr": "0.0.0.0/0", "except_": ["10.0.0.0/9", "10.200.0.0/20", "169.254.0.0/16"]}

    assert egress(Place.OUTSIDE, tcp(443)) == [
        {"to": [{"ip_block": block}], "ports": [{"port": 443, "protocol": "TCP"}]}
    ]


@pytest.mark.parametrize(
    ("place", "ports", "block", "port"),
    [
        (Place.API_SERVER, (), "10.200.0.0/28", 443),
        (Place.IDENTITY, (), "169.254.169.254/32", 80),
        (Place.DATABASES, tcp(5432), "10.210.0.0/24", 5432),
        (Address("203.0.113.7/32"), tcp(8443), "203.0.113.7/32", 8443),
    ],
)
def test_a_place_is_what_the_cluster_has_for_it(place: Place | Address, ports: Sequence[Port], block: str, port: int):
    assert egress(place, ports) == [
        {"to": [{"ip_block": {"cidr": block}}], "ports": [{"port": port, "protocol": "TCP"}]}
    ]


def test_nodes_are_one_port_of_everybody():
    assert egress(Place.NODES, tcp(10250)) == [{"ports": [{"port": 10250, "protocol": "TCP"}]}]


def test_anybody_is_let_in_at_the_one_port():
    assert derived(connect(Place.ANYBODY, WEB, tcp(9443), why="webhook"))["shop/web"]["ingress"] == [
        {"ports": [{"port": 9443, "protocol": "TCP"}]}
    ]


def test_ends_at_the_same_ports_share_a_rule_and_nothing_is_said_twice():
    found = derived(
        connect(WEB, [STOCK, PROMETHEUS], tcp(80), why="a"),
        connect(WEB, STOCK, tcp(80, 81), why="b"),
        connect(WEB, STOCK, tcp(80), why="c"),
    )["shop/web"]["egress"]

    shown = [([port["port"] for port in rule["ports"]], len(rule["to"])) for rule in found]
    assert shown == [([80], 1), ([80, 81], 1)]


def test_a_namespace_is_closed_but_for_dns():
    spec: dict[str, Any] = {**default_deny("shop").spec}

    (rule,) = spec["egress"]
    assert (spec["pod_selector"], spec["policy_types"]) == ({}, ["Ingress", "Egress"])
    assert [(port["port"], port["protocol"]) for port in rule["ports"]] == [(53, "UDP"), (53, "TCP")]


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        (connect(WEB, STOCK, why="nothing"), "a connection without a port would be one with every port"),
        (connect(Place.OUTSIDE, WEB, tcp(80), why="clients"), "opens no connection that a policy could name"),
        (connect(WEB, Place.ANYBODY, tcp(80), why="all"), "nothing connects to anybody"),
        (
            connect(WEB, Pods(name="web", namespace="shop", labels={"app": "other"}), tcp(80), why="x"),
            "shop: web stands for different pods",
        ),
    ],
)
def test_what_would_open_more_than_it_says_is_refused(connection: list[Connection], message: str):
    with pytest.raises(ValueError, match=message):
        derived(connection)


def test_policies_go_with_their_namespace_and_wait_for_it(deploy: Callable[..., Deployed]):
    def program() -> None:
        args = NetworkPoliciesArgs(
            connections=connect(WEB, STOCK, udp(53), why="names"),
            closed=["shop"],
            namespaces={"shop": kubernetes.core.v1.Namespace("shop")},
            network=NETWORK,
        )
        NetworkPolicies("network", args)

    found = deploy(program).of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")

    assert {one.name for one in found} == {"network-shop-default-deny", "network-shop-stock", "network-shop-web"}
    assert all(any(urn.endswith("::shop") for urn in one.depends_on) for one in found)
