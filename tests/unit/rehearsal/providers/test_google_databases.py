"""Cloud SQL of a rehearsed project, and the private connection to it."""

from typing import Any

import pytest

from rehearsal.providers.inventory import Inventory
from tests.unit.rehearsal.providers.fake_engine import Refused, State
from tests.unit.rehearsal.providers.google_project import GoogleProject

INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance"
CONNECTION = "gcp:servicenetworking/connection:Connection"
RANGE = "gcp:compute/globalAddress:GlobalAddress"
BACKUPS = {"enabled": True, "pointInTimeRecoveryEnabled": True}
PRODUCERS = "Producer services .* are still using this connection"


def lent(project: GoogleProject, network: State, **inputs: Any) -> State:
    """A range for Google's own networks."""
    given = {"purpose": "VPC_PEERING", "addressType": "INTERNAL", "address": "10.9.0.0", "prefixLength": 20}
    return project.engine.create(RANGE, "range", network=network.id, name="range", **{**given, **inputs})


def connected(project: GoogleProject, network: State, **inputs: Any) -> State:
    """The connection to Google's own networks, by a range of its own."""
    given = {"service": "servicenetworking.googleapis.com", "reservedPeeringRanges": [lent(project, network)["name"]]}
    return project.engine.create(CONNECTION, "peer", network=network.id, **given, **inputs)


def database(project: GoogleProject, network: State | None = None, **settings: Any) -> State:
    """An instance that Cloud SQL makes, unless the settings say otherwise."""
    access = {"ipConfiguration": {"ipv4Enabled": False, "privateNetwork": network.id}} if network else {}
    given = {"tier": "db-custom-2-8192", "edition": "ENTERPRISE", **access, **settings}
    inputs = {"databaseVersion": "POSTGRES_17", "deletionProtection": False, "settings": given}
    return project.engine.create(INSTANCE, "db", **inputs)


def test_a_private_database_needs_the_connection_of_its_network(project: GoogleProject) -> None:
    network = project.network()
    with pytest.raises(Refused, match="NETWORK_NOT_PEERED"):
        database(project, network)

    connected(project, network)
    assert database(project, network).id.startswith("db-")


def test_a_database_is_reached_in_one_way_at_least(project: GoogleProject) -> None:
    with pytest.raises(Refused, match="at least one of ipv4Enabled and privateNetwork"):
        database(project, ipConfiguration={"ipv4Enabled": False})


def test_a_private_database_has_an_address_of_the_lent_range_and_no_other(project: GoogleProject) -> None:
    network = project.network()
    connected(project, network)

    made = database(project, network)

    assert (made["privateIpAddress"], made["publicIpAddress"], made["firstIpAddress"]) == ("10.9.0.3", "", "10.9.0.3")


def test_the_authority_of_a_database_is_in_pem(project: GoogleProject) -> None:
    certificates: Any = database(project)["serverCaCerts"]

    assert certificates.value[0]["cert"].startswith("-----BEGIN CERTIFICATE-----\n")


def test_a_major_version_goes_up_and_never_down(project: GoogleProject) -> None:
    instance = database(project)
    older = {**instance.inputs, "databaseVersion": "POSTGRES_16"}

    with pytest.raises(Refused, match="Downgrade from POSTGRES_17 to POSTGRES_16 is not supported"):
        project.engine.update(instance, **older)

    newer = {**instance.inputs, "databaseVersion": "POSTGRES_18"}
    assert project.engine.update(instance, **newer)["databaseVersion"] == "POSTGRES_18"


@pytest.mark.parametrize("tier", ["db-custom-2-8192", "db-g1-small"])
def test_from_postgresql_16_on_the_edition_that_has_no_such_tiers_is_the_default(
    project: GoogleProject, tier: str
) -> None:
    with pytest.raises(Refused, match=r"Invalid Tier \(db-.*\) for \(ENTERPRISE_PLUS\) Edition"):
        database(project, tier=tier, edition=None)


@pytest.mark.parametrize("tier", ["db-custom-3-8192", "db-custom-98-98304", "db-custom-2-8000", "db-custom-2-3584"])
def test_a_custom_tier_has_cores_and_memory_that_go_together(project: GoogleProject, tier: str) -> None:
    with pytest.raises(Refused, match=rf"Invalid Tier \({tier}\)"):
        database(project, tier=tier)


