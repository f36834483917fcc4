"""What the table of capabilities says is in the plans, and the page says what the table does."""

import pytest

from tests.parity.capabilities import CLOUDS, Evidence, Waiver, capabilities
from tests.parity.page import PAGE, render
from tests.plans import committed_plan

DELIVERED = [
    pytest.param(cloud, evidence, id=f"{cloud}: {row.name}: {evidence.type}")
    for row in capabilities()
    for cloud, cell in row.cells.items()
    if not isinstance(cell, Waiver)
    for evidence in cell
]


@pytest.mark.parametrize(("cloud", "evidence"), DELIVERED)
def test_the_plan_has_what_the_table_says(cloud: str, evidence: Evidence):
    plan = committed_plan(CLOUDS[cloud])

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
