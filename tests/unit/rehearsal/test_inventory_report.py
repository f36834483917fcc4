"""What is shown of the rehearsed accounts."""

import json
from pathlib import Path

import pytest

from rehearsal import inventory_report, state
from rehearsal.places import Places
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.state import Recorded

BUCKET, RING, TOPIC = "gcp:storage/bucket:Bucket", "gcp:kms/keyRing:KeyRing", "gcp:pubsub/topic:Topic"
ACCOUNT, OTHER = "gcp/example", "gcp/other"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    world = Inventory(tmp_path / "inventory.sqlite")
    world.put(Resource(account=ACCOUNT, type=BUCKET, id="logs", inputs={}, outputs={}))
    world.put(Resource(account=ACCOUNT, type=RING, id="ring", retained=True, inputs={}, outputs={}))
    world.put(Resource(account=ACCOUNT, type=TOPIC, id="notifications", owner="logs", inputs={}, outputs={}))
    world.put(Resource(account=OTHER, type=BUCKET, id="elsewhere", inputs={}, outputs={}))
    return Places(tmp_path)


def _recorded(type: str, id: str) -> Recorded:
    return Recorded(f"urn:pulumi:dev::groundwork::{type}::{id}", type, id, ())


def _remember(places: Places, *recorded: Recorded) -> None:
    file = state.checkpoint(places.state, "groundwork", "dev")
    file.parent.mkdir(parents=True)
    resources = [{"urn": one.urn, "type": one.type, "id": one.id} for one in recorded]
    file.write_text(json.dumps({"checkpoint": {"latest": {"resources": resources}}}))


def test_what_no_state_knows_is_marked(places: Places, capsys: pytest.CaptureFixture[str]):
    _remember(places, _recorded(BUCKET, "logs"))

    assert inventory_report.show(places) == 0
    assert capsys.readouterr().out == (
        "gcp/example\n"
        "  gcp:kms/keyRing:KeyRing  ring  (stays)\n"
        "  gcp:pubsub/topic:Topic  notifications\n"
        "  gcp:storage/bucket:Bucket  logs\n"
        "gcp/other\n"
        "  gcp:storage/bucket:Bucket  elsewhere  (in no state)\n"
        "4 exist, 2 of them in no state.\n"
    )


def test_after_a_destroy_the_remainder_of_its_accounts_is_listed(places: Places, capsys: pytest.CaptureFixture[str]):
    accounts = inventory_report.accounts_of(places, [_recorded(BUCKET, "logs")])
    Inventory(places.inventory).delete(Resource(account=ACCOUNT, type=BUCKET, id="logs", inputs={}, outputs={}))

    inventory_report.show_remainder(places, accounts)

    assert capsys.readouterr().out == (
        "What remains in the rehearsed accounts:\n  gcp/example  gcp:kms/keyRing:KeyRing  ring  (stays)\n"
    )


def test_after_a_destroy_that_leaves_nothing_nothing_is_said(places: Places, capsys: pytest.CaptureFixture[str]):
    _remember(places, _recorded(BUCKET, "elsewhere"))

    inventory_report.show_remainder(places, {OTHER})

    assert capsys.readouterr().out == ""
