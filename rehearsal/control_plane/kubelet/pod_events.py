"""Events about pods, as the kubelets of their nodes record them."""

import secrets

from rehearsal.control_plane.api_client import ApiClient
from rehearsal.control_plane.kubelet.cluster_objects import Object
from rehearsal.control_plane.kubelet.pod_status import now


class PodEvents:
    """Records events with the API server."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def warn(self, pod: Object, reason: str, message: str) -> None:
        """A warning of the kubelet of a pod's node."""
        self._record(pod, "Warning", reason, message, "kubelet")

    def tell(self, pod: Object, reason: str, message: str, component: str) -> None:
        """Something that a component has done for a pod."""
        self._record(pod, "Normal", reason, message, component)

    def _record(self, pod: Object, type_: str, reason: str, message: str, component: str) -> None:
        metadata, time = pod["metadata"], now()
        namespace = metadata["namespace"]
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{metadata['name']}.{secrets.token_hex(8)}", "namespace": namespace},
            "involvedObject": {
                "apiVersion": "v1",
                "kind": "Pod",
                "name": metadata["name"],
                "namespace": namespace,
                "uid": metadata["uid"],
            },
            "type": type_,
            "reason": reason,
            "message": message[:1024],  # the API server takes no more
            "source": {"component": component, "host": pod["spec"].get("nodeName", "")},
            "reportingComponent": component,
            "count": 1,
            "firstTimestamp": time,
            "lastTimestamp": time,
        }
        self._client.create(f"/api/v1/namespaces/{namespace}/events", event)
