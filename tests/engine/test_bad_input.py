"""Wrong files, as a user meets them: every problem at once, no traceback, nothing registered."""

from pathlib import Path

from stacks.versions import LOKI
from tests.engine.conftest import Rehearse


def test_a_wrong_stack_file_is_told_before_anything_is_registered(rehearse: Rehearse):
    rehearsal = rehearse("gke-dev", {"account.regoin": "europe-west1", "until": "platfrom", "cluster.zones": []})

    preview = rehearsal.preview()

    assert preview.exit_code != 0
    told = "\n".join(preview.diagnostics("error"))
    assert 'account.regoin: unknown key, did you mean "region"?' in told
    assert "until: expected 'foundation', 'platform' or 'workloads'" in told
    assert "cluster.zones: " in told
    assert "Traceback" not in preview.stdout + preview.stderr
    assert {step.type for step in preview.steps(unchanged=True)} <= {"pulumi:pulumi:Stack"}


def test_a_folder_without_the_charts_is_told_before_anything_is_registered(rehearse: Rehearse, tmp_path: Path):
    preview = rehearse("local-dev", {"chart_mirror": str(tmp_path)}).preview()

    assert preview.exit_code != 0
    assert f"there is no {tmp_path}/{LOKI.name}-{LOKI.version}.tgz" in "\n".join(preview.diagnostics("error"))
    assert {step.type for step in preview.steps(unchanged=True)} <= {"pulumi:pulumi:Stack"}


def test_a_workload_that_does_not_exist_is_told_by_name(rehearse: Rehearse):
    preview = rehearse("local-dev", {"workloads": ["todos"]}).preview()

    assert preview.exit_code != 0
    told = "\n".join(preview.diagnostics("error"))
    assert "there is no workloads/todos.yaml; known: bakery, indexforge, orders, todo" in told
    assert "Traceback" not in preview.stdout + preview.stderr


def test_a_wrong_credential_is_told_without_showing_it(rehearse: Rehearse):
    preview = rehearse("gke-dev", {"groundwork:smtp": "smtp://user:hunter2@mail.example.com"}).preview()

    assert preview.exit_code != 0
    assert "groundwork:smtp: not of the form smtp://" in "\n".join(preview.diagnostics("error"))
    assert "hunter2" not in preview.stdout + preview.stderr
    assert {step.type for step in preview.steps(unchanged=True)} <= {"pulumi:pulumi:Stack"}
