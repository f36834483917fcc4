"""What a rehearsal in memory says of each object, and that the page says the same."""

from pathlib import Path

import pytest

from rehearsal.setup import toolchain
from tests.verdicts.cases import Case, cases
from tests.verdicts.page import PAGE, page
from tests.verdicts.verdict import quick
from tests.verdicts.words import agrees, recorded, words


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_quick_says_what_is_recorded(case: Case, tmp_path: Path):
    found = quick(case, tmp_path)

    assert found.accepted == (case.expected("quick") == "accepted"), found.said
    assert agrees(found.said, case, "quick"), found.said


def test_every_refusal_has_its_words():
    for case in cases():
        for mode in ("quick", "real"):
            assert bool(words(case, mode)) == (case.expected(mode) != "accepted"), (case.name, mode)


def test_no_words_are_of_a_case_that_is_gone():
    assert set(recorded()) <= {case.name for case in cases()}


def test_no_two_cases_share_a_namespace():
    assert len({case.namespace for case in cases()}) == len(cases())


def test_what_only_one_of_them_can_know_is_rare():
    assert len([case for case in cases() if case.outcome != "accepted"]) >= 60
    assert len([case for case in cases() if case.only_real]) <= 3
    assert len([case for case in cases() if case.outcome == "accepted"]) >= 15


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == page(toolchain.KUBERNETES)
