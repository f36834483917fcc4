"""Time is a budget: a stack comes up about as fast as the clouds let it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from rehearsal.report import of_plan
from rehearsal.timing import imposed_waits, plan
from rehearsal.timing.durations import spoken
from rehearsal.timing.page import BUDGET, Report, durations_of, kind_of
from tests.plans import STACKS
from tests.unit.rehearsal.timing.stack_steps import committed_steps

QUEUE_SECONDS = 10
"""What small objects cost a release when more of them are ready than operations run at once: two hundred, where the
cluster is there already."""


def explained(report: Report) -> str:
    """What to look at: the dearest waits that no cloud imposes."""
    own = [cost for cost in report.edges if (kind_of(cost.step), kind_of(cost.wait)) not in report.sources]
    told = [f"{spoken(cost.saved)}: {cost.step.name} waits for {cost.wait.name} ({cost.reason})" for cost in own]
    path = " > ".join(one.step.name for one in report.schedule.critical_path())
    return "\n".join([report.summary, f"critical path: {path}", "waits that no cloud imposes:", *told])


@pytest.mark.parametrize("stack", STACKS)
def test_an_up_takes_hardly_longer_than_the_clouds_impose(stack: str):
    report = of_plan(stack, committed_steps(stack))

    # Below 1 a plan would not wait for what its cloud insists on, or the table would claim what is not so.
    assert 1 <= report.ratio <= BUDGET, explained(report)


@pytest.mark.parametrize("stack", STACKS)
def test_whatever_a_cloud_imposes_is_waited_for(stack: str):
    steps = committed_steps(stack)
    behind: dict[str, set[str]] = {}
    by_urn = {step.urn: step for step in steps}

    def all_before(urn: str) -> set[str]:
        if urn not in behind:
            waits = by_urn[urn].waits
            behind[urn] = set(waits).union(*(all_before(wait) for wait in waits))
        return behind[urn]

    kept = {(kind_of(step), kind_of(by_urn[urn])) for step in steps for urn in all_before(step.urn)}

    assert set(imposed_waits.direct_waits(kind_of(step) for step in steps)) - kept == set()


@pytest.mark.parametrize("stack", STACKS)
def test_no_release_is_late_where_something_slower_sets_the_end(stack: str):
    steps = committed_steps(stack)
    report = of_plan(stack, steps)
    imposed = imposed_waits.chains(durations_of(steps))

    late = {
        one.step.name: one.end
        for one in report.schedule.timed.values()
        if one.step.variant and one.end > BUDGET * imposed_waits.seconds(imposed[kind_of(one.step)]) + QUEUE_SECONDS
    }

    assert late == {}, explained(report)


def test_releases_that_wait_for_each_other_break_the_budget():
    steps = committed_steps("gke-dev")
    releases = [step for step in steps if step.variant and step.layer == plan.PLATFORM]
    chained = {
        later.urn: replace(later, waits={**later.waits, earlier.urn: "depends_on"})
        for earlier, later in pairwise(releases)
    }

    report = of_plan("gke-dev", [chained.get(step.urn, step) for step in steps])

    assert report.ratio > BUDGET
