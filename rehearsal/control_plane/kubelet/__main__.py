"""The process that stands for the machines of a rehearsed cluster, beside kwok.

kwok makes nodes ready and pods run, each by what it sees in the one object; this process does what takes more than
that: pods wait for what they refer to and for images that they may pull, claims get the volumes of their class, load
balancers addresses, custom resources the Secrets that their controllers make, and pools grow. It watches, and does
nothing while nothing changes.
"""

import argparse
import logging
import queue
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from rehearsal.control_plane.api_client import ApiClient, ApiError, Change, Server, Watch, read_kubeconfig
from rehearsal.control_plane.kubelet import autoscaler, custom_resources, load_balancers, pod_starts, volumes
from rehearsal.control_plane.kubelet import cluster_objects as objects
from rehearsal.control_plane.kubelet.autoscaler import Autoscaler
from rehearsal.control_plane.kubelet.cluster_objects import ClusterObjects
from rehearsal.control_plane.kubelet.custom_resources import CustomResources
from rehearsal.control_plane.kubelet.image_pulls import RehearsedPulls, rehearsed_pulls
from rehearsal.control_plane.kubelet.load_balancers import LoadBalancers
from rehearsal.control_plane.kubelet.pod_events import PodEvents
from rehearsal.control_plane.kubelet.pod_starts import PodStarts
from rehearsal.control_plane.kubelet.volumes import Volumes
from rehearsal.control_plane.kubelet.work_queue import Task, WorkQueue

_AGAIN_SECONDS = 1.0
_CONFLICT, _NOT_FOUND = 409, 404

_log = logging.getLogger("kubelet")


class Kubelet:
    """One thread that decides, fed by one watch for each kind."""

    def __init__(self, server: Server, pulls: RehearsedPulls | None = None, home: Path | None = None) -> None:
        self._server, cloud = server, pulls.cluster.cloud if pulls else None
        self._changes: queue.SimpleQueue[Change] = queue.SimpleQueue()
        self._objects, self._queue, client = ClusterObjects(), WorkQueue(), ApiClient(server)
        events = PodEvents(client)
        starts = PodStarts(client, self._objects, self._queue, events, pulls)
        storage = Volumes(client, self._objects, self._queue, cloud)
        balancers = LoadBalancers(client, self._objects, self._queue, cloud)
        scaler = Autoscaler(client, self._objects, self._queue, events)
        custom = CustomResources(client, self._objects, self._queue, self._watch, home)
        self._changed = [part.changed for part in (starts, storage, balancers, scaler, custom)]
        self._work: dict[str, Callable[[str], None]] = {
            pod_starts.TASK: starts.reconcile,
            volumes.CLAIM_TASK: storage.reconcile_claim,
            volumes.VOLUME_TASK: storage.reconcile_volume,
            volumes.ATTACHMENT_TASK: storage.reconcile_attachment,
            load_balancers.SERVICE_TASK: balancers.reconcile_service,
            load_balancers.INGRESS_TASK: balancers.reconcile_ingress,
            autoscaler.TASK: scaler.reconcile,
            custom_resources.TASK: custom.reconcile,
        }

    def run(self) -> NoReturn:
        """Until the process is told to end."""
        for name, kind in objects.KINDS.items():
            Watch(self._server, name, objects.path(name), self._changes.put, kind.selector, kind.type).start()
        while True:
            self._take(self._queue.seconds if self._objects.complete else None)
            if self._objects.complete:
                for task in self._queue.take():
                    self._do(task)

    def _watch(self, kind: str, path: str) -> None:
        """A custom kind, from when its definition is there."""
        if self._objects.add(kind):
            Watch(self._server, kind, path, self._changes.put).start()

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
        except Exception:  # one object that nobody foresaw must not keep all others waiting
            _log.exception("%s %s", kind, key)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.control_plane.kubelet", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True, help="an administrator's, written as JSON")
    parser.add_argument("--cluster", type=Path, help="the record of which cluster of a cloud it is")
    parser.add_argument("--inventory", type=Path, help="what exists in the rehearsed cloud")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    pulls = rehearsed_pulls(options.cluster, options.inventory) if options.cluster and options.inventory else None
    home = options.inventory.parent if options.inventory else None
    Kubelet(read_kubeconfig(options.kubeconfig), pulls, home).run()


if __name__ == "__main__":
    main()
