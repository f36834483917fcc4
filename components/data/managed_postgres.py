"""The cloud's PostgreSQL: a database and a role of a workload's own on it, made from inside the stack's network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.contracts import ManagedPostgres
from components.data.connections import PostgresConnection, SecretKey
from components.data.statements import DATABASE_AND_ROLE, StatementsArgs, run
from components.namespaces import DATABASES

NAMESPACE: Final = DATABASES
"""Where the administrator's password is, and the Jobs that use it: no workload's pods are there."""

ADMINISTRATOR: Final = "postgres-administrator"
"""Name of the Secret with the administrator's password."""


@dataclass(frozen=True, kw_only=True)
class PostgresAdministratorArgs:
    server: ManagedPostgres
    """The server."""

    namespace: pulumi.Resource
    """The namespace of the Secret: `databases`."""


class PostgresAdministrator(pulumi.ComponentResource):
    """The password that makes databases, where the Jobs that make them find it."""

    def __init__(self, name: str, args: PostgresAdministratorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:PostgresAdministrator", name, {}, opts)
        self.secret = kubernetes.core.v1.Secret(
            f"{name}-secret",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=ADMINISTRATOR, namespace=NAMESPACE),
            string_data={
                "password": args.server.password,
                **({} if args.server.server_ca is None else {"ca.crt": args.server.server_ca}),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )
        self.register_outputs({})


@dataclass(frozen=True, kw_only=True)
class ManagedDatabaseArgs:
    name: str
    """How the names of its Secrets begin: these, and their keys, are those of a cluster of the workload's own."""

    workload: str
    """Name of the workload; its namespace has the same name."""

    role: str
    """Name of the database, and of the role that owns it. No other on the server has it."""

    server: ManagedPostgres
    """The server."""

    administrator: pulumi.Resource
    """The Secret with the administrator's password."""

    namespace: pulumi.Resource
    """The namespace."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""


class ManagedDatabase(pulumi.ComponentResource):
    """A database that one role alone connects to. It stays on the server when the workload goes: what is in
    it is the user's, and the server's backups have it.
    """

    def __init__(self, name: str, args: ManagedDatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:ManagedDatabase", name, {}, opts)
        server, own = args.server, job_prefix(args.role)
        password = random.RandomPassword(
            f"{name}-password", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
        ).result
        application = self._secret(f"{name}-app", application_name(args), args, application_data(args, password))
        authority = (
            []
            if server.server_ca is None
            else [self._secret(f"{name}-ca", authority_name(args), args, {"ca.crt": server.server_ca})]
        )
        role_secret = kubernetes.core.v1.Secret(
            f"{name}-role",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=f"{own}-role", namespace=NAMESPACE),
            string_data={"password": password},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.administrator]),
        )
        made = run(
            f"{name}-database",
            statements_args(args, password),
            pulumi.ResourceOptions(
                parent=self, depends_on=[args.administrator, role_secret, *server.ready, *args.nodes]
            ),
        )

        # How it is reached.
        self.connection = connection(args, [application, *authority, made])
        self.register_outputs({})

    def _secret(
        self, name: str, secret: str, args: ManagedDatabaseArgs, data: dict[str, pulumi.Input[str]]
    ) -> kubernetes.core.v1.Secret:
        return kubernetes.core.v1.Secret(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=secret, namespace=args.workload),
            string_data=data,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )


def application_name(args: ManagedDatabaseArgs) -> str:
    """Name of the Secret with what services connect with."""
    return f"{args.name}-app"


def authority_name(args: ManagedDatabaseArgs) -> str:
    """Name of the Secret with the authority of the server's certificate."""
    return f"{args.name}-ca"


def application_data(args: ManagedDatabaseArgs, password: pulumi.Output[str]) -> dict[str, pulumi.Input[str]]:
    """What services connect with, under the keys that CloudNativePG gives them."""
    role, server = args.role, args.server
    return {
        "username": role,
        "user": role,
        "password": password,
        "dbname": role,
        "host": server.host,
        "port": str(server.port),
        "uri": pulumi.Output.format("postgresql://{0}:{1}@{2}:{3}/{0}", role, password, server.host, server.port),
    }


def statements_args(args: ManagedDatabaseArgs, password: pulumi.Output[str]) -> StatementsArgs:
    """The Job that makes the role and its database."""
    server, own = args.server, job_prefix(args.role)
    return StatementsArgs(
        job=f"{own}-database",
        namespace=NAMESPACE,
        host=server.host,
        port=server.port,
        # Every server has this one, and who makes a database is connected to another.
        database="postgres",
        user=server.username,
        password=SecretKey(name=ADMINISTRATOR, key="password"),
        ssl_mode=server.ssl_mode,
        ca=None if server.server_ca is None else SecretKey(name=ADMINISTRATOR, key="ca.crt"),
        statements=DATABASE_AND_ROLE,
        variables={"role": args.role},
        secrets={"ROLE_PASSWORD": SecretKey(name=f"{own}-role", key="password")},
        generation=password,
    )


def connection(args: ManagedDatabaseArgs, ready: Sequence[pulumi.Resource]) -> PostgresConnection:
    """How the database is reached."""
    server = args.server
    return PostgresConnection(
        host=server.host,
        port=server.port,
        database=args.role,
        user=args.role,
        password=SecretKey(name=application_name(args), key="password"),
        uri=SecretKey(name=application_name(args), key="uri"),
        ssl_mode=server.ssl_mode,
        ca=None if server.server_ca is None else SecretKey(name=authority_name(args), key="ca.crt"),
        pods=None,
        ready=ready,
    )


def job_prefix(role: str) -> str:
    """How the names of the Job that makes a database, and of its Secret, begin. Kubernetes takes no underscores."""
    return role.replace("_", "-")
