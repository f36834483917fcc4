"""Loki with the configuration that a stack deploys, on loopback and on files."""

import copy
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.live.programs import LOOPBACK, Running, program, started
from rehearsal.live.prometheus_client import QueryError, Result
from rehearsal.live.servers import Servers

_READY_SECONDS = 90.0
FILES = "filesystem"
REMOVED = object()

Object = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One entry of an answer."""

    labels: Mapping[str, str]
    """Those of its stream, and its structured metadata."""
    nanoseconds: str
    line: str


@dataclass(frozen=True)
class LokiClient:
    url: str

    def nudge(self) -> None:
        """Asks whether it is ready for the first time: only then its wait for what it could still hear begins.

        https://github.com/grafana/dskit/blob/main/ring/lifecycler.go
        """
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/ready", timeout=5):
            pass

    def push(self, streams: Sequence[Mapping[str, Any]]) -> None:
        """Writes streams, each with `stream` (labels) and `values`. Raises `QueryError`."""
        headers = {"Content-Type": "application/json"}
        body = json.dumps({"streams": list(streams)}).encode()
        request = urllib.request.Request(f"{self.url}/loki/api/v1/push", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60):
                pass
        except urllib.error.HTTPError as error:
            raise QueryError(error.read().decode(errors="replace")[:300]) from error

    def lines(self, query: str, start: float, end: float) -> list[LogLine]:
        """The entries that a query finds. Raises `QueryError`."""
        data = self._asked("query_range", query=query, start=_nano(start), end=_nano(end), limit="4000")
        if data["resultType"] != "streams":
            raise QueryError(f"counts instead of finding lines: {query}")
        return [
            LogLine(labels=one["stream"], nanoseconds=value[0], line=value[1])
            for one in data["result"]
            for value in one.get("values", ())
        ]

    def numbers(self, query: str, start: float, end: float, step: float) -> list[Result]:
        """What a query counts, at each step; of one that finds lines, the number of them. Raises `QueryError`."""
        data = self._asked(
            "query_range", query=query, start=_nano(start), end=_nano(end), step=f"{step:g}s", limit="4000"
        )
        return _results(data)

    def instant(self, query: str, time: float) -> list[Result]:
        """What a query counts at one moment. Raises `QueryError`."""
        return _results(self._asked("query", query=query, time=_nano(time), limit="4000"))

    def labels(self, label: str, start: float, end: float) -> list[str]:
        """The values of a label."""
        return self._asked(f"label/{label}/values", start=_nano(start), end=_nano(end)) or []

    def _asked(self, what: str, **parameters: str) -> Any:
        url = f"{self.url}/loki/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return json.load(answer).get("data")
        except urllib.error.HTTPError as error:
            raise QueryError(error.read().decode(errors="replace").strip()[:300]) from error


@contextmanager
def loki(deployed: Object, servers: Servers) -> Iterator[tuple[LokiClient, Running]]:
    """Starts Loki; it is ready only after a while. It ends with the block."""
    folder = servers.folder / "loki"
    folder.mkdir(parents=True, exist_ok=True)
    port = servers.ports.one()
    configuration = here(deployed, folder=folder / "data", http_port=port, grpc_port=servers.ports.one())
    file = folder / "loki.json"
    file.write_text(json.dumps(configuration))
    command = [program("loki"), f"-config.file={file}", "-target=all"]
    with started("loki", command, folder, os.environ) as running:
        yield LokiClient(f"http://{LOOPBACK}:{port}"), running


def wait_until_ready(client: LokiClient, running: Running) -> None:
    """Returns when Loki takes logs in."""
    running.wait_until_ready(f"{client.url}/ready", _READY_SECONDS)


def here(deployed: Object, *, folder: Path, http_port: int, grpc_port: int) -> dict[str, Any]:
    """The deployed configuration with other addresses, folders and store, and nothing else changed."""
    found = copy.deepcopy(dict(deployed))
    for path, value in overrides(deployed, folder, http_port, grpc_port).items():
        *groups, key = path.split(".")
        group: Any = found
        for name in groups:
            group = group[int(name)] if isinstance(group, list) else group.setdefault(name, {})
        if value is REMOVED:
            group.pop(key, None)
        else:
            group[key] = value
    return found


def overrides(deployed: Object, folder: Path, http_port: int, grpc_port: int) -> dict[str, Any]:
    """All that differs from what is deployed, by path: where Loki listens, finds its parts, and keeps what it has."""
    store = {"chunks_directory": f"{folder}/chunks", "rules_directory": f"{folder}/rules"}
    found: dict[str, Any] = {
        "server.http_listen_address": LOOPBACK,
        "server.http_listen_port": http_port,
        "server.grpc_listen_address": LOOPBACK,
        "server.grpc_listen_port": grpc_port,
        # Without it Loki takes the machine's own address for its parts, and queries hang.
        "common.instance_addr": LOOPBACK,
        "common.path_prefix": str(folder),
        "common.compactor_grpc_address": f"{LOOPBACK}:{grpc_port}",
        "common.storage": {FILES: store},
        "compactor.working_directory": f"{folder}/compactor",
        "compactor.delete_request_store": FILES,
        "storage_config.hedging": REMOVED,  # there is no other way to a file
        "runtime_config": REMOVED,
    }
    for number, _ in enumerate(deployed["schema_config"]["configs"]):
        found[f"schema_config.configs.{number}.object_store"] = FILES
    return found | (_alone(grpc_port) if "memberlist" in deployed else {})


def _alone(grpc_port: int) -> dict[str, Any]:
    """Of parts that are replicated: one process here is all of them, and finds no other."""
    return {
        "memberlist": REMOVED,
        "common.ring": {"kvstore": {"store": "inmemory"}},
        "common.replication_factor": 1,
        "frontend.scheduler_address": f"{LOOPBACK}:{grpc_port}",
        "frontend.tail_proxy_url": REMOVED,
        "frontend_worker.scheduler_address": f"{LOOPBACK}:{grpc_port}",
        "storage_config.tsdb_shipper": REMOVED,
        "chunk_store_config.chunk_cache_config": {"embedded_cache": {"enabled": True}},
        "query_range.results_cache.cache": {"embedded_cache": {"enabled": True}},
    }


def _results(data: Any) -> list[Result]:
    match data["resultType"]:
        case "streams":
            return [
                Result(labels=one["stream"], samples=[(float(value[0]) / 1e9, 1.0) for value in one["values"]])
                for one in data["result"]
            ]
        case "scalar":
            return [Result(labels={}, samples=[_sample(data["result"])])]
        case "vector":
            return [Result(labels=one["metric"], samples=[_sample(one["value"])]) for one in data["result"]]
        case _:
            return [
                Result(labels=one["metric"], samples=[_sample(value) for value in one["values"]])
                for one in data["result"]
            ]


def _sample(value: Sequence[Any]) -> tuple[float, float]:
    return float(value[0]), float(value[1])


def _nano(seconds: float) -> str:
    return str(int(seconds * 1000) * 1_000_000)
