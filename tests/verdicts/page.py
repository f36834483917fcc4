"""The page that lists every case with both verdicts."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

from tests.verdicts.cases import Case, cases
from tests.verdicts.words import words

PAGE: Final = Path(__file__).parents[2] / "docs" / "verdicts.md"
_TOPICS: Final = {
    "cluster_and_access": "Access, definitions, policies and classes",
    "good": "What both accept",
    "names_and_fields": "Names, fields and API versions",
    "network": "Services, ingresses and network policies",
    "pods": "Pods and containers",
    "workloads": "Workloads, autoscalers and claims",
}
_HEAD: Final = """# Verdicts of a rehearsal in memory and of one on a real API

Made by `python -m tests.verdicts` from tests/verdicts; do not edit.

Each object is brought before both: *quick* is the contract check of every preview and the in-memory Kubernetes, *real*
is the provider that speaks to a real API server of Kubernetes {version}. The words are part of what is said; `$ns` is
the namespace that the object goes to. `make test` asks quick every time, and the real API where its programs are built.

Of {wrong} objects that are wrong, quick finds {found}; the real API refuses {refused}. Where they differ, the last
column says why.
"""


def page(version: str) -> str:
    """The whole page."""
    known = cases()
    wrong = [case for case in known if case.outcome != "accepted"]
    head = _HEAD.format(
        version=version,
        wrong=len(wrong),
        found=sum(not case.only_real for case in wrong),
        refused=sum(not case.only_quick for case in wrong),
    )
    return "\n".join([head, *_sections(known)])


def _sections(known: tuple[Case, ...]) -> Iterator[str]:
    ordered = sorted(known, key=lambda case: (case.topic == "good", _TOPICS[case.topic]))
    for topic, members in groupby(ordered, key=lambda case: case.topic):
        yield f"## {_TOPICS[topic]}\n"
        if topic == "good":
            yield "\n".join(f"- {case.name}" for case in members) + "\n"
            continue
        rows = [_row(case) for case in members]
        yield "\n".join(["| Object | Quick | Real API | Why they differ |", "| --- | --- | --- | --- |", *rows]) + "\n"


def _row(case: Case) -> str:
    why = (
        case.only_real
        or case.only_quick
        or (f"the published plugin lets it pass: {case.only_ours}" if case.only_ours else "")
    )
    cells = (case.name, _cell(case, "quick"), _cell(case, "real"), why)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cell(case: Case, mode: Literal["quick", "real"]) -> str:
    outcome = case.expected(mode)
    said = words(case, mode).replace("`", "'")
    return outcome if outcome == "accepted" else f"{outcome}: `{said}`"
