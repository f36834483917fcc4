"""How many mutants of a stack's plan the checks catch, and which survive."""

import multiprocessing
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.generator import mutants
from tests.mutants.judge import Judge
from tests.mutants.recorder import record

STACKS = ("gke-prod", "aks-prod", "oke-prod")
"""A plan of each cloud, the one in which everything is on."""
WANTED = 0.99
"""The share that has to be caught."""


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant."""

    kind: str
    mutant: str
    objection: str | None
    """What the check that caught it says; nothing for a survivor."""


@dataclass(frozen=True)
class Score:
    """What became of all mutants of one stack."""

    stack: str
    false_alarms: tuple[str, ...]
    """Objections to registrations that nobody broke."""
    verdicts: tuple[Verdict, ...]

    def survivors(self) -> list[str]:
        """The mutants that nothing caught."""
        return [verdict.mutant for verdict in self.verdicts if verdict.objection is None]


def score(stack: str) -> Score:
    """Records a stack, breaks it and has the checks look at it."""
    with tempfile.TemporaryDirectory(prefix="groundwork-mutants-") as folder:
        recording = record(stack, Path(folder))
        plan, judge = recording.registrations(), Judge(recording)
        objections = {one.urn: judge.preview(one.urn) or judge.update(one.urn) for one in plan}
        alarms = tuple(f"{stack} {urn.rpartition('::')[2]}: {said}" for urn, said in objections.items() if said)
        verdicts = tuple(Verdict(one.kind, f"{stack} {one}", judge.objection(one)) for one in mutants(plan))
    return Score(stack, alarms, verdicts)


def scores(stacks: Sequence[str] = STACKS) -> list[Score]:
    """The score of each stack; each has a process of its own, because a program runs in the SDK's global state."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=context, max_tasks_per_child=1) as pool:
        return list(pool.map(score, stacks))


def caught(found: Sequence[Score]) -> tuple[int, int]:
    """How many mutants were caught, of how many."""
    total = sum(len(one.verdicts) for one in found)
    return total - sum(len(one.survivors()) for one in found), total


def table(found: Sequence[Score]) -> str:
    """Caught and made by kind and stack, as text."""
    kinds = sorted({verdict.kind for one in found for verdict in one.verdicts})
    rows = [["", *(one.stack for one in found), "all"]]
    for kind in [*kinds, ""]:
        counts = [_counts(one, kind) for one in found]
        counts.append((sum(count[0] for count in counts), sum(count[1] for count in counts)))
        rows.append([kind or "all", *(f"{good}/{made}" for good, made in counts)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )


def _counts(one: Score, kind: str) -> tuple[int, int]:
    of_kind = [verdict for verdict in one.verdicts if kind in ("", verdict.kind)]
    return sum(verdict.objection is not None for verdict in of_kind), len(of_kind)
