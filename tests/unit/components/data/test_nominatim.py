"""Nominatim for one workload: how its parts start, what they may, and how much an extract takes."""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract_check.check import check_resource

from components.data.nominatim import Nominatim
from components.data.nominatim_extracts import MIB, Extract, extract_of, regions
from components.data.nominatim_pods import database_arguments
from components.data.nominatim_scripts import AWAIT, IMPORT, PREPARE, SERVE, UPDATE
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.data.data_arguments import data_arguments

CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SECRET = "kubernetes:core/v1:Secret"
SERVICE = "kubernetes:core/v1:Service"
SERVER = "kubernetes:apps/v1:StatefulSet"
JOB = "kubernetes:batch/v1:Job"
CRON = "kubernetes:batch/v1:CronJob"
SKIPPED = {"pulumi.com/skipAwait": "true"}


@pytest.fixture
def nominatim(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        def program() -> None:
            Nominatim("geocoder", replace(data_arguments("Nominatim", Prerequisite("wait")), **changes))

        return deploy(program)

    return build


def server(deployed: Deployed) -> Mapping[str, Any]:
    return deployed.only(SERVER).inputs["spec"]["template"]["spec"]


def pods(deployed: Deployed) -> list[Mapping[str, Any]]:
    updates = [one.inputs["spec"]["jobTemplate"] for one in deployed.of_type(CRON)]
    jobs = [one.inputs for one in deployed.of_type(JOB)]
    return [server(deployed), *(one["spec"]["template"]["spec"] for one in [*jobs, *updates])]


def environment(container: Mapping[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container["env"] if "value" in one}


def test_every_object_is_one_that_kubernetes_takes(nominatim: Callable[..., Deployed]):
    for one in nominatim().registrations.values():
        assert [str(found) for found in check_resource(one.type, one.inputs)] == []


def test_a_node_may_be_drained_under_the_server(nominatim: Callable[..., Deployed]):
    spec = nominatim().only("kubernetes:policy/v1:PodDisruptionBudget").inputs["spec"]

    assert spec["maxUnavailable"] == 1
    assert spec["selector"]["matchLabels"]["app.kubernetes.io/component"] == "server"


def test_no_part_needs_privileges(nominatim: Callable[..., Deployed]):
    for pod in pods(nominatim()):
        assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 1000)
        assert pod["automountServiceAccountToken"] is False
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_the_server_is_ready_once_the_import_is_done(nominatim: Callable[..., Deployed]):
    pod = server(nominatim())

    assert [one["name"] for one in pod["initContainers"]] == ["prepare", "database", "import-awaited"]
    assert [one.get("restartPolicy") for one in pod["initContainers"]] == [None, "Always", None]
    (answers,) = pod["containers"]
    assert answers["readinessProbe"]["httpGet"] == {"path": "/status", "port": "http"}


def test_no_up_waits_for_the_hours_of_an_import(nominatim: Callable[..., Deployed]):
    deployed = nominatim()

    for kind in (SERVER, JOB, CLAIM):
        assert deployed.only(kind).inputs["metadata"]["annotations"] == SKIPPED


def test_the_import_reaches_the_database_before_the_server_is_ready(nominatim: Callable[..., Deployed]):
    services = {one.inputs["metadata"]["name"]: one.inputs["spec"] for one in nominatim().of_type(SERVICE)}

    assert services["geocoder-database"]["publishNotReadyAddresses"] is True
    assert services["geocoder-database"]["clusterIP"] == "None"
    assert services["geocoder"]["ports"] == [{"name": "http", "port": 8080, "targetPort": "http"}]


def test_spain_takes_what_it_is_said_to_take(nominatim: Callable[..., Deployed]):
    extract = extract_of("europe/spain")
    pod = server(nominatim())
    requests = {one["name"]: one["resources"]["requests"] for one in [*pod["initContainers"], *pod["containers"]]}

    assert extract.url == "https://download.geofabrik.de/europe/spain-latest.osm.pbf"
    assert extract.updates == "https://download.geofabrik.de/europe/spain-updates"
    assert (extract.storage_gib, extract.memory_mib, extract.cpu_millis) == (70, 2048, 1000)
    assert extract.import_memory_mib == 3584
    assert requests["database"] == {"cpu": "750m", "memory": "1536Mi"}
    assert requests["nominatim"] == {"cpu": "250m", "memory": "512Mi"}


def test_each_region_has_a_size():
    assert set(regions()) == set(MIB)


def test_another_extract_is_another_import(nominatim: Callable[..., Deployed]):
    spain, andorra = (
        nominatim(extract=extract_of(region)).only(JOB).inputs["metadata"]["name"]
        for region in ("europe/spain", "europe/andorra")
    )

    assert spain != andorra
    assert spain.startswith("geocoder-nominatim-import-")
    assert nominatim().only(JOB).inputs["metadata"]["name"] == spain


def test_the_import_takes_the_extract_and_prepares_updates(nominatim: Callable[..., Deployed]):
    job = nominatim().only(JOB).inputs["spec"]["template"]["spec"]
    told = environment(job["containers"][0])

    assert told["SOURCE"] == "https://download.geofabrik.de/europe/spain-latest.osm.pbf"
    assert told["NOMINATIM_REPLICATION_URL"] == "https://download.geofabrik.de/europe/spain-updates"
    assert (told["UPDATES"], told["PGHOST"], job["restartPolicy"]) == ("yes", "geocoder-database", "OnFailure")


def test_updates_come_by_their_schedule_and_never_two_at_once(nominatim: Callable[..., Deployed]):
    update = nominatim().only(CRON).inputs
    spec = update["spec"]

    assert update["metadata"]["name"] == "geocoder-nominatim-update"
    assert (spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]) == ("17 3 * * *", "Etc/UTC", "Forbid")


