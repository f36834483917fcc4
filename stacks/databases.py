"""The database block of a stack: PostgreSQL as its cloud runs it, one model per cloud."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stacks.accounts import AzureLocation
from stacks.model import Model, form


class Postgres(Model):
    """What the managed PostgreSQL of every cloud has in common."""

    version: Literal["16", "17"] = "17"
    """Major version. A later one is an upgrade that the cloud runs; there is no way back."""

    backup_days: int = Field(default=14, ge=7, le=35)
    """Days that backups, and every moment since the oldest of them, can be restored."""


CLOUD_SQL_TIER = re.compile(r"db-custom-(?P<vcpus>[0-9]+)-(?P<mib>[0-9]+)")


def _cloud_sql_tier(tier: str) -> str:
    parts = CLOUD_SQL_TIER.fullmatch(tier)
    if parts is None:
        raise ValueError("expected a tier such as db-custom-2-8192: vCPUs and MiB")
    vcpus, mib = int(parts["vcpus"]), int(parts["mib"])
    if vcpus != 1 and (vcpus % 2 or not 2 <= vcpus <= 96):
        raise ValueError(f"{vcpus} vCPUs; Cloud SQL has 1, or an even number up to 96")
    if mib % 256 or mib < 3840 or not 0.9 * vcpus <= mib / 1024 <= 6.5 * vcpus:
        raise ValueError(f"{mib} MiB; expected a multiple of 256, 3840 or more, 0.9 to 6.5 GiB for each vCPU")
    return tier


class GkePostgres(Postgres):
    """Cloud SQL for PostgreSQL, Enterprise edition. With `high_availability`, a standby in a second zone."""

    tier: Annotated[str, AfterValidator(_cloud_sql_tier)]
    """Machine tier: `db-custom-<vCPUs>-<MiB>`. https://cloud.google.com/sql/docs/postgres/instance-settings"""

    storage_gib: int = Field(ge=10, le=65536)
    """Disk in GiB that the instance starts with. It grows by itself when it is nearly full, and never shrinks."""

    backup_days: int = Field(default=14, ge=7, le=35)
    """Days that daily backups are kept. Every moment of the last seven can be restored, the most in this edition."""


class AksPostgres(Postgres):
    """Azure Database for PostgreSQL Flexible Server. With `high_availability`, a standby in a second zone."""

    sku: Annotated[str, form(r"Standard_[DE][0-9]+a?d?s_v[0-9]", "a SKU such as Standard_D2ds_v5")]
    """Compute SKU, General Purpose (D) or Memory Optimized (E): Burstable ones have no standby."""

    storage_gib: Literal[32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767]
    """Disk in GiB. It grows by itself when it is nearly full, and never shrinks: then raise this to what it has."""

    backup_location: AzureLocation | None = None
    """Azure's paired region, if the backups are copied there too: `az account list-locations` tells it. Chosen when the
    server is created."""


class OkePostgres(Postgres):
    """OCI Database with PostgreSQL. Its storage grows with what is in it. With `high_availability`, three nodes."""

    shape: Annotated[str, form(r"PostgreSQL\.VM(\.[A-Za-z0-9]+)+", "a shape such as PostgreSQL.VM.Standard.E5.Flex")]
    """Shape of the nodes."""

    ocpus: int = Field(ge=1, le=64)
    """OCPUs of each node."""

    memory_gib: int = Field(ge=8, le=1024)
    """Memory of each node in GiB."""
