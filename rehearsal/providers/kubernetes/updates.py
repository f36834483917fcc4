"""Changes that the API server refuses."""

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
