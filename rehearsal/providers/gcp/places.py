"""Where Google Cloud lets a resource be."""

import json
from functools import cache
from pathlib import Path

from rehearsal.providers.errors import CloudError
from rehearsal.providers.gcp.names import locations, region_of
from rehearsal.providers.wire import Properties

_LOCATED = {
    "gcp:storage/bucket:Bucket": "storage",
    "gcp:kms/keyRing:KeyRing": "kms",
    "gcp:artifactregistry/repository:Repository": "artifactregistry",
    "gcp:container/cluster:Cluster": "",
    "gcp:container/nodePool:NodePool": "",
}
_REGIONAL = frozenset(
    {
        "gcp:compute/address:Address",
        "gcp:compute/forwardingRule:ForwardingRule",
        "gcp:compute/router:Router",
        "gcp:compute/routerNat:RouterNat",
        "gcp:compute/subnetwork:Subnetwork",
        "gcp:sql/databaseInstance:DatabaseInstance",
    }
)


def check_place(resource_type: str, inputs: Properties, fields: Properties) -> None:
    """Refuses a region, zone or multi-region that the service does not have. Sources: in locations.json."""
    if resource_type in _REGIONAL and fields["region"] not in locations():
        raise CloudError(
            f"googleapi: Error 400: Invalid value for field 'region': '{fields['region']}'. Unknown region., invalid"
        )
    service = _LOCATED.get(resource_type)
    if service is None:
        return
    place = str(fields["location"]).lower()
    zones = {zone for region in locations().values() for zone in region}
    wide = _multi_regions()[service] if service else zones
    if place not in locations() and place not in wide:
        raise CloudError(
            f"googleapi: Error 400: Location '{fields['location']}' is not found or access is unauthorized., invalid"
        )
    if not service:
        _check_zones(inputs.get("nodeLocations") or [], region_of(place))


def _check_zones(zones: list[str], region: str) -> None:
    """Source: SDK docstring of nodeLocations."""
    for zone in zones:
        if zone not in locations()[region]:
            raise CloudError(
                f"googleapi: Error 400: Location '{zone}' is not a zone of {region}, which has "
                f"{', '.join(locations()[region])}., badRequest"
            )


@cache
def _multi_regions() -> dict[str, list[str]]:
    return json.loads(Path(__file__).with_name("locations.json").read_text())