@pytest.mark.parametrize(
    "changes",
    [{"schedule": None}, {"extract": Extract(url="https://maps.example/town.osm.pbf", updates=None, mib=10)}],
)
def test_without_updates_what_they_need_is_not_kept(nominatim: Callable[..., Deployed], changes: dict[str, Any]):
    deployed = nominatim(**changes)
    (job,) = deployed.only(JOB).inputs["spec"]["template"]["spec"]["containers"]

    assert deployed.of_type(CRON) == []
    assert environment(job)["UPDATES"] == "no"


def test_passwords_are_generated_and_reach_pods_by_name_alone(nominatim: Callable[..., Deployed]):
    deployed = nominatim()

    assert deployed.only(SECRET).inputs["stringData"] == {
        "nominatim": "generated-password",
        "reader": "generated-password",
    }
    assert "generated-password" not in str(pods(deployed))


def test_who_answers_only_reads(nominatim: Callable[..., Deployed]):
    (answers,) = server(nominatim())["containers"]

    assert environment(answers)["PGUSER"] == "reader"


def test_the_volume_is_protected_where_the_stack_is(nominatim: Callable[..., Deployed]):
    assert nominatim(protect=True).only(CLAIM).protect
    assert nominatim().only(CLAIM).inputs["spec"]["resources"]["requests"] == {"storage": "70Gi"}


def test_backups_leave_out_what_can_be_imported_again(nominatim: Callable[..., Deployed]):
    template = nominatim().only(SERVER).inputs["spec"]["template"]

    assert template["metadata"]["annotations"]["backup.velero.io/backup-volumes-excludes"] == "data,project,tmp"


def test_what_the_database_sorts_in_fits_beside_its_buffers():
    told = dict(one.removeprefix("-c").split("=", 1) for one in database_arguments(extract_of("europe/spain")))

    assert (told["shared_buffers"], told["maintenance_work_mem"]) == ("384MB", "192MB")


def prepare(folder: Path, answer: str) -> subprocess.CompletedProcess[str]:
    """Runs the script on files that are there, with a server that notes what it is told and answers this."""
    (folder / "PG_VERSION").write_text("16")
    (folder / "postgres").write_text(f"#!/bin/sh\necho $@ > {folder}/told\ncat >> {folder}/told\n{answer}\n")
    (folder / "postgres").chmod(0o755)
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PGDATA": str(folder),
        "PGUSER": "nominatim",
        "PGPASSWORD": "first",
        "READER": "reader",
        "READER_PASSWORD": "second",
    }
    script = PREPARE.replace("/tmp/roles", f"{folder}/roles")
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=environment, capture_output=True, text=True, check=False
    )


def test_a_changed_password_reaches_the_roles_before_the_database_serves(
    nominatim: Callable[..., Deployed], tmp_path: Path
):
    assert prepare(tmp_path, "echo backend").returncode == 0

    command, owner, reader = (tmp_path / "told").read_text().splitlines()
    assert command == f"--single -c shared_buffers=16MB -D {tmp_path} postgres"
    assert owner == "ALTER ROLE nominatim PASSWORD 'first'"
    # The reader is made by the import.
    assert reader == (
        "DO 'BEGIN IF to_regrole(''reader'') IS NOT NULL THEN ALTER ROLE reader PASSWORD ''second''; END IF; END'"
    )
    template = nominatim().only(SERVER).inputs["spec"]["template"]
    assert template["metadata"]["annotations"]["secret.reloader.stakater.com/reload"] == "geocoder-users"


@pytest.mark.parametrize("answer", ["echo 'ERROR:  no role; ALTER ROLE x PASSWORD first'", "exit 1"])
def test_a_password_that_cannot_be_set_stops_the_pod_and_is_not_shown(tmp_path: Path, answer: str):
    ended = prepare(tmp_path, answer)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "The passwords of the roles cannot be set.\n"


@pytest.mark.parametrize("script", [PREPARE, AWAIT, SERVE, IMPORT, UPDATE])
def test_the_shell_takes_every_script(script: str):
    assert subprocess.run(["bash", "-n", "-c", script], capture_output=True, check=False).stderr == b""
