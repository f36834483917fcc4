"""Database systems that Oracle Cloud refuses, refused in a rehearsal."""

from typing import Any

import pytest

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.provider import OciProvider
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State
from tests.unit.rehearsal.providers.oracle_tenancy import DB_SYSTEM, TENANCY, OracleTenancy

CONNECTION = "oci:Psql/getDbSystemConnectionDetail:getDbSystemConnectionDetail"
STORAGE = {"systemType": "OCI_OPTIMIZED_STORAGE"}
DOMAIN = "EXMP:EU-FRANKFURT-1-AD-1"


@pytest.fixture
def oracle(inventory: Inventory) -> OracleTenancy:
    return OracleTenancy(Engine(OciProvider(inventory), {"tenancyOcid": TENANCY, "region": "eu-frankfurt-1"}))


@pytest.fixture
def subnet(oracle: OracleTenancy) -> State:
    return oracle.subnet(oracle.vcn(), "10.0.0.0/24", "databases")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"storageDetails": {**STORAGE, "isRegionallyDurable": True, "availabilityDomain": DOMAIN}},
            "availabilityDomain should not be specified with isRegionallyDurable",
        ),
        (
            {"storageDetails": {**STORAGE, "isRegionallyDurable": False}},
            "availabilityDomain must be specified without isRegionallyDurable",
        ),
        ({"credentials": None}, "credentials must be given"),
        ({"managementPolicy": {"backupPolicy": {"retentionDays": 36}}}, "backups are kept for 1 to 35 days, not 36"),
        ({"networkDetails": {"subnetId": "none"}}, "the Subnet 'none', which does not exist"),
    ],
)
def test_a_system_makes_sense(oracle: OracleTenancy, subnet: State, changes: dict[str, Any], message: str):
    with pytest.raises(Refused, match=message):
        oracle.db_system(subnet, **changes)


def test_its_security_group_is_of_the_same_network(oracle: OracleTenancy, subnet: State):
    elsewhere = oracle.group(oracle.vcn(), "elsewhere")

    with pytest.raises(Refused, match="is not in the VCN of the subnet"):
        oracle.db_system(subnet, networkDetails={"subnetId": subnet.id, "nsgIds": [elsewhere.id]})


def test_its_version_goes_forward_where_that_was_allowed_and_never_back(oracle: OracleTenancy, subnet: State):
    system = oracle.db_system(subnet)

    later = {**system.inputs, "dbVersion": "17"}
    assert oracle.engine.diff(system, **later).replaces == []
    assert oracle.engine.diff(system, **{**later, "allowMajorVersionUpgrade": False}).replaces == ["dbVersion"]
    upgraded = oracle.engine.update(system, **later)
    with pytest.raises(Refused, match="cannot go back from version 17 to 16"):
        oracle.engine.update(upgraded, **{**later, "dbVersion": "16"})


def test_its_nodes_are_added_by_operations_of_their_own(oracle: OracleTenancy, subnet: State):
    system = oracle.db_system(subnet)

    with pytest.raises(Refused, match="changed by patchOperations"):
        oracle.engine.update(system, **{**system.inputs, "instanceCount": 3})
    operation = {"operation": "INSERT", "selection": "instances"}
    grown = {**system.inputs, "instanceCount": 2, "patchOperations": [operation]}
    assert oracle.engine.update(system, **grown)["instanceCount"] == 2


def test_a_size_changes_where_it_is_and_the_kind_of_storage_does_not(oracle: OracleTenancy, subnet: State):
    system = oracle.db_system(subnet)
    local = {**STORAGE, "isRegionallyDurable": False, "availabilityDomain": DOMAIN}

    assert oracle.engine.diff(system, **{**system.inputs, "instanceOcpuCount": 4}).replaces == []
    assert oracle.engine.diff(system, **{**system.inputs, "storageDetails": local}).replaces != []


def test_a_subnet_goes_after_the_system_in_it(oracle: OracleTenancy, subnet: State):
    system = oracle.db_system(subnet)

    with pytest.raises(Refused, match="already being used by"):
        oracle.engine.delete(subnet)
    oracle.engine.delete(system)
    oracle.engine.delete(subnet)


def test_a_system_says_where_it_is_reached_and_who_signs_for_it(oracle: OracleTenancy, subnet: State):
    system = oracle.db_system(subnet)

    found = oracle.engine.invoke(CONNECTION, dbSystemId=system.id)

    (endpoint,) = found["primaryDbEndpoints"]
    assert endpoint["fqdn"].endswith(".postgresql.eu-frankfurt-1.oc1.oraclecloud.com")
    assert endpoint["ipAddress"].startswith("10.0.0.")
    assert endpoint["port"] == 5432
    assert found["caCertificate"].startswith("-----BEGIN CERTIFICATE-----")
    with pytest.raises(Refused, match="the database system none was not found"):
        oracle.engine.invoke(CONNECTION, dbSystemId="none")


def test_the_inventory_holds_no_password(oracle: OracleTenancy, subnet: State, inventory: Inventory):
    oracle.db_system(subnet)

    (row,) = inventory.list(type=DB_SYSTEM)
    assert "Aa1_aaaa" not in str(row)
