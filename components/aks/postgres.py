"""PostgreSQL as Azure runs it: a flexible server inside the stack's network."""

import dataclasses
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure
import pulumi_random as random

from components.aks.data_encryption import AksDataEncryption, AksDataEncryptionArgs, AksDataKey
from components.aks.locks import delete_lock
from components.aks.private_zone import AksPrivateZone, AksPrivateZoneArgs
from components.aks.resource_group import Place
from components.aks.subscription import AksSubscription
from components.contracts import ManagedPostgres
from components.naming import physical_name
from stacks.databases import AksPostgres

PORT = 5432

ADMINISTRATOR = "groundwork"
"""The role that creates databases and their users. Azure keeps names such as `admin` and `postgres` to itself."""

ZONE_SUFFIX = "private.postgres.database.azure.com"
"""What the private zone of servers in a network ends in:
https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private"""


@dataclass(frozen=True, kw_only=True)
class AksManagedPostgresArgs:
    place: Place
    """Where the server lies."""

    server: str
    """Name of the server. Unique among all servers in the world."""

    zone: str
    """First part of the private zone's name; 27 characters of it at most, as Azure takes 63 of the whole."""

    version: str
    """Major version of PostgreSQL."""

    sku: str
    """Compute SKU, such as Standard_D2ds_v5."""

    storage_gib: int
    """Disk in GiB."""

    backup_days: int
    """Days that backups are kept."""

    zone_redundant: bool
    """Whether a standby in a second zone takes over."""

    network: pulumi.Input[str]
    """Id of the network that asks for the server's private name."""

    subnet: pulumi.Input[str]
    """Id of the subnet that is delegated to servers."""

    key: AksDataKey
    """What the server's data is encrypted with."""

    backup_key: AksDataKey | None = None
    """What copies of the backups in the paired region are encrypted with; there are none if it is not given."""

    protect: bool
    """Whether the server refuses to be destroyed."""


class AksManagedPostgres(pulumi.ComponentResource):
    """A server that only the stack's network reaches, encrypted, with a generated password."""

    host: pulumi.Output[str]
    """Name of the server, which leads to its primary."""

    password: pulumi.Output[str]
    """Password of the administrator."""

    def __init__(self, name: str, args: AksManagedPostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AksManagedPostgres", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        zone = AksPrivateZone(
            f"{name}-dns",
            AksPrivateZoneArgs(place=args.place, zone=f"{args.zone}.{ZONE_SUFFIX}", network=args.network),
            child,
        )
        # Letters and digits of three kinds are what Azure asks for, and need no escaping in a connection string.
        password = random.RandomPassword(
            f"{name}-password", length=40, special=False, min_lower=1, min_upper=1, min_numeric=1, opts=child
        )
        server = azure.dbforpostgresql.Server(
            f"{name}-server",
            server_args(args, zone.zone_id, password.result),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[zone.link, *args.key.ready, *(args.backup_key.ready if args.backup_key else [])],
                protect=args.protect,
                additional_secret_outputs=["administrator_login_password"],
                # Azure chooses the zones, and primary and standby change places when one fails.
                ignore_changes=["highAvailability.standbyAvailabilityZone"],
                # A server stays in its subnet, which azure-native takes for something that can be updated.
                replace_on_changes=["network.delegatedSubnetResourceId"],
                # Its name is taken until then.
                delete_before_replace=True,
            ),
        )
        if args.protect:
            delete_lock(f"{name}-lock", server.id, child)
        only_tls = azure.dbforpostgresql.Configuration(
            f"{name}-only-tls",
            resource_group_name=args.place.resource_group,
            server_name=server.name,
            configuration_name="require_secure_transport",
            value="on",
            source="user-override",
            opts=child,
        )
        self.ready = [server, only_tls]

        # Known from the start, so that a first preview can check what is made of it.
        self.host = pulumi.Output.from_input(f"{args.server}.postgres.database.azure.com")
        self.password = password.result
        self.register_outputs({"host": self.host, "password": self.password})


