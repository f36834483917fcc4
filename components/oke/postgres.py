"""PostgreSQL as Oracle runs it, in the network of an OKE stack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci
import pulumi_random as random

from components.contracts import ManagedPostgres
from components.naming import physical_name
from components.oke.network import OkeNetwork
from components.oke.tenancy import OkeTenancy
from stacks.accounts import REGIONS_OF_THREE_DOMAINS
from stacks.databases import OkePostgres

PORT = 5432
ADMINISTRATOR = "groundwork"
STORAGE = "OCI_OPTIMIZED_STORAGE"
"""The only kind of storage, and of system, that there is."""

NODES_OF_MANY = 3
"""Nodes where there is to be no single one whose loss is felt: one for each availability or fault domain."""

BACKUP_START = "02:00"
"""When the daily backup starts, in UTC."""


@dataclass(frozen=True, kw_only=True)
class OkePostgresSystemArgs:
    compartment: str
    """OCID of the compartment."""

    name: str
    """What the system is shown as."""

    settings: OkePostgres
    """Version, size and backups."""

    nodes: int
    """Nodes: one that writes, and others that take over from it and can be read."""

    availability_domain: str | None
    """Availability domain of the storage; storage that outlives the loss of any of them, if not given."""

    subnet: pulumi.Input[str]
    """OCID of the subnet of databases."""

    group: pulumi.Input[str]
    """OCID of the security group of databases."""

    rules: Sequence[pulumi.Resource]
    """The rules that let clients connect."""

    tags: Mapping[str, str]
    """Tags of the system."""

    protect: bool
    """Whether the system refuses to be destroyed. Oracle has no such guard, so Pulumi's stands alone."""


class OkePostgresSystem(pulumi.ComponentResource):
    """A database system with a generated password, reached from pods by its name in the network.

    Its storage is encrypted with a key of Oracle's. It is told how many nodes it has once: more are added by
    `oci psql db-system patch`, which says where they belong.
    """

    host: pulumi.Output[str]
    """Name of the node that writes, whichever it is; its certificate has the same."""

    username: pulumi.Output[str]
    """The administrator."""

    password: pulumi.Output[str]
    """The administrator's password. A secret."""

    server_ca: pulumi.Output[str]
    """Authority of the certificate, in PEM: one of Oracle's own."""

    def __init__(self, name: str, args: OkePostgresSystemArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkePostgresSystem", name, {}, opts)
        # Of every kind at least one, as rules for passwords ask for, and none that a connection string would escape.
        password = random.RandomPassword(
            f"{name}-password",
            length=24,
            min_lower=1,
            min_upper=1,
            min_numeric=1,
            min_special=1,
            override_special="_-",
            opts=pulumi.ResourceOptions(parent=self),
        )
        system = oci.psql.DbSystem(
            f"{name}-system",
            system_args(args, password.result),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                ignore_changes=["instanceCount"],
                additional_secret_outputs=["credentials"],
            ),
        )
        self.ready: list[pulumi.Resource] = [system, *args.rules]
        details = oci.psql.get_db_system_connection_detail_output(
            db_system_id=system.id, opts=pulumi.InvokeOutputOptions(parent=self)
        )

        self.host = details.primary_db_endpoints.apply(lambda endpoints: endpoints[0].fqdn)
        self.username = pulumi.Output.from_input(ADMINISTRATOR)
        self.password = password.result
        self.server_ca = details.ca_certificate
        self.register_outputs(
            {"host": self.host, "username": self.username, "password": self.password, "server_ca": self.server_ca}
        )


def system_args(args: OkePostgresSystemArgs, password: pulumi.Input[str]) -> oci.psql.DbSystemArgs:
    """The system. A later version upgrades it where it is, instead of making another one."""
    psql, settings = oci.psql, args.settings
    return psql.DbSystemArgs(
        compartment_id=args.compartment,
        display_name=args.name,
        db_version=settings.version,
        allow_major_version_upgrade=True,
        system_type=STORAGE,
        shape=settings.shape,
        instance_count=args.nodes,
        instance_ocpu_count=settings.ocpus,
        instance_memory_size_in_gbs=settings.memory_gib,
        credentials=psql.DbSystemCredentialsArgs(
            username=ADMINISTRATOR,
            password_details=psql.DbSystemCredentialsPasswordDetailsArgs(
                password_type="PLAIN_TEXT",  # the form that it is sent in
                password=password,
            ),
        ),
        network_details=psql.DbSystemNetworkDetailsArgs(subnet_id=args.subnet, nsg_ids=[args.group]),
        storage_details=psql.DbSystemStorageDetailsArgs(
            system_type=STORAGE,
            is_regionally_durable=args.availability_domain is None,
            availability_domain=args.availability_domain,
        ),
        management_policy=management_policy(settings),
        freeform_tags=args.tags,
    )


def management_policy(settings: OkePostgres) -> oci.psql.DbSystemManagementPolicyArgs:
    """Daily backups, and the log of changes since the oldest of them."""
    psql = oci.psql
    return psql.DbSystemManagementPolicyArgs(
        backup_policy=psql.DbSystemManagementPolicyBackupPolicyArgs(
            kind="DAILY", backup_start=BACKUP_START, retention_days=settings.backup_days
        ),
        pitr_policy=psql.DbSystemManagementPolicyPitrPolicyArgs(kind="STANDARD", restore_days=settings.backup_days),
    )


def build_postgres(tenancy: OkeTenancy, settings: OkePostgres, network: OkeNetwork) -> ManagedPostgres:
    """Registers the database system of the stack."""
    system = OkePostgresSystem("postgres", postgres_args(tenancy, settings, network), tenancy.opts)
    return ManagedPostgres(
        host=system.host,
        port=PORT,
        username=system.username,
        password=system.password,
        # https://docs.oracle.com/en-us/iaas/Content/postgresql/connect-to-db.htm
        ssl_mode="verify-full",
        server_ca=system.server_ca,
        ready=system.ready,
    )


def postgres_args(tenancy: OkeTenancy, settings: OkePostgres, network: OkeNetwork) -> OkePostgresSystemArgs:
    """The system in the stack's network.

    Its storage spans availability domains where there are several, also with a single node: storage that is once made
    for one of them stays there.
    """
    stack = tenancy.stack
    many = tenancy.region in REGIONS_OF_THREE_DOMAINS
    return OkePostgresSystemArgs(
        compartment=tenancy.compartment,
        name=physical_name(tenancy.cluster_name, "postgres"),
        settings=settings,
        nodes=NODES_OF_MANY if stack.high_availability else 1,
        availability_domain=None if many else stack.cluster.availability_domains[0],
        subnet=network.subnet_ids["databases"],
        group=network.firewall.group_ids["databases"],
        rules=network.firewall.database_rules,
        tags=tenancy.tags,
        protect=stack.protect,
    )
