"""Physical names under length limits."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.naming import compact_name, physical_name

parts = st.lists(st.from_regex(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True), min_size=1, max_size=4)
limits = st.integers(min_value=8, max_value=63)


@given(parts, limits)
def test_fits_its_limit_and_stays_a_name(names: list[str], limit: int):
    name = physical_name(*names, limit=limit)

    assert len(name) <= limit
    assert name[0].isalpha()
    assert name[-1].isalnum()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(parts, parts, limits)
def test_different_names_stay_different(one: list[str], other: list[str], limit: int):
    same = "-".join(one) == "-".join(other)

    assert (physical_name(*one, limit=limit) == physical_name(*other, limit=limit)) == same


def test_a_short_name_is_left_as_it_is():
    assert physical_name("groundwork", "dev", limit=40) == "groundwork-dev"


def test_a_limit_without_room_for_a_digest_is_refused():
    with pytest.raises(ValueError, match="leaves no room"):
        physical_name("groundwork", limit=7)


@given(parts, st.uuids(), st.integers(min_value=9, max_value=50))
def test_a_compact_name_fits_where_only_letters_and_digits_do(names: list[str], owner: UUID, limit: int):
    name = compact_name(*names, owner=str(owner), limit=limit)

    assert len(name) <= limit
    assert name[0].isalpha()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789")


@given(parts, parts, st.uuids(), st.uuids())
def test_compact_names_of_different_parts_or_owners_differ(one: list[str], other: list[str], mine: UUID, theirs: UUID):
    same = (one, mine) == (other, theirs)

    assert (compact_name(*one, owner=str(mine)) == compact_name(*other, owner=str(theirs))) == same


def test_a_compact_name_says_what_it_is_for():
    assert compact_name("logs", "groundwork-dev", owner="me").startswith("logsgroundworkde")


def test_a_compact_limit_without_room_for_a_digest_is_refused():
    with pytest.raises(ValueError, match="leaves no room"):
        compact_name("logs", owner="me", limit=8)
