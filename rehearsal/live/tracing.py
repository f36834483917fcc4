"""The collector and Jaeger with the configuration that a stack deploys, on loopback: only addresses are others, what
asks the Kubernetes API is left out, and waits are shorter.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.platform.addresses import JAEGER_PATH
from components.platform.jaeger_config import DATA
from components.platform.otel_collector_config import DECISION_WAIT_SECONDS
from components.platform.otel_collector_telemetry import FLUSH_SECONDS
from rehearsal.live.programs import LOOPBACK, Ports, program, started

_READY_SECONDS = 60.0
_WAIT = "2s"
"""Instead of how long a trace is waited for, and how often span metrics are sent."""

_API = "k8s_attributes"
"""The processor that asks the Kubernetes API."""

Config = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Where a started program answers."""

    grpc: str
    """`host:port` of OTLP over gRPC."""

    http: str
    """Address of OTLP over HTTP."""

    metrics: str
    """Address of its own metrics."""

    ui: str = ""
    """Address of Jaeger's pages and API."""


@dataclass(frozen=True, kw_only=True)
class Tracing:
    """Starts the programs below one folder."""

    folder: Path
    ports: Ports
    elsewhere: dict[str, str] = field(default_factory=dict[str, str])
    """Addresses in the cluster, and those that stand for them here."""

    @contextmanager
    def collector(self, name: str, config: Config) -> Iterator[Listening]:
        """A collector, until the end of the block."""
        pod = "${env:MY_POD_IP}"
        own = {f"{pod}:{port}": self._address() for port in (4317, 4318, 13133)}
        ready = f"http://{own[f'{pod}:13133']}"
        rewritten, metrics = self._here(without_api(config), own)
        with self._started("otelcol", name, rewritten, ready):
            yield Listening(grpc=own[f"{pod}:4317"], http=f"http://{own[f'{pod}:4318']}", metrics=metrics)

    @contextmanager
    def jaeger(self, config: Config, ui_config: Config) -> Iterator[Listening]:
        """Jaeger, until the end of the block. Started again, it finds what it kept."""
        folder = self.folder / "jaeger"
        # Jaeger logs every change beside the configuration of its pages: of its own log, were that there, each line.
        ui = folder / "pages" / "ui-config.json"
        ui.parent.mkdir(parents=True, exist_ok=True)
        ui.write_text(json.dumps(ui_config))
        own = {f"0.0.0.0:{port}": self._address() for port in (4317, 4318, 13133, 16685, 16686)}
        files = {"/etc/jaeger/ui-config.json": str(ui), DATA: str(folder / "data")}
        rewritten, metrics = self._here(config, {**own, **files})
        with self._started("jaeger", "jaeger", rewritten, f"http://{own['0.0.0.0:13133']}/status"):
            yield Listening(
                grpc=own["0.0.0.0:4317"],
                http=f"http://{own['0.0.0.0:4318']}",
                metrics=metrics,
                ui=f"http://{own['0.0.0.0:16686']}{JAEGER_PATH}",
            )

    def _address(self) -> str:
        return f"{LOOPBACK}:{self.ports.one()}"

    def _here(self, config: Config, own: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """The configuration with the addresses that stand for others, and where its own metrics are."""
        text = json.dumps(config)
        for before, after in {**own, **self.elsewhere}.items():
            text = text.replace(before, after)
        found = json.loads(text)
        (reader,) = found["service"]["telemetry"]["metrics"]["readers"]
        port = self.ports.one()
        reader["pull"]["exporter"]["prometheus"] |= {"host": LOOPBACK, "port": port}
        return found, f"http://{LOOPBACK}:{port}/metrics"

    @contextmanager
    def _started(self, tool: str, name: str, config: Config, ready: str) -> Iterator[None]:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        file = folder / "config.json"
        file.write_text(json.dumps(config))  # YAML reads JSON
        environment = {**os.environ, "MY_POD_IP": LOOPBACK, "OTEL_K8S_POD_NAME": name}
        with started(name, [program(tool), "--config", file], folder, environment) as running:
            running.wait_until_ready(ready, _READY_SECONDS)
            yield


def without_api(config: Config) -> dict[str, Any]:
    """The configuration without what asks the Kubernetes API: services here say themselves which pod they are."""
    found = json.loads(json.dumps(config))
    found["processors"].pop(_API, None)
    for pipeline in found["service"]["pipelines"].values():
        pipeline["processors"] = [processor for processor in pipeline["processors"] if processor != _API]
    return found


def hurried(config: Config) -> dict[str, Any]:
    """The configuration with shorter waits."""
    text = json.dumps(config)
    for waited in (DECISION_WAIT_SECONDS, FLUSH_SECONDS):
        text = text.replace(f'"{waited}s"', f'"{_WAIT}"')
    return json.loads(text)
