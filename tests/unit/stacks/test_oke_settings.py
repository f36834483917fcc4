"""What the settings of an OKE stack refuse."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.problems import SettingsError
from stacks.settings import OkeStack, parse

COMMITTED: dict[str, Any] = yaml.safe_load(Path("stacks/Pulumi.oke-dev.yaml").read_text())["config"]["groundwork:stack"]


def problems(**changes: Any) -> list[str]:
    cluster = {**COMMITTED["cluster"], **changes.pop("cluster", {})}
    with pytest.raises(SettingsError) as caught:
        parse({**COMMITTED, "cluster": cluster, **changes})
    return list(caught.value.problems)


@pytest.mark.parametrize("domain", ["EU-FRANKFURT-1-AD-1", "EXMP:EU-FRANKFURT-1-AD-4", "AD-1"])
def test_availability_domains_carry_the_tenancys_prefix(domain: str):
    problem, *_ = problems(cluster={"availability_domains": [domain]})

    assert problem.startswith("cluster.availability_domains.0: ")


def test_the_node_image_is_an_ocid():
    (problem,) = problems(cluster={"image_ocid": "Oracle-Linux-8.10-2026.02.28-0-OKE-1.35.2-1402"})

    assert problem.startswith("cluster.image_ocid: ")


@pytest.mark.parametrize("taint", [{"key": '"; reboot; "'}, {"key": "gpu", "value": "$(reboot)"}])
def test_taints_are_what_kubernetes_takes_and_nothing_that_a_shell_would_run(taint: dict[str, str]):
    pools = {"system": {**COMMITTED["cluster"]["node_pools"]["system"], "taints": [taint]}}

    (problem,) = problems(cluster={"node_pools": pools})

    assert problem.startswith("cluster.node_pools.system.taints.0.")


POOL = COMMITTED["cluster"]["node_pools"]["system"]


@pytest.mark.parametrize(
    ("pools", "problem"),
    [
        (
            {"system": {**POOL, "spot": True}},
            "none is open to every pod: OKE taints spot nodes; leave one without spot and taints",
        ),
        (
            {"system": {**POOL, "spot": True}, "gpu": {**POOL, "taints": [{"key": "gpu"}]}},
            "none is open to every pod: OKE taints spot nodes; leave one without spot and taints",
        ),
        (
            {"system": {**POOL, "min_nodes": 0}, "batch": {**POOL, "spot": True}},
            "none that is open to every pod always has a node, for the autoscaler; set min_nodes: 1",
        ),
    ],
    ids=["only spot", "spot and tainted", "nothing open to begin with"],
)
def test_the_platforms_pods_and_the_autoscaler_find_a_node(pools: dict[str, Any], problem: str):
    assert problems(cluster={"node_pools": pools}) == [f"cluster.node_pools: {problem}"]


def test_spot_pools_stand_beside_one_that_is_open():
    pools = {"system": POOL, "apps": {**POOL, "min_nodes": 0}, "batch": {**POOL, "min_nodes": 0, "spot": True}}

    stack = parse({**COMMITTED, "cluster": {**COMMITTED["cluster"], "node_pools": pools}})

    assert isinstance(stack, OkeStack)
    assert [name for name, pool in stack.cluster.node_pools.items() if pool.spot] == ["batch"]


@pytest.mark.parametrize("keys", [[], ["a", "b", "c"], ["a", "a"], ["Not Allowed"]])
def test_a_bucket_has_one_key_or_two_of_different_names(keys: list[str]):
    problem, *_ = problems(object_storage={"keys": keys})

    assert problem.startswith("object_storage.keys")


def test_the_api_has_no_name_that_iam_guards():
    (problem,) = problems(cluster={"api_access": {"mode": "dns"}})

    assert "use allow-list or private" in problem
