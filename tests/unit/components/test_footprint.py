"""What the platform asks of the nodes."""

import pytest

from tests.bench.footprint import footprint
from tests.plans import STACKS

DEV = [stack for stack in STACKS if stack.endswith("-dev")]


@pytest.mark.parametrize("stack", DEV)
def test_the_platform_of_dev_leaves_a_third_of_a_small_node_to_the_system(stack: str):
    pods = footprint(stack)

    assert sum(one.cpu for one in pods) <= 4 * 2 / 3
    assert sum(one.memory for one in pods) / 1024 <= 8 * 2 / 3


@pytest.mark.parametrize("stack", STACKS)
def test_every_container_says_what_it_asks_for(stack: str):
    assert all(one.count > 0 and one.cpu > 0 and one.memory > 0 for one in footprint(stack))
