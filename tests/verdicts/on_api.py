"""Providers over a real API, brought one case after the other."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rehearsal.control_plane.api_client import ApiClient, ApiError, read_kubeconfig
from rehearsal.setup import stamp
from tests.verdicts.cases import Case
from tests.verdicts.plugins import program
from tests.verdicts.verdict import Verdict, unlooked, verdict

OURS = stamp.CLONE / "rehearsal" / "bin" / "pulumi-resource-kubernetes"
_AWAIT_SECONDS = 6
_SETTLE_SECONDS = 30.0

Judge = Callable[[Case], Verdict]


@contextmanager
def judging(executable: Path, kubeconfig: Path) -> Iterator[Judge]:
    """Verdicts of one provider plugin on the cluster of a kubeconfig."""
    client = ApiClient(read_kubeconfig(kubeconfig))
    command = [sys.executable, str(executable)] if executable == OURS else [str(executable)]
    environment = {"REHEARSAL_API": "real", "REHEARSAL_AWAIT_SECONDS": str(_AWAIT_SECONDS)}
    configuration = {"kubeconfig": kubeconfig.read_text(encoding="utf-8")}
    with closing(client), program(command, {**environment, "PULUMI_HOME": str(kubeconfig.parent)}) as stub:
        yield lambda case: verdict(case, stub, configuration, unlooked, lambda name: _settled(client, name))


def _settled(client: ApiClient, namespace: str) -> None:
    """Waits until a namespace has the service account that its pods run as."""
    end = time.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            client.get(f"/api/v1/namespaces/{namespace}/serviceaccounts/default")
            return
        except ApiError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
