"""Makes volumes for claims as the provisioner of their storage class would, and attaches, resizes and removes them."""

from collections.abc import Mapping
from typing import Any

from rehearsal.control_plane.api_client import ApiClient
from rehearsal.control_plane.kubelet import cluster_objects as objects
from rehearsal.control_plane.kubelet.cluster_objects import ClusterObjects, Object
from rehearsal.control_plane.kubelet.provisioners import Provisioner, provisioner
from rehearsal.control_plane.kubelet.work_queue import WorkQueue
from rehearsal.providers.kubernetes.quantities import number

CLAIM_TASK = "claims"
VOLUME_TASK = "volumes"
ATTACHMENT_TASK = "attachments"

# What the controller manager and the scheduler tell provisioners: pkg/controller/volume/persistentvolume of Kubernetes.
_PROVISIONER = "volume.kubernetes.io/storage-provisioner"
_NODE = "volume.kubernetes.io/selected-node"
_PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"


class Volumes:
    """All provisioners of a cluster; binding, releasing and detaching is the controller manager's own work."""

    def __init__(self, client: ApiClient, known: ClusterObjects, queue: WorkQueue, cloud: str | None) -> None:
        self._client, self._objects, self._queue, self._cloud = client, known, queue, cloud

    def changed(self, kind: str, key: str) -> None:
        """Looks at what changed; a new class or node may be what claims wait for."""
        match kind:
            case objects.CLAIM:
                self._queue.add((CLAIM_TASK, key))
            case objects.VOLUME:
                self._queue.add((VOLUME_TASK, key))
            case objects.ATTACHMENT:
                self._queue.add((ATTACHMENT_TASK, key))
            case objects.STORAGE_CLASS:
                for claim, _ in self._objects.items(objects.CLAIM):
                    self._queue.add((CLAIM_TASK, claim))

    def reconcile_claim(self, key: str) -> None:
        """Makes the volume that a claim waits for, or makes it larger."""
        claim = self._objects.get(objects.CLAIM, key)
        if claim is None or "deletionTimestamp" in claim["metadata"]:
            return
        if claim["spec"].get("volumeName"):
            self._resize(key, claim)
            return
        class_ = self._objects.get(objects.STORAGE_CLASS, claim["spec"].get("storageClassName") or "")
        annotations = claim["metadata"].get("annotations") or {}
        waits = class_ is not None and class_.get("volumeBindingMode") == "WaitForFirstConsumer"
        if class_ is None or _PROVISIONER not in annotations or (waits and _NODE not in annotations):
            return
        maker = provisioner(annotations[_PROVISIONER])
        if maker.refuses(claim["spec"], self._cloud) is None:
            self._client.create(objects.path(objects.VOLUME), self._volume(claim, class_, maker, annotations))

    def reconcile_volume(self, key: str) -> None:
        """What was released goes, where the class says so."""
        volume = self._objects.get(objects.VOLUME, key)
        if volume is None or "deletionTimestamp" in volume["metadata"]:
            return
        spec, annotations = volume["spec"], volume["metadata"].get("annotations") or {}
        released = (volume.get("status") or {}).get("phase") == "Released"
        if released and spec.get("persistentVolumeReclaimPolicy") == "Delete" and _PROVISIONED_BY in annotations:
            self._client.delete(objects.path(objects.VOLUME, key))

    def reconcile_attachment(self, key: str) -> None:
        """A disk that is to be attached is so at once; the controller manager asks only once no other node has it."""
        attachment = self._objects.get(objects.ATTACHMENT, key)
        if attachment is None or (attachment.get("status") or {}).get("attached") is True:
            return
        self._client.patch(objects.path(objects.ATTACHMENT, key, "status"), {"status": {"attached": True}})

    def _resize(self, key: str, claim: Object) -> None:
        """Whether the class allows it, the API server has checked: its plugin PersistentVolumeClaimResize."""
        name, status = claim["spec"]["volumeName"], claim.get("status") or {}
        asked, has = claim["spec"]["resources"]["requests"]["storage"], (status.get("capacity") or {}).get("storage")
        if status.get("phase") != "Bound" or has is None or number(asked) <= number(has):
            return
        self._client.patch(objects.path(objects.VOLUME, name), {"spec": {"capacity": {"storage": asked}}})
        self._client.patch(objects.path(objects.CLAIM, key, "status"), {"status": {"capacity": {"storage": asked}}})

    def _volume(self, claim: Object, class_: Object, maker: Provisioner, annotations: Mapping[str, str]) -> Object:
        metadata, spec = claim["metadata"], claim["spec"]
        name = f"pvc-{metadata['uid']}"
        body: dict[str, Any] = {
            "accessModes": spec["accessModes"],
            "capacity": {"storage": maker.capacity(spec["resources"]["requests"]["storage"])},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                **{field: metadata[field] for field in ("name", "namespace", "uid", "resourceVersion")},
            },
            "persistentVolumeReclaimPolicy": class_.get("reclaimPolicy", "Delete"),
            "storageClassName": class_["metadata"]["name"],
            "volumeMode": spec.get("volumeMode", "Filesystem"),
            **maker.source(name, spec, class_.get("parameters") or {}),
        }
        if class_.get("mountOptions"):
            body["mountOptions"] = class_["mountOptions"]
        if affinity := maker.affinity(self._labels(annotations.get(_NODE)), metadata["uid"]):
            body["nodeAffinity"] = affinity
        annotation = {_PROVISIONED_BY: annotations[_PROVISIONER]}
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name, "annotations": annotation},
            "spec": body,
        }

    def _labels(self, node: str | None) -> list[Mapping[str, str]]:
        """Of the node that the scheduler has chosen, or of all where the claim does not wait for one."""
        found = self._objects.items(objects.NODE)
        return [item["metadata"].get("labels") or {} for name, item in found if node in (None, name)]
