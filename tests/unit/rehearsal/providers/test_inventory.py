"""The inventory: durable, shared, apart from any state, and free of secrets."""

import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal.providers.inventory import Endpoint, Inventory, Resource, open_inventory
from rehearsal.providers.redaction import CHANGED_ELSEWHERE
from rehearsal.providers.wire import Secret
from tests.unit.rehearsal.providers.google_project import BUCKET, NETWORK, GoogleProject

_WRITE_MANY = """
import sys
from pathlib import Path
from rehearsal.providers.inventory import Inventory, Resource
inventory = Inventory(Path(sys.argv[1]))
for number in range(50):
    inventory.put(Resource(account="a", type="t", id=f"{sys.argv[2]}-{number}", inputs={}, outputs={}))
    inventory.next_incarnation("a", "t", "shared")
"""


def _resource(identity: str = "one", account: str = "a", **fields: object) -> Resource:
    return Resource(account=account, type="t", id=identity, inputs={}, outputs={}, **fields)  # type: ignore[arg-type]


def test_it_lies_in_the_home_of_the_rehearsal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REHEARSAL_HOME", str(tmp_path / "home"))

    assert open_inventory().path == tmp_path / "home" / "inventory.sqlite"


def test_what_one_process_writes_another_reads(tmp_path: Path) -> None:
    path = tmp_path / "inventory.sqlite"
    command = [sys.executable, "-c", _WRITE_MANY, str(path)]
    processes = [subprocess.Popen([*command, name], cwd=Path.cwd()) for name in ("left", "right")]

    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    inventory = Inventory(path)
    assert len(inventory.list(account="a")) == 100
    assert inventory.next_incarnation("a", "t", "shared") == 101


def test_a_failed_transaction_leaves_nothing(inventory: Inventory) -> None:
    def fail_half_way() -> None:
        with inventory.transaction():
            inventory.put(_resource())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert inventory.list() == []


def test_lists_by_account_type_and_retention(inventory: Inventory) -> None:
    for resource in (_resource("one"), _resource("two", retained=True), _resource("three", account="b")):
        inventory.put(resource)

    assert inventory.accounts() == ["a", "b"]
    assert [row.id for row in inventory.list(account="a")] == ["one", "two"]
    assert [row.id for row in inventory.list(account="a", retained=True)] == ["two"]
    assert inventory.list(type="other") == []


def test_an_id_may_exist_in_two_accounts(inventory: Inventory) -> None:
    inventory.put(_resource(account="a"))
    inventory.put(_resource(account="b"))
    inventory.delete(_resource(account="a"))

    assert inventory.get("t", "one", "a") is None
    assert inventory.get("t", "one", "b") is not None


def test_an_account_goes_with_everything_in_it(inventory: Inventory) -> None:
    endpoint = Endpoint(
        host="h", account="a", cloud="gke", cluster_type="t", cluster_id="i", certificate="", plugin="p"
    )
    inventory.put(_resource(account="a"))
    inventory.put(_resource(account="b"))
    inventory.register_endpoint(endpoint)
    assert inventory.endpoint("h") == endpoint

    inventory.delete_account("a")

    assert inventory.accounts() == ["b"]
    assert inventory.endpoint("h") is None


def test_a_change_behind_pulumis_back_shows_in_a_refresh_and_is_undone(
    project: GoogleProject, inventory: Inventory
) -> None:
    bucket = project.bucket(labels={"team": "a"})
    inventory.drift(BUCKET, bucket.id, {"labels": {"team": "b"}, "storageClass": "NEARLINE"})

    refreshed = project.engine.read(bucket)
    assert (refreshed.inputs["labels"], refreshed["storageClass"]) == ({"team": "b"}, "NEARLINE")
    given = {key: value for key, value in bucket.inputs.items() if key != "__defaults"}
    assert project.engine.diff(refreshed, **given).detailed == {"labels.team": "UPDATE", "storageClass": "DELETE"}

    project.engine.update(refreshed, **given)
    assert project.engine.read(bucket).outputs == bucket.outputs


def test_a_deletion_behind_pulumis_back_shows_in_a_refresh(project: GoogleProject, inventory: Inventory) -> None:
    network = project.network()
    row = inventory.get(NETWORK, network.id)
    assert row is not None
    inventory.delete(row)

    assert project.engine.read(network).id == ""


def test_only_what_exists_can_drift(inventory: Inventory) -> None:
    with pytest.raises(LookupError, match="no t with the id 'none'"):
        inventory.drift("t", "none", {"a": 1})


def test_secrets_are_kept_as_digests_only(project: GoogleProject, inventory: Inventory) -> None:
    labels = {"open": "everyone-knows", "deep": Secret("correct-horse"), "list": [Secret({"a": "battery-staple"})]}
    bucket = project.bucket(labels=labels)

    held = b"".join(path.read_bytes() for path in inventory.path.parent.glob("inventory.sqlite*"))
    assert b"everyone-knows" in held
    assert b"correct-horse" not in held
    assert b"battery-staple" not in held
    assert project.engine.read(bucket).outputs == bucket.outputs
    assert project.engine.read(bucket).inputs == bucket.inputs


def test_a_secret_that_changed_elsewhere_is_seen_and_not_told(project: GoogleProject, inventory: Inventory) -> None:
    bucket = project.bucket(labels={"token": Secret("correct-horse")})
    inventory.drift(BUCKET, bucket.id, {"labels.token": Secret("battery-staple")})

    assert project.engine.read(bucket).inputs["labels"] == {"token": Secret(CHANGED_ELSEWHERE)}


def test_the_same_secret_has_another_digest_in_another_inventory(tmp_path: Path) -> None:
    digests = set[str]()
    for name in ("one", "two"):
        inventory = Inventory(tmp_path / name / "inventory.sqlite")
        stored = inventory.put(
            Resource(account="a", type="t", id="i", inputs={"p": Secret("correct-horse")}, outputs={})
        )
        digests.add(str(stored.inputs))

    assert len(digests) == 2
