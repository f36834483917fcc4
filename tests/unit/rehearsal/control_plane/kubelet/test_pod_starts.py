"""Which pods may start, and what is told of the others."""

from typing import Any

from rehearsal.control_plane.kubelet import pod_starts
from rehearsal.control_plane.kubelet.pod_events import PodEvents
from rehearsal.control_plane.kubelet.pod_starts import PodStarts, waits
from rehearsal.control_plane.kubelet.work_queue import WorkQueue
from tests.unit.rehearsal.control_plane.kubelet.fake_api import Clock, FakeApi, known, put

KEY = "space/app"
TASK = (pod_starts.TASK, KEY)
NEEDY = {"name": "main", "image": "app", "envFrom": [{"secretRef": {"name": "credentials"}}]}


def pod(*containers: dict[str, Any], status: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "app", "namespace": "space", "uid": "u"},
        "spec": {"nodeName": "n", "containers": list(containers) or [{"name": "main", "image": "app"}], **spec},
        "status": {"phase": "Pending", **(status or {})},
    }


def secret(name: str, **fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "space"}, **fields}


class Refuses:
    """A registry that lets nobody pull without credentials."""

    def refusal(self, image: str, registries: frozenset[str]) -> str | None:
        return None if image.partition("/")[0] in registries else "401 Unauthorized"


class Kubelet:
    """One whose clock and objects a test holds."""

    def __init__(self, *pods: dict[str, Any], pulls: Refuses | None = None, **objects: list[dict[str, Any]]) -> None:
        self.clock, self.api, self.objects = Clock(), FakeApi(), known(pods=list(pods), **objects)
        self.queue = WorkQueue(self.clock)
        self.starts = PodStarts(self.api, self.objects, self.queue, PodEvents(self.api), pulls, self.clock)

    def look(self, seconds: float = 0.0) -> None:
        """After so many seconds."""
        self.clock.now += seconds
        self.queue.take()
        self.starts.reconcile(KEY)

    @property
    def statuses(self) -> list[dict[str, Any]]:
        return [body["status"] for method, _, body in self.api.requests if method == "PATCH" and body]

    @property
    def warnings(self) -> list[tuple[str, str]]:
        return [(body["reason"], body["message"]) for method, _, body in self.api.requests if method == "POST" and body]


def reasons(status: dict[str, Any]) -> list[str]:
    return [item["state"]["waiting"]["reason"] for item in status["containerStatuses"]]


def conditions(status: dict[str, Any]) -> dict[str, str]:
    return {item["type"]: item["status"] for item in status["conditions"]}


def test_a_pod_that_misses_nothing_starts_at_once():
    kubelet = Kubelet(pod())

    kubelet.look()

    [status] = kubelet.statuses
    assert conditions(status) == {"PodReadyToStartContainers": "True"}
    assert "containerStatuses" not in status


def test_what_comes_within_a_moment_is_not_told_of():
    kubelet = Kubelet(pod(NEEDY))
    kubelet.look()
    assert kubelet.api.requests == []

    put(kubelet.objects, "secrets", secret("credentials"))
    kubelet.starts.changed("secrets", "space/credentials")

    assert kubelet.queue.take() == [TASK]
    kubelet.look(0.5)
    assert [conditions(status) for status in kubelet.statuses] == [{"PodReadyToStartContainers": "True"}]
    assert kubelet.warnings == []


def test_a_missing_secret_is_told_of_once_and_the_pod_starts_when_it_comes():
    kubelet = Kubelet(pod(NEEDY, {"name": "other", "image": "other"}))
    for seconds in (0.0, 1.0, 1.0):
        kubelet.look(seconds)

    [status] = kubelet.statuses
    assert reasons(status) == ["CreateContainerConfigError", "ContainerCreating"]
    assert status["containerStatuses"][0]["state"]["waiting"]["message"] == 'secret "credentials" not found'
    assert kubelet.warnings == [("Failed", 'Error: secret "credentials" not found')]

    put(kubelet.objects, "pods", pod(NEEDY, status=status), "MODIFIED")
    put(kubelet.objects, "secrets", secret("credentials"))
    kubelet.look()

    assert reasons(kubelet.statuses[-1]) == ["ContainerCreating"]
    assert conditions(kubelet.statuses[-1])["PodReadyToStartContainers"] == "True"


def test_a_volume_keeps_every_container_from_being_made():
    kubelet = Kubelet(pod(NEEDY, volumes=[{"name": "v", "secret": {"secretName": "absent"}}]))
    for seconds in (0.0, 1.0):
        kubelet.look(seconds)

    [status] = kubelet.statuses
    assert reasons(status) == ["ContainerCreating"]
    assert conditions(status)["PodReadyToStartContainers"] == "False"
    assert kubelet.warnings == [("FailedMount", 'MountVolume.SetUp failed for volume "v" : secret "absent" not found')]


