"""Statements that a Job runs in a database: whatever was run before, they leave the same behind."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.data.connections import SecretKey
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
    digest = pulumi.Output.from_input(args.generation).apply(
        lambda text: hashlib.sha256(text.encode()).hexdigest()[:16]
    )
    return kubernetes.batch.v1.Job(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=job_name(args), namespace=args.namespace),
        spec=kubernetes.batch.v1.JobSpecArgs(
            backoff_limit=6,
            template=kubernetes.core.v1.PodTemplateSpecArgs(
                metadata=kubernetes.meta.v1.ObjectMetaArgs(
                    labels={"app.kubernetes.io/name": args.job},
                    annotations={"groundwork/generation": pulumi.Output.unsecret(digest)},
                ),
                spec=_pod(args),
            ),
        ),
        opts=opts,
    )


def job_name(args: StatementsArgs) -> str:
    """Name of the Job. What a Job runs cannot be changed, so other statements are another Job."""
    content = f"{args.statements}{sorted(args.variables.items())}"
    return f"{args.job}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _pod(args: StatementsArgs) -> kubernetes.core.v1.PodSpecArgs:
    return kubernetes.core.v1.PodSpecArgs(
        restart_policy="Never",
        automount_service_account_token=False,
        priority_class_name=DATA,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=USER,
            run_as_group=USER,
            fs_group=USER,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[_container(args)],
        volumes=[]
        if args.ca is None
        else [
            kubernetes.core.v1.VolumeArgs(
                name="certificates",
                secret=kubernetes.core.v1.SecretVolumeSourceArgs(
                    secret_name=args.ca.name,
                    items=[kubernetes.core.v1.KeyToPathArgs(key=args.ca.key, path="ca.crt")],
                ),
            )
        ],
    )


def _container(args: StatementsArgs) -> kubernetes.core.v1.ContainerArgs:
    return kubernetes.core.v1.ContainerArgs(
        name="psql",
        image=POSTGRES_IMAGE,
        command=["sh", "-ec", CLIENT, "psql"],
        args=[f"--set={name}={value}" for name, value in args.variables.items()],
        env=_environment(args),
        security_context=kubernetes.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        resources=kubernetes.core.v1.ResourceRequirementsArgs(
            requests={"cpu": "10m", "memory": "64Mi"}, limits={"memory": "64Mi"}
        ),
        volume_mounts=[]
        if args.ca is None
        else [kubernetes.core.v1.VolumeMountArgs(name="certificates", mount_path=CERTIFICATES, read_only=True)],
    )


def _environment(args: StatementsArgs) -> list[kubernetes.core.v1.EnvVarArgs]:
    """What libpq reads. https://www.postgresql.org/docs/current/libpq-envars.html"""
    plain: dict[str, pulumi.Input[str]] = {
        "PGHOST": args.host,
        "PGPORT": str(args.port),
        "PGDATABASE": args.database,
        "PGUSER": args.user,
        "PGSSLMODE": args.ssl_mode,
        "PGSSLROOTCERT": "system" if args.ca is None else f"{CERTIFICATES}/ca.crt",
        "PGCONNECT_TIMEOUT": "10",
        "STATEMENTS": args.statements,
    }
    return [
        *(kubernetes.core.v1.EnvVarArgs(name=name, value=value) for name, value in plain.items()),
        *(
            kubernetes.core.v1.EnvVarArgs(
                name=name,
                value_from=kubernetes.core.v1.EnvVarSourceArgs(
                    secret_key_ref=kubernetes.core.v1.SecretKeySelectorArgs(name=secret.name, key=secret.key)
                ),
            )
            for name, secret in {"PGPASSWORD": args.password, **args.secrets}.items()
        ),
    ]
