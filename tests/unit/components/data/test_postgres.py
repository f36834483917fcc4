"""PostgreSQL of a workload's own: its instances, its database, who connects, and what it tells Prometheus."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contract_check.check import check_resource
from contract_check.quantities import amount

from components.data.postgres import UNSAID, Postgres, cluster_spec, pod_monitor
from components.data.sizes import SIZES, Environment
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.data.data_arguments import data_arguments

CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster"


@pytest.fixture
def postgres(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        def program() -> None:
            Postgres("todo-postgres", replace(data_arguments("Postgres", Prerequisite("wait")), **changes))

        return deploy(program)

    return build


def spec(deployed: Deployed) -> dict[str, Any]:
    return deployed.only(CLUSTER).inputs["spec"]


@pytest.mark.parametrize("high_availability", [False, True])
def test_every_object_fits_its_definition(postgres: Callable[..., Deployed], high_availability: bool):
    for one in postgres(high_availability=high_availability).registrations.values():
        assert [str(found) for found in check_resource(one.type, one.inputs)] == []


def test_one_instance_does_not_stop_the_drain_of_its_node(postgres: Callable[..., Deployed]):
    found = spec(postgres())

    assert (found["instances"], found["enablePDB"]) == (1, False)
    assert "synchronous" not in found["postgresql"]


def test_a_transaction_is_in_two_places_where_data_is_kept_thrice(postgres: Callable[..., Deployed]):
    found = spec(postgres(high_availability=True))

    assert (found["instances"], found["enablePDB"]) == (3, True)
    assert found["postgresql"]["synchronous"] == {"method": "any", "number": 1, "dataDurability": "preferred"}
    assert found["affinity"]["podAntiAffinityType"] == "required"
    assert found["topologySpreadConstraints"][0]["topologyKey"] == "topology.kubernetes.io/zone"


def test_nobody_connects_in_plain_text_or_as_the_superuser(postgres: Callable[..., Deployed]):
    found = spec(postgres())

    assert found["postgresql"]["pg_hba"] == ["hostnossl all all all reject"]
    assert found["enableSuperuserAccess"] is False


def test_a_role_owns_the_database_of_its_name(postgres: Callable[..., Deployed]):
    found = spec(postgres(role="order_desk"))

    assert found["bootstrap"]["initdb"] == {"database": "order_desk", "owner": "order_desk", "dataChecksums": True}


def test_its_volumes_go_with_it_unless_it_is_protected(postgres: Callable[..., Deployed]):
    assert postgres(protect=True).only(CLUSTER).protect
    assert not postgres().only(CLUSTER).protect


def test_who_uses_it_waits_until_it_is_ready(deploy: Callable[..., Deployed]):
    found: list[Any] = []

    def program() -> None:
        found.append(Postgres("todo-postgres", data_arguments("Postgres", Prerequisite("wait"))).connection)

    deployed = deploy(program)

    (connection,) = found
    assert deployed.only(CLUSTER).inputs["metadata"]["annotations"] == {"pulumi.com/waitFor": "condition=Ready"}
    assert len(connection.ready) == 1
    assert (connection.host, connection.port, connection.database) == ("database-rw.todo", 5432, "todo__database")
    assert (connection.uri.name, connection.uri.key) == ("database-app", "uri")
    assert (connection.ca.name, connection.ca.key, connection.ssl_mode) == ("database-ca", "ca.crt", "verify-full")


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_a_quarter_of_the_memory_is_for_shared_buffers(environment: Environment):
    size = SIZES[environment].postgres

    buffers = amount(size.shared_buffers.replace("MB", "Mi"))
    assert buffers is not None
    assert amount(size.memory) == 4 * buffers


def test_a_cluster_without_backups_tells_nothing_of_backups():
    (endpoint,) = pod_monitor("database", backed_up=False)["podMetricsEndpoints"]
    (dropped,) = endpoint["metricRelabelings"]

    assert dropped == {"sourceLabels": ["__name__"], "regex": UNSAID, "action": "drop"}
    assert re.fullmatch(UNSAID, "cnpg_collector_last_available_backup_timestamp")
    assert not re.fullmatch(UNSAID, "cnpg_collector_up")


def test_a_changed_size_changes_nothing_else():
    args = data_arguments("Postgres", Prerequisite.__new__(Prerequisite))
    larger = replace(args, size=replace(args.size, storage_gib=args.size.storage_gib + 5))

    before, after = cluster_spec(args), cluster_spec(larger)

    assert {key for key in before if before[key] != after[key]} == {"storage"}
