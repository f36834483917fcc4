"""What a run sends to Prometheus: the series that the lists know, in each replica, and data for each panel."""

import json
import time
from pathlib import Path

import pytest

from rehearsal.live.dashboard_check import Sources, check, panels
from rehearsal.live.programs import Ports
from rehearsal.live.prometheus_client import PrometheusClient
from rehearsal.live.servers import Servers
from rehearsal.live.variables import Times
from signals.exposed import series
from tests.load.conftest import Runs
from tests.load.replicas import one_address
from tests.load.stand_in import Behaviour
from tests.programs import program

PREFIX = "/prometheus"
FLAGS = ["--web.enable-remote-write-receiver", f"--web.route-prefix={PREFIX}"]
DASHBOARD = Path("dashboards/rendered/gw-load-tests.json")
TAGS = {"system", "environment", "profile", "testid"}

SELDOM = "k6_dropped_iterations_total"
"""What k6 sends only where users are missing, as answers take long."""


def told(client: PrometheusClient) -> dict[str, set[str]]:
    """Labels of each of k6's series."""
    found: dict[str, set[str]] = {}
    for one in client.get("/api/v1/series", **{"match[]": '{__name__=~"k6_.+"}', "start": str(time.time() - 600)}):
        found.setdefault(one["__name__"], set()).update(one.keys() - {"__name__"})
    return found


@pytest.mark.slow
def test_each_replica_gets_what_the_dashboard_asks_for(tmp_path: Path, runs: Runs):
    program("prometheus")
    servers = Servers(folder=tmp_path, ports=Ports("load-results"))
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    listed = {name: found[0] for name, found in series().items() if name.startswith("k6_")}

    with (
        servers.prometheus("first", {"global": {}}, FLAGS, PREFIX) as first,
        servers.prometheus("second", {"global": {}}, FLAGS, PREFIX) as second,
        one_address([f"{one.url}/api/v1/write" for one in (first, second)]) as address,
    ):
        began = time.time()
        for system in ("todo", "orders"):
            ran = runs(system, Behaviour(failing=0.3), shorten=7, pushes_to=address, LOAD_USER="somebody")
            assert ran.said.count("Failed to send") == 0, ran.said
        known = told(first)

        assert told(second).keys() == known.keys()
        assert listed.keys() - known.keys() <= {SELDOM}
        assert {name: known[name] for name in listed if name in known} == {
            name: listed[name].labels | TAGS for name in listed if name in known
        }
        shown = check(
            {"gw-load-tests": dashboard},
            Sources(prometheus=first, logs=None, times=Times(start=began - 60, end=time.time(), scrape_interval=5)),
        )
    empty = [row for row in shown if row.outcome != "ok" and SELDOM not in row.told]
    # The cloud is told by a rule of the stack, which is not here.
    assert [row.name for row in empty] == ["$cloud"], empty
    assert len(shown) >= len(list(panels(dashboard)))
