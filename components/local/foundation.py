"""The foundation of a local stack: the context of an existing cluster, and means inside it in place of a cloud's."""

import pulumi

from components.contracts import (
    BACKUPS_WRITER,
    LOGS_WRITER,
    SECRETS_READER,
    Capabilities,
    Cluster,
    Demands,
    Foundation,
    Registry,
    SecretStore,
    WorkloadIdentity,
)
from components.local.cluster import local_cluster
from components.local.cluster_network import NETWORK
from components.local.object_store import volume
from components.local.secrets import FIELD, LocalSecrets, LocalSecretsArgs, secret_store_provider
from components.namespaces import VAULT
from stacks.settings import LocalStack


def build_foundation(stack: LocalStack, demands: Demands) -> Foundation:
    """The foundation of a local stack. Nobody outside reaches the cluster, so there is no zone."""
    cluster = local_cluster(stack.account.context)
    return Foundation(
        cluster=cluster,
        registry=Registry(image_prefix=stack.cluster.registry),
        logs=volume("logs", LOGS_WRITER),
        backups=volume("backups", BACKUPS_WRITER),
        database_backups=volume("database-backups"),
        secrets=_secret_store(stack, cluster),
        # There is no cloud whose principal a service could be: its secrets reach it as Secrets, as everywhere.
        principals={account: WorkloadIdentity(service_account=account) for account in demands.principals},
        capabilities=Capabilities(
            storage_class=stack.cluster.storage_class,
            control_plane_metrics=False,  # kind and minikube bind scheduler, controller manager and etcd to loopback
            kube_proxy_metrics=False,
            metrics_server=stack.cluster.metrics_server,
            kubelet_certificates=False,
            cluster_dns="coredns",
        ),
        network=NETWORK,
    )


def _secret_store(stack: LocalStack, cluster: Cluster) -> SecretStore:
    secrets = LocalSecrets(
        "secrets",
        LocalSecretsArgs(namespace=VAULT, protect=stack.protect),
        pulumi.ResourceOptions(providers=[cluster.provider]),
    )
    return SecretStore(
        vault=VAULT,
        provider=secret_store_provider(VAULT),
        reader=WorkloadIdentity(service_account=SECRETS_READER, grants=[secrets.grant]),
        field=FIELD,
    )
