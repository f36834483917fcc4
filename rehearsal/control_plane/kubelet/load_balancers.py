"""Gives addresses to Services of type LoadBalancer and to Ingresses whose class is served."""

import ipaddress
import zlib
from collections.abc import Iterator

from rehearsal.control_plane.api_client import ApiClient
from rehearsal.control_plane.kubelet import cluster_objects as objects
from rehearsal.control_plane.kubelet.cluster_objects import ClusterObjects, Object
from rehearsal.control_plane.kubelet.work_queue import WorkQueue

SERVICE_TASK = "services"
INGRESS_TASK = "ingresses"

_PUBLIC = ipaddress.ip_network("203.0.113.0/24")
"""Set aside for documentation: rfc-editor.org/rfc/rfc5737."""
_PRIVATE = ipaddress.ip_network("10.255.0.0/16")

_INTERNAL = {
    # cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters
    "networking.gke.io/load-balancer-type": "internal",
    "cloud.google.com/load-balancer-type": "internal",
    # learn.microsoft.com/azure/aks/internal-lb
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    # github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md
    "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
    "oci-network-load-balancer.oraclecloud.com/internal": "true",
}
_ASKED = ("service.beta.kubernetes.io/azure-load-balancer-ipv4",)
_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
_CLASS = "kubernetes.io/ingress.class"
_GKE_CLASSES = {"gce": False, "gce-internal": True}
"""Which GKE serves without an IngressClass, and which of them is internal."""
_GKE_SERVICE_CLASSES = "networking.gke.io/"


class LoadBalancers:
    """The load balancers of all clouds. An address stays for as long as what has it."""

    def __init__(self, client: ApiClient, known: ClusterObjects, queue: WorkQueue, cloud: str | None) -> None:
        self._client, self._objects, self._queue, self._cloud = client, known, queue, cloud

    def changed(self, kind: str, key: str) -> None:
        """Looks at what changed; a new class may be what Ingresses wait for."""
        match kind:
            case objects.SERVICE:
                self._queue.add((SERVICE_TASK, key))
            case objects.INGRESS:
                self._queue.add((INGRESS_TASK, key))
            case objects.INGRESS_CLASS:
                for ingress, _ in self._objects.items(objects.INGRESS):
                    self._queue.add((INGRESS_TASK, ingress))

    def reconcile_service(self, key: str) -> None:
        """Gives an address, and takes it back from a Service that has become of another type."""
        service = self._objects.get(objects.SERVICE, key)
        if service is None or "deletionTimestamp" in service["metadata"]:
            return
        wanted, has = _is_balanced(service, self._cloud), list(_addresses(service))
        if wanted and not has:
            annotations = service["metadata"].get("annotations") or {}
            internal = any(str(annotations.get(name, "")).lower() == value for name, value in _INTERNAL.items())
            asked = [*(annotations.get(name) for name in _ASKED), service["spec"].get("loadBalancerIP")]
            address = next((str(address) for address in asked if address), None) or self._free(key, internal)
            self._give(objects.SERVICE, key, [address])
        elif has and service["spec"].get("type") != "LoadBalancer":
            self._give(objects.SERVICE, key, [])

    def reconcile_ingress(self, key: str) -> None:
        """Gives an address once something serves its class."""
        ingress = self._objects.get(objects.INGRESS, key)
        if ingress is None or "deletionTimestamp" in ingress["metadata"] or list(_addresses(ingress)):
            return
        annotations = ingress["metadata"].get("annotations") or {}
        name = ingress["spec"].get("ingressClassName") or annotations.get(_CLASS)
        if self._cloud == "gke" and (name in _GKE_CLASSES or name is None):
            self._give(objects.INGRESS, key, [self._free(key, _GKE_CLASSES.get(name or "gce", False))])
        elif self._has_class(name):
            self._give(objects.INGRESS, key, [self._free(key, False)])

    def _has_class(self, name: str | None) -> bool:
        if name is not None:
            return self._objects.get(objects.INGRESS_CLASS, name) is not None
        return any(
            (item["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"
            for _, item in self._objects.items(objects.INGRESS_CLASS)
        )

    def _free(self, key: str, internal: bool) -> str:
        """The same for the same name, as long as nobody else has it."""
        kinds = (objects.SERVICE, objects.INGRESS)
        taken = {address for kind in kinds for _, item in self._objects.items(kind) for address in _addresses(item)}
        network = _PRIVATE if internal else _PUBLIC
        usable = network.num_addresses - 2
        start = zlib.crc32(key.encode())
        candidates = (str(network[1 + (start + step) % usable]) for step in range(usable))
        return next((address for address in candidates if address not in taken), str(network[1]))

    def _give(self, kind: str, key: str, addresses: list[str]) -> None:
        status = {"loadBalancer": {"ingress": [{"ip": address} for address in addresses]} if addresses else None}
        # Told back by the watch only later, when another may already have looked for a free one.
        stored = self._client.patch(objects.path(kind, key, "status"), {"status": status})
        known = self._objects.get(kind, key)
        if known is not None:
            known["status"] = stored.get("status") or {}


def _is_balanced(service: Object, cloud: str | None) -> bool:
    """A Service with a class of its own is left to whoever brings that class."""
    spec = service["spec"]
    class_ = spec.get("loadBalancerClass")
    served = class_ is None or (cloud == "gke" and class_.startswith(_GKE_SERVICE_CLASSES))
    return spec.get("type") == "LoadBalancer" and served


def _addresses(item: Object) -> Iterator[str]:
    balancer = (item.get("status") or {}).get("loadBalancer") or {}
    for entry in balancer.get("ingress") or []:
        if "ip" in entry:
            yield entry["ip"]
