"""What a real API says of each object, through our provider and through the published one where there is one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.setup import kubernetes_plugin
from tests.verdicts.cases import Case, cases
from tests.verdicts.on_api import OURS, Judge, judging
from tests.verdicts.words import agrees


@pytest.fixture(scope="module")
def ours(plane: ControlPlane, nodes: list[str]) -> Iterator[Judge]:
    with judging(OURS, plane.kubeconfig) as judge:
        yield judge


@pytest.fixture(scope="module")
def published(plane: ControlPlane, nodes: list[str]) -> Iterator[Judge]:
    found: Path | None = kubernetes_plugin.find()
    if found is None:
        pytest.skip("the published plugin of Kubernetes is not on this machine")
    with judging(found, plane.kubeconfig) as judge:
        yield judge


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_real_api_says_what_is_recorded(case: Case, ours: Judge):
    found = ours(case)

    assert found.accepted == (case.expected("real") == "accepted"), found.said
    assert agrees(found.said, case, "real"), found.said


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_published_plugin_says_the_same(case: Case, published: Judge):
    expected = "accepted" if case.only_ours else case.expected("real")

    found = published(case)

    assert found.accepted == (expected == "accepted"), found.said