def test_the_others_wait_for_the_init_container_that_cannot_start():
    kubelet = Kubelet(pod(NEEDY, initContainers=[{**NEEDY, "name": "init"}]))
    for seconds in (0.0, 1.0):
        kubelet.look(seconds)

    [status] = kubelet.statuses
    assert status["initContainerStatuses"][0]["state"]["waiting"]["reason"] == "CreateContainerConfigError"
    assert reasons(status) == ["PodInitializing"]
    assert conditions(status)["Initialized"] == "False"


def test_an_image_that_is_refused_is_tried_again_and_longer():
    kubelet = Kubelet(pod({"name": "main", "image": "registry.test/app"}), pulls=Refuses())
    for seconds in (0.0, 1.0, 5.0):
        kubelet.look(seconds)

    assert [reasons(status) for status in kubelet.statuses] == [["ErrImagePull"], ["ImagePullBackOff"]]
    assert kubelet.queue.seconds == 5.0
    assert kubelet.warnings == [
        ("Failed", 'Failed to pull image "registry.test/app": 401 Unauthorized'),
        ("Failed", "Error: ErrImagePull"),
        ("BackOff", 'Back-off pulling image "registry.test/app"'),
    ]


def test_a_pods_own_credentials_are_used():
    # {"auths":{"https://registry.test/v2/":{}}}
    data = {".dockerconfigjson": "eyJhdXRocyI6eyJodHRwczovL3JlZ2lzdHJ5LnRlc3QvdjIvIjp7fX19"}
    credentials = secret("registry", type="kubernetes.io/dockerconfigjson", data=data)
    container = {"name": "main", "image": "registry.test/app"}
    kubelet = Kubelet(pod(container, imagePullSecrets=[{"name": "registry"}]), pulls=Refuses(), secrets=[credentials])

    kubelet.look()

    assert [conditions(status) for status in kubelet.statuses] == [{"PodReadyToStartContainers": "True"}]


def test_a_missing_pull_secret_only_warns():
    kubelet = Kubelet(pod(imagePullSecrets=[{"name": "registry"}]))

    kubelet.look()

    assert [conditions(status) for status in kubelet.statuses] == [{"PodReadyToStartContainers": "True"}]
    assert [reason for reason, _ in kubelet.warnings] == ["FailedToRetrieveImagePullSecret"]


def test_a_disk_has_to_be_attached_to_the_pods_node():
    claim = {
        "metadata": {"name": "data", "namespace": "space"},
        "spec": {"volumeName": "pv"},
        "status": {"phase": "Bound"},
    }
    volume = {"metadata": {"name": "pv"}, "spec": {"csi": {"driver": "d"}}}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    kubelet = Kubelet(pod(volumes=volumes), persistentvolumeclaims=[claim], persistentvolumes=[volume])
    elsewhere = {"metadata": {"name": "a"}, "spec": {"nodeName": "m", "source": {"persistentVolumeName": "pv"}}}
    put(kubelet.objects, "volumeattachments", {**elsewhere, "status": {"attached": True}})
    for seconds in (0.0, 1.0):
        kubelet.look(seconds)
    assert reasons(kubelet.statuses[-1]) == ["ContainerCreating"]
    assert kubelet.warnings == []

    here = {"metadata": {"name": "b"}, "spec": {"nodeName": "n", "source": {"persistentVolumeName": "pv"}}}
    put(kubelet.objects, "volumeattachments", {**here, "status": {"attached": True}})
    kubelet.look()

    assert conditions(kubelet.statuses[-1])["PodReadyToStartContainers"] == "True"


def test_only_pods_that_wait_are_looked_at_when_something_comes():
    kubelet = Kubelet(pod(NEEDY))
    kubelet.look()
    kubelet.queue.take()

    kubelet.starts.changed("secrets", "elsewhere/credentials")
    assert (kubelet.queue.seconds or 0) > 0
    kubelet.starts.changed("persistentvolumes", "pv")

    assert kubelet.queue.take() == [TASK]


def test_pods_that_run_go_or_have_no_node_do_not_wait():
    running = pod(status={"phase": "Running"})
    going = pod()
    going["metadata"]["deletionTimestamp"] = "now"
    unplaced = pod()
    del unplaced["spec"]["nodeName"]
    admitted = pod(status={"conditions": [{"type": "PodReadyToStartContainers", "status": "True"}]})

    assert [waits(item) for item in (pod(), running, going, unplaced, admitted)] == [True, False, False, False, False]
