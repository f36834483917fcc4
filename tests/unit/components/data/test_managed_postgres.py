"""A workload's database on the cloud's PostgreSQL: the statements, who runs them, and what pods get of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contract_check.check import check_resource

from components.data.managed_postgres import (
    ManagedDatabase,
    ManagedDatabaseArgs,
    PostgresAdministrator,
    PostgresAdministratorArgs,
)
from components.data.statements import CLIENT, DATABASE_AND_ROLE
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.data.data_arguments import data_arguments, server

JOB = "kubernetes:batch/v1:Job"
SECRET = "kubernetes:core/v1:Secret"


@pytest.fixture
def managed(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(workload: str = "todo", **changes: Any) -> Deployed:
        def program() -> None:
            wait = Prerequisite("wait")
            chosen = replace(server(wait), **changes)
            administrator = PostgresAdministrator(
                "administrator", PostgresAdministratorArgs(server=chosen, namespace=wait)
            )
            args: ManagedDatabaseArgs = data_arguments("ManagedDatabase", wait)
            args = replace(
                args,
                workload=workload,
                role=f"{workload.replace('-', '_')}__db",
                server=chosen,
                administrator=administrator.secret,
            )
            ManagedDatabase(f"{workload}-postgres", args)

        return deploy(program)

    return build


def container(deployed: Deployed) -> dict[str, Any]:
    (found,) = deployed.only(JOB).inputs["spec"]["template"]["spec"]["containers"]
    return found


def environment(deployed: Deployed) -> dict[str, Any]:
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container(deployed)["env"]}


def secrets(deployed: Deployed) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (one.inputs["metadata"]["namespace"], one.inputs["metadata"]["name"]): one.inputs["stringData"]
        for one in deployed.of_type(SECRET)
    }


def test_every_object_fits_its_definition(managed: Callable[..., Deployed]):
    for one in managed().registrations.values():
        assert [str(found) for found in check_resource(one.type, one.inputs)] == []


def test_the_administrators_password_is_where_no_workload_has_pods(managed: Callable[..., Deployed]):
    found = secrets(managed())

    assert found[("databases", "postgres-administrator")] == {"password": "of-the-administrator", "ca.crt": "authority"}
    assert [namespace for namespace, data in found.items() if "of-the-administrator" in data.values()] == [
        ("databases", "postgres-administrator")
    ]


def test_pods_get_a_connection_of_their_own(managed: Callable[..., Deployed]):
    found = secrets(managed("order-desk"))

    assert found[("order-desk", "database-app")] == {
        "username": "order_desk__db",
        "user": "order_desk__db",
        "password": "generated-password",
        "dbname": "order_desk__db",
        "host": "10.68.48.3",
        "port": "5432",
        "uri": "postgresql://order_desk__db:generated-password@10.68.48.3:5432/order_desk__db",
    }
    assert found[("order-desk", "database-ca")] == {"ca.crt": "authority"}


def test_the_job_connects_encrypted_and_knows_the_server(managed: Callable[..., Deployed]):
    found = environment(managed())

    assert (found["PGSSLMODE"], found["PGSSLROOTCERT"]) == ("verify-ca", "/certificates/ca.crt")
    assert (found["PGHOST"], found["PGUSER"], found["PGDATABASE"]) == ("10.68.48.3", "postgres", "postgres")
    assert found["PGPASSWORD"] == {"secretKeyRef": {"name": "postgres-administrator", "key": "password"}}
    assert found["ROLE_PASSWORD"] == {"secretKeyRef": {"name": "todo--db-role", "key": "password"}}


def test_a_server_of_a_public_authority_needs_no_certificate(managed: Callable[..., Deployed]):
    deployed = managed(server_ca=None, ssl_mode="verify-full")

    assert environment(deployed)["PGSSLROOTCERT"] == "system"
    assert deployed.only(JOB).inputs["spec"]["template"]["spec"]["volumes"] == []
    assert {name for _, name in secrets(deployed)} == {"postgres-administrator", "todo--db-role", "database-app"}


def test_the_job_says_no_password_and_stops_at_the_first_error(managed: Callable[..., Deployed]):
    found = container(managed())

    assert found["command"] == ["sh", "-ec", CLIENT, "psql"]
    assert found["args"] == ["--set=role=todo__db"]
    assert "ON_ERROR_STOP=1" in CLIENT
    assert CLIENT.endswith("> /dev/null")
    assert "generated-password" not in str(found)


@pytest.mark.parametrize(
    "made",
    ["CREATE ROLE %I', :'role') WHERE NOT EXISTS", "CREATE DATABASE %I OWNER %I', :'role', :'role')\nWHERE NOT EXISTS"],
)
def test_what_is_there_is_not_made_again(made: str):
    assert made in DATABASE_AND_ROLE


def test_nobody_else_connects_to_the_database():
    assert "REVOKE ALL ON DATABASE %I FROM PUBLIC" in DATABASE_AND_ROLE


def test_pods_of_a_restricted_namespace(managed: Callable[..., Deployed]):
    pod = managed().only(JOB).inputs["spec"]["template"]["spec"]

    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 26
    assert pod["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_job_waits_for_the_server_and_its_secrets(managed: Callable[..., Deployed]):
    deployed = managed()

    waits = {urn.rpartition("::")[2] for urn in deployed.only(JOB).depends_on}
    assert waits >= {"administrator-secret", "todo-postgres-role"}
