"""Answers to the functions of the gcp package."""

from collections.abc import Callable
from typing import Final

from rehearsal.providers.errors import CloudError
from rehearsal.providers.gcp.names import locations, project_number, region_of, service_agent
from rehearsal.providers.gcp.versions import ALL, CHANNEL_DEFAULTS, KUBERNETES_VERSION, LATEST
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.provider import refuse_function
from rehearsal.providers.wire import Properties


def answer(token: str, arguments: Properties, configuration: Properties, inventory: Inventory) -> Properties:
    """The function's result; one that is not known fails by name."""
    function = _ANSWERS.get(token)
    if function is None:
        raise refuse_function("gcp", token)
    return function({**arguments, **_context(arguments, configuration)}, inventory)


def _context(arguments: Properties, configuration: Properties) -> Properties:
    project = arguments.get("project") or arguments.get("projectId") or configuration.get("project")
    if not project:
        raise CloudError("project: required field is not set")
    region = arguments.get("region") or configuration.get("region", "")
    return {"project": project, "region": region, "location": arguments.get("location") or region}


def _project(given: Properties, inventory: Inventory) -> Properties:
    project = given["project"]
    return {
        "id": f"projects/{project}",
        "projectId": project,
        "number": project_number(project),
        "name": project,
        "orgId": project_number("organization"),
        "folderId": "",
        "billingAccount": "000000-000000-000000",
        "autoCreateNetwork": True,
        "deletionPolicy": "PREVENT",
        "labels": {},
        "effectiveLabels": {},
        "pulumiLabels": {},
        "tags": {},
    }


def _client_configuration(given: Properties, inventory: Inventory) -> Properties:
    """Without the access token: nothing of a stack may hold one."""
    project, region = given["project"], given["region"]
    return {
        "id": f'projects/"{project}"/regions/"{region}"/zones/""',
        "project": project,
        "region": region,
        "zone": "",
        "accessToken": "",
        "defaultLabels": {},
    }


def _zones(given: Properties, inventory: Inventory) -> Properties:
    region = given["region"]
    if region not in locations():
        raise CloudError(
            f"googleapi: Error 400: Invalid value for field 'region': '{region}'. Unknown region., invalid"
        )
    base = {"id": f"projects/{given['project']}/regions/{region}", "project": given["project"], "region": region}
    return {**base, "names": locations()[region]}


def _regions(given: Properties, inventory: Inventory) -> Properties:
    return {"id": f"projects/{given['project']}", "project": given["project"], "names": sorted(locations())}


def _engine_versions(given: Properties, inventory: Inventory) -> Properties:
    location = given["location"]
    if region_of(location) not in locations():
        raise CloudError(
            f"googleapi: Error 400: Location '{location}' is not found or access is unauthorized., invalid"
        )
    prefix = given.get("versionPrefix", "")
    matching = [version for version in ALL if version.startswith(prefix)]
    return {
        "id": location,
        "location": location,
        "project": given["project"],
        "defaultClusterVersion": KUBERNETES_VERSION,
        "latestMasterVersion": matching[0] if matching else "",
        "latestNodeVersion": matching[0] if matching else "",
        "validMasterVersions": matching,
        "validNodeVersions": matching,
        "releaseChannelDefaultVersion": CHANNEL_DEFAULTS,
        "releaseChannelLatestVersion": LATEST,
        "releaseChannelUpgradeTargetVersion": CHANNEL_DEFAULTS,
    }


def _storage_agent(given: Properties, inventory: Inventory) -> Properties:
    email = service_agent("storage.googleapis.com", given["project"])
    return {"id": email, "project": given["project"], "emailAddress": email, "member": f"serviceAccount:{email}"}


def _compute_account(given: Properties, inventory: Inventory) -> Properties:
    email = f"{project_number(given['project'])}-compute@developer.gserviceaccount.com"
    name = f"projects/{given['project']}/serviceAccounts/{email}"
    base = {"id": name, "name": name, "displayName": "Compute Engine default service account", "uniqueId": "1" * 21}
    return {**base, "project": given["project"], "email": email, "member": f"serviceAccount:{email}"}


_ANSWERS: Final[dict[str, Callable[[Properties, Inventory], Properties]]] = {
    "gcp:compute/getDefaultServiceAccount:getDefaultServiceAccount": _compute_account,
    "gcp:compute/getRegions:getRegions": _regions,
    "gcp:compute/getZones:getZones": _zones,
    "gcp:container/getEngineVersions:getEngineVersions": _engine_versions,
    "gcp:organizations/getClientConfig:getClientConfig": _client_configuration,
    "gcp:organizations/getProject:getProject": _project,
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": _storage_agent,
}
