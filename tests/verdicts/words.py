"""What was said of each case when the verdicts were recorded, cut to the part that says why."""

import re
from functools import cache
from pathlib import Path

import yaml

from tests.verdicts.cases import Case

FILE = Path(__file__).parent / "words.yaml"
_LONGEST = 200
_BEFORE = (
    re.compile(r"^contract check: "),
    re.compile(r"^resource \"[^\"]*\" was not successfully created by the Kubernetes API server: "),
    re.compile(r"^the Kubernetes API server reported that \"[^\"]*\" failed to fully initialize: "),
    re.compile(r"^creation of resource .*have been created: "),
    re.compile(
        r"^resource .* failed to fully initialize or become live: '[^']*' (timed out waiting to be Ready|failed); "
    ),
    re.compile(r"^[A-Za-z.0-9]+ \"[^\"]*\" is invalid: "),
    re.compile(r"^\[MinimumReplicasUnavailable\] [^;]*; "),
    re.compile(r"^Minimum number of live Pods was not attained; "),
    re.compile(r"^\[Pod [^\]]*\]: "),
)
_AFTER = re.compile(r"\n| preemption: |; Minimum number of live Pods")
_POD = re.compile(r"(?<=[a-z0-9])-[bcdf0-9ghjklmnpqrstvwxz]{6,10}-[bcdf0-9ghjklmnpqrstvwxz]{5}(?=\b)")
"""What a replica set and it in turn add to the name of a pod."""


@cache
def recorded() -> dict[str, dict[str, str]]:
    """By the name of the case: the words of each mode that refused it."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8")) or {}


def words(case: Case, mode: str) -> str:
    """What is part of every refusal of a case in a mode; empty for a case that was never recorded."""
    return recorded().get(case.name, {}).get(mode, "")


def essence(said: str, case: Case) -> str:
    """The part of a message that says why, and that is the same every time."""
    text = said
    for pattern in _BEFORE:
        text = pattern.sub("", text)
    text = _same_each_time(_AFTER.split(text)[0], case).strip()
    if len(text) <= _LONGEST:
        return text
    whole_words = text[:_LONGEST].rpartition(" ")[0]
    return whole_words if len(whole_words) > _LONGEST / 2 else text[:_LONGEST]


def agrees(said: str, case: Case, mode: str) -> bool:
    """Whether a message has the recorded words."""
    return words(case, mode) in _same_each_time(said, case)


def _same_each_time(said: str, case: Case) -> str:
    """A message without what is made up anew."""
    return _POD.sub("-*", said.replace(case.namespace, "$ns"))
