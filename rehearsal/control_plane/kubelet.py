"""The process that stands for the machines of a rehearsed cluster, beside kwok.

kwok makes nodes ready and pods run, each by what it sees in the one object; this process does what takes more than
that: pods wait for what they refer to and for images that they may pull, claims get the volumes of their class, load
balancers addresses, and pools grow. It watches, and does nothing while nothing changes.
"""

import argparse
import logging
import queue
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from rehearsal.control_plane import cluster_objects as objects
from rehearsal.control_plane import load_balancers, pod_starts, volumes
from rehearsal.control_plane.api_client import ApiClient, ApiError, Change, Server, Watch, read_kubeconfig
from rehearsal.control_plane.cluster_objects import ClusterObjects
from rehearsal.control_plane.load_balancers import LoadBalancers
from rehearsal.control_plane.pod_events import PodEvents
from rehearsal.control_plane.pod_starts import ImagePulls, PodStarts
from rehearsal.control_plane.volumes import Volumes
from rehearsal.control_plane.work_queue import Task, WorkQueue

_AGAIN_SECONDS = 1.0
_CONFLICT, _NOT_FOUND = 409, 404

_log = logging.getLogger("kubelet")


class Kubelet:
    """One thread that decides, fed by one watch for each kind."""

    def __init__(self, server: Server, cloud: str | None = None, pulls: ImagePulls | None = None) -> None:
        self._server = server
        self._changes: queue.SimpleQueue[Change] = queue.SimpleQueue()
        self._objects, self._queue, client = ClusterObjects(), WorkQueue(), ApiClient(server)
        starts = PodStarts(client, self._objects, self._queue, PodEvents(client), pulls)
        storage = Volumes(client, self._objects, self._queue, cloud)
        balancers = LoadBalancers(client, self._objects, self._queue, cloud)
        self._changed = [part.changed for part in (starts, storage, balancers)]
        self._work: dict[str, Callable[[str], None]] = {
            pod_starts.TASK: starts.reconcile,
            volumes.CLAIM_TASK: storage.reconcile_claim,
            volumes.VOLUME_TASK: storage.reconcile_volume,
            volumes.ATTACHMENT_TASK: storage.reconcile_attachment,
            load_balancers.SERVICE_TASK: balancers.reconcile_service,
            load_balancers.INGRESS_TASK: balancers.reconcile_ingress,
        }

    def run(self) -> NoReturn:
        """Until the process is told to end."""
        for name, kind in objects.KINDS.items():
            Watch(self._server, name, objects.path(name), self._changes.put, kind.selector).start()
        while True:
            self._take(self._queue.seconds if self._objects.complete else None)
            if self._objects.complete:
                for task in self._queue.take():
                    self._do(task)

    def _take(self, seconds: float | None) -> None:
        """Waits for a change, then takes all that have come."""
        try:
            change = self._changes.get(timeout=seconds)
            while True:
                for key in self._objects.take(change):
                    for changed in self._changed:
                        changed(change.kind, key)
                change = self._changes.get_nowait()
        except queue.Empty:
            return

    def _do(self, task: Task) -> None:
        """What fails is tried again, except where what it was about has gone or changed: that is told anyway."""
        kind, key = task
        try:
            self._work[kind](key)
        except ApiError as error:
            if error.status not in (_CONFLICT, _NOT_FOUND):
                _log.warning("%s %s: %s", kind, key, error)
                self._queue.add(task, _AGAIN_SECONDS)
        except OSError as error:
            _log.warning("the API server does not answer: %s", error)
            self._queue.add(task, _AGAIN_SECONDS)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.control_plane.kubelet", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True, help="an administrator's, written as JSON")
    parser.add_argument("--cloud", choices=("gke", "aks", "oke", "local"), help="whose machines these are")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    Kubelet(read_kubeconfig(options.kubeconfig), options.cloud).run()


if __name__ == "__main__":
    main()
