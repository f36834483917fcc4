"""The summary that a pull request gets: what its stacks would do to what the base branch has brought up."""

import subprocess
from pathlib import Path

from rehearsal.places import CLONE
from tests.engine.rehearsals import Rehearsal


def summarised(rehearsal: Rehearsal, file: Path) -> int:
    command = rehearsal.command("preview", "--summary", str(file))
    return subprocess.run(command, cwd=CLONE, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode


def test_a_changed_setting_is_summarised_by_layer_and_kind(up_gke_dev: Rehearsal, tmp_path: Path):
    file = tmp_path / "summary.md"
    file.write_text("What was said before.\n")

    assert summarised(up_gke_dev, file) == 0
    assert summarised(up_gke_dev.with_settings({"metrics.retention_days": 9}), file) == 0

    before, unchanged, changed = file.read_text().split("## gke-dev: ")
    assert before == "What was said before.\n"
    assert unchanged.startswith("nothing changes, ")
    assert changed.startswith("1 updated, ")
    assert (
        "| updated | platform | Release | 1 | `prometheus-release` "
        '(values.prometheus.prometheusSpec.retention: "7d" → "9d") |' in changed
    )
    assert list(up_gke_dev.places.home.glob("summary-*")) == []


def test_a_preview_that_fails_is_summarised_and_still_fails(up_gke_dev: Rehearsal, tmp_path: Path):
    file = tmp_path / "summary.md"

    assert summarised(up_gke_dev.with_settings({"until": "the end"}), file) != 0

    assert file.read_text().startswith("## gke-dev: the preview failed\n")
    assert "until: expected 'foundation', 'platform' or 'workloads'" in file.read_text()
