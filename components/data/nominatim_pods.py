"""The pods of Nominatim: the server with its database, and the Jobs that write into it."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

import pulumi_kubernetes as kubernetes

from components.data.nominatim_containers import (
    DATA_PATH,
    DATABASE_PORT,
    OWNER,
    PROJECT_PATH,
    READER,
    connection,
    container,
    password,
    pod,
    scratch,
    shell,
    variables,
)
from components.data.nominatim_extracts import Extract
from components.data.nominatim_scripts import AWAIT, PREPARE, SERVE

PORT: Final = 8080

THREADS: Final = 2
"""Threads of the import. Each is a session of the database, which sorts in memory of its own."""


UPDATE_MIB: Final = 1024
"""MiB of an update, beside what the database does."""


class Part(Enum):
    """What pods are told apart by."""

    SERVER = "server"
    IMPORT = "import"
    UPDATE = "update"


def labels(name: str, part: Part) -> dict[str, str]:
    """Labels of the pods of one part."""
    return {
        "app.kubernetes.io/name": "nominatim",
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/component": part.value,
    }


def database_host(name: str) -> str:
    """Name of the Service by which the Jobs reach the database."""
    return f"{name}-database"


def task_name(name: str, part: Part) -> str:
    """How the Jobs of one part are called. Alerts know them by it."""
    return f"{name}-nominatim-{part.value}"


def database_mib(extract: Extract) -> int:
    """MiB of the database: three quarters of what serving takes, and the processes that answer have the rest."""
    return extract.memory_mib * 3 // 4


def database_arguments(extract: Extract) -> list[str]:
    """How the database is tuned. https://nominatim.org/release-docs/5.3/admin/Installation/#tuning-the-postgresql-database

    Sorting is bounded so that the import's threads, and those of autovacuum, fit into the memory beside the buffers.
    """
    memory = database_mib(extract)
    settings = {
        "listen_addresses": "*",
        "unix_socket_directories": "",
        "shared_buffers": f"{memory // 4}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "maintenance_work_mem": f"{memory // 8}MB",
        "autovacuum_work_mem": f"{memory // 16}MB",
        "autovacuum_max_workers": "1",
        "work_mem": "16MB",
        # Parallel workers share memory in /dev/shm, of which a container has 64 MiB.
        "max_parallel_workers_per_gather": "0",
        "max_parallel_maintenance_workers": "0",
        # All can be imported again, so what a crash takes back may be some seconds.
        "synchronous_commit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "30min",
        "random_page_cost": "1.0",
        "max_connections": "40",
        "jit": "off",
    }
    return [f"-c{name}={value}" for name, value in settings.items()]


def server_pod(name: str, extract: Extract) -> kubernetes.core.v1.PodSpecArgs:
    """The database starts first and ends last. What answers waits until something has been imported: so the pod is not
    ready before, and `kubectl` shows where it is by the number of containers that are done.
    """
    memory, millis = database_mib(extract), extract.cpu_millis
    database = container(
        "database",
        command=["postgres", *database_arguments(extract)],
        env=connection(OWNER, name, "127.0.0.1"),
        cpu=f"{millis * 3 // 4}m",
        memory=f"{memory}Mi",
        mounts={"data": DATA_PATH},
        ports={"postgres": DATABASE_PORT},
        restart_policy="Always",
        startup_probe=_ready_database(failures=60),
        liveness_probe=_ready_database(failures=12),
        # Sessions that are open would keep it from ending: https://www.postgresql.org/docs/current/server-shutdown.html
        lifecycle=kubernetes.core.v1.LifecycleArgs(
            pre_stop=kubernetes.core.v1.LifecycleHandlerArgs(
                exec_=kubernetes.core.v1.ExecActionArgs(command=["pg_ctl", "stop", "--mode=fast"])
            )
        ),
    )
    owner, reader = connection(OWNER, name, "127.0.0.1"), connection(READER, name, "127.0.0.1")
    prepare = container(
        "prepare",
        command=shell(PREPARE),
        env=[*owner, password("READER_PASSWORD", name, READER), *variables({"READER": READER})],
        memory="128Mi",
        mounts={"data": DATA_PATH},
    )
    waiting = container("import-awaited", command=shell(AWAIT), env=owner)
    answering = container(
        "nominatim",
        command=shell(SERVE),
        env=[*reader, *variables({"PORT": str(PORT), "WORKERS": "2", "NOMINATIM_API_POOL_SIZE": "5"})],
        cpu=f"{millis // 4}m",
        memory=f"{extract.memory_mib - memory}Mi",
        ports={"http": PORT},
        mounts={"project": PROJECT_PATH},
        readiness_probe=_answers(period=10, failures=3),
        liveness_probe=kubernetes.core.v1.ProbeArgs(
            tcp_socket=kubernetes.core.v1.TCPSocketActionArgs(port="http"), period_seconds=20, failure_threshold=6
        ),
    )
    return pod(
        containers=[answering],
        init_containers=[prepare, database, waiting],
        volumes=[
            kubernetes.core.v1.VolumeArgs(
                name="data",
                persistent_volume_claim=kubernetes.core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=name),
            ),
            scratch("project", 64),
        ],
        termination_grace_period_seconds=120,
    )


def task_pod(
    name: str, part: Part, extract: Extract, *, script: str, settings: Mapping[str, str], memory_mib: int
) -> kubernetes.core.v1.PodSpecArgs:
    """A pod that writes into the database, over the network."""
    room = extract.scratch_mib if part is Part.IMPORT else 1024
    plain = {
        "SOURCE": extract.url,
        "THREADS": str(THREADS),
        "CACHE_MIB": str(extract.cache_mib),
        "NOMINATIM_DATABASE_WEBUSER": READER,
        **({"NOMINATIM_REPLICATION_URL": extract.updates} if extract.updates else {}),
        **settings,
    }
    writer = container(
        part.value,
        command=shell(script),
        env=[
            *connection(OWNER, name, database_host(name)),
            password("READER_PASSWORD", name, READER),
            *variables(plain),
        ],
        cpu="500m",
        memory=f"{memory_mib}Mi",
        mounts={"project": PROJECT_PATH},
    )
    # The container starts again in its pod, where the extract is already.
    return pod(containers=[writer], volumes=[scratch("project", room)], restart_policy="OnFailure")


def _ready_database(*, failures: int) -> kubernetes.core.v1.ProbeArgs:
    return kubernetes.core.v1.ProbeArgs(
        exec_=kubernetes.core.v1.ExecActionArgs(command=["pg_isready", "--quiet", "--dbname=postgres"]),
        period_seconds=10,
        timeout_seconds=5,
        failure_threshold=failures,
    )


def _answers(*, period: int, failures: int) -> kubernetes.core.v1.ProbeArgs:
    """Its status is an error while the database is gone. https://nominatim.org/release-docs/5.3/api/Status/"""
    return kubernetes.core.v1.ProbeArgs(
        http_get=kubernetes.core.v1.HTTPGetActionArgs(path="/status", port="http"),
        period_seconds=period,
        timeout_seconds=5,
        failure_threshold=failures,
    )
