"""PostgreSQL as Google runs it, in Cloud SQL."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
import pulumi_random as random

from components.contracts import ManagedPostgres
from components.gke.network import GkeNetwork
from components.gke.private_services import GkePrivateServices, GkePrivateServicesArgs
from components.gke.project import GkeProject
from stacks.databases import GkePostgres

PORT = 5432
ADMINISTRATOR = "administrator"
LOG_DAYS = 7
"""Days of transaction logs, from which every moment can be restored: the most that the Enterprise edition keeps."""


@dataclass(frozen=True, kw_only=True)
class GkePostgresServerArgs:
    settings: GkePostgres
    """Version, size and how long backups are kept."""

    region: str
    """Region of the instance and its backups."""

    standby: bool
    """Whether a standby in a second zone takes over when the first fails."""

    network: pulumi.Input[str]
    """Id of the network that the instance is reached from."""

    range_name: pulumi.Input[str]
    """Name of the range that the instance takes its address from."""

    connection: pulumi.Resource
    """The peering with Google's network: creating the instance fails without it."""

    encryption_key: pulumi.Input[str]
    """Id of the key that disk and backups are encrypted with."""

    encryption_grant: pulumi.Resource
    """The grant that lets Cloud SQL use the key: creating the instance fails without it."""

    labels: Mapping[str, str]
    """Labels of the instance."""

    protect: bool
    """Whether the instance refuses to be destroyed, by the engine and by the API. Without it, its backups go along."""


class GkePostgresServer(pulumi.ComponentResource):
    """An instance with a private address that talks TLS alone, and its administrator."""

    host: pulumi.Output[str]
    """Address of the primary, which stays the same when the standby takes over."""

    password: pulumi.Output[str]
    """The administrator's password."""

    server_ca: pulumi.Output[str]
    """Authority of the server's certificate, in PEM. Each instance has one of its own."""

    def __init__(self, name: str, args: GkePostgresServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkePostgresServer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        # No `name`: the name of a deleted instance may stay taken for a week.
        instance = gcp.sql.DatabaseInstance(
            f"{name}-instance",
            instance_args(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.connection, args.encryption_grant],
                protect=args.protect,
                # The disk grows by itself: the size that it started with would mean a smaller, new instance.
                ignore_changes=["settings.diskSize"],
            ),
        )
        password = random.RandomPassword(f"{name}-password", length=32, special=False, opts=child)
        self.administrator = gcp.sql.User(
            f"{name}-administrator",
            instance=instance.name,
            name=ADMINISTRATOR,
            password=password.result,
            deletion_policy="ABANDON",  # PostgreSQL drops no role that owns something; it goes with its instance
            opts=child,
        )

        self.host = instance.private_ip_address
        self.password = password.result
        self.server_ca = instance.server_ca_certs.apply(lambda certificates: certificates[0].cert or "")
        self.register_outputs({"host": self.host, "password": self.password, "server_ca": self.server_ca})


def instance_args(args: GkePostgresServerArgs) -> gcp.sql.DatabaseInstanceArgs:
    """The instance."""
    return gcp.sql.DatabaseInstanceArgs(
        region=args.region,
        database_version=f"POSTGRES_{args.settings.version}",
        encryption_key_name=args.encryption_key,
        deletion_protection=args.protect,
        settings=gcp.sql.DatabaseInstanceSettingsArgs(
            edition="ENTERPRISE",  # PostgreSQL 16 and later are Enterprise Plus otherwise, which has no custom tiers
            tier=args.settings.tier,
            availability_type="REGIONAL" if args.standby else "ZONAL",
            disk_type="PD_SSD",
            disk_size=args.settings.storage_gib,
            disk_autoresize=True,
            deletion_protection_enabled=args.protect,
            user_labels=dict(args.labels),
            backup_configuration=backup_configuration(args),
            ip_configuration=gcp.sql.DatabaseInstanceSettingsIpConfigurationArgs(
                ipv4_enabled=False,
                private_network=args.network,
                allocated_ip_range=args.range_name,
                ssl_mode="ENCRYPTED_ONLY",
            ),
            insights_config=gcp.sql.DatabaseInstanceSettingsInsightsConfigArgs(query_insights_enabled=True),
            maintenance_window=gcp.sql.DatabaseInstanceSettingsMaintenanceWindowArgs(
                day=7,
                hour=2,
                update_track="stable",  # Sunday, 02:00 UTC: when the cluster is upgraded too
            ),
        ),
    )


def backup_configuration(args: GkePostgresServerArgs) -> gcp.sql.DatabaseInstanceSettingsBackupConfigurationArgs:
    """A backup each day, and logs to restore any moment from. A standby needs both."""
    return gcp.sql.DatabaseInstanceSettingsBackupConfigurationArgs(
        enabled=True,
        start_time="01:00",
        location=args.region,
        point_in_time_recovery_enabled=True,
        transaction_log_retention_days=LOG_DAYS,
        backup_retention_settings=gcp.sql.DatabaseInstanceSettingsBackupConfigurationBackupRetentionSettingsArgs(
            retained_backups=args.settings.backup_days, retention_unit="COUNT"
        ),
    )


def build_postgres(project: GkeProject, settings: GkePostgres, network: GkeNetwork, cidr: str) -> ManagedPostgres:
    """Registers the instance, and the way to Google's network, which takes the instance's address from `cidr`."""
    stack, key = project.stack, project.key("postgres", "sqladmin")
    lent = GkePrivateServicesArgs(network=network.network_id, cidr=cidr, api=project.apis["servicenetworking"])
    private = GkePrivateServices("private-services", lent, project.opts)
    server = GkePostgresServer(
        "postgres",
        GkePostgresServerArgs(
            settings=settings,
            region=project.region,
            standby=stack.high_availability,
            network=network.network_id,
            range_name=private.range_name,
            connection=private.connection,
            encryption_key=key.key_id,
            encryption_grant=key.grant,
            labels=project.labels,
            protect=stack.protect,
        ),
        project.opts,
    )
    return ManagedPostgres(
        host=server.host,
        port=PORT,
        username=ADMINISTRATOR,
        password=server.password,
        # The certificate has the instance's name in Google Cloud, and not its address:
        # https://cloud.google.com/sql/docs/postgres/configure-ssl-instance
        ssl_mode="verify-ca",
        server_ca=server.server_ca,
        ready=[server.administrator],
    )
