"""Every flow of the list is open, and every other one is closed."""

import pytest

from tests.plans import STACKS
from tests.reachability.flows import ALL_SYSTEMS, listed, shown
from tests.reachability.reach import ENFORCED_BY_IDENTITY, lopsided, open_flows, scene, selected

WITH_ALL_SYSTEMS = [f"{stack}{ALL_SYSTEMS}" for stack in ("gke-dev", "gke-prod", "local-dev", "oke-dev")]
"""Between them every kind of data service, and everything that may back it up."""

EVERY = [*STACKS, *WITH_ALL_SYSTEMS]
CASES = [(stack, by) for stack in EVERY for by in ENFORCED_BY_IDENTITY[stack.partition("-")[0]]]


@pytest.mark.parametrize(("stack", "identities"), CASES)
def test_what_is_listed_is_open_and_everything_else_is_closed(stack: str, identities: bool):
    found = scene(stack)
    wanted, there = listed(stack, found.ends, found.guarded), open_flows(found, identities)

    assert (shown(wanted - there), shown(there - wanted)) == ([], [])


@pytest.mark.parametrize("stack", EVERY)
def test_every_namespace_of_the_program_is_closed(stack: str):
    found = scene(stack)

    assert found.guarded == set(found.namespaces) - {"kube-system", "default", "vault"}


@pytest.mark.parametrize("stack", EVERY)
def test_every_policy_selects_a_pod(stack: str):
    found = scene(stack)

    chosen = [policy for policy in found.policies if policy["spec"]["podSelector"]]
    assert [policy["metadata"]["name"] for policy in chosen if not selected(found, policy)] == []


@pytest.mark.parametrize(("stack", "identities"), CASES)
def test_both_ends_of_a_connection_allow_it(stack: str, identities: bool):
    found = scene(stack)

    assert shown(lopsided(found, identities, listed(stack, found.ends, found.guarded))) == []
