"""What all containers of Nominatim have in common: the image, its user, and how they reach the database."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal, NotRequired, TypedDict, Unpack

import pulumi_kubernetes as kubernetes

from components.priorities import DATA
from stacks.versions import NOMINATIM_IMAGE

DATABASE_PORT: Final = 5432

OWNER, READER = "nominatim", "reader"
"""The roles of the database: who imports may do everything, who serves reads."""

UID: Final = 1000
"""The user `ubuntu` of the image. PostgreSQL wants one that the image's list has: https://hub.docker.com/_/ubuntu"""

PROGRAMS: Final = "/usr/lib/postgresql/16/bin:/usr/local/bin:/usr/bin:/bin"

DATA_PATH, PROJECT_PATH = "/data", "/project"


class Rest(TypedDict):
    """What only some containers have."""

    restart_policy: NotRequired[str]
    startup_probe: NotRequired[kubernetes.core.v1.ProbeArgs]
    liveness_probe: NotRequired[kubernetes.core.v1.ProbeArgs]
    readiness_probe: NotRequired[kubernetes.core.v1.ProbeArgs]
    lifecycle: NotRequired[kubernetes.core.v1.LifecycleArgs]


def users_name(name: str) -> str:
    """Name of the Secret with the password of each role."""
    return f"{name}-users"


def pod(
    *,
    containers: Sequence[kubernetes.core.v1.ContainerArgs],
    volumes: Sequence[kubernetes.core.v1.VolumeArgs],
    init_containers: Sequence[kubernetes.core.v1.ContainerArgs] = (),
    restart_policy: Literal["Always", "OnFailure"] = "Always",
    termination_grace_period_seconds: int = 30,
) -> kubernetes.core.v1.PodSpecArgs:
    """A pod that a namespace of the level `restricted` lets in."""
    return kubernetes.core.v1.PodSpecArgs(
        automount_service_account_token=False,
        priority_class_name=DATA,
        restart_policy=restart_policy,
        termination_grace_period_seconds=termination_grace_period_seconds,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=UID,
            run_as_group=UID,
            fs_group=UID,
            fs_group_change_policy="OnRootMismatch",
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        init_containers=list(init_containers),
        containers=list(containers),
        volumes=[*volumes, scratch("tmp", 64)],
    )


def container(
    name: str,
    *,
    command: Sequence[str],
    env: Sequence[kubernetes.core.v1.EnvVarArgs],
    cpu: str = "10m",
    memory: str = "64Mi",
    mounts: Mapping[str, str] = MappingProxyType({}),
    ports: Mapping[str, int] = MappingProxyType({}),
    **rest: Unpack[Rest],
) -> kubernetes.core.v1.ContainerArgs:
    """A container of the image."""
    return kubernetes.core.v1.ContainerArgs(
        name=name,
        image=NOMINATIM_IMAGE,
        command=list(command),
        env=list(env),
        working_dir=mounts.get("project", "/tmp"),
        ports=[
            kubernetes.core.v1.ContainerPortArgs(name=port, container_port=number) for port, number in ports.items()
        ],
        resources=kubernetes.core.v1.ResourceRequirementsArgs(
            requests={"cpu": cpu, "memory": memory}, limits={"memory": memory}
        ),
        security_context=kubernetes.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[
            kubernetes.core.v1.VolumeMountArgs(name=volume, mount_path=path)
            for volume, path in {"tmp": "/tmp", **mounts}.items()
        ],
        **rest,
    )


def shell(script: str) -> list[str]:
    """A command that ends with the first of its commands that fails."""
    return ["bash", "-euo", "pipefail", "-c", script]


def connection(user: str, name: str, host: str) -> list[kubernetes.core.v1.EnvVarArgs]:
    """What libpq reads, and where programs are. https://www.postgresql.org/docs/current/libpq-envars.html"""
    plain = {
        "PATH": PROGRAMS,
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PGDATA": f"{DATA_PATH}/postgresql",
        "PGHOST": host,
        "PGPORT": str(DATABASE_PORT),
        "PGUSER": user,
        "PGCONNECT_TIMEOUT": "10",
    }
    return [*variables(plain), password("PGPASSWORD", name, user)]


def variables(values: Mapping[str, str]) -> list[kubernetes.core.v1.EnvVarArgs]:
    """Environment."""
    return [kubernetes.core.v1.EnvVarArgs(name=name, value=value) for name, value in values.items()]


def password(variable: str, name: str, user: str) -> kubernetes.core.v1.EnvVarArgs:
    """A variable with the password of a role."""
    key = kubernetes.core.v1.SecretKeySelectorArgs(name=users_name(name), key=user)
    return kubernetes.core.v1.EnvVarArgs(
        name=variable, value_from=kubernetes.core.v1.EnvVarSourceArgs(secret_key_ref=key)
    )


def scratch(name: str, mib: int) -> kubernetes.core.v1.VolumeArgs:
    """A volume that goes with the pod, of so many MiB at most."""
    return kubernetes.core.v1.VolumeArgs(
        name=name, empty_dir=kubernetes.core.v1.EmptyDirVolumeSourceArgs(size_limit=f"{mib}Mi")
    )
