"""The foundation of a local stack: the context of an existing cluster, and volumes in place of buckets."""

from components.contracts import BACKUPS_WRITER, LOGS_WRITER, Capabilities, Demands, Foundation, Registry
from components.local.cluster import local_cluster
from components.local.object_store import volume
from stacks.settings import LocalStack


def build_foundation(stack: LocalStack, demands: Demands) -> Foundation:
    """The foundation of a local stack."""
    return Foundation(
        cluster=local_cluster(stack.account.context),
        registry=Registry(image_prefix=stack.cluster.registry),
        logs=volume("logs", LOGS_WRITER),
        backups=volume("backups", BACKUPS_WRITER),
        capabilities=Capabilities(
            storage_class=stack.cluster.storage_class,
            control_plane_metrics=False,  # kind and minikube bind scheduler, controller manager and etcd to loopback
            kube_proxy_metrics=False,
            cluster_dns="coredns",
        ),
    )
