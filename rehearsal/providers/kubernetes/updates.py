"""Changes that the API server refuses."""

import re
from collections.abc import Iterable
from decimal import Decimal

from rehearsal.providers.diff import Change, replacing
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Resource
from rehearsal.providers.kubernetes.kinds import Kind
from rehearsal.providers.kubernetes.quantities import amount

# Source: the API server's own answer; kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1.
_STATEFUL_SET_MAY_CHANGE = (
    "spec.replicas",
    "spec.ordinals",
    "spec.template",
    "spec.updateStrategy",
    "spec.revisionHistoryLimit",
    "spec.persistentVolumeClaimRetentionPolicy",
    "spec.minReadySeconds",
)
_CLAIM_SIZE = "spec.resources.requests.storage"

# Source: github.com/cloudnative-pg/cloudnative-pg at v1.30.0, internal/webhook/v1/cluster_webhook.go.
_POSTGRES_SIZE = re.compile(r"spec\.(storage|walStorage)\.size")

# Source: github.com/strimzi/strimzi-kafka-operator at 1.2.0, BatchingTopicController.java.
_TOPIC = {
    "spec.topicName": "Changing spec.topicName is not supported",
    "spec.replicas": "Replication factor change not supported, but required for partitions of the topic",
}


def check_update(kind: Kind, row: Resource, found: Iterable[Change], immutable: frozenset[str]) -> None:
    """Refuses a change of what is fixed at creation."""
    for change in found:
        if replacing(change, immutable):
            raise CloudError(f'{kind.name} "{row.name}" is invalid: {change.path}: field is immutable')
        if kind.name == "StatefulSet" and _is_fixed_in_stateful_set(change.path):
            raise CloudError(
                f'StatefulSet.apps "{row.name}" is invalid: spec: Forbidden: updates to statefulset spec for fields '
                f"other than {', '.join(_STATEFUL_SET_MAY_CHANGE)} are forbidden ({change.path})"
            )
        if kind.name == "PersistentVolumeClaim" and change.path == _CLAIM_SIZE and size(change.new) < size(change.old):
            raise CloudError(
                f'PersistentVolumeClaim "{row.name}" is invalid: {_CLAIM_SIZE}: Forbidden: '
                "field can not be less than previous value"
            )
        _check_data(kind, row, change)


def _check_data(kind: Kind, row: Resource, change: Change) -> None:
    """What the operators of databases and brokers do not do."""
    sized = kind.qualified == "postgresql.cnpg.io/Cluster" and _POSTGRES_SIZE.fullmatch(change.path)
    if sized and size(change.new) < size(change.old):
        raise CloudError(
            'admission webhook "vcluster.cnpg.io" denied the request: Cluster.postgresql.cnpg.io '
            f'"{row.name}" is invalid: {change.path.rpartition(".")[0]}: Invalid value: "{change.new}": '
            f"can't shrink existing storage from {change.old} to {change.new}"
        )
    if kind.qualified != "kafka.strimzi.io/KafkaTopic":
        return
    fewer = change.path == "spec.partitions" and change.new < change.old
    if refused := "Decreasing partitions not supported" if fewer else _TOPIC.get(change.path):
        raise CloudError(f'KafkaTopic "{row.name}" never became ready: [NotSupported] {refused}')


def size(quantity: object) -> Decimal:
    """A quantity such as 10Gi in bytes."""
    found = amount(quantity)
    if found is None:
        raise CloudError(f"quantities must match the regular expression of Kubernetes quantities: {quantity!r}")
    return found


def _is_fixed_in_stateful_set(path: str) -> bool:
    inside = path.startswith("spec.")
    return inside and not any(
        path == free or path.startswith((f"{free}.", f"{free}[")) for free in _STATEFUL_SET_MAY_CHANGE
    )
