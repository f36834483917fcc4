"""The checks catch what is broken, let pass what is whole, and the generator knows nothing of either."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.places import CLONE
from tests.mutants import generator
from tests.mutants.score import STACKS, WANTED, Score, Verdict, caught, scores, table

KINDS = {
    "dangling reference",
    "missing required",
    "misspelt key",
    "over-long name",
    "unmatched ignore_changes",
    "wrong kind",
    "wrong value",
}


@pytest.fixture(scope="module")
def found() -> list[Score]:
    return scores()


@pytest.mark.slow
def test_the_checks_catch_nearly_all_mutants_of_three_clouds(found: list[Score]):
    good, made = caught(found)

    assert made >= 300
    assert good >= WANTED * made, [text for one in found for text in one.survivors()]


@pytest.mark.slow
def test_every_kind_of_mutant_is_made_of_every_clouds_plan(found: list[Score]):
    assert {one.stack: {verdict.kind for verdict in one.verdicts} for one in found} == dict.fromkeys(STACKS, KINDS)


@pytest.mark.slow
def test_nothing_is_wrong_with_registrations_that_nobody_broke(found: list[Score]):
    assert [alarm for one in found for alarm in one.false_alarms] == []


def test_the_generator_knows_neither_the_checks_nor_what_they_carry():
    reached = dict(modules("tests.mutants.generator"))

    assert set(reached) == {f"tests.mutants.{name}" for name in GENERATOR} | {"tests", "tests.mutants"}
    assert not any(
        word in file.read_text()
        for file in reached.values()
        for word in ("contract_check", "policies", "rules.json", "rehearsal.providers")
    )


GENERATOR = (
    "generator",
    "ignored_paths",
    "keys",
    "mutant",
    "places",
    "references",
    "registrations",
    "sdk_surface",
    "values",
)


def modules(name: str) -> Iterator[tuple[str, Path]]:
    """A module of this project and every other one that it imports, in whatever way, with their files."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        file = next((file for file in files(one) if file.is_file()), None)
        if one in seen or file is None:
            continue
        seen.add(one)
        yield one, file
        waiting += [one.rpartition(".")[0], *imported(ast.parse(file.read_text()))]


def files(module: str) -> Iterator[Path]:
    for folder in (CLONE, CLONE / "policies"):
        path = folder.joinpath(*module.split("."))
        yield from (path.with_suffix(".py"), path / "__init__.py")


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_table_counts_by_kind_and_stack():
    verdicts = (Verdict("wrong kind", "a", "no"), Verdict("wrong kind", "b", None), Verdict("wrong value", "c", "no"))
    one = Score("gke-prod", (), verdicts)

    assert table([one, Score("aks-prod", (), verdicts[:1])]).splitlines() == [
        "             gke-prod  aks-prod  all",
        "wrong kind        1/2       1/1  2/3",
        "wrong value       1/1       0/0  1/1",
        "all               2/3       1/1  3/4",
    ]
    assert (caught([one]), one.survivors()) == ((2, 3), ["b"])


def test_the_walk_finds_the_generator_itself():
    assert Path(generator.__file__) == dict(modules("tests.mutants.generator"))["tests.mutants.generator"]
