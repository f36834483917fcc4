"""What only OKE stacks do: rotate keys and tokens, hide them, and keep cluster and database while settings change."""

import json

from tests.engine.conftest import Rehearse
from tests.engine.rehearsals import Rehearsal

STORES = ("logs", "backups", "database-backups")
DOMAINS = [f"EXMP:EU-FRANKFURT-1-AD-{number}" for number in (1, 2, 3)]
POSTGRES = {"shape": "PostgreSQL.VM.Standard.E5.Flex", "ocpus": 2, "memory_gib": 32}


def test_a_generated_credential_is_found_nowhere(rehearse: Rehearse):
    rehearsal = rehearse("oke-dev", {"postgres": POSTGRES})
    up = rehearsal.up()
    assert up.exit_code == 0, up.stdout
    found = rehearsal.generated()

    runs = [up, rehearsal.preview("--diff"), rehearsal.refresh("--diff")]

    passwords = 3  # of Grafana's administrator, of the database server's administrator, and of the workload's role
    assert len(set(found)) == len(STORES) + 1 + passwords  # a key for each store, a token of the registry
    for credential in found:
        for run in runs:
            assert run.exit_code == 0, run.stdout
            assert credential not in run.stdout + run.stderr + json.dumps(run.events)
        held = [
            path
            for path in rehearsal.places.home.rglob("*")
            if path.is_file() and credential.encode() in path.read_bytes()
        ]
        assert held == []


def test_keys_and_tokens_are_rotated_in_three_steps_and_pods_follow_the_second(up_oke_dev: Rehearsal):
    added, switched, dropped = (
        up_oke_dev.with_settings({"object_storage.keys": names, "registry.tokens": names}).up("--skip-preview")
        for names in (["first", "second"], ["second", "first"], ["second"])
    )

    credentials = ("registry-token", *(f"{store}-key" for store in STORES))
    assert added.touched() == {("create", f"{credential}-second") for credential in credentials}
    assert {name for _, name in switched.touched()} == {
        *("loki-object-store", "loki-release"),
        "todo-images-secret",
        "todo-postgres-backups-key",  # read anew for every backup
        *(f"todo-{name}-release" for name in ("backend", "recurring-task", "notification", "sync", "audit")),
    }
    assert dropped.touched() == {("delete", f"{credential}-first") for credential in credentials}


def test_identity_is_written_in_the_home_region_wherever_the_stack_is(rehearse: Rehearse):
    rehearsal = rehearse("oke-dev", {"account.home_region": "us-ashburn-1", "until": "foundation"})

    up = rehearsal.up("--skip-preview")

    assert up.exit_code == 0, up.stdout


def test_a_database_is_never_replaced_by_a_size_a_version_or_the_number_of_its_nodes(rehearse: Rehearse):
    rehearsal = rehearse("oke-dev", {"postgres": {**POSTGRES, "version": "16"}, "until": "foundation"})
    assert rehearsal.up("--skip-preview").exit_code == 0

    larger = {**POSTGRES, "version": "17", "ocpus": 4, "memory_gib": 64, "backup_days": 30}
    changes = {"postgres": larger, "high_availability": True, "cluster.availability_domains": DOMAINS}
    preview = rehearsal.with_settings(changes).preview()

    assert ("update", "postgres-system") in preview.touched()
    assert not [name for operation, name in preview.touched() if "replace" in operation and name.startswith("postgres")]


def test_closing_the_api_to_the_outside_keeps_the_cluster(up_oke_dev: Rehearsal):
    closed = up_oke_dev.with_settings({"cluster.api_access": {"mode": "private"}}).preview()

    steps = closed.touched()
    assert ("update", "cluster-control-plane") in steps
    assert ("update", "network-api") in steps
    replaced = {name for operation, name in steps if "replace" in operation}
    assert replaced == set()
