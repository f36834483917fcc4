"""Runs a pipeline of a stack in Alloy itself, on lines that a test makes up."""

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAST = "the last of the lines"
"""Ends every run: a line is held until the next one shows that nothing belongs to it any more."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What would have been sent to Loki."""

    line: str
    labels: dict[str, str]
    metadata: dict[str, str]


def entries(alloy: Path, pipeline: str, lines: Sequence[str], folder: Path, *, cri: bool = True) -> list[Entry]:
    """What the pipeline makes of the lines, in the order in which it gives them up.

    They come from a file in place of the cluster and go to the log of Alloy in place of Loki; what is between is as it
    is deployed.
    """
    source = folder / "0.log"
    written = [*lines, LAST]
    if cri:
        written = [f"2026-11-21T10:00:00.{number:09d}Z stdout F {line}" for number, line in enumerate(written)]
    source.write_text("".join(f"{line}\n" for line in written))
    config = folder / "config.alloy"
    config.write_text(between(pipeline, source))
    command = [str(alloy), "run", str(config), str(folder / "data"), "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            return _until_last(process)
        finally:
            process.terminate()


def between(pipeline: str, source: Path) -> str:
    """The pipeline from a file to Alloy's own log."""
    (first, *_) = re.findall(r"forward_to = \[(loki\.process\.\w+\.receiver)\]", pipeline)
    start, end = pipeline.index("loki.process "), pipeline.index('loki.write "')
    target = {"__path__": str(source), "namespace": "shop", "pod": "cart-1", "container": "cart", "app": "cart"}
    return "\n".join(
        [
            'logging { format = "json" }',
            f'local.file_match "lines" {{ path_targets = [{json.dumps(target).replace(": ", " = ")}] }}',
            'loki.source.file "lines" {',
            "  targets = local.file_match.lines.targets",
            f"  forward_to = [{first}]",
            "}",
            'loki.echo "seen" { }',
            pipeline[start:end].replace("loki.write.stack.receiver", "loki.echo.seen.receiver"),
        ]
    )


def _until_last(process: subprocess.Popen[str]) -> list[Entry]:
    found: list[Entry] = []
    said: list[str] = []
    assert process.stderr is not None
    for text in process.stderr:
        said.append(text)
        record: dict[str, Any] = json.loads(text) if text.startswith("{") else {}
        if record.get("msg") != "received log entry":
            continue
        if record["entry"] == LAST:
            return found
        found.append(
            Entry(
                line=record["entry"],
                labels=dict(re.findall(r'(\w+)="([^"]*)"', record["labels"])),
                metadata=json.loads(record["structured_metadata"]),
            )
        )
    raise AssertionError("".join(said[-20:]))
