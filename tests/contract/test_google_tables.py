"""Inputs against the sourced rules of Google Cloud's zones, conditions and databases."""

from typing import Any

import pytest

MEMBER = "gcp:projects/iAMMember:IAMMember"


def condition(expression: str) -> dict[str, Any]:
    """A grant on a project that holds for what the expression names."""
    return {
        "project": "acme",
        "role": "roles/secretmanager.secretAccessor",
        "member": "user:ann@acme.example",
        "condition": {"title": "own", "expression": expression},
    }


def test_a_condition_that_names_secrets_by_the_projects_id_would_never_hold(report):
    expression = 'resource.name.startsWith("projects/acme-2/secrets/todo-")'

    (found,) = report(MEMBER, condition(expression))

    assert found.startswith("condition.expression: ")
    assert found.endswith(
        "which is refused (names of secrets have the project's number, "
        "cloud.google.com/iam/docs/conditions-resource-attributes#resource-name)"
    )


def test_a_condition_that_names_secrets_by_the_projects_number_passes(report):
    assert report(MEMBER, condition('resource.name.startsWith("projects/123456789/secrets/todo-")')) == []


@pytest.mark.parametrize("name", ["acme.example", "Acme.example.", "-acme.example."])
def test_the_domain_of_a_zone_ends_with_a_dot(report, name):
    zone = {"name": "acme", "dnsName": name}

    assert report("gcp:dns/managedZone:ManagedZone", zone) == [
        f'dnsName: "{name}" is not a domain with a dot at its end, such as dev.acme.example. (SDK docstring of dnsName)'
    ]
    assert report("gcp:dns/managedZone:ManagedZone", {**zone, "dnsName": "dev.acme.example."}) == []


def test_a_database_has_a_disk_of_ten_gigabytes_at_least(report):
    instance = {"databaseVersion": "POSTGRES_17", "settings": {"tier": "db-custom-2-8192", "diskSize": 5}}

    assert report("gcp:sql/databaseInstance:DatabaseInstance", instance) == [
        "settings.diskSize: 5 is below the minimum of 10"
    ]
