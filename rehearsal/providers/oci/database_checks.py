"""Database systems of OCI Database with PostgreSQL."""

from typing import Final

from rehearsal.providers import paths
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.oci.network_checks import SECURITY_GROUP, SUBNET

DB_SYSTEM: Final = "oci:Psql/dbSystem:DbSystem"
_LONGEST_BACKUP: Final = 35


def check_system(subject: Subject, inventory: Inventory, row: Resource | None) -> None:
    """Sources: SDK docstrings of storageDetails, credentials, dbVersion and patchOperations;
    docs.oracle.com/iaas/Content/postgresql/backups.htm (35 days at most).
    """
    inputs = subject.inputs
    _check_storage(inputs)
    _check_network(inputs, inventory)
    if row is None:
        _check_credentials(inputs)
    else:
        _check_change(inputs, row)
    days = paths.first(inputs, "managementPolicy.backupPolicy.retentionDays")
    if isinstance(days, int | float) and not 1 <= days <= _LONGEST_BACKUP:
        raise _refused(f"backups are kept for 1 to {_LONGEST_BACKUP} days, not {days:g}")


def _check_storage(inputs: dict[str, object]) -> None:
    durable = paths.first(inputs, "storageDetails.isRegionallyDurable") is True
    domain = paths.first(inputs, "storageDetails.availabilityDomain")
    if durable and domain:
        raise _refused("availabilityDomain should not be specified with isRegionallyDurable")
    if not durable and not domain:
        raise _refused("availabilityDomain must be specified without isRegionallyDurable")


def _check_network(inputs: dict[str, object], inventory: Inventory) -> None:
    subnet = inventory.get(SUBNET, str(paths.first(inputs, "networkDetails.subnetId")))
    for identity in paths.select(inputs, "networkDetails.nsgIds[*]"):
        group = inventory.get(SECURITY_GROUP, str(identity))
        if subnet and group and group.inputs["vcnId"] != subnet.inputs["vcnId"]:
            raise _refused(f"the security group {identity} is not in the VCN of the subnet")


def _check_credentials(inputs: dict[str, object]) -> None:
    made_from = paths.first(inputs, "source.sourceType")
    if made_from in (None, "NONE") and not paths.first(inputs, "credentials.passwordDetails"):
        raise _refused("credentials must be given for a system that is not made from a backup")


def _check_change(inputs: dict[str, object], row: Resource) -> None:
    old, new = str(row.inputs["dbVersion"]), str(inputs["dbVersion"])
    if old.isdigit() and new.isdigit() and int(new) < int(old):
        raise _refused(f"a database system cannot go back from version {old} to {new}")
    if row.inputs.get("instanceCount") != inputs.get("instanceCount") and not inputs.get("patchOperations"):
        raise _refused("the number of instances is changed by patchOperations that add or remove them")


def _refused(message: str) -> CloudError:
    return CloudError(f"Error 400-InvalidParameter: {message}")
