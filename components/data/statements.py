"""Statements that a Job runs in a database: whatever was run before, they leave the same behind."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.data.connections import SecretKey
from components.one_time_job import CA_FILE, Authority, OneTimeJobArgs, one_time_job
from components.priorities import DATA
from stacks.versions import POSTGRES_IMAGE

USER: Final = 26
"""User of the image."""

CERTIFICATES: Final = "/certificates"

CLIENT: Final = (
    'printf %s "$STATEMENTS" | psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 "$@" --file=- > /dev/null'
)
"""Statements come in by the environment, since psql takes its own commands from a file alone. What they answer says
nothing that anybody needs, and may be a password."""

DATABASE_AND_ROLE: Final = r"""
\getenv password ROLE_PASSWORD
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role')
\gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', :'role', :'password')
\gexec
SELECT format('GRANT %I TO CURRENT_USER', :'role')
\gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'role', :'role')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role')
\gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'role')
\gexec
"""
"""A role, and a database that it owns and nobody else connects to. Both have the name `role`. Only members of a role
make databases for it: https://www.postgresql.org/docs/current/sql-createdatabase.html"""


@dataclass(frozen=True, kw_only=True)
class StatementsArgs:
    job: str
    """How the name of the Job begins."""

    namespace: str
    """Name of the namespace that it runs in."""

    host: pulumi.Input[str]
    """Name or address of the server."""

    port: int
    database: str
    """Name of the database to connect to."""

    user: pulumi.Input[str]
    """Who connects."""

    password: SecretKey
    """The user's password."""

    ssl_mode: str
    """What the client checks of the server's certificate."""

    ca: SecretKey | None
    """Authority of that certificate; those that everybody trusts, if there is none."""

    statements: str
    """SQL, and commands of psql. Nothing secret belongs here."""

    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables of psql."""

    secrets: Mapping[str, SecretKey] = field(default_factory=dict[str, SecretKey])
    """Environment of psql, for `\\getenv`."""

    generation: pulumi.Input[str] = ""
    """Long and random where it is secret: another one has the statements run again."""


def run(name: str, args: StatementsArgs, opts: pulumi.ResourceOptions) -> kubernetes.batch.v1.Job:
    """A Job that is done when the statements have been run. It tries again while the server does not answer."""
    return one_time_job(name, job_args(args), opts)


def job_args(args: StatementsArgs) -> OneTimeJobArgs:
    """The Job."""
    digest = pulumi.Output.from_input(args.generation).apply(
        lambda text: hashlib.sha256(text.encode()).hexdigest()[:16]
    )
    return OneTimeJobArgs(
        name=job_name(args),
        namespace=args.namespace,
        app=args.job,
        priority=DATA,
        user=USER,
        group=USER,
        container="psql",
        image=POSTGRES_IMAGE,
        command=["sh", "-ec", CLIENT, "psql"],
        args=[f"--set={name}={value}" for name, value in args.variables.items()],
        env=environment(args),
        secret_env={
            name: (secret.name, secret.key) for name, secret in {"PGPASSWORD": args.password, **args.secrets}.items()
        },
        authority=None
        if args.ca is None
        else Authority(volume="certificates", secret=args.ca.name, key=args.ca.key, folder=CERTIFICATES),
        annotations={"groundwork/generation": pulumi.Output.unsecret(digest)},
    )


def job_name(args: StatementsArgs) -> str:
    """Name of the Job. What a Job runs cannot be changed, so other statements are another Job."""
    content = f"{args.statements}{sorted(args.variables.items())}"
    return f"{args.job}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def environment(args: StatementsArgs) -> dict[str, pulumi.Input[str]]:
    """What libpq reads. https://www.postgresql.org/docs/current/libpq-envars.html"""
    return {
        "PGHOST": args.host,
        "PGPORT": str(args.port),
        "PGDATABASE": args.database,
        "PGUSER": args.user,
        "PGSSLMODE": args.ssl_mode,
        "PGSSLROOTCERT": "system" if args.ca is None else f"{CERTIFICATES}/{CA_FILE}",
        "PGCONNECT_TIMEOUT": "10",
        "STATEMENTS": args.statements,
    }
