"""What the platform asks of the nodes."""

import pytest

from tests.bench.footprint import footprint
from tests.plans import STACKS

DEV = [stack for stack in STACKS if stack.endswith("-dev")]


WATCHING = ("alloy", "alloy-events", "jaeger", "kong", "kps", "loki", "opentelemetry-operator", "otel-collector")
"""Releases of metrics, logs, traces, and the way to look at them."""


@pytest.mark.parametrize("stack", DEV)
def test_observability_of_dev_leaves_a_third_of_a_small_node_to_others(stack: str):
    pods = [one for one in footprint(stack) if one.release in WATCHING]

    assert {one.release for one in pods} == set(WATCHING)
    assert sum(one.cpu for one in pods) <= 4 * 2 / 3
    assert sum(one.memory for one in pods) / 1024 <= 8 * 2 / 3


@pytest.mark.parametrize("stack", DEV)
def test_the_whole_platform_of_dev_takes_no_more_than_half_of_a_node(stack: str):
    pods = footprint(stack)

    assert sum(one.cpu for one in pods) <= 4 / 2
    assert sum(one.memory for one in pods) / 1024 <= 16 / 2


@pytest.mark.parametrize("stack", STACKS)
def test_every_container_says_what_it_asks_for(stack: str):
    assert all(one.count > 0 and one.cpu > 0 and one.memory > 0 for one in footprint(stack))
