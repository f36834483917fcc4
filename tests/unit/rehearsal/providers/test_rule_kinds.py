"""Each kind of rule that a table can hold, in a cloud made up for the purpose."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from rehearsal.providers.cloud_provider import CloudProvider
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.rules import RuleBook
from rehearsal.providers.wire import UNKNOWN, Secret
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

HOUSE, ROOM, LAMP, KEY, PLANT = (
    "toy:index:House",
    "toy:index:Room",
    "toy:index:Lamp",
    "toy:index:Key",
    "toy:index:Plant",
)
RULES: dict[str, Any] = {
    HOUSE: {
        "id": "houses/{name}",
        "name": "name",
        "autoname": {"digits": 7, "longest": 20},
        "scope": "",
        "known_as": ["address"],
        "replaces": ["colour", "roof", "roof.tiles", "windows"],
        "replaces_if": {
            "range": "the range shrinks",
            "open": "it is turned off",
            "label": "it was set before",
            "tag": "it is removed",
            "size": "the number falls",
            "owner": "it changes",
        },
        "protected_by": ["deletionProtection", "deletionPolicy"],
        "outputs": {"address": "street {hash:.6}", "etag": "{hash:.4}", "door": {"code": "{digits:.4}"}, "floors": 2},
        "secret_outputs": ["etag"],
    },
    ROOM: {
        "id": "{house}/rooms/{name}",
        "name": "name",
        "autoname": {"digits": 7},
        "scope": "{house}",
        "immutable": ["floor"],
        "references": {"house": [HOUSE], "next[*].room": [ROOM]},
        "blocks_delete_of": [HOUSE],
    },
    LAMP: {
        "id": "lamps/{hash:.8}",
        "scope": None,
        "references": {"house": [HOUSE]},
        "taken_along_by": {"house": HOUSE},
        "blocks_delete_of": [HOUSE],
        "unverified": ["blocks_delete_of"],
        "quota": {"limit": 2, "per": ["house"]},
        "unmarked_secrets": ["switch"],
        "requires": ["watts"],
    },
    KEY: {
        "id": "keys/{name}",
        "name": "name",
        "scope": "",
        "survives_delete": {"why": "keys are never forgotten", "unless": "melted"},
    },
    PLANT: {
        "id": "plants/{name}",
        "name": "name",
        "scope": "",
        "survives_delete": {"why": "roots stay a week", "days": 7},
    },
}


class ToyProvider(CloudProvider):
    package: ClassVar[str] = "toy"

    def account(self, inputs: dict[str, Any]) -> str:
        return f"toy/{self.configuration.get('street', 'here')}"


@pytest.fixture
def toys(tmp_path: Path, inventory: Inventory) -> Engine:
    table = tmp_path / "toy" / "rules.json"
    table.parent.mkdir()
    table.write_text(json.dumps(RULES))
    return Engine(ToyProvider(RuleBook(table), inventory))


@pytest.fixture
def house(toys: Engine) -> State:
    return toys.create(HOUSE, "villa", name="villa")


def test_a_type_without_rules_fails_by_name_and_says_where_to_add_it(toys: Engine) -> None:
    with pytest.raises(
        Refused, match=r"no rules for toy:index:Garage: add an entry to rehearsal/providers/toy/rules.json"
    ):
        toys.check("toy:index:Garage", "g", {})


def test_an_input_that_the_provider_asks_for_is_missed_before_anything_is_created(toys: Engine) -> None:
    assert toys.failures(LAMP, "lamp", {}) == [("watts", "missing required property 'watts'")]


@pytest.mark.parametrize("path", ["house", "next"])
def test_a_reference_to_nothing_is_refused(toys: Engine, house: State, path: str) -> None:
    wrong = {"house": "houses/none"} if path == "house" else {"house": house.id, "next": [{"room": "houses/x/rooms/y"}]}

    with pytest.raises(Refused, match="does not exist, notFound"):
        toys.create(ROOM, "hall", name="hall", **wrong)


def test_a_reference_is_understood_by_id_by_name_and_by_computed_output(toys: Engine, house: State) -> None:
    for number, reference in enumerate((house.id, "villa", house["address"])):
        assert toys.create(ROOM, f"r{number}", name=f"r{number}", house=reference).id == f"{reference}/rooms/r{number}"


def test_a_name_counts_as_a_reference_in_its_own_account_only(toys: Engine, house: State) -> None:
    toys.configure({"street": "elsewhere"})

    with pytest.raises(Refused, match="'villa', which does not exist"):
        toys.create(ROOM, "hall", name="hall", house="villa")


def test_an_update_may_not_refer_to_nothing_either(toys: Engine, house: State) -> None:
    room = toys.create(ROOM, "hall", name="hall", house=house.id)

    with pytest.raises(Refused, match="notFound"):
        toys.update(room, name="hall", house=house.id, next=[{"room": "nowhere"}])


def test_a_name_is_unique_in_its_scope(toys: Engine, house: State) -> None:
    other = toys.create(HOUSE, "hut", name="hut")
    toys.create(ROOM, "hall", name="hall", house=house.id)
    toys.create(ROOM, "other-hall", name="hall", house=other.id)

    with pytest.raises(Refused, match="'houses/villa/rooms/hall' already exists, alreadyExists"):
        toys.create(ROOM, "again", name="hall", house=house.id)


def test_a_global_name_is_unique_across_accounts(toys: Engine, house: State) -> None:
    toys.configure({"street": "elsewhere"})

    with pytest.raises(Refused, match="already exists"):
        toys.create(HOUSE, "copy", name="villa")


def test_what_never_goes_away_keeps_its_name_and_is_marked(toys: Engine, inventory: Inventory) -> None:
    key = toys.create(KEY, "key", name="front")
    toys.delete(key)

    assert [(row.id, row.retained) for row in inventory.list(type=KEY)] == [("keys/front", True)]
    assert toys.read(key).id == ""
    with pytest.raises(Refused, match=r"already exists \(deleted, but keys are never forgotten\)"):
        toys.create(KEY, "key", name="front")


def test_what_never_goes_away_can_be_imported(toys: Engine, inventory: Inventory) -> None:
    key = toys.create(KEY, "key", name="front")
    toys.delete(key)

    imported = toys.read(State(KEY, "key", key.id, {}, {}))

    assert imported.id == "keys/front"
    assert [row.retained for row in inventory.list(type=KEY)] == [False]


def test_a_property_can_say_that_it_does_go_away(toys: Engine, inventory: Inventory) -> None:
    toys.delete(toys.create(KEY, "key", name="front", melted=True))

    assert inventory.list(type=KEY) == []


def test_a_reserved_name_is_free_once_its_time_is_over(toys: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    toys.delete(toys.create(PLANT, "fern", name="fern"))
    with pytest.raises(Refused, match="roots stay a week"):
        toys.create(PLANT, "fern", name="fern")

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(UTC) + timedelta(days=8)

    monkeypatch.setattr("rehearsal.providers.enforcement.datetime", Later)
    assert toys.create(PLANT, "fern", name="fern").id == "plants/fern"


def test_a_quota_counts_what_exists_in_its_scope(toys: Engine, house: State) -> None:
    other = toys.create(HOUSE, "hut", name="hut")
    for number in range(2):
        toys.create(LAMP, f"lamp-{number}", house=house.id, watts=5)
    toys.create(LAMP, "elsewhere", house=other.id, watts=5)

    with pytest.raises(Refused, match="quota of 2 Lamp exceeded"):
        toys.create(LAMP, "third", house=house.id, watts=5)


def test_what_is_fixed_at_creation_refuses_its_update(toys: Engine, house: State) -> None:
    room = toys.create(ROOM, "hall", name="hall", house=house.id, floor=1)

    assert toys.diff(room, name="hall", house=house.id, floor=2).replaces == []
    with pytest.raises(Refused, match="floor cannot be changed after creation of 'houses/villa/rooms/hall'"):
        toys.update(room, name="hall", house=house.id, floor=2)


def test_a_delete_fails_while_something_depends_on_it(toys: Engine, house: State) -> None:
    room = toys.create(ROOM, "hall", name="hall", house=house.id)

    with pytest.raises(Refused, match="'houses/villa' is already being used by 'houses/villa/rooms/hall'"):
        toys.delete(house)

    toys.delete(room)
    toys.delete(house)
    assert toys.read(house).id == ""


def test_what_lies_inside_goes_along(toys: Engine, house: State, inventory: Inventory) -> None:
    lamp = toys.create(LAMP, "lamp", house=house.id, watts=5)
    toys.delete(house)

    assert toys.read(lamp).id == ""
    assert inventory.list() == []


def test_a_fact_that_nobody_has_verified_is_not_enforced(toys: Engine, house: State) -> None:
    toys.create(LAMP, "lamp", house=house.id, watts=5)

    toys.delete(house)

    assert toys.read(house).id == ""


@pytest.mark.parametrize(
    ("guard", "message"), [({"deletionProtection": True}, "true"), ({"deletionPolicy": "PREVENT"}, "PREVENT")]
)
def test_protection_is_read_from_the_state(toys: Engine, guard: dict[str, Any], message: str) -> None:
    house = toys.create(HOUSE, "villa", name="villa", **guard)

    with pytest.raises(Refused, match=f"is set to {message}"):
        toys.delete(house)

    toys.delete(toys.update(house, name="villa"))
    assert toys.read(house).id == ""


def test_an_abandoned_resource_stays_where_it_is(toys: Engine, inventory: Inventory) -> None:
    toys.delete(toys.create(HOUSE, "villa", name="villa", deletionPolicy="ABANDON"))

    assert [row.id for row in inventory.list()] == ["houses/villa"]


@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [
        ({"colour": "red"}, {"colour": "blue"}, ["colour"]),
        ({"colour": "red"}, {}, ["colour"]),
        ({"garden": 1}, {"garden": 2}, []),
        ({"windows": ["a"]}, {"windows": ["b"]}, ["windows[0]"]),
        ({}, {"roof": {"height": 3}}, ["roof"]),
        ({"roof": {"height": 3}}, {"roof": {"height": 4}}, []),
        ({"roof": {"tiles": "red"}}, {"roof": {"tiles": "grey"}}, ["roof.tiles"]),
        ({"range": "10.0.0.0/20"}, {"range": "10.0.0.0/22"}, ["range"]),
        ({"range": "10.0.0.0/20"}, {"range": "10.0.0.0/16"}, []),
        ({"range": "10.0.0.0/20"}, {"range": "10.1.0.0/16"}, ["range"]),
        ({"open": True}, {"open": False}, ["open"]),
        ({"open": False}, {"open": True}, []),
        ({"label": "a"}, {"label": "b"}, ["label"]),
        ({}, {"label": "b"}, []),
        ({"tag": "a"}, {}, ["tag"]),
        ({"tag": "a"}, {"tag": "b"}, []),
        ({"size": 3}, {"size": 2}, ["size"]),
        ({"size": 3}, {"size": 4}, []),
        ({"owner": "a"}, {"owner": "b"}, ["owner"]),
    ],
)
def test_some_changes_need_a_new_resource(
    toys: Engine, before: dict[str, Any], after: dict[str, Any], replaced: list[str]
) -> None:
    house = toys.create(HOUSE, "villa", name="villa", **before)

    plan = toys.diff(house, name="villa", **after)

    assert plan.changes
    assert plan.replaces == replaced
    assert [path for path, kind in plan.detailed.items() if kind.endswith("_REPLACE")] == replaced


def test_nothing_changed_is_no_change(toys: Engine, house: State) -> None:
    assert not toys.diff(house, name="villa").changes


def test_a_fixed_name_has_to_be_given_up_before_the_successor_comes(toys: Engine) -> None:
    fixed = toys.create(HOUSE, "villa", name="villa", colour="red")
    made_up = toys.create(HOUSE, "hut", colour="red")

    assert toys.diff(fixed, name="villa", colour="blue").delete_before_replace
    assert not toys.diff(fixed, name="palace", colour="blue").delete_before_replace
    assert not toys.diff(made_up, colour="blue").delete_before_replace
    assert not toys.diff(fixed, name="villa", colour="red", garden=1).delete_before_replace


def test_a_made_up_name_depends_on_the_seed_alone_and_is_kept(toys: Engine) -> None:
    first = toys.check(HOUSE, "villa", {})
    again = toys.check(HOUSE, "villa", {})
    other = toys.check(HOUSE, "villa", {}, randomSeed=b"other")

    assert first == again
    assert first["name"].startswith("villa-")
    assert len(first["name"]) == len("villa-") + 7
    assert other["name"] != first["name"]
    assert toys.check(HOUSE, "villa", {}, first, randomSeed=b"later") == first


def test_a_name_that_would_be_too_long_is_refused(toys: Engine) -> None:
    with pytest.raises(Refused, match="at most 20 characters out of 'a-very-long-name'"):
        toys.check(HOUSE, "a-very-long-name", {})


def test_a_preview_knows_inputs_and_nothing_that_the_cloud_computes(toys: Engine) -> None:
    assert toys.preview(HOUSE, "villa", name="villa", door={"wood": "oak"}) == {
        "name": "villa",
        "address": UNKNOWN,
        "etag": UNKNOWN,
        "door": {"wood": "oak", "code": UNKNOWN},
        "floors": 2,
    }


def test_a_preview_creates_nothing(toys: Engine, inventory: Inventory) -> None:
    toys.preview(HOUSE, "villa", name="villa")

    assert inventory.list() == []


def test_a_preview_of_an_update_keeps_what_is_computed_already(toys: Engine, house: State) -> None:
    planned = toys.preview_update(house, name="villa", garden=1)

    assert planned.outputs == {**house.outputs, "garden": 1}
    assert toys.read(house).outputs == house.outputs


def test_computed_outputs_stay_until_the_resource_is_created_anew(toys: Engine, house: State) -> None:
    updated = toys.update(house, name="villa", garden=1)
    toys.delete(updated)
    successor = toys.create(HOUSE, "villa", name="villa")

    assert updated["address"] == house["address"]
    assert successor["address"] != house["address"]


def test_outputs_that_the_provider_calls_secret_are_marked(house: State) -> None:
    assert isinstance(house["etag"], Secret)
    assert not isinstance(house["address"], Secret)


def test_an_unmarked_secret_comes_back_plain_and_is_not_in_the_inventory(
    toys: Engine, house: State, inventory: Inventory
) -> None:
    lamp = toys.create(LAMP, "lamp", house=house.id, watts=5, switch="tell-nobody")

    assert lamp["switch"] == "tell-nobody"
    assert toys.read(lamp).outputs["switch"] == "tell-nobody"
    assert (
        b"tell-nobody"
        not in inventory.path.read_bytes() + inventory.path.with_name("inventory.sqlite-wal").read_bytes()
    )


def test_an_update_of_what_is_gone_fails(toys: Engine, house: State, inventory: Inventory) -> None:
    row = inventory.get(HOUSE, house.id)
    assert row is not None
    inventory.delete(row)

    with pytest.raises(Refused, match="'houses/villa' was not found"):
        toys.update(house, name="villa", garden=1)


def test_deleting_what_is_gone_succeeds(toys: Engine, house: State) -> None:
    toys.delete(house)
    toys.delete(house)

    assert toys.read(house).id == ""
