"""An OKE stack for tests, and what is looked up in what it registers."""

from collections.abc import Callable
from typing import Any

import pulumi

from components.contracts import Demands, Foundation, ServiceAccount
from components.oke.foundation import build_foundation
from stacks.settings import parse
from tests.mock_engine import Deployed, Registration

CLUSTER = "oci:ContainerEngine/cluster:Cluster"
NODE_POOL = "oci:ContainerEngine/nodePool:NodePool"
BUCKET = "oci:ObjectStorage/bucket:Bucket"
POLICY = "oci:Identity/policy:Policy"
SUBNET = "oci:Core/subnet:Subnet"
TENANCY = "ocid1.tenancy.oc1..acme"
COMPARTMENT = "ocid1.compartment.oc1..acme"
CLUSTER_ID = "cluster-control-plane-id"

SYSTEM = {"shape": "VM.Standard.E5.Flex", "ocpus": 2, "memory_gib": 16, "min_nodes": 1, "max_nodes": 3}
POSTGRES = {"shape": "PostgreSQL.VM.Standard.E5.Flex", "ocpus": 2, "memory_gib": 32}
BACKEND = ServiceAccount(namespace="todo", name="backend")
DEMANDS = Demands(images=["todo/backend", "todo/web"], principals=[BACKEND])


def stack(**changes: Any) -> Any:
    """A development stack; `changes` replace settings, and those of the cluster one by one."""
    cluster = {
        "availability_domains": ["EXMP:EU-FRANKFURT-1-AD-1", "EXMP:EU-FRANKFURT-1-AD-2"],
        "image_ocid": "ocid1.image.oc1.eu-frankfurt-1.acme",
        "api_access": {"mode": "allow-list", "allowed_cidrs": ["203.0.113.0/24"]},
        "node_pools": {"system": SYSTEM},
    }
    return parse(
        {
            "cloud": "oke",
            "environment": "dev",
            "domain": "acme.example",
            "account": {
                "tenancy_ocid": TENANCY,
                "compartment_ocid": COMPARTMENT,
                "region": "eu-frankfurt-1",
                "home_region": "us-ashburn-1",
            },
            "network": {"cidr": "10.64.0.0/13"},
            **changes,
            "cluster": {**cluster, **changes.get("cluster", {})},
        }
    )


def build(**changes: Any) -> Foundation:
    """Registers the foundation of such a stack."""
    return build_foundation(stack(**changes), DEMANDS)


def delivered(deploy: Callable[..., Deployed], part: Callable[[Any], Any], **changes: Any) -> Any:
    """A part of what the foundation delivers, its outputs resolved."""
    found: list[Any] = []

    def program() -> None:
        pulumi.Output.from_input(part(build(**changes))).apply(found.append)

    deploy(program)
    (resolved,) = found
    return resolved


def rule(deployed: Deployed, name: str) -> dict[str, Any]:
    """A rule of the firewall, by its own name."""
    return deployed.named(f"network-firewall-{name}").inputs


def statements(registration: Registration) -> list[str]:
    """What a policy says."""
    return registration.inputs["statements"]


def pod(namespace: str, name: str, *also: str) -> str:
    """The condition of a service account's pods, as a statement ends with it."""
    conditions = [
        "request.principal.type = 'workload'",
        f"request.principal.namespace = '{namespace}'",
        f"request.principal.service_account = '{name}'",
        f"request.principal.cluster_id = '{CLUSTER_ID}'",
        *also,
    ]
    return f"where ALL {{{', '.join(conditions)}}}"
