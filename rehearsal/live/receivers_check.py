"""Alertmanager's configuration as it is deployed, read by its own tool: sound, and with a receiver for each alert."""

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from rehearsal.live.evaluation import Alert
from rehearsal.live.programs import program
from rehearsal.live.report import Row

SUBJECT = "routing"


def check(configuration: str, alerts: Iterable[Alert], folder: Path) -> list[Row]:
    """One row for the file, and one for each set of labels that is routed."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "alertmanager.yaml"
    file.write_text(configuration)
    status, said = _amtool("check-config", str(file))
    rows = [_row("check-config", status == 0, said)]
    for labels in sorted({_labels(alert) for alert in alerts}):
        status, said = _amtool("config", "routes", "test", f"--config.file={file}", *labels)
        rows.append(_row(" ".join(labels), status == 0 and bool(said), said))
    return rows


def _labels(alert: Alert) -> tuple[str, ...]:
    """What routes look at. Of alerts only the dead man's switch is known by name."""
    names = ["alertname=Watchdog"] if alert.name == "Watchdog" else []
    return (*names, *(f"{key}={alert.labels[key]}" for key in ("component", "severity") if key in alert.labels))


def _row(name: str, sound: bool, said: str) -> Row:
    lines = said.splitlines()
    told = lines[-1].strip() if lines else "says nothing"
    return Row(subject=SUBJECT, name=name, outcome="ok" if sound else "FAIL", told=told if sound else said[:300])


def _amtool(*arguments: str) -> tuple[int, str]:
    # Of the user's own settings it takes none.
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent"}
    command: Sequence[str] = [str(program("amtool")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environment)
    return done.returncode, (done.stdout + done.stderr).strip()
