"""Users, groups, policies and credentials: of the tenancy, and written in its home region alone."""

from typing import Final

from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory

USER: Final = "oci:Identity/user:User"
AUTH_TOKEN: Final = "oci:Identity/authToken:AuthToken"
SECRET_KEY: Final = "oci:Identity/customerSecretKey:CustomerSecretKey"

_NAMED: Final = (
    USER,
    "oci:Identity/group:Group",
    "oci:Identity/dynamicGroup:DynamicGroup",
    "oci:Identity/policy:Policy",
)
"""What carries, as the last part of its scope, the region that it was written in."""

_CREDENTIALS: Final = {SECRET_KEY: "customer secret keys", AUTH_TOKEN: "auth tokens"}
_MOST_CREDENTIALS: Final = 2


def check_home_region(subject: Subject, inventory: Inventory, region: str) -> None:
    """Source: the answer of the identity service (403 NotAllowed, "Please go to your home region ...").

    A rehearsed tenancy is at home where the first of its users, groups and policies was written.
    """
    if not subject.type.startswith("oci:Identity/"):
        return
    for resource_type in _NAMED:
        for row in inventory.list(account=subject.account, type=resource_type, retained=False):
            home = row.scope.rpartition("/")[2]
            if home != region:
                raise CloudError(
                    f"Error 403-NotAllowed: Please go to your home region {home} to execute CREATE, UPDATE and DELETE "
                    f"operations; this provider is configured for {region}."
                )


def check_root(subject: Subject, inventory: Inventory) -> None:
    """Source: docs.oracle.com/iaas/Content/Identity/Tasks/managingdynamicgroups.htm: groups and users are of the
    tenancy, whose OCID stands for the root compartment.
    """
    compartment = subject.inputs.get("compartmentId")
    if compartment is not None and f"oci/{compartment}" != subject.account:
        raise CloudError(f"Error 400-InvalidParameter: compartmentId must be the tenancy, not {compartment}")


def check_user(subject: Subject, inventory: Inventory) -> None:
    """Source: github.com/oracle/terraform-provider-oci/issues/2388; SDK docstring of email (unique)."""
    email = subject.inputs.get("email")
    if not email:
        raise CloudError("Error 400-IdcsConversionError: The primary email must be specified.")
    for other in inventory.list(account=subject.account, type=USER, retained=False):
        if other.id != subject.id and other.inputs.get("email") == email:
            raise CloudError(f"Error 409-UserAlreadyExists: the email {email} is used by another user")


def check_credentials(subject: Subject, inventory: Inventory) -> None:
    """Source: docs.oracle.com/iaas/Content/Identity/Tasks/managingcredentials.htm (two of each kind a user)."""
    rows = inventory.list(account=subject.account, type=subject.type, retained=False)
    others = [row for row in rows if row.id != subject.id and row.inputs["userId"] == subject.inputs["userId"]]
    if len(others) >= _MOST_CREDENTIALS:
        raise CloudError(
            f"Error 400-LimitExceeded: a user has at most {_MOST_CREDENTIALS} {_CREDENTIALS[subject.type]}"
        )
