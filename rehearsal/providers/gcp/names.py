"""How Google Cloud numbers projects and spells the names of resources."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Final

from rehearsal.providers.errors import CloudError

SERVICE_AGENTS: Final = {
    "artifactregistry.googleapis.com": "gcp-sa-artifactregistry",
    "cloudkms.googleapis.com": "gcp-sa-cloudkms",
    "compute.googleapis.com": "compute-system",
    "container.googleapis.com": "container-engine-robot",
    "containersecurity.googleapis.com": "gcp-sa-gkesecurity",
    "logging.googleapis.com": "gcp-sa-logging",
    "monitoring.googleapis.com": "gcp-sa-monitoring-notification",
    "pubsub.googleapis.com": "gcp-sa-pubsub",
    "secretmanager.googleapis.com": "gcp-sa-secretmanager",
    "servicenetworking.googleapis.com": "service-networking",
    "sqladmin.googleapis.com": "gcp-sa-cloud-sql",
    "storage.googleapis.com": "gs-project-accounts",
}
"""Domains of the accounts that services act as. Source: cloud.google.com/iam/docs/service-agents."""

_VERSIONED_URL = re.compile(r"^https://[^/]+/(?:[a-z]+/)?(?:v\d[a-z0-9]*/)?(?=projects/)")


def project_number(project: str) -> str:
    """Twelve digits that belong to a project id."""
    return str(10**11 + int(hashlib.sha256(project.encode()).hexdigest(), 16) % (9 * 10**11))


def service_agent(service: str, project: str) -> str:
    """The account that a service acts as in a project."""
    if service not in SERVICE_AGENTS:
        raise CloudError(f"the rehearsal does not know the service agent of {service}: add it to SERVICE_AGENTS")
    return f"service-{project_number(project)}@{SERVICE_AGENTS[service]}.iam.gserviceaccount.com"


def relative_name(reference: str) -> str:
    """A reference without the API's address in front: `projects/…`."""
    return _VERSIONED_URL.sub("", reference.removeprefix("//").removeprefix("container.googleapis.com/"))


def last(reference: str) -> str:
    return reference.rstrip("/").rpartition("/")[2]


@cache
def locations() -> dict[str, list[str]]:
    """Regions with their zones. Source: cloud.google.com/compute/docs/regions-zones."""
    letters = json.loads(Path(__file__).with_name("locations.json").read_text())["zones"]
    return {region: [f"{region}-{letter}" for letter in zones] for region, zones in letters.items()}


def region_of(location: str) -> str:
    """The region of a region or zone."""
    return location if location in locations() else location.rpartition("-")[0]
