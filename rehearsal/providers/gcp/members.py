"""Members of IAM bindings: their form, and whether what they name exists."""

import difflib
import json
import re
from functools import cache
from pathlib import Path

from rehearsal.providers.errors import CloudError
from rehearsal.providers.gcp.names import SERVICE_AGENTS, project_number
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.wire import Properties

_FORM = re.compile(
    r"^(allUsers|allAuthenticatedUsers|(user|serviceAccount|group|domain|principal|principalSet|"
    r"projectOwner|projectEditor|projectViewer|deleted:[a-zA-Z]+):\S+)$"
)
_ROLE = re.compile(r"^(roles/[a-zA-Z0-9_.]+|(projects|organizations)/[^/]+/roles/[a-zA-Z0-9_.]+)$")
_KUBERNETES_ACCOUNT = re.compile(r"^serviceAccount:(?P<pool>[^\[\]]+\.svc\.id\.goog)\[(?P<subject>[^\]]+)\]$")
_FEDERATED = re.compile(
    r"^principal(Set)?://iam\.googleapis\.com/projects/(?P<number>\d+)/locations/global/workloadIdentityPools/(?P<pool>[^/]+)/.+$"
)
_KUBERNETES_SUBJECT = re.compile(r"^[a-z0-9-]+/[a-z0-9.-]+$")
_USER_ACCOUNT = re.compile(r"^[a-z][a-z0-9-]+@[a-z][a-z0-9-]+\.iam\.gserviceaccount\.com$")
_POOL_TYPE = "gcp:iam/workloadIdentityPool:WorkloadIdentityPool"
_ACCOUNT_TYPE = "gcp:serviceaccount/account:Account"
_IDENTITY_TYPE = "gcp:projects/serviceIdentity:ServiceIdentity"


def check_role(role: str) -> None:
    """Refuses a role that does not exist. What a project or organization defines by itself is taken to exist."""
    if not _ROLE.match(role):
        raise CloudError(
            f"googleapi: Error 400: Invalid argument: role '{role}' is not of the form roles/NAME, badRequest"
        )
    if role.startswith("roles/") and role not in _predefined_roles():
        near = difflib.get_close_matches(role, _predefined_roles(), n=1)
        raise CloudError(
            f"googleapi: Error 400: Role {role} is not supported for this resource., badRequest"
            f"{f' (did you mean {near[0]}?)' if near else ''} (the rehearsal knows the roles in "
            "rehearsal/providers/gcp/roles.json: add one there that Google Cloud has)"
        )


def check_condition(grant: Properties) -> None:
    """Refuses a condition where none can be. Source: docs.cloud.google.com/iam/docs/conditions-overview."""
    if grant.get("condition") is None:
        return
    if grant["role"] in ("roles/owner", "roles/editor", "roles/viewer"):
        raise CloudError(
            f"googleapi: Error 400: the legacy basic role {grant['role']} cannot be granted under a condition, "
            "badRequest"
        )
    if grant["member"] in ("allUsers", "allAuthenticatedUsers"):
        raise CloudError(
            f"googleapi: Error 400: nothing can be granted to {grant['member']} under a condition, badRequest"
        )


@cache
def _predefined_roles() -> frozenset[str]:
    services: dict[str, list[str]] = json.loads(Path(__file__).with_name("roles.json").read_text())
    del services["_source"]
    basic = services.pop("basic")
    return frozenset(
        [f"roles/{role}" for role in basic]
        + [f"roles/{service}.{role}" for service, roles in services.items() for role in roles]
    )


def check_member(member: str, project: str, inventory: Inventory) -> None:
    """Refuses a member that is misspelt or names nothing.

    Source: terraform-google-modules/terraform-google-kubernetes-engine/issues/916;
    cloud.google.com/iam/docs/principal-identifiers.
    """
    if not _FORM.match(member):
        raise CloudError(f"googleapi: Error 400: Invalid value for member '{member}', badRequest")
    kubernetes, federated = _KUBERNETES_ACCOUNT.match(member), _FEDERATED.match(member)
    if kubernetes:
        _check_subject(kubernetes["subject"], member)
        _check_pool(kubernetes["pool"], inventory)
    elif federated:
        _check_federated(federated, member, inventory)
    elif member.startswith(("principal:", "principalSet:")):
        raise CloudError(f"googleapi: Error 400: Invalid principal identifier '{member}', badRequest")
    elif member.startswith("serviceAccount:"):
        _check_account(member.removeprefix("serviceAccount:"), project, inventory)


def agent_exists(email: str, project: str, inventory: Inventory) -> bool:
    """Whether a service has its account yet: asked for, or made by the first use of the service."""
    local, _, domain = email.removesuffix(".iam.gserviceaccount.com").partition("@")
    services = [service for service, agent in SERVICE_AGENTS.items() if agent == domain]
    if local != f"service-{project_number(project)}" or not services:
        return False
    if services[0] == "storage.googleapis.com":
        return True
    if inventory.get(_IDENTITY_TYPE, f"projects/{project}/services/{services[0]}") is not None:
        return True
    prefix = services[0].split(".")[0]
    return any(row.type.startswith(f"gcp:{prefix}/") for row in inventory.list(account=f"gcp/{project}"))


def _check_subject(subject: str, member: str) -> None:
    if not _KUBERNETES_SUBJECT.match(subject):
        raise CloudError(
            f"googleapi: Error 400: Invalid value for member '{member}': [NAMESPACE/ACCOUNT] is wanted, badRequest"
        )


def _check_pool(pool: str, inventory: Inventory) -> None:
    if inventory.get(_POOL_TYPE, pool) is None:
        raise CloudError(
            f"googleapi: Error 400: Identity Pool does not exist ({pool}). Please check that you specified a valid "
            "resource name as returned in the `name` attribute in the configuration API., badRequest"
        )


def _check_federated(match: re.Match[str], member: str, inventory: Inventory) -> None:
    pool = match["pool"]
    if not pool.endswith(".svc.id.goog"):
        return
    _check_pool(pool, inventory)
    if match["number"] != project_number(pool.removesuffix(".svc.id.goog")):
        raise CloudError(
            f"googleapi: Error 400: '{member}' names a project number that is not that of {pool}, badRequest"
        )


def _check_account(email: str, project: str, inventory: Inventory) -> None:
    number = project_number(project)
    if email in (f"{number}-compute@developer.gserviceaccount.com", f"{number}@cloudservices.gserviceaccount.com"):
        return
    if email.startswith("service-") and email.endswith(".iam.gserviceaccount.com"):
        exists = agent_exists(email, project, inventory)
    elif _USER_ACCOUNT.match(email):
        owner = email.partition("@")[2].removesuffix(".iam.gserviceaccount.com")
        exists = inventory.get(_ACCOUNT_TYPE, f"projects/{owner}/serviceAccounts/{email}") is not None
    else:
        raise CloudError(f"googleapi: Error 400: Invalid service account ({email})., badRequest")
    if not exists:
        raise CloudError(f"googleapi: Error 400: Service account {email} does not exist., badRequest")
