"""From what a program registered to what an `up` has to do."""

import json
from pathlib import Path
from typing import Any

from rehearsal.timing import plan
from rehearsal.timing.plan import Registered

STACK = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"


def urn(name: str) -> str:
    return f"urn:pulumi:dev::p::t::{name}"


def registered(name: str, type_: str = "gcp:compute/network:Network", **more: Any) -> Registered:
    return Registered(**{"urn": urn(name), "type": type_, "custom": True, "parent": STACK, **more})


def component(name: str, type_: str = "groundwork:index:Thing", **more: Any) -> Registered:
    return registered(name, type_, custom=False, **more)


def waits(steps: list[plan.Step]) -> dict[str, dict[str, str]]:
    return {step.name: {one.rpartition("::")[2]: why for one, why in step.waits.items()} for step in steps}


def test_a_step_waits_for_what_it_depends_on_and_says_how():
    found = plan.steps(
        [
            registered("api"),
            registered("vpc"),
            registered(
                "subnet", dependencies=[urn("api"), urn("vpc")], property_dependencies={"network": [urn("vpc")]}
            ),
        ]
    )

    assert waits(found) == {"api": {}, "vpc": {}, "subnet": {"api": "depends_on", "vpc": "input network"}}


def test_components_and_providers_pass_on_what_they_wait_for():
    found = plan.steps(
        [
            registered("cluster"),
            registered("provider", "pulumi:providers:kubernetes", dependencies=[urn("cluster")]),
            registered("grant"),
            component("box", dependencies=[urn("grant")]),
            registered("pod", "kubernetes:core/v1:Pod", provider=urn("provider"), parent=urn("box")),
        ]
    )

    assert waits(found) == {"cluster": {}, "grant": {}, "pod": {"cluster": "provider", "grant": "parent"}}


def test_what_is_deleted_with_another_waits_for_it():
    found = plan.steps([registered("vault"), registered("key", deleted_with=urn("vault"))])

    assert waits(found)["key"] == {"vault": "deleted_with"}


def test_steps_lie_in_the_outermost_component_and_its_layer():
    found = plan.steps(
        [
            component("network"),
            component("inner", parent=urn("network")),
            registered("vpc", parent=urn("inner")),
            registered("name", "random:index/randomId:RandomId", parent=urn("network")),
            component("loki"),
            registered("space", "kubernetes:core/v1:Namespace", parent=urn("loki")),
            registered("root", "tls:index/privateKey:PrivateKey", parent=urn("loki")),
            component("todo", "groundwork:index:Workload"),
            registered("own", "kubernetes:core/v1:Namespace", parent=urn("todo")),
            registered("alone"),
        ]
    )

    assert {step.name: (step.layer, step.component) for step in found} == {
        "vpc": ("foundation", "network"),
        "name": ("foundation", "network"),
        "space": ("platform", "loki"),
        "root": ("platform", "loki"),
        "own": ("workloads", "todo"),
        "alone": ("foundation", "alone"),
    }


def test_releases_take_the_time_of_their_chart_and_subnets_stand_in_line():
    release = registered("loki", "kubernetes:helm.sh/v3:Release", inputs={"chart": "loki", "version": "1.2.3"})
    subnet = registered("subnet", "azure-native:network:Subnet", inputs={"virtualNetworkName": "vnet"})

    found = {step.name: step for step in plan.steps([release, subnet])}

    assert (found["loki"].variant, found["loki"].seconds) == ("loki", 110)
    assert (found["subnet"].queue, found["subnet"].seconds) == ("azure-native:network:Subnet/vnet", 5)


def test_a_plan_is_read_from_the_state_of_a_stack(tmp_path: Path):
    network, subnet = urn("vpc"), urn("subnet")
    provider = "urn:pulumi:dev::p::pulumi:providers:gcp::gcp"
    resources = [
        {"urn": STACK, "type": "pulumi:pulumi:Stack"},
        {"urn": provider, "type": "pulumi:providers:gcp", "custom": True, "parent": STACK, "id": "1"},
        {
            "urn": network,
            "type": "gcp:compute/network:Network",
            "custom": True,
            "parent": STACK,
            "provider": f"{provider}::1",
        },
        {
            "urn": subnet,
            "type": "gcp:compute/subnetwork:Subnetwork",
            "custom": True,
            "parent": STACK,
            "dependencies": [network],
        },
        {"urn": urn("given"), "type": "gcp:compute/network:Network", "custom": True, "external": True},
    ]
    file = tmp_path / "dev.json"
    file.write_text(json.dumps({"checkpoint": {"latest": {"resources": resources}}}))

    assert waits(plan.of_checkpoint(file)) == {"vpc": {}, "subnet": {"vpc": "depends_on"}}
