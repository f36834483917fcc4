"""The Prometheus servers of the proof."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.live.programs import LOOPBACK, Ports, program, started
from rehearsal.live.prometheus_client import PrometheusClient

_READY_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Starts servers below one folder, each at a port of its own."""

    folder: Path
    ports: Ports

    @contextmanager
    def prometheus(
        self, name: str, configuration: Mapping[str, Any], flags: Sequence[str], prefix: str = ""
    ) -> Iterator[PrometheusClient]:
        """A Prometheus with this configuration, until the end of the block."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "prometheus.json"
        file.write_text(json.dumps(configuration))  # YAML reads JSON
        port = self.ports.one()
        command = [
            program("prometheus"),
            f"--config.file={file}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={LOOPBACK}:{port}",
            *flags,
        ]
        with started("prometheus", command, folder, os.environ) as running:
            url = f"http://{LOOPBACK}:{port}{prefix}"
            running.wait_until_ready(f"{url}/-/ready", _READY_SECONDS)
            yield PrometheusClient(url)

    @contextmanager
    def archive(self) -> Iterator[PrometheusClient]:
        """An empty Prometheus that takes samples of any time, in order: one block holds a hundred years."""
        flags = [
            "--web.enable-remote-write-receiver",
            "--storage.tsdb.min-block-duration=100y",
            "--storage.tsdb.max-block-duration=100y",
            "--storage.tsdb.retention.time=100y",
        ]
        with self.prometheus(f"archive-{len(list(self.folder.iterdir()))}", {"global": {}}, flags) as client:
            yield client
