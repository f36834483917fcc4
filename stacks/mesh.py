"""What takes part in discovery besides Kubernetes."""

from stacks.model import Model


class Mesh(Model):
    """How services find each other."""

    consul: bool = False
    """Whether Consul keeps a catalog of the workloads' services, in which sidecars look each other up. By default they
    ask Kubernetes' DNS. Switching it brings new pods of every service with a sidecar; switching it off also deletes the
    catalog, which is made again of what runs."""
