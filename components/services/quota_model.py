"""What a workload file says of the room that its namespace has."""

from pydantic import Field

from stacks.model import Model


class Quota(Model):
    """The most that all pods of a workload may ask for together. What is not given follows from the services and data
    services that the file declares, with room for twice as many (docs/cluster-hygiene.md).
    """

    cpu: int | None = Field(default=None, ge=1, le=10_000)
    """Processors."""

    memory_gib: int | None = Field(default=None, ge=1, le=100_000)
    """Memory, in GiB."""

    pods: int | None = Field(default=None, ge=1, le=10_000)
    """Pods, those of Jobs that have ended aside."""

    storage_gib: int | None = Field(default=None, ge=1, le=1_000_000)
    """Volumes, in GiB."""
