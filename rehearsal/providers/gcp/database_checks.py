"""Cloud SQL, and the private connection that it is reached by."""

import re
from collections.abc import Iterator

from rehearsal.providers import paths
from rehearsal.providers.errors import CloudError
from rehearsal.providers.gcp.names import relative_name
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.wire import Properties

INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance"
CONNECTION = "gcp:servicenetworking/connection:Connection"
RANGE = "gcp:compute/globalAddress:GlobalAddress"
_NETWORK = "settings.ipConfiguration.privateNetwork"
_CUSTOM_TIER = re.compile(r"^db-custom-(?P<vcpus>\d+)-(?P<mib>\d+)$")
_SMALL_TIERS = ("db-f1-micro", "db-g1-small")
_POSTGRES = re.compile(r"^POSTGRES_(?P<major>\d+)(_\d+)?$")
_FIRST_OF_ENTERPRISE_PLUS = 16


def check_instance(inputs: Properties, inventory: Inventory) -> None:
    """Refuses an instance that Cloud SQL would not make."""
    _check_connection(inputs, inventory)
    settings = inputs.get("settings") or {}
    major = _major(inputs)
    edition = settings.get("edition") or ("ENTERPRISE_PLUS" if major >= _FIRST_OF_ENTERPRISE_PLUS else "ENTERPRISE")
    _check_tier(str(settings.get("tier")), edition)
    _check_backups(settings, edition, postgres=major > 0)


def check_version(old: Properties, new: Properties) -> None:
    """Source: cloud.google.com/sql/docs/postgres/upgrade-major-db-version-inplace (a way up, and none down)."""
    before, after = _major(old), _major(new)
    if after < before:
        raise CloudError(
            f"googleapi: Error 400: Invalid request: Downgrade from {old['databaseVersion']} to "
            f"{new['databaseVersion']} is not supported., invalid"
        )


def check_delete(row: Properties) -> None:
    """Source: SDK docstring of settings.deletionProtectionEnabled (a guard of the API's own)."""
    if paths.first(row, "settings.deletionProtectionEnabled") is True:
        raise CloudError(
            "googleapi: Error 400: The instance is protected against deletion. Disable deletion protection before "
            "deleting it., deletionProtectionEnabled"
        )


def check_ranges(connection: Properties, found: Iterator[Resource | None]) -> None:
    """Source: SDK docstring of reservedPeeringRanges (ranges of PEERING type)."""
    for row in found:
        if row is not None and row.inputs.get("purpose") != "VPC_PEERING":
            raise CloudError(
                f"googleapi: Error 400: the reserved range '{row.name}' of {connection.get('service')} does not have "
                "the purpose VPC_PEERING, badRequest"
            )


def check_disconnect(connection: Properties, inventory: Inventory) -> None:
    """What a producer still keeps, also of a deleted instance, holds the connection for days.

    Sources: github.com/hashicorp/terraform-provider-google/issues/19908; SDK docstring of deletionPolicy, of which
    REMOVE_PEERING lets go of the peering all the same.
    """
    if connection.get("deletionPolicy") == "REMOVE_PEERING":
        return
    network = relative_name(str(connection.get("network")))
    for row in inventory.list(type=INSTANCE):
        if relative_name(str(paths.first(row.inputs, _NETWORK))) == network:
            raise CloudError(
                "Unable to remove Service Networking Connection, err: Error waiting for Delete Service Networking "
                "Connection: Error code 9, message: Failed to delete connection; Producer services (e.g. CloudSQL, "
                "Cloud Memstore, etc.) are still using this connection."
            )


def check_range(address: Properties) -> None:
    """Source: compute v1 API reference, globalAddresses, purpose (VPC_PEERING is for internal ranges)."""
    if address.get("purpose") == "VPC_PEERING" and address.get("addressType") != "INTERNAL":
        raise CloudError(
            f"googleapi: Error 400: Invalid value for field 'addressType': '{address.get('addressType')}'. "
            "VPC_PEERING is for INTERNAL ranges., invalid"
        )


def _major(inputs: Properties) -> int:
    """The major version of PostgreSQL, 0 for another engine."""
    version = _POSTGRES.match(str(inputs.get("databaseVersion")))
    return int(version["major"]) if version else 0


def _check_connection(inputs: Properties, inventory: Inventory) -> None:
    """Source: SDK docstrings of privateNetwork (the service networking connection has to exist first), ipv4Enabled."""
    network = paths.first(inputs, _NETWORK)
    if network is None:
        if paths.first(inputs, "settings.ipConfiguration.ipv4Enabled") is False:
            raise CloudError(
                "googleapi: Error 400: Invalid request: at least one of ipv4Enabled and privateNetwork is needed., "
                "invalid"
            )
        return
    connections = inventory.list(type=CONNECTION)
    if not any(relative_name(str(row.inputs.get("network"))) == relative_name(network) for row in connections):
        raise CloudError(
            f"googleapi: Error 400: Invalid request: the network {network} has no private services connection, "
            "NETWORK_NOT_PEERED"
        )


def _check_tier(tier: str, edition: str) -> None:
    """Sources: SDK docstring of tier; cloud.google.com/sql/docs/postgres/instance-settings (cores and memory)."""
    custom = _CUSTOM_TIER.match(tier)
    if edition != "ENTERPRISE" and (custom or tier in _SMALL_TIERS):
        raise CloudError(
            f"googleapi: Error 400: Invalid request: Invalid Tier ({tier}) for (ENTERPRISE_PLUS) Edition. Use a "
            "predefined Tier like db-perf-optimized-N-* instead., invalid"
        )
    if not custom:
        return
    vcpus, mib = int(custom["vcpus"]), int(custom["mib"])
    fits = vcpus == 1 or (vcpus % 2 == 0 and 2 <= vcpus <= 96)
    if not fits or mib % 256 or mib < 3840 or not 0.9 * vcpus <= mib / 1024 <= 6.5 * vcpus:
        raise CloudError(
            f"googleapi: Error 400: Invalid request: Invalid Tier ({tier}): 1 vCPU or an even number up to 96, with "
            "0.9 to 6.5 GiB each, a multiple of 256 MiB and 3840 at least., invalid"
        )


def _check_backups(settings: Properties, edition: str, *, postgres: bool) -> None:
    """Sources: SDK docstrings of availabilityType and transactionLogRetentionDays."""
    backups = settings.get("backupConfiguration") or {}
    if postgres and settings.get("availabilityType") == "REGIONAL":
        for key in ("enabled", "pointInTimeRecoveryEnabled"):
            if backups.get(key) is not True:
                raise CloudError(
                    f"googleapi: Error 400: Invalid request: a REGIONAL instance needs backupConfiguration.{key}., "
                    "invalid"
                )
    most = 35 if edition == "ENTERPRISE_PLUS" else 7
    days = backups.get("transactionLogRetentionDays")
    if days is not None and not 1 <= days <= most:
        raise CloudError(
            f"googleapi: Error 400: Invalid request: transactionLogRetentionDays is {days:g}; in the edition {edition} "
            f"it is 1 to {most}., invalid"
        )
