"""A local stack's cluster: a context of the user's own kubeconfig."""

import pulumi_kubernetes as kubernetes

from components.contracts import Cluster


def local_cluster(context: str) -> Cluster:
    """The cluster behind `context`. Its nodes are there already, so nothing waits for them."""
    provider = kubernetes.Provider(
        "cluster-provider",
        context=context,
        cluster_identifier=f"context://{context}",
        enable_secret_mutable=True,  # else a changed Secret is deleted before the new one is there
    )
    return Cluster(name=context, provider=provider, nodes=[], access_command=f"kubectl config use-context {context}")
