"""What policies mean: each rule of the documentation, and where those who enforce them differ."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any

import pytest

from tests.reachability.semantics import EVERY_PORT, Cluster, End, Port, selects

NAMESPACES = {"todo": {"name": "todo", "kind": "app"}, "shop": {"name": "shop", "kind": "app"}}


def pod(namespace: str, name: str, address: str, **more: Any) -> End:
    return End(f"{namespace}/{name}", IPv4Address(address), namespace, {"app": name}, **more)


WEB, API = pod("todo", "web", "10.0.0.1"), pod("todo", "api", "10.0.0.2")
SHOP = pod("shop", "web", "10.0.1.1")
HOSTED = pod("shop", "agent", "10.9.0.1", host_network=True, node=True)
NODE, OUTSIDE = End("node", IPv4Address("10.9.0.1"), node=True), End("outside", IPv4Address("203.0.113.7"))


def policy(selector: Mapping[str, Any], namespace: str = "todo", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": "p"}, "spec": {"podSelector": selector, **spec}}


def ports(*numbers: int) -> list[dict[str, Any]]:
    return [{"port": number, "protocol": "TCP"} for number in numbers]


def reached(source: End, target: End, *policies: Mapping[str, Any], identities: bool = True) -> set[Port]:
    return set(Cluster(policies, NAMESPACES, identities).open_ports(source, target))


DENY = policy({}, policyTypes=["Ingress", "Egress"])
ALL = {EVERY_PORT}


def test_without_policies_everything_is_open():
    assert reached(WEB, API) == ALL


def test_a_policy_denies_what_it_does_not_allow_in_its_directions_alone():
    assert reached(WEB, API, policy({}, policyTypes=["Ingress"])) == set()
    assert reached(WEB, SHOP, policy({}, policyTypes=["Ingress"])) == ALL
    assert reached(WEB, SHOP, policy({}, policyTypes=["Egress"])) == set()
    assert reached(SHOP, WEB, policy({}, policyTypes=["Egress"])) == ALL


def test_both_ends_have_to_allow_a_connection():
    into = policy({"matchLabels": {"app": "api"}}, ingress=[{"ports": ports(80, 81)}], policyTypes=["Ingress"])
    out = policy({"matchLabels": {"app": "web"}}, egress=[{"ports": ports(80, 82)}], policyTypes=["Egress"])

    assert reached(WEB, API, DENY, into) == set()
    assert reached(WEB, API, DENY, out) == set()
    assert reached(WEB, API, DENY, into, out) == {(80, "TCP")}


def test_policies_add_up():
    both = [policy({}, ingress=[{"ports": ports(port)}], policyTypes=["Ingress"]) for port in (80, 81)]

    assert reached(SHOP, WEB, *both) == {(80, "TCP"), (81, "TCP")}


def test_a_policy_selects_pods_of_its_own_namespace_alone():
    assert reached(WEB, SHOP, policy({}, policyTypes=["Ingress"])) == ALL


@pytest.mark.parametrize(
    ("peer", "found"),
    [
        ({"podSelector": {}}, {"todo/api"}),
        ({"namespaceSelector": {}}, {"todo/api", "shop/web"}),
        ({"namespaceSelector": {"matchLabels": {"name": "shop"}}}, {"shop/web"}),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "api"}}}, {"todo/api"}),
        ({"namespaceSelector": {"matchLabels": {"name": "none"}}}, set[str]()),
        ({"ipBlock": {"cidr": "203.0.113.0/24"}}, {"outside"}),
        ({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["203.0.113.0/24"]}}, set[str]()),
    ],
)
def test_peers_are_pods_by_labels_or_addresses(peer: Mapping[str, Any], found: set[str]):
    opened = policy({"matchLabels": {"app": "web"}}, ingress=[{"from": [peer]}], policyTypes=["Ingress"])

    assert {end.name for end in (API, SHOP, HOSTED, NODE, OUTSIDE) if reached(end, WEB, opened)} == found


def test_blocks_have_pods_and_nodes_only_where_those_are_known_by_their_addresses():
    block: Sequence[Any] = [{"ipBlock": {"cidr": "10.0.0.0/8"}}]
    opened = policy({"matchLabels": {"app": "web"}}, ingress=[{"from": block}], policyTypes=["Ingress"])

    by_address = {end.name for end in (API, NODE, HOSTED) if reached(end, WEB, opened, identities=False)}
    assert by_address == {"todo/api", "node", "shop/agent"}
    assert not any(reached(end, WEB, opened) for end in (API, NODE, HOSTED))


def test_no_peers_are_everybody_and_no_ports_every_port():
    assert reached(NODE, WEB, policy({}, ingress=[{"ports": ports(80)}], policyTypes=["Ingress"])) == {(80, "TCP")}
    assert reached(SHOP, WEB, policy({}, ingress=[{}], policyTypes=["Ingress"])) == ALL


def test_pods_on_the_host_network_have_no_policies():
    deny = policy({}, namespace="shop", policyTypes=["Ingress", "Egress"])

    assert reached(HOSTED, OUTSIDE, deny) == reached(OUTSIDE, HOSTED, deny) == ALL


def test_a_policy_without_types_is_about_what_goes_in_and_out_if_it_says_so():
    assert reached(WEB, SHOP, policy({}, egress=[{"ports": ports(80)}])) == {(80, "TCP")}
    assert reached(SHOP, WEB, policy({})) == set()
    assert reached(WEB, SHOP, policy({})) == ALL


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [("In", ["a", "b"], True), ("NotIn", ["a"], False), ("NotIn", ["c"], True), ("Exists", [], True)],
)
def test_expressions_select(operator: str, values: list[str], found: bool):
    assert (
        selects({"matchExpressions": [{"key": "app", "operator": operator, "values": values}]}, {"app": "a"}) is found
    )


def test_a_label_that_is_not_there_is_in_no_list():
    assert selects({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["a"]}]}, {"app": "a"})
    assert selects({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, {"app": "a"})
    assert not selects({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["a"]}]}, {"app": "a"})
