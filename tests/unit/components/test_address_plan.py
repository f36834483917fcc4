"""The address plan, for any block that it accepts."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.address_plan import plan_addresses

blocks = st.integers(min_value=8, max_value=16).flatmap(
    lambda length: st.integers(min_value=0, max_value=2 ** (length - 8) - 1).map(
        lambda index: str(ipaddress.IPv4Network((10 * 2**24 + index * 2 ** (32 - length), length)))
    )
)


def ranges(cidr: str) -> list[ipaddress.IPv4Network]:
    plan = plan_addresses(cidr)
    parts = (plan.pods, plan.services, plan.nodes, plan.control_plane, plan.load_balancers, plan.private_endpoints)
    return [ipaddress.IPv4Network(part) for part in parts]


@given(blocks)
def test_no_range_overlaps_another(cidr: str):
    parts = ranges(cidr)

    assert not any(one.overlaps(other) for i, one in enumerate(parts) for other in parts[i + 1 :])


@given(blocks)
def test_every_range_fits_the_block(cidr: str):
    assert all(part.subnet_of(ipaddress.IPv4Network(cidr)) for part in ranges(cidr))


@given(blocks)
def test_ranges_are_large_enough(cidr: str):
    pods, services, nodes, control_plane, load_balancers, private_endpoints = ranges(cidr)

    assert pods.prefixlen == ipaddress.IPv4Network(cidr).prefixlen + 1
    assert services.prefixlen == nodes.prefixlen <= 20
    assert control_plane.prefixlen == 28
    assert load_balancers.prefixlen == private_endpoints.prefixlen == 24


def test_the_default_block_is_cut_as_documented():
    plan = plan_addresses("10.64.0.0/13")

    parts = (plan.pods, plan.nodes, plan.services, plan.control_plane, plan.load_balancers, plan.private_endpoints)
    assert parts == (
        "10.64.0.0/14",
        "10.68.0.0/20",
        "10.68.16.0/20",
        "10.68.32.0/28",
        "10.68.33.0/24",
        "10.68.34.0/24",
    )


def test_a_block_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="too small for a stack"):
        plan_addresses("10.0.0.0/17")
