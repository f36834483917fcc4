"""The statements of policies: their form, whom they name, and whether they let a service do something."""

import re
from dataclasses import dataclass

from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory

POLICY = "oci:Identity/policy:Policy"
_GROUPS = {
    "group": "oci:Identity/group:Group",
    "dynamic-group": "oci:Identity/dynamicGroup:DynamicGroup",
}
_MOST_STATEMENTS = 50

_STATEMENT = re.compile(
    r"^\s*allow\s+(?P<kind>any-user|any-group|(?:group|dynamic-group|service|resource)\s+(?:id\s+)?(?P<name>\S+))"
    r"\s+to\s+(?:(?P<verb>inspect|read|use|manage)\s+(?P<what>[\w-]+)|\{[A-Z_,\s]+\})"
    r"\s+in\s+(?P<place>tenancy|compartment\s+(?:id\s+ocid1\.\S+|(?!id\s)(?!ocid1\.)\S+))"
    r"(?:\s+where\s+(?P<condition>.+?))?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_COMPARISON = re.compile(r"([\w.-]+)\s*(!?=)\s*('[^']*'|/[^/]*/)")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One sentence of a policy, taken apart."""

    kind: str
    name: str
    verb: str
    what: str
    place: str
    condition: str


def parse(text: str) -> Statement:
    """Source: docs.oracle.com/iaas/Content/Identity/Concepts/policysyntax.htm; a compartment's OCID follows `id`
    (github.com/oracle/terraform-provider-oci/issues/1335).
    """
    match = _STATEMENT.match(text)
    if match is None:
        raise _refused(f"the policy statement '{text}' has no valid syntax")
    condition = match["condition"] or ""
    _check_condition(condition)
    kind = match["kind"].split()[0].lower()
    return Statement(
        kind=kind,
        name=(match["name"] or ""),
        verb=(match["verb"] or "").lower(),
        what=(match["what"] or "").lower(),
        place=" ".join(match["place"].split()),
        condition=condition,
    )


def check_policy(subject: Subject, inventory: Inventory) -> None:
    """Sources: the form's own; docs.oracle.com/iaas/Content/Identity/Concepts/policies.htm (limits); for groups, the
    answer in github.com/oracle/terraform-provider-oci/issues/785.
    """
    statements = subject.inputs["statements"]
    if len(statements) > _MOST_STATEMENTS:
        raise _refused(f"a policy has at most {_MOST_STATEMENTS} statements, not {len(statements)}")
    for text in statements:
        statement = parse(text)
        if statement.kind in _GROUPS and not _exists(statement, subject.account, inventory):
            raise _refused(
                f"The {statement.kind.replace('-', '_')} {statement.name} specified in the policy statement "
                "does not exist under current compartment hierarchy."
            )


def statements_of(account: str, inventory: Inventory) -> list[Statement]:
    """Every statement that is in force in a tenancy."""
    policies = inventory.list(account=account, type=POLICY, retained=False)
    return [parse(text) for policy in policies for text in policy.inputs["statements"]]


def applies(statement: Statement, compartment: str, target: str, value: str) -> bool:
    """Whether a statement reaches a resource: in its compartment, and by the condition on what it is."""
    if statement.place.lower() != "tenancy" and statement.place.split()[-1] != compartment:
        return False
    named = [right.strip("'") for left, _, right in _COMPARISON.findall(statement.condition) if left == target]
    return not named or value.lower() in (name.lower() for name in named)


def _exists(statement: Statement, account: str, inventory: Inventory) -> bool:
    """A group that is named by its OCID may be older than any stack."""
    if statement.name.startswith("ocid1.group."):
        return True
    rows = inventory.list(account=account, type=_GROUPS[statement.kind], retained=False)
    wanted = statement.name.strip("'").rpartition("/")[2].strip("'")
    return any(wanted in (row.name, row.id) for row in rows)


def _check_condition(condition: str) -> None:
    """Every comparison has a quoted right-hand side; braces close."""
    left = _COMPARISON.sub("", condition)
    if condition and (re.sub(r"(?i)\b(all|any)\b|[{},\s]", "", left) or condition.count("{") != condition.count("}")):
        raise _refused(f"'Invalid right-hand side in condition' or an unknown word in it: {condition}")


def _refused(message: str) -> CloudError:
    return CloudError(f"Error 400-InvalidParameter: {message}")
