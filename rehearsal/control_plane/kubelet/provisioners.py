"""What is particular about the provisioners that storage classes name."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.providers.kubernetes.quantities import number

_MANY = "ReadWriteMany"
_ZONE = "topology.kubernetes.io/zone"
_HOST = "kubernetes.io/hostname"


@dataclass(frozen=True)
class Provisioner:
    """One driver, named as storage classes name it."""

    name: str
    cloud: str | None = None
    """The cloud that alone has it; None for what may run anywhere."""
    zone_label: str | None = _ZONE
    """The label of nodes that says where its volumes can be used; None for what is reached from everywhere."""
    shared: bool = False
    """Whether several nodes may write to a file system of its."""
    least: str = "0"
    """The smallest volume: a smaller one is made as large."""
    local: bool = False
    """Whether its volumes are folders of a node."""

    def refuses(self, claim: Mapping[str, Any], cloud: str | None) -> str | None:
        """Why it makes no volume for a claim; the claim stays pending."""
        if None not in (self.cloud, cloud) and self.cloud != cloud:
            return f"{self.name} does not run in this cloud"
        files = claim.get("volumeMode", "Filesystem") == "Filesystem"
        if files and not self.shared and _MANY in claim["accessModes"]:
            return f"a file system of {self.name} cannot be written to by several nodes"
        return None

    def capacity(self, asked: str) -> str:
        return asked if number(asked) >= number(self.least) else self.least

    def source(self, name: str, claim: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
        """Where the volume's content is, as a field of its spec."""
        if self.local:
            return {"hostPath": {"path": f"/var/local-path-provisioner/{name}", "type": "DirectoryOrCreate"}}
        source: dict[str, Any] = {"driver": self.name, "volumeHandle": name}
        if claim.get("volumeMode", "Filesystem") == "Filesystem" and not self.shared:
            source["fsType"] = parameters.get("csi.storage.k8s.io/fstype", "ext4")
        return {"csi": source}

    def affinity(self, labels: Sequence[Mapping[str, str]], seed: str) -> dict[str, Any] | None:
        """From which nodes the volume can be used, given the labels of those that it may be made for."""
        key = next((key for key in self._keys() if any(key in node for node in labels)), None)
        if key is None:
            return None
        places = sorted({node[key] for node in labels if key in node})
        place = places[zlib.crc32(seed.encode()) % len(places)]
        expression = {"key": key, "operator": "In", "values": [place]}
        return {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}

    def _keys(self) -> Sequence[str]:
        if self.zone_label is None:
            return ()
        return (_HOST,) if self.local else (self.zone_label, _ZONE)


# Access modes and zones: cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes#access_modes,
# learn.microsoft.com/azure/aks/azure-disk-csi, github.com/rancher/local-path-provisioner,
# docs.oracle.com/iaas/Content/ContEng/Tasks/contengcreatingpersistentvolumeclaim_topic-Provisioning_PVCs_on_BV.htm,
# which also says that a block volume has at least 50 GB, however little is asked for.
_KNOWN = (
    Provisioner("pd.csi.storage.gke.io", "gke", "topology.gke.io/zone"),
    Provisioner("filestore.csi.storage.gke.io", "gke", None, shared=True),
    Provisioner("disk.csi.azure.com", "aks", "topology.disk.csi.azure.com/zone"),
    Provisioner("file.csi.azure.com", "aks", None, shared=True),
    Provisioner("blob.csi.azure.com", "aks", None, shared=True),
    Provisioner("blockvolume.csi.oraclecloud.com", "oke", "failure-domain.beta.kubernetes.io/zone", least="50Gi"),
    Provisioner("fss.csi.oraclecloud.com", "oke", None, shared=True),
    Provisioner("ebs.csi.aws.com", "eks"),
    Provisioner("rancher.io/local-path", local=True),
    Provisioner("k8s.io/minikube-hostpath", zone_label=None, shared=True, local=True),
)
_BY_NAME = {known.name: known for known in _KNOWN}


def provisioner(name: str) -> Provisioner:
    """What is known of a provisioner; of any other, nothing that it would refuse."""
    return _BY_NAME.get(name, Provisioner(name, shared=True))
