"""Names of objects and releases whose program gives none."""

from typing import Any

from rehearsal.providers.autonaming import generate
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import Properties

_AUTONAMED = "pulumi.com/autonamed"


def named_release(operation: Operation, namespace: str) -> Properties:
    """A release's inputs with its name and the namespace that it goes to unless it says another."""
    inputs = {"namespace": namespace, **operation.inputs}
    if "name" not in inputs:
        inputs["name"] = operation.old_inputs.get("name") or _generate(operation)
    return inputs


def named_object(operation: Operation) -> Properties:
    """An object's inputs with its name, marked as generated where it is."""
    metadata = dict(operation.inputs.get("metadata") or {})
    if "name" in metadata or "generateName" in metadata:
        return operation.inputs
    former = operation.old_inputs.get("metadata") or {}
    kept = (former.get("annotations") or {}).get(_AUTONAMED) == "true"
    metadata["name"] = former["name"] if kept else _generate(operation)
    metadata["annotations"] = {**(metadata.get("annotations") or {}), _AUTONAMED: "true"}
    return {**operation.inputs, "metadata": metadata}


def keeps_name(operation: Operation) -> bool:
    """An object with a name of its own has to go before its successor comes. Source: pulumi-kubernetes provider.go."""
    old, new = operation.old_inputs.get("metadata") or {}, operation.inputs.get("metadata") or {}
    autonamed = (new.get("annotations") or {}).get(_AUTONAMED) == "true"
    return not autonamed and (old.get("name"), old.get("namespace")) == (new.get("name"), new.get("namespace"))


def _generate(operation: Operation) -> Any:
    return generate(operation.name, operation.seed, digits=8, engine=operation.autonaming)
