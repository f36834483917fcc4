"""How often volumes and databases are backed up, and how long their backups are kept."""

from pydantic import Field

from stacks.model import Model


class Backups(Model):
    """Nightly backups of workloads in the stack's stores: of volumes by Velero, of databases of the cluster by their
    own operators. The cloud's own PostgreSQL has settings of its own.
    """

    volumes: bool
    """Whether the volumes are backed up of every workload that keeps something in them which nothing else backs up. By
    environment: dev false, else true. A local stack has no store for them. Switching it off takes the schedules away;
    the backups that are there expire in their time, but only while it is on are they deleted."""

    hour: int = Field(default=2, ge=0, le=23)
    """Hour of the day, in UTC, at which the nightly backups begin, one workload after the other."""

    keep_days: int = Field(ge=1, le=365)
    """Days that a backup is kept. By environment: dev 7, staging 14, prod 30. A change holds for the backups of volumes
    that are made from then on, and for all of databases."""
