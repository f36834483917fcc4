"""What the settings of Dapr refuse."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.problems import SettingsError
from stacks.settings import parse

COMMITTED: dict[str, Any] = yaml.safe_load(Path("stacks/Pulumi.gke-dev.yaml").read_text())["config"]["groundwork:stack"]


def test_a_stack_trusts_its_first_root_without_a_word():
    assert parse(COMMITTED).dapr.roots == (1,)


@pytest.mark.parametrize("roots", [[1, 2], [2, 1], [2]])
def test_a_root_takes_the_place_of_another_in_three_steps(roots: list[int]):
    assert parse({**COMMITTED, "dapr": {"roots": roots}}).dapr.roots == tuple(roots)


@pytest.mark.parametrize(
    ("roots", "problem"),
    [
        ([], "dapr.roots: expected 1 entry or more"),
        ([1, 1], "dapr.roots: 1 more than once"),
        ([0], "dapr.roots.0: expected 1 or more"),
        ([1, 2, 3, 4], "dapr.roots: expected 3 entries or fewer"),
        (["1"], "dapr.roots.0: expected a whole number, without quotes"),
    ],
)
def test_sidecars_trust_at_least_one_root_and_none_twice(roots: list[Any], problem: str):
    with pytest.raises(SettingsError) as caught:
        parse({**COMMITTED, "dapr": {"roots": roots}})

    assert list(caught.value.problems) == [problem]
