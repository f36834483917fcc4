"""Who manages which field: the record that server-side apply keeps, and how a program's own fields stay its own."""

import hashlib
from typing import Any, Final

from rehearsal.providers.kubernetes_api.objects.manifests import FIELD_MANAGER, annotation
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import Properties

CREATOR: Final = "pulumi-kubernetes"
"""The manager of everything that was created and never applied yet. Source: pulumi-kubernetes await.go."""

_TAKEN_OVER = frozenset(
    {
        ("kubectl", "Apply"),
        ("kubectl", "Update"),
        ("before-first-apply", "Update"),
        (CREATOR, "Update"),
        ("pulumi-kubernetes.exe", "Update"),
        ("pulumi-resource-kubernetes", "Update"),
    }
)
_OWN_CREATORS = frozenset({CREATOR, "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"})


def field_manager(operation: Operation, *, server_side: bool) -> str:
    """The name under which an object's fields are applied; the same for its whole life."""
    if not server_side:
        return CREATOR
    named = annotation(operation.inputs or operation.old_inputs, "pulumi.com/patchFieldManager")
    if named:
        return named
    former = operation.old_outputs.get(FIELD_MANAGER)
    if isinstance(former, str) and former != CREATOR:
        return former
    return f"{CREATOR}-{hashlib.sha256(operation.urn.encode()).hexdigest()[:8]}"


def takeover(live: Properties, manager: str) -> list[Properties]:
    """The JSON patch that hands the fields of earlier managers to the one that applies; empty where there are none."""
    entries = live["metadata"].get("managedFields") or []
    taken = [entry for entry in entries if _key(entry) in _TAKEN_OVER and not entry.get("subresource")]
    if not taken:
        return []
    own = [entry for entry in entries if _key(entry) == (manager, "Apply")]
    rest = [entry for entry in entries if entry not in taken and entry not in own]
    fields: Properties = {}
    for entry in [*own, *taken]:
        fields = _union(fields, entry.get("fieldsV1") or {})
    first = (own or taken)[0]
    merged = {**first, "manager": manager, "operation": "Apply", "fieldsV1": fields}
    return [{"op": "replace", "path": "/metadata/managedFields", "value": [merged, *rest]}]


def forces(operation: Operation, live: Properties | None, *, always: bool) -> bool:
    """Whether fields of other managers are overwritten. Source: pulumi-kubernetes await.go patchForce."""
    if always or annotation(operation.inputs, "pulumi.com/patchForce") == "true":
        return True
    if live is None:
        return operation.preview
    entries = live["metadata"].get("managedFields") or []
    created_here = any(entry["operation"] == "Update" and entry["manager"] in _OWN_CREATORS for entry in entries)
    return not entries or (operation.preview and created_here)


def _key(entry: Properties) -> tuple[str, str]:
    return entry["manager"], entry["operation"]


def _union(left: Any, right: Any) -> Any:
    if isinstance(left, dict) and isinstance(right, dict):
        return {key: _union(left.get(key, {}), right.get(key, {})) for key in {**left, **right}}
    return left or right
