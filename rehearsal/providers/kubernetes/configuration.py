"""Changes of the provider's own settings: which of them mean another cluster."""

from dataclasses import replace

from rehearsal.providers.diff import Diff
from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes.kubeconfig import active, parse_kubeconfig
from rehearsal.providers.provider import configuration_diff
from rehearsal.providers.wire import Properties, has_unknown, plain


def change_of_configuration(old: Properties, new: Properties) -> Diff:
    """Source: pulumi-kubernetes provider.go DiffConfig."""
    old, new = plain(old), plain(new)
    diff = configuration_diff(old, new)
    if not diff.changes:
        return diff
    identifier = new.get("clusterIdentifier")
    if identifier is not None and identifier == old.get("clusterIdentifier"):
        return diff
    both_identified = identifier is not None and "clusterIdentifier" in old
    found = ["clusterIdentifier"] if both_identified else []
    return replace(diff, replaces=found + _another_cluster(old, new))


def _another_cluster(old: Properties, new: Properties) -> list[str]:
    keys = [key for key in ("kubeconfig", "context", "cluster") if old.get(key) != new.get(key)]
    unknown = [key for key in keys if has_unknown(new.get(key))]
    if unknown:
        return unknown[:1]
    return keys if keys and _active_cluster(old) != _active_cluster(new) else []


def _active_cluster(configuration: Properties) -> object:
    kubeconfig = parse_kubeconfig(configuration.get("kubeconfig"))
    if kubeconfig is None:
        return configuration.get("context")
    try:
        return active(kubeconfig, configuration)[0]
    except CloudError:
        return None
