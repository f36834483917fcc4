"""How sidecars find each other in Consul's catalog, where a stack has it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.platform.connections.dapr import SIDECAR_PORT
from components.platform.consul import ADDRESS, ConsulClient
from components.platform.dapr import WITH_SIDECAR
from components.services.dapr.topics import sidecars
from components.services.model import WorkloadSpec

SECRET: Final = "consul-client"
"""Secret of each workload with what its sidecars show to Consul, and volume of their pods."""

MOUNTED: Final = "/consul"

_MOUNTS: Final = "dapr.io/volume-mounts"

RESOLUTION: Final[Mapping[str, Any]] = {
    "component": "consul",
    "version": "v1",
    "configuration": {
        "client": {
            "address": ADDRESS,
            "scheme": "https",
            "tokenFile": f"{MOUNTED}/token",
            "tlsConfig": {"caFile": f"{MOUNTED}/ca.crt"},
        },
        # Sidecars read alone: what runs is carried into the catalog from outside of them.
        "selfRegister": False,
        "useCache": True,
    },
}
"""`spec.nameResolution` of a Configuration, which can name no Secret: the token is in a file.
https://docs.dapr.io/reference/components-reference/supported-name-resolution/setup-nr-consul/"""


def credentials(
    name: str, workload: str, client: ConsulClient, namespace: pulumi.Resource, parent: pulumi.Resource
) -> kubernetes.core.v1.Secret:
    """The Secret that the sidecars of a workload mount."""
    return kubernetes.core.v1.Secret(
        f"{name}-consul",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=SECRET, namespace=workload),
        string_data={"ca.crt": client.ca, "token": client.token},
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[namespace]),
    )


def registration(
    name: str, workload: str, service: str, namespace: pulumi.Resource, parent: pulumi.Resource
) -> kubernetes.core.v1.Service:
    """What the pods of a service come into the catalog by: under their app-id, with the port of their sidecars.

    https://developer.hashicorp.com/consul/docs/register/service/k8s/service-sync
    """
    prefix = "consul.hashicorp.com"
    return kubernetes.core.v1.Service(
        f"{name}-{service}-registration",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name=f"{service}-consul",
            namespace=workload,
            annotations={
                f"{prefix}/service-name": service,
                f"{prefix}/service-meta-DAPR_PORT": str(SIDECAR_PORT),
            },
        ),
        spec=kubernetes.core.v1.ServiceSpecArgs(
            cluster_ip="None",
            selector={"app.kubernetes.io/name": service, "app.kubernetes.io/part-of": workload, **WITH_SIDECAR},
            ports=[kubernetes.core.v1.ServicePortArgs(name="sidecar", port=SIDECAR_PORT, target_port=SIDECAR_PORT)],
        ),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[namespace]),
    )


def mounted(annotations: Mapping[str, str]) -> dict[str, str]:
    """The annotations of pods whose sidecar mounts the Secret besides what it mounts already."""
    mounts = [*filter(None, [annotations.get(_MOUNTS)]), f"{SECRET}:{MOUNTED}"]
    return {**annotations, _MOUNTS: ",".join(mounts)}


def name_problems(workloads: Mapping[str, WorkloadSpec]) -> Iterator[str]:
    """Services that the catalog could not tell apart: it has one name for both, and the resolver asks for no other."""
    first: dict[str, str] = {}
    for workload, spec in workloads.items():
        for service in sidecars(spec):
            if service in first:
                yield (
                    f"workloads/{workload}.yaml: services.{service}: workloads/{first[service]}.yaml has a sidecar of "
                    "this name too, and Consul knows no namespaces; rename one, or set mesh.consul: false"
                )
            first.setdefault(service, workload)
