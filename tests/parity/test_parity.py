"""What the table of capabilities says is in the plans, and the page says what the table does."""

from datetime import date

import pytest

from tests.mock_engine import Deployed
from tests.parity.asked import asked_plan
from tests.parity.capabilities import ASKED, CLOUDS, Capability, Evidence, Waiver, capabilities, due
from tests.parity.page import PAGE, render
from tests.plans import committed_plan

DELIVERED = [
    pytest.param(cloud, row.area, evidence, id=f"{cloud}: {row.name}: {evidence.type}")
    for row in capabilities()
    for cloud, cell in row.cells.items()
    if not isinstance(cell, Waiver)
    for evidence in cell
]


@pytest.mark.parametrize(("cloud", "area", "evidence"), DELIVERED)
def test_the_plan_has_what_the_table_says(cloud: str, area: str, evidence: Evidence):
    plan = (asked_plan if area == ASKED else committed_plan)(CLOUDS[cloud])

    assert evidence.is_in(plan), [resource.inputs for resource in plan.of_type(evidence.type)]


def test_every_cell_is_shown_or_waived_with_a_source():
    for row in capabilities():
        for cloud, cell in row.cells.items():
            if isinstance(cell, Waiver):
                assert cell.source.startswith("https://"), (row.name, cloud)
                assert cell.limit, (row.name, cloud)
            else:
                assert cell, (row.name, cloud)


def test_the_page_is_the_one_that_the_table_makes():
    assert PAGE.read_text() == render()


def test_a_waiver_is_named_from_the_day_on_that_it_asks_for():
    waiver = Waiver("None is offered.", "https://vendor.example/limits", date(2027, 5, 1))
    table = [Capability("Network", "Signed maps", {"gke": waiver, "aks": (Evidence("a:b:C", {}),)})]

    assert list(due(table, date(2027, 4, 30))) == []
    assert list(due(table, date(2027, 5, 1))) == [
        "look again: Signed maps, gke: None is offered. (https://vendor.example/limits)"
    ]


def test_what_no_resource_may_say_is_looked_for_in_all_of_them():
    plan = committed_plan("aks-prod")
    pools = "azure-native:containerservice:AgentPool"

    assert Evidence(pools, {"mode": "User", "enableNodePublicIP": None}).is_in(plan)
    assert not Evidence(pools, {"mode": "User", "maxCount": None}).is_in(plan)
    assert not Evidence("a:b:C", {"mode": None}).is_in(Deployed({}))
