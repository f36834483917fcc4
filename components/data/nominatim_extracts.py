"""Extracts of OpenStreetMap, and what importing and serving one of them takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

GEOFABRIK: Final = "https://download.geofabrik.de"

Region = Literal[
    "europe/andorra",
    "europe/austria",
    "europe/belgium",
    "europe/czech-republic",
    "europe/denmark",
    "europe/finland",
    "europe/france",
    "europe/germany",
    "europe/great-britain",
    "europe/greece",
    "europe/ireland-and-northern-ireland",
    "europe/italy",
    "europe/luxembourg",
    "europe/monaco",
    "europe/netherlands",
    "europe/norway",
    "europe/poland",
    "europe/portugal",
    "europe/romania",
    "europe/spain",
    "europe/sweden",
    "europe/switzerland",
    "north-america/canada",
    "south-america/brazil",
    "australia-oceania/australia",
    "asia/japan",
]
"""Regions, by their path at Geofabrik. https://download.geofabrik.de"""

MIB: Final[Mapping[Region, int]] = {
    "europe/andorra": 5,
    "europe/austria": 800,
    "europe/belgium": 700,
    "europe/czech-republic": 950,
    "europe/denmark": 500,
    "europe/finland": 750,
    "europe/france": 5000,
    "europe/germany": 4700,
    "europe/great-britain": 2100,
    "europe/greece": 350,
    "europe/ireland-and-northern-ireland": 350,
    "europe/italy": 2200,
    "europe/luxembourg": 50,
    "europe/monaco": 1,
    "europe/netherlands": 1400,
    "europe/norway": 1400,
    "europe/poland": 2000,
    "europe/portugal": 400,
    "europe/romania": 350,
    "europe/spain": 1400,
    "europe/sweden": 800,
    "europe/switzerland": 550,
    "north-america/canada": 3600,
    "south-america/brazil": 2000,
    "australia-oceania/australia": 950,
    "asia/japan": 2400,
}
"""How large the extract of each region is about, in MiB. Extracts grow by some hundredths a year."""

OSM2PGSQL_MIB: Final = 2048
"""What osm2pgsql takes beside its cache of nodes, at least. https://nominatim.org/release-docs/5.3/admin/Import/"""


@dataclass(frozen=True, kw_only=True)
class Extract:
    """One extract."""

    url: str
    """Where its newest version is."""

    updates: str | None
    """Where its changes are, day by day."""

    mib: int
    """How large it is about, in MiB."""

    @property
    def storage_gib(self) -> int:
        """GiB that its database takes while it is imported, and with the updates of some years: fifty times the
        extract, in steps of ten.
        """
        return max(10, -(-self.mib * 50 // 10240) * 10)

    @property
    def memory_mib(self) -> int:
        """MiB that serving takes: 2 GiB for an extract of 1.4. In steps of 512."""
        return -(-(1024 + self.mib * 7 // 10) // 512) * 512

    @property
    def cpu_millis(self) -> int:
        """Thousandths of a processor that serving asks for."""
        return 1000 if self.mib >= 1000 else 250

    @property
    def cache_mib(self) -> int:
        """MiB of nodes that the import keeps at hand: as much as the extract is large."""
        return max(64, self.mib)

    @property
    def import_memory_mib(self) -> int:
        """MiB that the import takes, beside what the database does. In steps of 512."""
        return -(-(OSM2PGSQL_MIB + self.cache_mib) // 512) * 512

    @property
    def scratch_mib(self) -> int:
        """MiB on the node's disk for the extract itself, and for a larger one next year."""
        return 512 + self.mib * 3 // 2


def regions() -> tuple[Region, ...]:
    """All regions that are known."""
    return get_args(Region)


def extract_of(region: Region) -> Extract:
    """The extract of a region."""
    return Extract(url=f"{GEOFABRIK}/{region}-latest.osm.pbf", updates=f"{GEOFABRIK}/{region}-updates", mib=MIB[region])
