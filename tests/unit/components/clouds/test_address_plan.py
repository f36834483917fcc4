"""The address plan, for any block that it accepts."""

import dataclasses
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
    return [ipaddress.IPv4Network(part) for part in dataclasses.astuple(plan)]


@given(blocks)
def test_no_range_overlaps_another(cidr: str):
    parts = ranges(cidr)

    assert not any(one.overlaps(other) for i, one in enumerate(parts) for other in parts[i + 1 :])


@given(blocks)
def test_every_range_fits_the_block(cidr: str):
    assert all(part.subnet_of(ipaddress.IPv4Network(cidr)) for part in ranges(cidr))


@given(blocks)
def test_ranges_are_large_enough(cidr: str):
    pods, services, nodes, control_plane, load_balancers, private_endpoints, private_services, databases = ranges(cidr)

    assert pods.prefixlen == ipaddress.IPv4Network(cidr).prefixlen + 1
    assert services.prefixlen == nodes.prefixlen == private_services.prefixlen <= 20
    assert control_plane.prefixlen == 28
    assert load_balancers.prefixlen == private_endpoints.prefixlen == databases.prefixlen == 24


@pytest.mark.parametrize(
    ("cidr", "ranges"),
    [
        (
            "10.64.0.0/13",
            {
                "pods": "10.64.0.0/14",
                "nodes": "10.68.0.0/20",
                "services": "10.68.16.0/20",
                "control_plane": "10.68.32.0/28",
                "load_balancers": "10.68.33.0/24",
                "private_endpoints": "10.68.34.0/24",
                "private_services": "10.68.48.0/20",
                "databases": "10.68.35.0/24",
            },
        ),
        (
            "172.16.0.0/16",
            {
                "pods": "172.16.0.0/17",
                "nodes": "172.16.128.0/20",
                "services": "172.16.144.0/20",
                "control_plane": "172.16.160.0/28",
                "load_balancers": "172.16.161.0/24",
                "private_endpoints": "172.16.162.0/24",
                "private_services": "172.16.176.0/20",
                "databases": "172.16.163.0/24",
            },
        ),
    ],
)
def test_no_range_of_a_stack_that_is_up_ever_moves(cidr: str, ranges: dict[str, str]):
    plan = dataclasses.asdict(plan_addresses(cidr))

    assert {name: plan[name] for name in ranges} == ranges


def test_a_block_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="too small for a stack"):
        plan_addresses("10.0.0.0/17")
