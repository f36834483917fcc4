"""Changes that the API server refuses."""

import re
from collections.abc import Iterable

from rehearsal.providers.diff import Change, replacing
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Resource
from rehearsal.providers.kubernetes.kinds import Kind

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
_QUANTITY = re.compile(r"^(?P<number>[0-9.]+)(?P<unit>[A-Za-z]*)$")
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_UNITS |= {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}


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


def size(quantity: object) -> float:
    """A quantity such as 10Gi in bytes."""
    match = _QUANTITY.match(str(quantity))
    if match is None or match["unit"] not in _UNITS:
        raise CloudError(f"quantities must match the regular expression of Kubernetes quantities: {quantity!r}")
    return float(match["number"]) * _UNITS[match["unit"]]


def _is_fixed_in_stateful_set(path: str) -> bool:
    inside = path.startswith("spec.")
    return inside and not any(
        path == free or path.startswith((f"{free}.", f"{free}[")) for free in _STATEFUL_SET_MAY_CHANGE
    )
