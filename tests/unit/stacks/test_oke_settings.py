"""What the settings of an OKE stack refuse."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.problems import SettingsError
from stacks.settings import parse

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


@pytest.mark.parametrize("keys", [[], ["a", "b", "c"], ["a", "a"], ["Not Allowed"]])
def test_a_bucket_has_one_key_or_two_of_different_names(keys: list[str]):
    problem, *_ = problems(object_storage={"keys": keys})

    assert problem.startswith("object_storage.keys")


def test_the_api_has_no_name_that_iam_guards():
    (problem,) = problems(cluster={"api_access": {"mode": "dns"}})

    assert "use allow-list or private" in problem
