"""Every ready query of logs: it finds what was written, and nothing else."""

from rehearsal.live.dashboard_check import AskLogs
from rehearsal.live.deployed import Deployed
from rehearsal.live.log_lines import Entry, entries, streams
from rehearsal.live.loki_server import LokiClient
from rehearsal.live.prometheus_client import Result
from rehearsal.live.report import Row
from rehearsal.live.variables import Times


def write(client: LokiClient, now: float) -> list[Entry]:
    """Writes what the stand-ins logged until now, and returns it."""
    written = entries(now)
    client.push(streams(written))
    return written


def asking(client: LokiClient) -> AskLogs:
    """How panels ask Loki."""

    def asked(query: str, times: Times, instant: bool) -> list[Result]:
        if instant:
            return client.instant(query, times.end)
        return client.numbers(query, times.start, times.end, times.interval)

    return asked


def check(client: LokiClient, deployed: Deployed, written: list[Entry]) -> list[Row]:
    """One row for each query."""
    return []