@pytest.mark.parametrize("missing", ["enabled", "pointInTimeRecoveryEnabled"])
def test_a_standby_needs_backups_and_logs(project: GoogleProject, missing: str) -> None:
    backups = {key: value for key, value in BACKUPS.items() if key != missing}
    with pytest.raises(Refused, match=rf"a REGIONAL instance needs backupConfiguration.{missing}"):
        database(project, availabilityType="REGIONAL", backupConfiguration=backups)

    assert database(project, availabilityType="REGIONAL", backupConfiguration=BACKUPS).id.startswith("db-")


@pytest.mark.parametrize("days", [0, 8])
def test_the_enterprise_edition_keeps_logs_for_a_week_at_most(project: GoogleProject, days: int) -> None:
    with pytest.raises(Refused, match=f"transactionLogRetentionDays is {days}; in the edition ENTERPRISE it is 1 to 7"):
        database(project, backupConfiguration={**BACKUPS, "transactionLogRetentionDays": days})


def test_the_apis_own_protection_holds_when_the_providers_is_off(project: GoogleProject) -> None:
    made = database(project, deletionProtectionEnabled=True)

    with pytest.raises(Refused, match="The instance is protected against deletion"):
        project.engine.delete(made)


def test_a_deleted_database_holds_the_connection_for_days(project: GoogleProject, inventory: Inventory) -> None:
    network = project.network()
    connection = connected(project, network)
    project.engine.delete(database(project, network))

    assert [row.retained for row in inventory.list(type=INSTANCE)] == [True]
    with pytest.raises(Refused, match=PRODUCERS):
        project.engine.delete(connection)


def test_a_connection_that_lets_go_of_its_peering_can_be_deleted_all_the_same(project: GoogleProject) -> None:
    network = project.network()
    connection = connected(project, network, deletionPolicy="REMOVE_PEERING")
    project.engine.delete(database(project, network))

    project.engine.delete(connection)

    assert project.engine.read(connection).id == ""


def test_a_connection_that_is_abandoned_keeps_the_network(project: GoogleProject) -> None:
    network = project.network()
    project.engine.delete(connected(project, network, deletionPolicy="ABANDON"))

    with pytest.raises(Refused, match="already being used by"):
        project.engine.delete(network)


def test_a_lent_range_keeps_the_network(project: GoogleProject) -> None:
    network = project.network()
    lent(project, network)

    with pytest.raises(Refused, match=r"already being used by .*addresses/range"):
        project.engine.delete(network)


def test_what_is_lent_to_other_networks_is_internal(project: GoogleProject) -> None:
    with pytest.raises(Refused, match="VPC_PEERING is for INTERNAL ranges"):
        lent(project, project.network(), addressType="EXTERNAL")


def test_a_connection_takes_ranges_that_were_made_for_peering(project: GoogleProject) -> None:
    network = project.network()
    made = lent(project, network, purpose=None)
    given = {"service": "servicenetworking.googleapis.com", "reservedPeeringRanges": [made["name"]]}

    with pytest.raises(Refused, match=r"'range' of .* does not have the purpose VPC_PEERING"):
        project.engine.create(CONNECTION, "peer", network=network.id, **given)


def test_a_lent_range_overlaps_no_subnetwork(project: GoogleProject) -> None:
    network = project.network()
    project.subnetwork(network)
    with pytest.raises(Refused, match=r"10.0.0.0/20 conflicts with existing subnetwork 'nodes'"):
        lent(project, network, address="10.0.0.0")

    lent(project, network)
    with pytest.raises(Refused, match=r"10.9.0.0/24 conflicts with existing allocated range 'range'"):
        project.subnetwork(network, "more", ipCidrRange="10.9.0.0/24", secondaryIpRanges=[])


def test_a_database_needs_the_grant_on_its_key_first(project: GoogleProject) -> None:
    key = project.key()
    inputs = {"databaseVersion": "POSTGRES_17", "settings": {"tier": "db-custom-2-8192", "edition": "ENTERPRISE"}}

    with pytest.raises(Refused, match="gcp-sa-cloud-sql"):
        project.engine.create(INSTANCE, "db", region="europe-west4", encryptionKeyName=key.id, **inputs)


def test_a_users_password_is_in_no_inventory(project: GoogleProject, inventory: Inventory) -> None:
    project.engine.create("gcp:sql/user:User", "u", instance=database(project)["name"], password="hush-hush")

    assert b"hush-hush" not in b"".join(path.read_bytes() for path in inventory.path.parent.glob("inventory.sqlite*"))
