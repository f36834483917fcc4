"""What a reviewer reads about a plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal import layers, plan_summary
from rehearsal.places import CLONE

NETWORK = "groundwork:index:GkeNetwork"
SUBNET = "gcp:compute/subnetwork:Subnetwork"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def step(operation: str, type_: str, name: str, parents: str = f"{NETWORK}$", **more: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:dev::groundwork::{parents}{type_}::{name}"
    return {"resourcePreEvent": {"metadata": {"op": operation, "urn": urn, "type": type_, **more}}}


def differing(operation: str, before: dict[str, Any], after: dict[str, Any], **more: Any) -> dict[str, Any]:
    sides = {"old": {"inputs": before, "provider": "p::1"}, "new": {"inputs": after, "provider": "p::1"}}
    return step(operation, SUBNET, "subnet", **{**sides, **more})


@pytest.fixture
def summary(tmp_path: Path):
    def of(*events: dict[str, Any]) -> str:
        log = tmp_path / "events.jsonl"
        log.write_text("".join(f"{json.dumps(event)}\n" for event in events))
        return plan_summary.markdown("dev", plan_summary.read(log))

    return of


def rows(text: str, operation: str) -> list[list[str]]:
    found = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(f"| {operation} |")]
    return [cells[1:] for cells in found]


def test_a_plan_that_changes_nothing_is_one_line(summary):
    stack = step("same", "pulumi:pulumi:Stack", "dev", parents="")
    component = step("same", NETWORK, "network", parents="")

    assert summary(stack, component, step("same", SUBNET, "subnet")) == "## dev: nothing changes, 1 unchanged\n"


def test_changes_are_counted_by_operation_and_layer_and_listed_by_kind(summary):
    release = {"type_": "kubernetes:helm.sh/v3:Release", "parents": "groundwork:index:Loki$"}

    text = summary(
        step("create", SUBNET, "pods"),
        step("create", SUBNET, "nodes"),
        step("same", SUBNET, "services"),
        step("delete", name="loki-release", **release),
        step("create", "pulumi:providers:gcp", "gcp", parents=""),
    )

    assert text.splitlines() == [
        "## dev: 1 deleted, 3 created, 1 unchanged",
        "",
        "| Layer | deleted | created | unchanged |",
        "| --- | --: | --: | --: |",
        "| network |  | 2 | 1 |",
        "| platform | 1 |  |  |",
        "| providers |  | 1 |  |",
        "",
        "|  | Layer | Kind |  | Which, and what differs |",
        "| --- | --- | --- | --: | --- |",
        "| deleted | platform | Release | 1 | `loki-release` |",
        "| created | network | Subnetwork | 2 | `pods`<br>`nodes` |",
        "| created | providers | gcp | 1 | `gcp` |",
        "",
        "What makes a replacement necessary is **bold**.",
    ]


def test_an_update_names_the_paths_that_differ_with_both_values(summary):
    text = summary(
        differing(
            "update",
            {"logConfig": {"flowSampling": 0.5}, "region": "a", "description": "x" * 61},
            {"logConfig": {"flowSampling": 1}, "description": "y", "purpose": UNKNOWN},
            detailedDiff={"logConfig.flowSampling": {}, "region": {}, "description": {}, "purpose": {}},
        )
    )

    assert rows(text, "updated") == [
        [
            "network",
            "Subnetwork",
            "1",
            '`subnet` (description, logConfig.flowSampling: 0.5 → 1, purpose: nothing → known later, region: "a" → '
            "nothing)",
        ]
    ]


def test_a_replacement_is_one_change_that_says_what_forces_it(summary):
    text = summary(
        step("delete-replaced", SUBNET, "subnet"),
        differing("replace", {"region": "a", "x": 1}, {"region": "b", "x": 2}, keys=["region"]),
        step("create-replacement", SUBNET, "subnet"),
    )

    assert text.startswith("## dev: 1 replaced, 0 unchanged\n")
    assert rows(text, "replaced") == [["network", "Subnetwork", "1", '`subnet` (**region**: "a" → "b", x: 1 → 2)']]


def test_what_goes_with_its_provider_says_so(summary):
    same = {"inputs": {"region": "a"}}

    text = summary(differing("replace", {}, {}, old={**same, "provider": "p::1"}, new={**same, "provider": "p::2"}))

    assert rows(text, "replaced") == [["network", "Subnetwork", "1", "`subnet` (its provider)"]]


def test_values_do_not_break_the_table(summary):
    text = summary(differing("update", {"a": "x|y"}, {"a": "<b>`*"}))

    assert rows(text, "updated") == [["network", "Subnetwork", "1", r'`subnet` (a: "x\|y" → "&lt;b\>\`\*")']]


def test_long_lists_are_cut(summary):
    many = [step("create", SUBNET, f"subnet-{number}") for number in range(14)]
    keys = {f"key{number}": number for number in range(8)}

    assert rows(summary(*many), "created")[0][3].endswith("`subnet-11`<br>and 2 more")
    assert rows(summary(differing("update", {}, keys)), "updated")[0][3].endswith("key5: nothing → 5, 2 more)")


def test_a_preview_that_fails_says_why_first(summary):
    urn = f"urn:pulumi:dev::groundwork::{NETWORK}${SUBNET}::subnet"

    text = summary(
        step("create", SUBNET, "subnet"),
        {"policyEvent": {"resourceUrn": urn, "message": "purpose: no such thing\n"}},
        {"diagnosticEvent": {"severity": "info", "message": "hello"}},
        {"diagnosticEvent": {"severity": "error", "message": "preview failed"}},
    )

    assert text.splitlines()[:10] == [
        "## dev: the preview failed",
        "",
        "### The contract check objects",
        "",
        "- subnet: purpose: no such thing",
        "",
        "### Why it failed",
        "",
        "- preview failed",
        "",
    ]
    assert "So far: 1 created, 0 unchanged" in text


def test_what_the_engine_adds_to_the_problems_of_a_program_is_left_out(summary):
    told, added = (
        "1 problem in the stack settings:",
        "an unhandled error occurred: program exited with non-zero exit code: 1",
    )

    both = summary(*({"diagnosticEvent": {"severity": "error", "message": text}} for text in (told, added)))
    alone = summary({"diagnosticEvent": {"severity": "error", "message": added}})

    assert both.splitlines()[2:] == ["### Why it failed", "", "- 1 problem in the stack settings:"]
    assert alone.splitlines()[-1].startswith("- an unhandled error occurred: program exited")


def test_an_engine_that_never_started_leaves_nothing_to_tell(tmp_path: Path):
    assert plan_summary.read(tmp_path / "missing.jsonl").changes == ()


@pytest.mark.parametrize(
    ("parents", "layer"),
    [
        (f"{NETWORK}$", "network"),
        ("groundwork:index:GkeNodePools$", "node pools"),
        ("groundwork:index:Loki$", "platform"),
        ("groundwork:index:Workload$groundwork:index:ApplicationService$", "services"),
        ("groundwork:index:Namespaces$", "namespaces"),
        ("groundwork:index:NoLongerThere$", "other"),
        ("", "other"),
    ],
)
def test_a_layer_is_where_the_outermost_component_is_written(parents: str, layer: str):
    assert layers.layer_of(f"urn:pulumi:dev::groundwork::{parents}{SUBNET}::one", SUBNET) == layer


def test_every_component_has_a_layer():
    sources = [file.read_text(encoding="utf-8") for file in (CLONE / "components").rglob("*.py")]

    assert len(layers.component_layers(CLONE)) == sum(text.count("(pulumi.ComponentResource):") for text in sources)
