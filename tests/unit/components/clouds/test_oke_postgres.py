"""PostgreSQL as Oracle runs it, on an OKE stack."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.mock_engine import Deployed
from tests.unit.components.clouds.oke_stack import POSTGRES, build, delivered

SYSTEM = "oci:Psql/dbSystem:DbSystem"


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda **changes: deploy_once(lambda: build(**changes), changes)


def system(deployed: Deployed) -> dict[str, Any]:
    return deployed.only(SYSTEM).inputs


def test_a_stack_that_chose_none_has_none(deploy: Callable[..., Deployed], foundation: Callable[..., Deployed]):
    assert foundation().of_type(SYSTEM) == []
    assert delivered(deploy, lambda built: built.postgres is None) is True


def test_it_stands_in_a_subnet_of_its_own(foundation: Callable[..., Deployed]):
    network = system(foundation(postgres=POSTGRES))["networkDetails"]

    assert network == {"subnetId": "network-databases-id", "nsgIds": ["network-firewall-databases-id"]}


@pytest.mark.parametrize(("high_availability", "nodes"), [(False, 1), (True, 3)])
def test_it_has_as_many_nodes_as_the_stack_wants_and_storage_that_outlives_a_domain(
    foundation: Callable[..., Deployed], high_availability: bool, nodes: int
):
    deployed = foundation(postgres=POSTGRES, high_availability=high_availability)

    assert system(deployed)["instanceCount"] == nodes
    assert system(deployed)["storageDetails"] == {"systemType": "OCI_OPTIMIZED_STORAGE", "isRegionallyDurable": True}
    # Another number would be accepted and change nothing.
    assert deployed.only(SYSTEM).ignore_changes == ["instanceCount"]


def test_its_storage_is_in_the_one_domain_of_a_region_that_has_no_more(foundation: Callable[..., Deployed]):
    account = {
        "tenancy_ocid": "ocid1.tenancy.oc1..acme",
        "compartment_ocid": "ocid1.compartment.oc1..acme",
        "region": "eu-milan-1",
        "home_region": "eu-milan-1",
    }
    deployed = foundation(
        postgres=POSTGRES, account=account, cluster={"availability_domains": ["EXMP:EU-MILAN-1-AD-1"]}
    )

    assert system(deployed)["storageDetails"] == {
        "systemType": "OCI_OPTIMIZED_STORAGE",
        "isRegionallyDurable": False,
        "availabilityDomain": "EXMP:EU-MILAN-1-AD-1",
    }


def test_a_later_version_is_an_upgrade_where_it_is(foundation: Callable[..., Deployed]):
    found = system(foundation(postgres={**POSTGRES, "version": "16"}))

    assert (found["dbVersion"], found["allowMajorVersionUpgrade"]) == ("16", True)


def test_every_moment_of_the_last_days_can_be_restored(foundation: Callable[..., Deployed]):
    assert system(foundation(postgres={**POSTGRES, "backup_days": 35}))["managementPolicy"] == {
        "backupPolicy": {"kind": "DAILY", "backupStart": "02:00", "retentionDays": 35},
        "pitrPolicy": {"kind": "STANDARD", "restoreDays": 35},
    }


def test_its_password_is_generated_with_every_kind_of_character(foundation: Callable[..., Deployed]):
    deployed = foundation(postgres=POSTGRES)

    password = deployed.named("postgres-password").inputs
    assert [password[f"min{kind}"] for kind in ("Lower", "Upper", "Numeric", "Special")] == [1, 1, 1, 1]
    assert password["overrideSpecial"] == "_-"  # what needs no escape in a connection string
    assert system(deployed)["credentials"] == {
        "username": "groundwork",
        "passwordDetails": {"passwordType": "PLAIN_TEXT", "password": "generated-password"},
    }


def test_clients_connect_by_a_name_and_know_the_servers_authority(deploy: Callable[..., Deployed]):
    known = ("host", "port", "username", "password", "ssl_mode", "server_ca")

    postgres = delivered(deploy, lambda built: {key: getattr(built.postgres, key) for key in known}, postgres=POSTGRES)

    assert postgres == {
        "host": "primary.postgres.example",
        "port": 5432,
        "username": "groundwork",
        "password": "generated-password",
        "ssl_mode": "verify-full",
        "server_ca": "-----BEGIN CERTIFICATE-----",
    }


def test_neither_waits_for_the_other_cluster_and_database(foundation: Callable[..., Deployed]):
    deployed = foundation(postgres=POSTGRES)

    waits_for = {urn.rpartition("::")[2] for urn in deployed.only(SYSTEM).depends_on}
    assert not [name for name in waits_for if name.startswith(("cluster", "pools"))]
    for name in ("cluster-control-plane", "pools-system"):
        assert deployed.only(SYSTEM).urn not in deployed.named(name).depends_on
