"""Users, groups, policies and credentials that Oracle Cloud refuses, refused in a rehearsal."""

import pytest

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.policies import parse
from rehearsal.providers.oci.provider import OciProvider
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused
from tests.unit.rehearsal.providers.oracle_tenancy import COMPARTMENT, TENANCY, OracleTenancy


@pytest.fixture
def oracle(inventory: Inventory) -> OracleTenancy:
    return OracleTenancy(Engine(OciProvider(inventory), {"tenancyOcid": TENANCY, "region": "eu-frankfurt-1"}))


@pytest.mark.parametrize(
    "statement",
    [
        "Permit any-user to use keys in tenancy",
        "Allow any-user to see keys in tenancy",
        f"Allow any-user to use keys in compartment {COMPARTMENT}",
        "Allow any-user to use keys",
        "Allow any-user to use keys in tenancy where target.key.id = ocid1.key.oc1..a",
        "Allow any-user to use keys in tenancy where ALL {target.key.id = 'a'",
    ],
)
def test_a_statement_has_oracles_grammar(oracle: OracleTenancy, statement: str):
    with pytest.raises(Refused, match=r"no valid syntax|Invalid right-hand side"):
        oracle.policy(statement)


def test_a_statement_is_taken_apart():
    statement = parse("allow service objectstorage-eu-frankfurt-1 to manage object-family in compartment id ocid1.c")

    assert (statement.kind, statement.name, statement.verb) == ("service", "objectstorage-eu-frankfurt-1", "manage")
    assert (statement.what, statement.place, statement.condition) == ("object-family", "compartment id ocid1.c", "")


@pytest.mark.parametrize(("kind", "word"), [("group", "group"), ("dynamic-group", "dynamic_group")])
def test_a_statement_names_a_group_that_exists(oracle: OracleTenancy, kind: str, word: str):
    with pytest.raises(Refused, match=f"The {word} nobody specified in the policy statement does not exist"):
        oracle.policy(f"Allow {kind} nobody to use keys in tenancy")


def test_a_policy_has_a_limit_of_statements(oracle: OracleTenancy):
    with pytest.raises(Refused, match="at most 50 statements, not 51"):
        oracle.policy(*["Allow any-user to use keys in tenancy"] * 51)


def test_a_user_has_an_address_of_its_own_and_belongs_to_the_tenancy(oracle: OracleTenancy):
    oracle.user("loki")

    with pytest.raises(Refused, match=r"The primary email must be specified\."):
        oracle.user("velero", email=None)
    with pytest.raises(Refused, match="is used by another user"):
        oracle.user("velero", email="loki@acme.example")
    with pytest.raises(Refused, match="compartmentId must be the tenancy"):
        oracle.user("velero", compartmentId=COMPARTMENT)


@pytest.mark.parametrize(
    ("kind", "what", "shown"),
    [
        ("oci:Identity/customerSecretKey:CustomerSecretKey", "displayName", "customer secret keys"),
        ("oci:Identity/authToken:AuthToken", "description", "auth tokens"),
    ],
)
def test_a_user_has_two_credentials_of_a_kind_at_most(oracle: OracleTenancy, kind: str, what: str, shown: str):
    owner, other = oracle.user("loki").id, oracle.user("velero").id
    for name in ("first", "second"):
        oracle.create(kind, name, **{"userId": owner, what: name})

    with pytest.raises(Refused, match=f"at most 2 {shown}"):
        oracle.create(kind, "third", **{"userId": owner, what: "third"})
    assert oracle.create(kind, "third", **{"userId": other, what: "third"}).id


def test_a_group_that_is_named_by_its_ocid_may_be_older_than_any_stack(oracle: OracleTenancy):
    assert oracle.policy("Allow group id ocid1.group.oc1..ci to manage repos in tenancy").id


def test_identity_is_changed_in_the_home_region_alone(oracle: OracleTenancy, inventory: Inventory):
    at_home = oracle.user("loki")
    abroad = OracleTenancy(Engine(OciProvider(inventory), {"tenancyOcid": TENANCY, "region": "us-ashburn-1"}))

    home = "403-NotAllowed: Please go to your home region eu-frankfurt-1"
    with pytest.raises(Refused, match=home):
        abroad.user("velero")
    with pytest.raises(Refused, match=home):
        abroad.policy("Allow any-user to use keys in tenancy")
    with pytest.raises(Refused, match=home):
        abroad.create("oci:Identity/authToken:AuthToken", "t", userId=at_home.id, description="first")
    with pytest.raises(Refused, match=home):
        abroad.engine.update(at_home, **{**at_home.inputs, "description": "another"})
    with pytest.raises(Refused, match=home):
        abroad.engine.delete(at_home)
    assert abroad.vcn().id
    oracle.engine.delete(at_home)


def test_another_tenancy_has_a_home_of_its_own(oracle: OracleTenancy, inventory: Inventory):
    oracle.user("loki")
    tenancy = "ocid1.tenancy.oc1..globex"
    elsewhere = OracleTenancy(Engine(OciProvider(inventory), {"tenancyOcid": tenancy, "region": "us-ashburn-1"}))

    assert elsewhere.user("loki", compartmentId=tenancy).id
