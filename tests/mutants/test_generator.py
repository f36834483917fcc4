"""What the generator makes of a small plan."""

from typing import Any

from tests.mutants.generator import mutants
from tests.mutants.mutant import Mutant
from tests.mutants.registrations import UNKNOWN, Registration, Sensitive

NETWORK = "projects/acme/global/networks/vpc"


def registration(token: str, inputs: dict[str, object], **given: Any) -> Registration:
    fields: dict[str, Any] = {"name": "one", "id": "", "planned": inputs, "outputs": {}, **given}
    return Registration(urn=f"urn:pulumi:s::p::{token}::{fields['name']}", type=token, inputs=inputs, **fields)


VPC = registration("gcp:compute/network:Network", {"name": "vpc"}, name="vpc", id=NETWORK)
SUBNET = registration(
    "gcp:compute/subnetwork:Subnetwork",
    {
        "network": NETWORK,
        "ipCidrRange": "10.0.0.0/20",
        "privateIpGoogleAccess": True,
        "purpose": "PRIVATE",
        "secondaryIpRanges": [{"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"}],
    },
    planned={"network": UNKNOWN},
)


def made(kind: str, *plan: Registration) -> dict[str, Mutant]:
    return {str(one).rpartition(" one: ")[2]: one for one in mutants(plan) if one.kind == kind}


def test_keys_are_misspelt_at_any_depth():
    found = [one for one in mutants([SUBNET]) if one.kind == "misspelt key"]

    assert {one.path for one in found} == {
        ("network",),
        ("ipCidrRange",),
        ("privateIpGoogleAccess",),
        ("purpose",),
        ("secondaryIpRanges",),
        ("secondaryIpRanges", 0, "rangeName"),
        ("secondaryIpRanges", 0, "ipCidrRange"),
    }
    for one in found:
        broken = one.of(SUBNET.inputs)
        assert broken is not None
        assert str(one.key) in str(broken)
        assert one.key != one.path[-1]


def test_only_what_the_sdk_requires_is_taken_away():
    assert {one.path for one in mutants([SUBNET]) if one.kind == "missing required"} == {
        ("network",),
        ("secondaryIpRanges", 0, "rangeName"),
    }


def test_a_value_of_another_kind_is_none_that_a_provider_would_convert():
    [flag] = [one for one in mutants([SUBNET]) if one.path == ("privateIpGoogleAccess",) and one.kind == "wrong kind"]

    assert flag.value in ("perhaps", ["true"])


def test_a_text_leaves_the_set_that_the_documentation_names():
    address = registration("gcp:compute/address:Address", {"addressType": "INTERNAL", "description": "INTERNAL"})

    [found] = [one for one in mutants([address]) if one.kind == "wrong value"]

    assert found.path == ("addressType",)
    assert found.value not in ("INTERNAL", "EXTERNAL")


def test_a_name_is_one_character_longer_than_its_service_takes():
    [found] = [one for one in mutants([VPC]) if one.kind == "over-long name"]

    assert found.of(VPC.inputs) == {"name": "vpc".ljust(64, "a")}


def test_a_reference_to_another_resource_of_the_plan_leads_nowhere():
    found = [one for one in mutants([VPC, SUBNET]) if one.kind == "dangling reference"]

    assert [(one.path, one.value) for one in found] == [(("network",), f"{NETWORK}-gone")]
    assert [one for one in mutants([SUBNET]) if one.kind == "dangling reference"] == []


def test_a_nested_path_to_ignore_is_spelt_as_in_python():
    found = {one.ignored for one in mutants([SUBNET]) if one.kind == "unmatched ignore_changes"}

    assert found == {"secondaryIpRanges[0].range_name", "secondaryIpRanges[0].ip_cidr_range"}


def test_a_mutant_breaks_what_is_known_of_a_plan_and_nothing_else():
    plan = registration("gcp:compute/network:Network", {"name": "vpc"}, planned={"name": UNKNOWN})
    [missing] = [one for one in mutants([SUBNET]) if one.path == ("network",) and one.kind == "missing required"]
    [nested] = [one for one in mutants([SUBNET]) if one.path[-1] == "rangeName" and one.kind == "missing required"]

    assert missing.of(SUBNET.planned) == {}
    assert nested.of(SUBNET.planned) is None
    assert {one.of(plan.planned) == plan.planned for one in mutants([plan])} == {False}


def test_what_is_secret_stays_so_around_what_is_broken():
    secret = registration(
        "kubernetes:core/v1:Secret", {"metadata": {"name": "s"}, "stringData": Sensitive({"key": "value"})}
    )

    [found] = [one for one in mutants([secret]) if one.path == ("stringData", "key") and one.kind == "wrong kind"]

    broken = found.of(secret.inputs)
    assert broken is not None
    assert isinstance(broken["stringData"], Sensitive)
    assert broken["stringData"].value == {"key": found.value}


def test_chart_values_are_misspelt_where_the_chart_names_the_keys():
    values = {"grafana": {"nodeSelector": {"pool": "apps"}}}
    release = registration("kubernetes:helm.sh/v3:Release", {"chart": "kube-prometheus-stack", "values": values})

    found = {one.path for one in mutants([release]) if one.kind == "misspelt key" and one.path[0] == "values"}

    assert found == {("values",), ("values", "grafana"), ("values", "grafana", "nodeSelector")}


def test_equal_resources_are_broken_once_and_equal_seeds_break_alike():
    plan = [VPC, SUBNET, registration("gcp:compute/subnetwork:Subnetwork", SUBNET.inputs, name="two")]

    assert [str(one) for one in mutants(plan, 7)] == [str(one) for one in mutants(plan, 7)]
    assert len(mutants(plan)) == len(mutants(plan[:2]))
    assert [str(one) for one in mutants(plan, 1)] != [str(one) for one in mutants(plan, 2)]
