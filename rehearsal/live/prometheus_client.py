"""What the proof asks of a Prometheus: queries, rules, exemplars; and what it writes to it."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.live import remote_write
from rehearsal.live.remote_write import Sample


class QueryError(Exception):
    """A query that the server refuses, with its words."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One series of an answer."""

    labels: Mapping[str, str]
    samples: Sequence[Sample]


@dataclass(frozen=True)
class PrometheusClient:
    url: str
    """With the prefix of its paths, without a slash at the end."""

    def instant(self, query: str, time: float) -> list[Result]:
        """The query at one moment."""
        data = self.get("/api/v1/query", query=query, time=f"{time:.3f}")
        if data["resultType"] == "scalar":
            return [Result(labels={}, samples=[_sample(data["result"])])]
        if data["resultType"] == "matrix":
            return [_matrix(one) for one in data["result"]]
        return [Result(labels=one["metric"], samples=[_sample(one["value"])]) for one in data["result"]]

    def over(self, query: str, start: float, end: float, step: float) -> list[Result]:
        """The query at each step of a stretch of time."""
        data = self.get("/api/v1/query_range", query=query, start=f"{start:.3f}", end=f"{end:.3f}", step=f"{step:.3f}")
        return [_matrix(one) for one in data["result"]]

    def get(self, path: str, **parameters: str) -> Any:
        """The `data` of an answer. Raises `QueryError`."""
        query = urllib.parse.urlencode(parameters)
        # By POST: a long expression does not fit a line of HTTP.
        request = (
            urllib.request.Request(f"{self.url}{path}", data=query.encode()) if parameters else f"{self.url}{path}"
        )
        if not path.startswith(("/api/v1/query", "/api/v1/labels", "/api/v1/series")):
            request = f"{self.url}{path}?{query}"
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise QueryError(_words(error)) from error

    def write(self, series: Iterable[tuple[Mapping[str, str], Sequence[Sample]]]) -> None:
        """Writes samples. Raises `QueryError`."""
        headers = {
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        }
        self.post("/api/v1/write", remote_write.request(series), headers)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Sends a body. Raises `QueryError`."""
        request = urllib.request.Request(f"{self.url}{path}", data=body, headers=dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=120):
                pass
        except urllib.error.HTTPError as error:
            raise QueryError(_words(error)) from error


def _sample(value: Sequence[Any]) -> Sample:
    return float(value[0]), float(value[1])


def _matrix(one: Mapping[str, Any]) -> Result:
    return Result(labels=one["metric"], samples=[_sample(value) for value in one.get("values", ())])


def _words(error: urllib.error.HTTPError) -> str:
    said = error.read().decode(errors="replace")
    try:
        return str(json.loads(said)["error"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code}: {said.strip()[:300]}"
