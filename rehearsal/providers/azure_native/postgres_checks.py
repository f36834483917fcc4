"""What Azure refuses about PostgreSQL servers."""

import re
from typing import Any, NoReturn

from rehearsal.providers import paths
from rehearsal.providers.azure_native.encryption_checks import check_use, location_of
from rehearsal.providers.azure_native.network_checks import SUBNET, network_of, ranges
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource

SERVER = "azure-native:dbforpostgresql:Server"
LINK = "azure-native:privatedns:VirtualNetworkLink"
ZONE = "azure-native:privatedns:PrivateZone"
DELEGATE = "Microsoft.DBforPostgreSQL/flexibleServers"
SUFFIX = ".postgres.database.azure.com"

TIERS = {"B": "Burstable", "D": "GeneralPurpose", "E": "MemoryOptimized"}
"""Source: learn.microsoft.com/azure/postgresql/compute-storage/concepts-compute (families of a tier)."""

SIZES = (32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767)
"""Source: learn.microsoft.com/azure/postgresql/compute-storage/concepts-storage-premium-ssd (Premium SSD)."""

RESERVED = ("azure_superuser", "azure_pg_admin", "admin", "administrator", "root", "guest", "public")
"""Source: learn.microsoft.com/azure/postgresql/configure-maintain/quickstart-create-server (administrator login)."""


class PostgresChecks:
    """One server, held against what is around it."""

    def __init__(self, subject: Subject, row: Resource | None, inventory: Inventory, referee: Referee) -> None:
        self._subject, self._row = subject, row
        self._inventory, self._referee = inventory, referee

    def run(self) -> None:
        self._size()
        self._administrator()
        self._network()
        self._encryption()
        if self._row is not None:
            self._only_grows(self._row)

    def _get(self, path: str) -> Any:
        return paths.first(self._subject.inputs, path)

    def _size(self) -> None:
        """Sources: those of `TIERS` and `SIZES`; .../high-availability/concepts-high-availability (no Burstable)."""
        name, tier = str(self._get("sku.name")), self._get("sku.tier")
        family = re.match(r"Standard_([BDE])", name)
        if family is None or TIERS[family[1]] != tier:
            _refuse("InvalidSkuName", f"the SKU {name} is none of the tier {tier}")
        if tier == "Burstable" and self._get("highAvailability.mode") not in (None, "Disabled"):
            _refuse("HighAvailabilityNotSupported", "the tier Burstable has no standby")
        storage = self._get("storage.storageSizeGB")
        if self._get("storage.type") in (None, "Premium_LRS") and storage not in (None, *SIZES):
            _refuse("InvalidParameterValue", f"storageSizeGB {storage} is none of {', '.join(map(str, SIZES))}")
        days = self._get("backup.backupRetentionDays")
        if days is not None and not 7 <= days <= 35:
            _refuse("InvalidParameterValue", "backupRetentionDays lies between 7 and 35")

    def _administrator(self) -> None:
        """Source: that of `RESERVED`; learn.microsoft.com/cli/azure/postgres/flexible-server (passwords)."""
        login, password = str(self._get("administratorLogin")), self._get("administratorLoginPassword")
        if login.lower() in RESERVED or login.startswith("pg_"):
            _refuse("InvalidParameterValue", f"the administrator login {login} is reserved")
        if isinstance(password, str):
            kinds = sum(bool(re.search(kind, password)) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))
            if not 8 <= len(password) <= 128 or kinds < 3:
                _refuse("PasswordNotComplex", "a password has 8 to 128 characters of three kinds at least")

    def _network(self) -> None:
        """Source: learn.microsoft.com/azure/postgresql/network/concepts-networking-private."""
        subnet_id, zone_id = (
            self._get("network.delegatedSubnetResourceId"),
            self._get("network.privateDnsZoneArmResourceId"),
        )
        if (subnet_id is None) != (zone_id is None):
            _refuse("EmptyPrivateDnsZoneArmResourceId", "a server in a network has a subnet and a private zone")
        if subnet_id is None:
            return
        if self._get("network.publicNetworkAccess") == "Enabled":
            _refuse("InvalidParameterValue", "a server in a network has no public access")
        subnet = self._referee.find([SUBNET], str(subnet_id), self._subject.account)
        if subnet is None:
            return
        if DELEGATE not in paths.select(subnet.inputs, "delegations[*].serviceName"):
            _refuse("SubnetMissingRequiredDelegation", f"the subnet {subnet.id} is not delegated to {DELEGATE}")
        if any(block.prefixlen > 28 for block in ranges(subnet.inputs, "addressPrefix")):
            _refuse("SubnetTooSmall", f"the subnet {subnet.id} is smaller than /28")
        self._zone(str(zone_id), network_of(subnet, self._referee))

    def _zone(self, zone_id: str, network: Resource | None) -> None:
        zone = self._referee.find([ZONE], zone_id, self._subject.account)
        if zone is None:
            return
        if not zone.name.endswith(SUFFIX) or zone.name == f"{self._subject.name}{SUFFIX}":
            _refuse(
                "InvalidPrivateDnsZone", f"the zone {zone.name} ends in {SUFFIX}, after another name than the server's"
            )
        linked = [
            paths.first(link.inputs, "virtualNetwork.id")
            for link in self._inventory.list(account=self._subject.account, type=LINK)
            if link.inputs.get("privateZoneName") == zone.name
        ]
        if network is not None and network.id not in linked:
            _refuse("PrivateDnsZoneNotLinked", f"the zone {zone.name} is not linked to the network {network.id}")

    def _encryption(self) -> None:
        """Source: learn.microsoft.com/azure/postgresql/security/security-data-encryption."""
        copied = self._get("backup.geoRedundantBackup") == "Enabled"
        if self._get("dataEncryption.type") != "AzureKeyVault":
            return
        primary, copies = self._get("dataEncryption.primaryKeyURI"), self._get("dataEncryption.geoBackupKeyURI")
        user = self._get("dataEncryption.primaryUserAssignedIdentityId")
        check_use(str(primary), user, self._subject, self._inventory)
        if copied != (copies is not None):
            _refuse("GeoBackupKeyMismatch", "geoBackupKeyURI goes with geo-redundant backups, and only with them")
        if copies is not None:
            user = self._get("dataEncryption.geoBackupUserAssignedIdentityId")
            check_use(str(copies), user, self._subject, self._inventory)
            if location_of(str(copies), self._inventory) == self._get("location"):
                _refuse("GeoBackupKeyRegion", "the key of the copies lies in the paired region")

    def _only_grows(self, row: Resource) -> None:
        """Sources: learn.microsoft.com/azure/postgresql/ concepts-storage, concepts-major-version-upgrade."""
        for path, what in (("storage.storageSizeGB", "storage"), ("version", "version")):
            old, new = paths.first(row.inputs, path), self._get(path)
            if old is not None and new is not None and float(new) < float(old):
                _refuse("InvalidParameterValue", f"the {what} of a server never goes down, from {old} to {new}")


def _refuse(code: str, message: str) -> NoReturn:
    raise CloudError(f'Status=400 Code="{code}": {message}.')
