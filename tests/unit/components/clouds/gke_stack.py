"""A small GKE stack, and its foundation under mocks."""

from typing import Any

from components.contracts import Demands, Foundation
from components.gke.foundation import build_foundation
from stacks.settings import parse

CLUSTER = "gcp:container/cluster:Cluster"
POOL = (
    "principal://iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/acme-platform.svc.id.goog"
)


def principal(namespace: str, name: str) -> str:
    """The pods of a service account, as a member of grants."""
    return f"{POOL}/subject/ns/{namespace}/sa/{name}"


def stack(**changes: Any) -> Any:
    return parse(
        {
            "cloud": "gke",
            "environment": "dev",
            "domain": "acme.example",
            "account": {"project": "acme-platform", "region": "europe-west1"},
            "network": {"cidr": "10.64.0.0/13"},
            "cluster": {
                "zones": ["europe-west1-b"],
                "node_pools": {
                    "system": {"machine_type": "e2-standard-4", "min_nodes": 1, "max_nodes": 3, "spot": True}
                },
            },
            **changes,
        }
    )


def build(demands: Demands | None = None, **changes: Any) -> Foundation:
    """The foundation of the stack with some settings changed."""
    return build_foundation(stack(**changes), demands or Demands())
