"""Each policy, rule, end and port is needed, and none is wider than it has to be: a change of any of them shows."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.reachability.flows import ALL_SYSTEMS, Flow, listed
from tests.reachability.reach import ENFORCED_BY_IDENTITY, Scene, lopsided, open_flows, scene, selected

Policy = Mapping[str, Any]

DIRECTIONS = {"ingress": "from", "egress": "to"}
UNUSED = {"port": 9999, "protocol": "TCP"}


def changes(policy: Policy) -> Iterator[tuple[str, Policy | None]]:
    """Every change of a policy that has to show, with its name."""
    name = f"{policy['metadata']['namespace']}/{policy['metadata']['name']}"
    yield f"{name} is gone", None
    for direction, ends in DIRECTIONS.items():
        for number, rule in enumerate(policy["spec"].get(direction) or ()):
            for what, rules in _of_rule(rule, ends):
                changed = copy.deepcopy(dict(policy))
                changed["spec"][direction][number : number + 1] = rules
                yield f"{name}: {direction} {number} {what}", changed


def _of_rule(rule: Policy, ends: str) -> Iterator[tuple[str, Sequence[Policy]]]:
    """What a rule may become, in the place of itself."""
    yield "is gone", []
    yield "is for every port", [{key: value for key, value in rule.items() if key != "ports"}]
    yield "is for one port more", [{**rule, "ports": [*rule["ports"], UNUSED]}]
    for index, port in enumerate(rule["ports"]):
        if len(rule["ports"]) > 1:
            rest = [one for position, one in enumerate(rule["ports"]) if position != index]
            yield f"without {port['port']}", [{**rule, "ports": rest}]
    peers = rule.get(ends)
    if not peers:
        return
    yield "is for everybody", [{"ports": rule["ports"]}]
    for index, peer in enumerate(peers):
        if len(peers) > 1:
            rest = [one for position, one in enumerate(peers) if position != index]
            yield f"without end {index}", [{**rule, ends: rest}]
        if "except" in peer.get("ipBlock", {}):
            wider = {"ipBlock": {"cidr": peer["ipBlock"]["cidr"]}}
            yield f"with all of block {index}", [{**rule, ends: [wider, *peers[:index], *peers[index + 1 :]]}]


def unseen(found: Scene, identities: bool, wanted: set[Flow], changed_elsewhere: Sequence[Policy] = ()) -> list[str]:
    """Changes that nothing shows, of all policies but those that are changed elsewhere."""
    missed: list[str] = []
    for number, policy in enumerate(found.policies):
        near = selected(found, policy)
        if not near or policy in changed_elsewhere:  # the first closes a namespace that nobody is in
            continue
        before = {flow for flow in wanted if near & set(flow[:2])}
        for name, changed in changes(policy):
            others = [*found.policies[:number], *found.policies[number + 1 :]]
            policies = [*others, changed] if changed else others
            after = open_flows(found, identities, policies, near)
            if after == before and not lopsided(found, identities, wanted, policies, near):
                missed.append(name)
    return missed


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["gke-prod", "oke-dev", "local-dev", f"oke-dev{ALL_SYSTEMS}"])
def test_every_change_of_a_policy_shows(stack: str):
    found = scene(stack)
    (identities,) = ENFORCED_BY_IDENTITY[stack.partition("-")[0]]
    without_systems = scene(stack.removesuffix(ALL_SYSTEMS)).policies if stack.endswith(ALL_SYSTEMS) else ()

    assert unseen(found, identities, listed(stack, found.ends, found.guarded), without_systems) == []