def server_args(
    args: AksManagedPostgresArgs, zone: pulumi.Input[str], password: pulumi.Input[str]
) -> azure.dbforpostgresql.ServerArgs:
    """The server: in its own subnet, patched on Sundays, its disk growing before it is full."""
    postgresql = azure.dbforpostgresql
    backups = postgresql.GeographicallyRedundantBackup
    modes = postgresql.PostgreSqlFlexibleServerHighAvailabilityMode
    return postgresql.ServerArgs(
        resource_group_name=args.place.resource_group,
        server_name=args.server,
        location=args.place.location,
        version=args.version,
        sku=postgresql.SkuArgs(name=args.sku, tier=tier(args.sku)),
        storage=postgresql.StorageArgs(storage_size_gb=args.storage_gib, auto_grow=postgresql.StorageAutoGrow.ENABLED),
        administrator_login=ADMINISTRATOR,
        administrator_login_password=password,
        auth_config=postgresql.AuthConfigArgs(
            active_directory_auth=postgresql.MicrosoftEntraAuth.DISABLED,
            password_auth=postgresql.PasswordBasedAuth.ENABLED,
        ),
        network=postgresql.NetworkArgs(delegated_subnet_resource_id=args.subnet, private_dns_zone_arm_resource_id=zone),
        high_availability=postgresql.HighAvailabilityArgs(
            mode=modes.ZONE_REDUNDANT if args.zone_redundant else modes.DISABLED
        ),
        backup=postgresql.BackupArgs(
            backup_retention_days=args.backup_days,
            geo_redundant_backup=backups.ENABLED if args.backup_key else backups.DISABLED,
        ),
        identity=users(args.key, args.backup_key),
        data_encryption=encryption(args.key, args.backup_key),
        maintenance_window=postgresql.MaintenanceWindowArgs(
            custom_window="Enabled", day_of_week=0, start_hour=2, start_minute=0
        ),
        tags=args.place.tags,
    )


def tier(sku: str) -> azure.dbforpostgresql.SkuTier:
    """The tier that a SKU belongs to: its family's letter says which."""
    tiers = azure.dbforpostgresql.SkuTier
    return tiers.MEMORY_OPTIMIZED if sku.startswith("Standard_E") else tiers.GENERAL_PURPOSE


def users(key: AksDataKey, backup_key: AksDataKey | None) -> azure.dbforpostgresql.UserAssignedIdentityArgs:
    """The identities that the server uses its keys by."""
    postgresql = azure.dbforpostgresql
    ids = pulumi.Output.all(*(one.identity_id for one in (key, backup_key) if one))
    return postgresql.UserAssignedIdentityArgs(
        type=postgresql.IdentityType.USER_ASSIGNED,
        user_assigned_identities=ids.apply(lambda known: {one: postgresql.UserIdentityArgs() for one in known}),
    )


def encryption(key: AksDataKey, backup_key: AksDataKey | None) -> azure.dbforpostgresql.DataEncryptionArgs:
    """The server's key and, in the region that copies of its backups go to, that of the copies."""
    postgresql = azure.dbforpostgresql
    return postgresql.DataEncryptionArgs(
        type=postgresql.DataEncryptionType.AZURE_KEY_VAULT,
        primary_key_uri=key.key_uri,
        primary_user_assigned_identity_id=key.identity_id,
        geo_backup_key_uri=backup_key.key_uri if backup_key else None,
        geo_backup_user_assigned_identity_id=backup_key.identity_id if backup_key else None,
    )


def build_postgres(subscription: AksSubscription, key: AksDataKey) -> ManagedPostgres | None:
    """Registers the server, where the stack chose one."""
    settings, subnet = subscription.stack.postgres, subscription.network.databases
    if settings is None or subnet is None:
        return None
    args = AksManagedPostgresArgs(
        place=subscription.place,
        server=subscription.global_name("postgres", limit=50),
        zone=physical_name(subscription.stack.name, subscription.stack.environment, limit=27),
        version=settings.version,
        sku=settings.sku,
        storage_gib=settings.storage_gib,
        backup_days=settings.backup_days,
        zone_redundant=subscription.stack.high_availability,
        network=subscription.network.network_id,
        subnet=subnet.id,
        key=key,
        backup_key=_backup_key(subscription, settings),
        protect=subscription.stack.protect,
    )
    postgres = AksManagedPostgres("postgres", args, subscription.opts)
    return ManagedPostgres(
        host=postgres.host,
        port=PORT,
        username=ADMINISTRATOR,
        password=pulumi.Output.secret(postgres.password),
        # Of public authorities: https://learn.microsoft.com/azure/postgresql/security/security-tls
        ssl_mode="verify-full",
        ready=postgres.ready,
    )


def _backup_key(subscription: AksSubscription, settings: AksPostgres) -> AksDataKey | None:
    """A key where the copies of the backups are: Azure takes none from another region."""
    if settings.backup_location is None:
        return None
    args = AksDataEncryptionArgs(
        place=dataclasses.replace(subscription.place, location=settings.backup_location),
        vault=("copies", subscription.cluster_name),
        private=subscription.private,
        protect=subscription.stack.protect,
    )
    return AksDataEncryption("backup-encryption", args, subscription.opts).key
