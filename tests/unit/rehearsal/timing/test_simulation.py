"""An `up` in simulated time."""

import pytest

from rehearsal.timing.costs import component_costs, edge_costs
from rehearsal.timing.simulation import Schedule, simulate
from tests.unit.rehearsal.timing.stack_steps import step


def spans(schedule: Schedule) -> dict[str, tuple[float, float]]:
    return {urn: (one.start, one.end) for urn, one in schedule.timed.items()}


def test_a_step_starts_when_the_last_of_what_it_waits_for_is_done():
    schedule = simulate([step("a", 5), step("b", 20), step("c", 7, after=["a", "b"])], 16)

    assert spans(schedule) == {"a": (0, 5), "b": (0, 20), "c": (20, 27)}
    assert schedule.makespan == 27
    assert [one.step.name for one in schedule.critical_path()] == ["b", "c"]
    assert [one.cause for one in schedule.critical_path()] == [None, "wait"]


def test_more_operations_than_the_engine_has_stand_in_line():
    schedule = simulate([step("a", 5), step("b", 20), step("c", 7)], 2)

    assert spans(schedule) == {"a": (0, 5), "b": (0, 20), "c": (5, 12)}
    assert (schedule.timed["c"].ready, schedule.timed["c"].cause, schedule.timed["c"].after) == (0, "slot", "a")


def test_what_a_cloud_does_one_at_a_time_is_done_one_after_the_other():
    steps = [step("a", 5, queue="net"), step("b", 5, queue="net"), step("c", 5, queue="other")]

    schedule = simulate(steps, 16)

    assert spans(schedule) == {"a": (0, 5), "b": (5, 10), "c": (0, 5)}
    assert (schedule.timed["b"].cause, schedule.timed["b"].after) == ("queue", "a")


def test_who_stands_in_a_queue_of_the_cloud_keeps_an_operation_of_the_engine():
    schedule = simulate([step("a", 5, queue="net"), step("b", 5, queue="net"), step("c", 1)], 2)

    assert schedule.timed["c"].start == 5


def test_a_wait_can_be_taken_away():
    steps = [step("a", 5), step("b", 20, after=["a"])]

    assert simulate(steps, 16, without=[("b", "a")]).makespan == 20


def test_resources_that_wait_for_each_other_are_named():
    with pytest.raises(ValueError, match="wait for each other: a, b"):
        simulate([step("a", after=["b"]), step("b", after=["a"]), step("c")], 16)


def test_nothing_takes_no_time():
    assert simulate([], 16).makespan == 0
    assert simulate([], 16).critical_path() == []


def test_a_wait_costs_what_the_end_would_come_earlier_without_it():
    steps = [step("net", 10), step("cluster", 100, after=["net"]), step("pods", 30, after=["cluster", "net"])]

    costs = edge_costs(steps, simulate(steps, 16))

    assert [(cost.step.name, cost.wait.name, cost.saved, cost.critical) for cost in costs] == [
        ("pods", "cluster", 30, True),
        ("cluster", "net", 10, True),
    ]


def test_a_wait_that_another_makes_up_for_costs_nothing():
    steps = [step("one", 50), step("two", 50), step("pods", 30, after=["one", "two"])]

    costs = edge_costs(steps, simulate(steps, 16))

    assert [cost.saved for cost in costs] == [0]


def test_waits_between_two_components_are_weighed_together():
    pools = [step("one", 50, component="pools"), step("two", 50, component="pools")]
    steps = [*pools, step("pods", 30, after=["one", "two"], component="loki")]

    (cost,) = component_costs(steps, simulate(steps, 16))

    assert (cost.component, cost.wait, cost.edges, cost.saved) == ("loki", "pools", 2, 30)
