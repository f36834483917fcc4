"""The Kubernetes cluster, what it can do, and where its images come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_kubernetes as kubernetes


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A Kubernetes cluster, usable before its nodes exist."""

    name: pulumi.Input[str]
    """Name of the cluster, as its cloud shows it."""

    provider: kubernetes.Provider
    """Reaches the Kubernetes API. Ready as soon as the API is; holds no credential."""

    nodes: Sequence[pulumi.Resource]
    """What running pods need: node pools, and the way to images. What needs only the API does not depend on it."""

    access_command: pulumi.Input[str]
    """Command that gives a person's kubectl access to the cluster."""


@dataclass(frozen=True, kw_only=True)
class PullCredential:
    """A user and token of a registry, for registries that nodes cannot pull from by their own identity."""

    generation: str
    """Differs from that of every other token. Part of the Secret's name: a new token brings new pods."""

    server: str
    """Host of the registry."""

    username: pulumi.Input[str]
    """Whose token it is."""

    token: pulumi.Input[str]
    """Proves it. A secret since it was generated; pods get it by the name of a Secret alone."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Where the images of the application services are pulled from."""

    image_prefix: pulumi.Input[str]
    """What stands before `/<workload>/<service>:<tag>` in the name of an image."""

    pull_credential: PullCredential | None = None
    """What pods pull with, where the nodes' identity is not enough."""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What the platform has to know of the cluster that it runs on."""

    storage_class: str
    """StorageClass of claims."""

    control_plane_metrics: bool
    """Whether scheduler, controller manager and etcd can be scraped. Managed control planes hide them."""

    kube_proxy_metrics: bool
    """Whether there is a kube-proxy that can be scraped."""

    cluster_dns: Literal["coredns", "kube-dns"]
    """Which server answers the cluster's DNS."""

    metrics_server: bool
    """Whether the cloud brings metrics-server, which tells autoscalers what pods use."""

    kubelet_certificates: bool = True
    """Whether the cluster's authority signed the certificates that kubelets show."""

    load_balancer_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Annotations of a Service of type LoadBalancer that faces the internet and keeps the client's address."""
