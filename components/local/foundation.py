"""The foundation of a local stack: the context of an existing cluster, and volumes in place of buckets."""

import pulumi_kubernetes as kubernetes

from components.contracts import (
    BACKUPS_WRITER,
    LOGS_WRITER,
    Capabilities,
    Cluster,
    Foundation,
    ObjectStore,
    Registry,
    ServiceAccount,
    WorkloadIdentity,
)
from stacks.settings import LocalStack


def build_foundation(stack: LocalStack) -> Foundation:
    """The foundation of a local stack. The cluster's nodes are there already, so nothing waits for them."""
    context = stack.account.context
    provider = kubernetes.Provider("cluster-api", context=context, cluster_identifier=f"context://{context}")
    return Foundation(
        cluster=Cluster(
            name=context, provider=provider, nodes=[], access_command=f"kubectl config use-context {context}"
        ),
        registry=Registry(image_prefix=stack.cluster.registry),
        logs=_volume("logs", LOGS_WRITER),
        backups=_volume("backups", BACKUPS_WRITER),
        capabilities=Capabilities(
            storage_class=stack.cluster.storage_class,
            control_plane_metrics=False,  # kind and minikube bind scheduler, controller manager and etcd to loopback
            kube_proxy_metrics=False,
            cluster_dns="coredns",
        ),
    )


def _volume(name: str, writer: ServiceAccount) -> ObjectStore:
    return ObjectStore(
        bucket=name,
        kind="filesystem",
        loki_storage={"type": "filesystem"},
        identity=WorkloadIdentity(service_account=writer),
    )
