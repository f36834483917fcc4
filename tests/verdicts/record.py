"""Records what both say of each case: for new cases, and for a new version of Kubernetes."""

import tempfile
from contextlib import closing
from pathlib import Path

import yaml

from rehearsal.control_plane.api_client import ApiClient, read_kubeconfig
from rehearsal.control_plane.control_plane import reserve
from tests.real.cluster import started
from tests.verdicts.cases import cases
from tests.verdicts.on_api import OURS, judging
from tests.verdicts.verdict import quick
from tests.verdicts.words import FILE, essence

_NODES = ("machine-a", "machine-b")


def record() -> None:
    """Asks both about every case, and writes the words of their refusals."""
    found: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder, started(reserve(Path(folder), "verdicts")) as plane:
        with closing(ApiClient(read_kubeconfig(plane.kubeconfig))) as client:
            for name in _NODES:
                labels = {"kubernetes.io/hostname": name}
                client.create("/api/v1/nodes", {"metadata": {"name": name, "labels": labels}})
        with judging(OURS, plane.kubeconfig) as judge:
            for case in cases():
                own = Path(folder) / case.namespace
                own.mkdir()
                said = {"quick": quick(case, own), "real": judge(case)}
                kept = {mode: essence(one.said, case) for mode, one in said.items() if not one.accepted}
                if kept:
                    found[case.name] = kept
    FILE.write_text(yaml.safe_dump(found, width=10000, allow_unicode=True, sort_keys=False), encoding="utf-8")
