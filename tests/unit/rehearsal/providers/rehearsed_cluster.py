"""A rehearsed GKE cluster and an engine that talks to it through a kubeconfig."""

import json
from typing import Any

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.kubernetes.provider import KubernetesProvider
from tests.unit.rehearsal.providers.fake_engine import Engine, State
from tests.unit.rehearsal.providers.google_project import GoogleProject

NAMESPACE = "kubernetes:core/v1:Namespace"
SECRET = "kubernetes:core/v1:Secret"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RELEASE = "kubernetes:helm.sh/v3:Release"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


def kubeconfig(server: str, *, authority: str | None = None, command: str | None = "gke-gcloud-auth-plugin") -> str:
    cluster = {"server": server, **({"certificate-authority-data": authority} if authority else {})}
    user: dict[str, Any] = {"exec": {"command": command}} if command else {}
    return json.dumps(
        {
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
    )


def dns_name(cluster: State) -> str:
    return cluster["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["endpoint"]


class RehearsedCluster:
    """A GKE cluster, with a node pool unless a test does without."""

    def __init__(self, project: GoogleProject, inventory: Inventory, *, nodes: bool = True, **inputs: Any) -> None:
        self.project = project
        self.inventory = inventory
        self.control_plane = project.cluster(**inputs)
        if nodes:
            project.node_pool(self.control_plane)
        self.engine = Engine(
            KubernetesProvider(inventory), {"kubeconfig": kubeconfig(f"https://{dns_name(self.control_plane)}")}
        )

    @property
    def account(self) -> str:
        return f"kubernetes/{dns_name(self.control_plane)}"

    def namespace(self, name: str = "apps") -> State:
        return self.engine.create(NAMESPACE, name, metadata={"name": name})

    def secret(self, name: str = "token", namespace: str = "apps", **inputs: Any) -> State:
        return self.engine.create(SECRET, name, metadata={"name": name, "namespace": namespace}, **inputs)

    def deployment(self, name: str = "web", namespace: str = "apps", **pod: Any) -> State:
        return self.engine.create(DEPLOYMENT, name, **workload(name, namespace, **pod))

    def release(self, name: str, chart: str, namespace: str = "apps", **inputs: Any) -> State:
        return self.engine.create(RELEASE, name, name=name, namespace=namespace, chart=chart, **inputs)


def workload(name: str, namespace: str, **pod: Any) -> dict[str, Any]:
    labels = {"app": name}
    spec = {"containers": [{"name": "main", "image": "example/web:1"}], **pod}
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }
