"""What objects refer to: the namespace they live in, and what pods need before they start."""

from collections.abc import Iterator
from typing import Any

from rehearsal.providers import paths
from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes.cluster import NAMESPACE, Cluster
from rehearsal.providers.kubernetes.kinds import Kind
from rehearsal.providers.kubernetes.pod_security import violations
from rehearsal.providers.kubernetes.pod_templates import POD_TEMPLATES, pod_spec
from rehearsal.providers.kubernetes.quotas import count_refusal, pod_refusal
from rehearsal.providers.kubernetes.webhooks import injection_obstacles, webhook_refusal
from rehearsal.providers.wire import Properties

_SECRET = "kubernetes:core/v1:Secret"
_CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
_SERVICE_ACCOUNT = "kubernetes:core/v1:ServiceAccount"
_PRIORITY_CLASS = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_REFERRED_IN_CONTAINERS = (
    ("env[*].valueFrom.secretKeyRef", _SECRET),
    ("env[*].valueFrom.configMapKeyRef", _CONFIG_MAP),
    ("envFrom[*].secretRef", _SECRET),
    ("envFrom[*].configMapRef", _CONFIG_MAP),
)
_REFERRED_IN_VOLUMES = (
    ("secret", "secretName", _SECRET),
    ("configMap", "name", _CONFIG_MAP),
    ("persistentVolumeClaim", "claimName", _CLAIM),
)


def check_admission(kind: Kind, inputs: Properties, namespace: str, cluster: Cluster) -> None:
    """What the API server itself refuses."""
    if namespace and not cluster.has("kubernetes:core/v1:Namespace", namespace):
        raise CloudError(f'namespaces "{namespace}" not found')
    if refused := webhook_refusal(kind.qualified, cluster):
        raise CloudError(refused)
    name = paths.first(inputs, "metadata.name")
    if kind.name in _SELECTING:
        labels = paths.first(inputs, "spec.template.metadata.labels") or {}
        wanted = paths.first(inputs, "spec.selector.matchLabels") or {}
        if any(labels.get(key) != value for key, value in wanted.items()):
            raise CloudError(
                f'{kind.name}.{kind.group} "{name}" is invalid: spec.template.metadata.labels: '
                "Invalid value: `selector` does not match template `labels`"
            )
    spec = pod_spec(kind, inputs)
    priority = spec.get("priorityClassName")
    if priority is not None and not cluster.has(_PRIORITY_CLASS, priority):
        raise CloudError(f'pods "{name}" is forbidden: no PriorityClass with name {priority} was found')
    account = spec.get("serviceAccountName")
    if kind.name == "Pod" and account is not None and not cluster.has(_SERVICE_ACCOUNT, account, namespace):
        raise CloudError(
            f'pods "{name}" is forbidden: error looking up service account {namespace}/{account}: '
            f'serviceaccount "{account}" not found'
        )
    if kind.name == "Pod" and (refused := _admission_refusal(spec, namespace, cluster)):
        raise CloudError(f'pods "{name}" is forbidden: {refused}')


def check_count(kind: Kind, name: str, namespace: str, cluster: Cluster) -> None:
    """Refuses an object beyond the number that a quota of its namespace allows."""
    refused = count_refusal(kind, namespace, cluster) if namespace else None
    if refused is not None:
        raise CloudError(f'{kind.plural} "{name}" is forbidden: {refused}')


def missing(kind: Kind, inputs: Properties, namespace: str, cluster: Cluster) -> list[str]:
    """Why an object that was accepted never becomes ready."""
    if kind.name == "PersistentVolumeClaim":
        return _missing_storage_class(inputs.get("spec") or {}, cluster)
    if kind.name not in POD_TEMPLATES:
        return []
    spec = pod_spec(kind, inputs)
    found = [f'{what} "{name}" not found' for what, name in _absent(spec, namespace, cluster)]
    if kind.name != "Pod" and (refused := _admission_refusal(spec, namespace, cluster)):
        found.append(f"pods are forbidden: {refused}")
    found += injection_obstacles(paths.first(inputs, "spec.template.metadata.annotations") or {}, cluster)
    for template in paths.select(inputs, "spec.volumeClaimTemplates[*].spec"):
        found += _missing_storage_class(template, cluster)
    if kind.name != "DaemonSet" and (unplaced := cluster.node_obstacle(spec.get("tolerations") or ())):
        found.append(unplaced)
    return found


def missing_in_values(values: Any, cluster: Cluster) -> list[str]:
    """Classes of storage and of priority that chart values name and the cluster does not have."""
    names = (name for key in ("storageClassName", "storageClass") for name in _values_of(key, values))
    storage = [
        f'storageclass.storage.k8s.io "{name}" not found'
        for name in sorted(set(names))
        if name not in ("", "-") and not cluster.has_storage_class(name)
    ]
    return storage + [
        f"pods are forbidden: no PriorityClass with name {name} was found"
        for name in sorted(set(_values_of("priorityClassName", values)))
        if name and not cluster.has(_PRIORITY_CLASS, name)
    ]


def _admission_refusal(spec: Properties, namespace: str, cluster: Cluster) -> str | None:
    """What a namespace's own rules say against pods of a spec."""
    row = cluster.get(NAMESPACE, namespace)
    labels = {} if row is None else paths.first(row.inputs, "metadata.labels") or {}
    return violations(spec, labels) or pod_refusal(spec, namespace, cluster)


def _absent(spec: Properties, namespace: str, cluster: Cluster) -> Iterator[tuple[str, str]]:
    account = spec.get("serviceAccountName")
    if account is not None and not cluster.has(_SERVICE_ACCOUNT, account, namespace):
        yield "serviceaccount", account
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        for path, kind in _REFERRED_IN_CONTAINERS:
            for reference in paths.select(container, path):
                yield from _unless_there(kind, reference, reference.get("name"), namespace, cluster)
    for volume in spec.get("volumes") or []:
        for source, key, kind in _REFERRED_IN_VOLUMES:
            reference = volume.get(source)
            if reference is not None:
                yield from _unless_there(kind, reference, reference.get(key), namespace, cluster)


def _unless_there(
    kind: str, reference: Properties, name: Any, namespace: str, cluster: Cluster
) -> Iterator[tuple[str, str]]:
    if isinstance(name, str) and reference.get("optional") is not True and not cluster.has(kind, name, namespace):
        yield kind.rpartition(":")[2].lower(), name


def _missing_storage_class(spec: Properties, cluster: Cluster) -> list[str]:
    name = spec.get("storageClassName")
    if not name or cluster.has_storage_class(name):
        return []
    return [f'storageclass.storage.k8s.io "{name}" not found']


def _values_of(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key and isinstance(item, str):
                yield item
            else:
                yield from _values_of(key, item)
    elif isinstance(value, list):
        for item in value:
            yield from _values_of(key, item)
