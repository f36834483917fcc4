"""The report about time, from a rehearsal on the real engine."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from rehearsal import state
from rehearsal.__main__ import main
from rehearsal.places import CLONE, Places
from rehearsal.timing import plan
from rehearsal.timing.plan import Step
from tests.engine.conftest import Throwaway
from tests.engine.rehearsals import Rehearsal
from tests.unit.rehearsal.timing.stack_steps import committed_steps

LONELY = """
import pulumi_random
pulumi_random.RandomPet("name")
"""


def waits(steps: Iterable[Step]) -> dict[str, set[str]]:
    return {step.name: {wait.rpartition("::")[2] for wait in step.waits} for step in steps}


def test_a_report_is_written_beside_what_has_been_rehearsed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    places = Places(tmp_path / "home", CLONE)

    assert main(["report", "local-dev"], places) == 0

    page = places.home / "report-local-dev.html"
    summary, where = capsys.readouterr().out.splitlines()
    assert summary.startswith("local-dev: ")
    assert "with 16 operations at once" in summary
    assert where == f"The page is {page}"
    assert "todo-backend-release" in page.read_text()
    assert sorted(path.name for path in places.home.iterdir()) == ["report-local-dev.html"]


def test_a_report_goes_where_the_caller_wants_it_with_the_settings_asked_for(tmp_path: Path):
    page = tmp_path / "folder" / "page.html"

    status = main(
        ["report", "local-dev", "--output", str(page), "--set", "until=platform"], Places(tmp_path / "home", CLONE)
    )

    assert status == 0
    assert "loki-release" in page.read_text()
    assert "todo-backend-release" not in page.read_text()


def test_what_the_engine_refuses_is_told_instead_of_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    places = Places(tmp_path / "home", CLONE)

    assert main(["report", "local-dev", "--set", "unheard_of=1"], places) == 1

    assert "unheard_of: unknown" in capsys.readouterr().err
    assert list(places.home.iterdir()) == []


def test_kinds_that_no_table_knows_are_told_instead_of_a_report(
    throwaway: Throwaway, capsys: pytest.CaptureFixture[str]
):
    lonely = throwaway(LONELY)

    assert main(["report", "dev"], lonely.places) == 1

    assert "random:index/randomPet:RandomPet has no place among the waits" in capsys.readouterr().err


def test_flags_of_the_engine_are_none_of_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", "local-dev", "--refresh"], Places(tmp_path / "home", CLONE)) == 2

    assert capsys.readouterr().err == "A report takes no other flags: --refresh\n"


def test_a_plan_under_mocks_waits_as_the_engine_has_it(up_gke_dev: Rehearsal):
    recorded = state.checkpoint(up_gke_dev.places.state, "groundwork", "gke-dev")

    assert waits(plan.of_checkpoint(recorded)) == waits(committed_steps("gke-dev"))
