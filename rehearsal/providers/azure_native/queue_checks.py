"""What Azure refuses about Service Bus namespaces and the queues in them."""

import re
from typing import Final

from rehearsal.providers import paths
from rehearsal.providers.azure_native.encryption_checks import check_use
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource

NAMESPACE: Final = "azure-native:servicebus:Namespace"
QUEUE: Final = "azure-native:servicebus:Queue"

_LONGEST_LOCK = 300
_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")


def check_namespace(subject: Subject, row: Resource | None, inventory: Inventory) -> None:
    """Sources: learn.microsoft.com/azure/service-bus-messaging/ service-bus-premium-messaging, network-security,
    service-bus-migrate-standard-premium (tiers) and configure-customer-managed-key (encryption).
    """
    premium = _is_premium(subject.inputs)
    if row is not None and premium != _is_premium(row.inputs):
        raise _refused("SkuUpdateNotSupported", f"the namespace {subject.name} goes to another tier by a migration.")
    needs = {
        "encryption": paths.first(subject.inputs, "encryption.keyVaultProperties"),
        "publicNetworkAccess": subject.inputs.get("publicNetworkAccess") == "Disabled",
    }
    for path, used in needs.items():
        if used and not premium:
            raise _refused("SkuNotSupported", f"{path} needs the Premium sku.")
    units = paths.first(subject.inputs, "sku.capacity")
    if premium and units is not None and units not in _units(subject):
        raise _refused("InvalidSkuCapacity", f"a Premium namespace has 1, 2, 4, 8 or 16 messaging units, not {units}.")
    _check_encryption(subject, row, inventory)


def _units(subject: Subject) -> list[int]:
    """Source: SDK docstring of capacity."""
    partitions = subject.inputs.get("premiumMessagingPartitions") or 1
    return [partitions * units for units in (1, 2, 4, 8, 16)]


def _check_encryption(subject: Subject, row: Resource | None, inventory: Inventory) -> None:
    path = "encryption.keyVaultProperties"
    keys = paths.first(subject.inputs, path) or []
    if row is not None and bool(keys) != bool(paths.first(row.inputs, path)) and _has_queues(row, inventory):
        raise _refused("EncryptionNotAllowed", f"encryption of {subject.name} is settled before it has queues.")
    for key in keys:
        uri, name = key.get("keyVaultUri"), key.get("keyName")
        if not (uri and name):
            raise _refused("InvalidValues", "a key has keyVaultUri and keyName.")
        identity = paths.first(key, "identity.userAssignedIdentity")
        check_use(f"{str(uri).rstrip('/')}/keys/{name}", identity, subject, inventory)


def _has_queues(row: Resource, inventory: Inventory) -> bool:
    return any(queue.id.startswith(f"{row.id}/") for queue in inventory.list(type=QUEUE, retained=False))


def check_queue(subject: Subject) -> None:
    """Source: SDK docstring of lockDuration."""
    lock = subject.inputs.get("lockDuration")
    if lock is not None and not 0 < _seconds(str(lock)) <= _LONGEST_LOCK:
        raise _refused("BadRequest", f"lockDuration {lock} is longer than five minutes, or no duration at all.")
    kept = subject.inputs.get("defaultMessageTimeToLive")
    if kept is not None and _seconds(str(kept)) < 1:
        raise _refused("BadRequest", f"defaultMessageTimeToLive {kept} is no duration of a second or longer.")


def _seconds(duration: str) -> float:
    """A duration in seconds; nought for what is none."""
    match = _DURATION.match(duration)
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _is_premium(inputs: dict[str, object]) -> bool:
    return paths.first(inputs, "sku.name") == "Premium"


def _refused(code: str, message: str) -> CloudError:
    return CloudError(f'Status=400 Code="{code}": {message}')
