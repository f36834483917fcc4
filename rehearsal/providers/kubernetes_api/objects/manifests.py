"""From a program's inputs to the manifest that the API server gets, and from its answer back to state."""

from typing import Any, Final

from rehearsal.providers.kubernetes.kinds import Kind
from rehearsal.providers.wire import UNKNOWN, Properties, Secret, Special, has_unknown, plain, transform

FIELD_MANAGER: Final = "__fieldManager"
_INPUTS = "__inputs"
_FIRST_VERSION = "__initialApiVersion"

# Property names are identifiers in every language; these are the ones of a schema that are none.
_DASHED = {
    f"x_kubernetes_{name}": f"x-kubernetes-{name.replace('_', '-')}"
    for name in (
        "embedded_resource",
        "int_or_string",
        "list_map_keys",
        "list_type",
        "map_type",
        "preserve_unknown_fields",
        "validations",
    )
}
_UNDERSCORED = {dashed: name for name, dashed in _DASHED.items()}
_READ_ONLY = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)
_SERVERS = ("uid", "resourceVersion", "creationTimestamp", "generation")


def manifest(kind: Kind, inputs: Properties, namespace: str | None) -> Properties:
    """The object as it is sent: in plain text, without what only the server sets.

    The namespace is the provider's own one, for an object that names none.
    """
    given = _renamed(plain(transform(inputs, _content)), _DASHED)
    metadata = {key: value for key, value in (given.get("metadata") or {}).items() if key not in _READ_ONLY}
    if namespace and not metadata.get("namespace"):
        metadata["namespace"] = namespace
    name = _patched(kind.name, given)
    sent = {**given, "apiVersion": kind.api_version, "kind": name, "metadata": metadata}
    if name == "CustomResourceDefinition":
        sent.pop("status", None)
    return sent


def is_patch(token: str, inputs: Properties) -> bool:
    """Whether a resource sets fields of an object that somebody else owns."""
    kind = inputs.get("kind")
    return isinstance(kind, str) and token.endswith(f":{kind}Patch")


def annotation(inputs: Properties, name: str) -> str | None:
    """The text of one of the object's annotations."""
    metadata = plain(inputs.get("metadata"))
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    value = annotations.get(name) if isinstance(annotations, dict) else None
    return None if value is None or value is UNKNOWN else str(value)


def annotated(inputs: Properties, name: str) -> bool:
    return annotation(inputs, name) == "true"


def state(live: Properties, inputs: Properties, field_manager: str) -> Properties:
    """What is kept of a live object: all of it but the record of who manages which field, secrets marked."""
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    kept = _renamed(without_nulls({**live, "metadata": metadata}), _UNDERSCORED)
    return {
        **with_secrets(kept, inputs),
        _INPUTS: inputs,
        _FIRST_VERSION: live["apiVersion"],
        FIELD_MANAGER: field_manager,
    }


def promised(live: Properties, inputs: Properties, old: Properties) -> Properties:
    """What a dry run lets a preview say: names and times that the server gives are given anew by the update."""
    former = old.get("metadata")
    before = former if isinstance(former, dict) else {}
    metadata = {**live["metadata"], **{key: before.get(key, UNKNOWN) for key in _SERVERS}}
    seen = {**live, "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}}
    kept = _renamed(without_nulls(seen), _UNDERSCORED)
    return {**with_secrets(kept, inputs), "status": old.get("status", UNKNOWN)}


def with_secrets(live: Any, inputs: Any) -> Any:
    """The live object with everything marked as secret that is so in the inputs; all data of a Secret is."""
    if isinstance(inputs, Secret):
        return live if isinstance(live, Secret) else Secret(live)
    if isinstance(live, dict) and isinstance(inputs, dict):
        marked = {key: with_secrets(value, inputs.get(key)) for key, value in live.items()}
        if live.get("kind") == "Secret":
            marked |= {key: Secret(live[key]) for key in ("data", "stringData") if key in live}
        return marked
    if isinstance(live, list) and _has_secret(inputs):
        # The server may order a list anew.
        return Secret(live)
    return live


def without_nulls(value: Any) -> Any:
    """The value without members that are null: absent and null mean the same."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def renamed(live: Properties) -> Properties:
    """A live object with the names that inputs have."""
    return _renamed(live, _UNDERSCORED)


def complete(inputs: Properties) -> bool:
    """Whether everything that would be sent is known."""
    return not has_unknown(inputs)


def _patched(name: str, given: Properties) -> str:
    kind = given.get("kind")
    return kind if isinstance(kind, str) and name == f"{kind}Patch" else name


def _content(leaf: Any) -> Any:
    return transform(dict(leaf.fields), _content) if isinstance(leaf, Special) else leaf


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return value


def _has_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_secret(item) for item in value)
    return isinstance(value, Secret)
