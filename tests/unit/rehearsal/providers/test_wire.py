"""Protobuf structs and Python values."""

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from rehearsal.providers import wire
from rehearsal.providers.wire import UNKNOWN, Secret, Special, decode, encode, has_unknown, plain

_LEAVES = st.one_of(
    st.booleans(), st.integers(-(2**31), 2**31), st.text(max_size=5), st.just(UNKNOWN), st.text(max_size=5).map(Secret)
)
_KEYS = st.text(min_size=1, max_size=5)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_values_survive_the_way_there_and_back(properties: dict[str, object]) -> None:
    assert decode(encode(properties)) == properties


def test_nulls_are_left_out() -> None:
    struct = struct_pb2.Struct()
    struct.update({"gone": None, "inner": {"gone": None, "kept": 1}})

    assert decode(struct) == {"inner": {"kept": 1}}


@pytest.mark.parametrize("marker", sorted(wire.UNKNOWN_MARKERS))
def test_every_marker_of_an_unknown_value_is_understood(marker: str) -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": marker})

    assert decode(struct) == {"a": UNKNOWN}


def test_the_signatures_are_those_of_the_sdk() -> None:
    assert rpc._special_sig_key == wire.SIGNATURE_KEY
    assert rpc._special_secret_sig == wire.SECRET_SIGNATURE
    assert rpc._special_output_value_sig == wire.OUTPUT_SIGNATURE
    assert rpc.UNKNOWN == wire.UNKNOWN_STRING


def test_output_values_are_opened() -> None:
    struct = struct_pb2.Struct()
    signature = {wire.SIGNATURE_KEY: wire.OUTPUT_SIGNATURE}
    struct.update(
        {"known": {**signature, "value": 1}, "later": signature, "hidden": {**signature, "value": "x", "secret": True}}
    )

    assert decode(struct) == {"known": 1, "later": UNKNOWN, "hidden": Secret("x")}


def test_assets_pass_through() -> None:
    fields = {wire.SIGNATURE_KEY: rpc._special_asset_sig, "text": "hello"}
    struct = struct_pb2.Struct()
    struct.update({"file": fields})

    assert decode(struct) == {"file": Special(fields)}
    assert encode(decode(struct)) == struct


def test_secrets_do_not_show_in_messages() -> None:
    assert repr({"a": Secret("correct-horse")}) == "{'a': Secret(***)}"


def test_plain_lays_open_and_unknowns_are_found_at_any_depth() -> None:
    value = {"a": [Secret({"b": Secret(1)}), UNKNOWN]}

    assert plain(value) == {"a": [{"b": 1}, UNKNOWN]}
    assert has_unknown(value)
    assert has_unknown(Secret(UNKNOWN))
    assert not has_unknown({"a": [1, Secret(2)]})
