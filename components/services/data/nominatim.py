"""Nominatim, a geocoder, as workload files declare it: with the region that it knows."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

import pulumi
from pydantic import AfterValidator, Field, model_validator

from components.data.connections import NominatimConnection
from components.data.nominatim import Nominatim, NominatimArgs
from components.data.nominatim_containers import DATABASE_PORT
from components.data.nominatim_extracts import Extract, Region, extract_of
from components.data.nominatim_pods import PORT, UPDATE_MIB, Part, labels
from components.data.sizes import Sizes
from components.network.connections import Connection, Place, Pods, connect, tcp
from components.platform.connections.situation import port_of
from components.platform.data_operators import DataNeeds
from components.services.data.service import Access, Backup, DataService, Ground
from components.services.pods.room import Room
from components.services.schedules import Schedule
from components.services.stack_traits import StackTraits
from stacks.model import Model, at, form

NIGHTLY: Final = "17 3 * * *"

Address = Annotated[str, form(r"https://[^\s/?#]+/\S*", "an address that begins with https:// and has a path")]


def _five_fields(schedule: str) -> str:
    if len(schedule.split()) != 5:
        raise ValueError("expected 5 fields: a CronJob knows no seconds")
    return schedule


Daily = Annotated[Schedule, AfterValidator(_five_fields)]


class ExtractSpec(Model):
    """An extract that is none of the known regions'."""

    url: Address
    """Where its newest version is, in the format PBF."""

    updates: Address | None = None
    """Folder of its changes, day by day: the address of a replication service. Without one, it stays as it is."""

    size_mib: int = Field(ge=1, le=100_000)
    """How large it is about, in MiB: the volume, and the memory of the import and of the server, follow from it."""


class NominatimSpec(Model):
    """A geocoder, which its workload alone reaches. It finds addresses and places, and names what is at a point."""

    kind: Literal["nominatim"]
    region: Region | None = None
    """What it knows, by its path at https://download.geofabrik.de, for example `europe/spain`."""

    extract: ExtractSpec | None = None
    """What it knows, if that is another extract. Either this or `region` is given. After a change all is imported anew,
    and until that is done, hours later, nothing answers."""

    storage_gib: int | None = Field(default=None, ge=10, le=16384)
    """GiB of the volume; by the size of the extract, if not given. A volume grows and never shrinks."""

    updates: Daily | None = NIGHTLY
    """When changes are brought in, as cron writes it, in UTC: once a day is as often as Geofabrik has any. With `null`
    it stays as it was imported, and takes half as much disk once that is done."""

    @model_validator(mode="after")
    def _something_is_imported(self) -> Self:
        if self.region is None and self.extract is None:
            raise at(("region", "missing; or extract, for one that is none of the known regions'"))
        if self.region is not None and self.extract is not None:
            raise at(("extract", "region is given already; keep one of them"))
        return self

    def imported(self) -> Extract:
        """The extract."""
        if self.extract is not None:
            return Extract(url=self.extract.url, updates=self.extract.updates, mib=self.extract.size_mib)
        assert self.region is not None, "the model has either"
        return extract_of(self.region)


class NominatimService(DataService[NominatimSpec, NominatimConnection]):
    """A geocoder."""

    VARIABLES = frozenset({"HOST", "PORT", "URL"})

    @property
    def needs(self) -> DataNeeds:
        return DataNeeds()

    @property
    def backup(self) -> Backup:
        return Backup.NONE

    def room(self, sizes: Sizes) -> Room:
        extract = self.spec.imported()
        return Room(
            # The server, the import and an update.
            cpu=extract.cpu_millis / 1000 + 2 * 0.5,
            memory_mib=extract.memory_mib + extract.import_memory_mib + UPDATE_MIB,
            pods=3,
            storage_gib=self._storage_gib,
        )

    def inside(self, traits: StackTraits) -> Iterator[Connection]:
        writers = self._pods(Part.IMPORT, Part.UPDATE)
        yield from connect(writers, self._pods(Part.SERVER), tcp(DATABASE_PORT), why="writes what is imported")
        yield from connect(writers, Place.OUTSIDE, tcp(*self._download_ports()), why="extracts and their changes")

    def reached_by(self, pods: Pods, traits: StackTraits) -> Iterator[Connection]:
        yield from connect(pods, self._pods(Part.SERVER), tcp(PORT), why=self.name)

    def build(self, ground: Ground, opts: pulumi.ResourceOptions) -> NominatimConnection:
        operators = ground.operators
        args = NominatimArgs(
            name=self.name,
            namespace=self.workload,
            extract=self.spec.imported(),
            storage_gib=self._storage_gib,
            schedule=self.spec.updates,
            storage_class=operators.storage_class,
            protect=operators.protect,
            exists=ground.namespace,
            nodes=operators.nodes,
        )
        return Nominatim(f"{self.workload}-{self.name}", args, opts).connection

    def access(self, connected: NominatimConnection, user: str) -> Access:
        return Access(
            env={
                "HOST": connected.host,
                "PORT": str(connected.port),
                "URL": f"http://{connected.host}:{connected.port}",
            },
            ready=connected.ready,
        )

    @property
    def _storage_gib(self) -> int:
        return self.spec.storage_gib or self.spec.imported().storage_gib

    def _download_ports(self) -> list[int]:
        extract = self.spec.imported()
        return sorted({port_of(url) for url in (extract.url, extract.updates) if url})

    def _pods(self, *parts: Part) -> Pods:
        same = labels(self.name, parts[0])
        component = parts[0].value if len(parts) == 1 else tuple(part.value for part in parts)
        name = f"data.{self.name}" if parts == (Part.SERVER,) else f"data.{self.name}-writers"
        return Pods(name=name, namespace=self.workload, labels={**same, "app.kubernetes.io/component": component})
