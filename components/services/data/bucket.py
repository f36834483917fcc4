"""A bucket of the cloud's object store, as workload files declare it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import pulumi
from pydantic import Field

from components.contracts import Bucket, BucketDemand, ServiceAccount
from components.data.sizes import Sizes
from components.network.connections import Connection, Pods
from components.platform.connections.operators import cloud
from components.platform.data_operators import DataNeeds
from components.services.data.service import Access, Backup, DataService, Ground
from components.services.pods.room import Room
from components.services.stack_traits import StackTraits
from stacks.model import Distinct, Model
from stacks.workloads import ServiceName


class BucketSpec(Model):
    """A bucket of the cloud, which the services that use it are let into by who they are, without a key."""

    kind: Literal["bucket"]

    expire_days: int | None = Field(default=None, ge=1, le=3650)
    """Age in days at which objects are deleted; never, if not given."""

    old_version_days: int | None = Field(default=30, ge=1, le=365)
    """Days that an overwritten or deleted object can be brought back. `null` keeps no old versions."""

    readers: Annotated[tuple[ServiceName, ...], Distinct] = ()
    """Of the services that use it, those that read objects and change none. All others write too."""


class BucketService(DataService[BucketSpec, Bucket]):
    """A bucket of its own, that nothing in the cluster runs for."""

    VARIABLES = frozenset({"BUCKET", "ENDPOINT", "ACCOUNT", "NAMESPACE"})

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds()

    @property
    def backup(self) -> Backup:
        return Backup.NONE if self.spec.old_version_days is None else Backup.OLD_VERSIONS

    @property
    def demand(self) -> BucketDemand:
        """What is asked of the cloud."""
        return BucketDemand(
            workload=self.workload,
            name=self.name,
            expire_days=self.spec.expire_days,
            old_version_days=self.spec.old_version_days,
            writers=[self._account(user) for user in self.users if user not in self.spec.readers],
            readers=[self._account(user) for user in self.users if user in self.spec.readers],
        )

    def room(self, sizes: Sizes) -> Room:
        return Room()

    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        yield from ()

    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        yield from cloud(pods, "objects")

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> Bucket:
        return ground.buckets[self.workload, self.name]

    def access(self, connected: Bucket, user: str) -> Access:
        return Access(env=connected.variables, ready=connected.grants[self._account(user)])

    def _account(self, user: str) -> ServiceAccount:
        return ServiceAccount(namespace=self.workload, name=user)


def reader_problems(data: Mapping[str, object], services: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Readers that do not use their bucket: key path, and text. `services` are the data services that each uses."""
    for name, spec in data.items():
        if not isinstance(spec, BucketSpec):
            continue
        for index, reader in enumerate(spec.readers):
            if name not in services.get(reader, ()):
                yield f"data.{name}.readers.{index}", f"{reader} does not use it: it has no {name} in its `data`"
