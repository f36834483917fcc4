"""What NetworkPolicies have to know of the network of a local cluster, which is there already."""

from typing import Final

from components.network.cluster_network import ClusterNetwork, Door

PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""Pods, cluster IPs and nodes have private addresses (RFC 1918); which, only the cluster knows."""

NODES: Final = PRIVATE[1:]
"""Where the networks of containers and virtual machines are that nodes of kind, k3d and minikube live in. Their pods
and cluster IPs are in the first block."""

API_PORTS: Final = (6443, 8443)
"""Where the API server listens on such a node: that of kind and k3d, and that of minikube."""

NETWORK: Final = ClusterNetwork(own=PRIVATE, api_server=[Door(block=block, ports=API_PORTS) for block in NODES])
