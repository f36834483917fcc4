"""What changes in an object, and whether it takes a new one."""

from rehearsal.providers.diff import Diff, changes, replacing
from rehearsal.providers.kubernetes.kinds import RELEASE, replaces
from rehearsal.providers.kubernetes.naming import keeps_name
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import Properties


def difference(operation: Operation, configuration: Properties) -> Diff:
    """Changes of an object or a release, by the replace rules of its kind and the provider's settings."""
    old = operation.old_inputs or {key: operation.old_outputs.get(key) for key in operation.inputs}
    found = changes(old, operation.inputs)
    # Data that is said never to change is replaced, whatever the provider is told of data that may.
    fixed = replaces(operation.type, {} if operation.inputs.get("immutable") is True else configuration)
    needed = [change.path for change in found if replacing(change, fixed)]
    before = bool(needed) and operation.type != RELEASE and keeps_name(operation)
    return Diff(changes=found, replaces=needed, delete_before_replace=before)
