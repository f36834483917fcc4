"""What a stack file says of its workloads."""

from typing import Any

import pytest

from stacks.settings import parse
from stacks.workloads import ImageEntry, ServiceEntry, WorkloadEntry
from tests.unit.stacks.test_settings import GKE, changed, problems

DIGEST = f"sha256:{'a' * 64}"


def entries(workloads: Any) -> dict[str, WorkloadEntry]:
    return parse(changed(GKE, workloads=workloads)).workloads


def test_a_list_of_names_runs_workloads_as_their_files_say():
    assert entries(["todo", "orders"]) == {"todo": WorkloadEntry(), "orders": WorkloadEntry()}


def test_a_stack_says_by_name_what_differs():
    backend = {"image": {"digest": DIGEST}, "replicas": 1, "resources": {"memory": "1Gi"}}

    found = entries({"todo": {"stand_in": True}, "orders": {"services": {"orders": backend}}})

    assert found["todo"] == WorkloadEntry(stand_in=True)
    assert found["orders"].services["orders"].image == ImageEntry(digest=DIGEST)
    assert found["orders"].services["orders"].replicas == 1
    assert found["orders"].services["orders"].resources.memory == "1Gi"


def test_an_entry_changes_nothing_of_its_own_accord():
    assert entries({"todo": {"services": {"backend": {}}}})["todo"].services == {"backend": ServiceEntry()}


@pytest.mark.parametrize(
    ("workloads", "problem"),
    [
        ("todo", "workloads: expected a list of names, or a mapping by name"),
        (
            [{"todo": {"stand_in": True}}],
            "workloads.0: expected a name; to say more of workloads write a mapping by name, without hyphens",
        ),
        (["todo", "todo"], "workloads: todo more than once"),
        ({"todo": {"standin": True}}, 'workloads.todo.standin: unknown key, did you mean "stand_in"?'),
        ({"todo": {"stand_in": "yes"}}, "workloads.todo.stand_in: expected true or false, without quotes"),
        (
            {"todo": {"services": {"backend": {"image": {}}}}},
            "workloads.todo.services.backend.image.digest: missing; a tag or a digest is needed",
        ),
        (
            {"todo": {"services": {"backend": {"image": "1.0.0"}}}},
            "workloads.todo.services.backend.image: expected a mapping",
        ),
        (
            {"todo": {"services": {"backend": {"replica": 1}}}},
            'workloads.todo.services.backend.replica: unknown key, did you mean "replicas"?',
        ),
        (
            {"todo": {"services": {"backend": {"replicas": 1001}}}},
            "workloads.todo.services.backend.replicas: expected 1000 or less",
        ),
        (
            {"todo": {"services": {"backend": {"resources": {"cpu": "none"}}}}},
            "workloads.todo.services.backend.resources.cpu: expected more than 0 cores, as a number or in thousandths "
            "with m, for example 250m",
        ),
    ],
)
def test_a_wrong_entry_is_told_by_key_path(workloads: Any, problem: str):
    assert problems(changed(GKE, workloads=workloads)) == [problem]
