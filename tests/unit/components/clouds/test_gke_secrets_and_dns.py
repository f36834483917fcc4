"""Who reads the secrets of a GKE stack, and who writes in its zone."""

from collections.abc import Callable
from typing import Any

import pytest
from contract_check.chart_values import check_release
from contract_check.custom_resources import check_custom_resource

from components.contracts import DaprSecretStore, Demands, Foundation, ServiceAccount
from components.gke.secrets import own_secrets
from tests.mock_engine import Deployed
from tests.unit.components.clouds.gke_stack import build, principal

PROJECT_GRANT = "gcp:projects/iAMMember:IAMMember"
TODO = ServiceAccount(namespace="todo", name="backend")


def delivered(
    deploy: Callable[..., Deployed], *principals: ServiceAccount, **changes: Any
) -> tuple[Foundation, Deployed]:
    """The foundation, and what it registered."""
    built: list[Foundation] = []
    deployed = deploy(lambda: built.append(build(Demands(principals=principals), **changes)))
    return built[0], deployed


def test_external_secrets_reads_every_secret_of_the_project_and_writes_none(deploy: Callable[..., Deployed]):
    foundation, deployed = delivered(deploy)

    grant = deployed.named("secrets-reader")
    assert grant.inputs == {
        "project": "acme-platform",
        "role": "roles/secretmanager.secretAccessor",
        "member": principal("external-secrets", "external-secrets"),
    }
    assert foundation.secrets
    assert foundation.secrets.vault == "acme-platform"
    assert len(foundation.secrets.reader.grants) == 1


def test_a_service_reads_the_secrets_of_its_own_workload_alone(deploy: Callable[..., Deployed]):
    foundation, deployed = delivered(deploy, TODO)

    grant = deployed.named("secrets-todo-backend").inputs
    assert grant["member"] == principal("todo", "backend")
    assert grant["role"] == "roles/secretmanager.secretAccessor"
    assert grant["condition"] == {
        "title": "secrets-of-todo",
        "expression": 'resource.name.startsWith("projects/123456789/secrets/todo-")',
    }
    assert list(foundation.principals) == [TODO]


def test_a_service_learns_where_its_secrets_are_and_needs_no_token_mounted(deploy: Callable[..., Deployed]):
    identity = delivered(deploy, TODO)[0].principals[TODO]

    assert identity.env == {"SECRET_STORE": "acme-platform", "GOOGLE_CLOUD_PROJECT": "acme-platform"}
    assert identity.mounts_token is False
    assert identity.secret_store == DaprSecretStore(
        type="secretstores.gcp.secretmanager", metadata={"projectID": "acme-platform"}
    )
    assert len(identity.grants) == 1


def test_secrets_of_a_workload_with_a_longer_name_are_not_those_of_a_shorter_one():
    assert own_secrets("1", "shop", ["shop", "shop-admin", "shopping"]) == (
        'resource.name.startsWith("projects/1/secrets/shop-")'
        ' && !resource.name.startsWith("projects/1/secrets/shop-admin-")'
    )


def test_readers_wait_for_the_api(deploy: Callable[..., Deployed]):
    _, deployed = delivered(deploy, TODO)

    api = deployed.named("apis-secretmanager").urn
    assert all(api in deployed.named(f"secrets-{grant}").depends_on for grant in ("reader", "todo-backend"))


def test_the_secret_store_is_one_that_external_secrets_takes(deploy: Callable[..., Deployed]):
    secrets = delivered(deploy)[0].secrets

    assert secrets
    assert secrets.provider == {"gcpsm": {"projectID": "acme-platform"}}
    store = {"metadata": {"name": "vault"}, "spec": {"provider": secrets.provider}}
    assert check_custom_resource("kubernetes:external-secrets.io/v1:ClusterSecretStore", store, frozenset()) == []


def test_the_domain_is_a_signed_public_zone(deploy: Callable[..., Deployed]):
    _, deployed = delivered(deploy)

    zone = deployed.only("gcp:dns/managedZone:ManagedZone").inputs
    assert zone["name"] == "groundwork-dev"
    assert zone["dnsName"] == "acme.example."
    assert zone["visibility"] == "public"
    assert zone["dnssecConfig"] == {"state": "on"}


@pytest.mark.parametrize("protect", [True, False])
def test_a_zone_goes_with_its_records_unless_it_is_protected(deploy: Callable[..., Deployed], protect: bool):
    _, deployed = delivered(deploy, protect=protect)

    zone = deployed.only("gcp:dns/managedZone:ManagedZone")
    assert (zone.protect, zone.inputs["forceDestroy"]) == (protect, not protect)


def test_records_are_written_in_the_one_zone(deploy: Callable[..., Deployed]):
    _, deployed = delivered(deploy)

    grants = deployed.of_type("gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember")
    assert {(grant.inputs["managedZone"], grant.inputs["role"], grant.inputs["member"]) for grant in grants} == {
        ("groundwork-dev", "roles/dns.admin", principal("cert-manager", "cert-manager")),
        ("groundwork-dev", "roles/dns.admin", principal("external-dns", "external-dns")),
    }


def test_in_the_project_dns_is_only_read(deploy: Callable[..., Deployed]):
    _, deployed = delivered(deploy)

    grants = [grant.inputs for grant in deployed.of_type(PROJECT_GRANT) if "dns" in grant.inputs["role"]]
    assert [(grant["role"], grant["member"]) for grant in grants] == [
        ("roles/dns.reader", principal("external-dns", "external-dns"))
    ]


def test_the_solver_is_one_that_cert_manager_takes(deploy: Callable[..., Deployed]):
    dns = delivered(deploy)[0].dns

    assert dns
    assert dns.solver == {"cloudDNS": {"project": "acme-platform", "hostedZoneName": "groundwork-dev"}}
    acme = {
        "server": "https://acme-v02.api.letsencrypt.org/directory",
        "privateKeySecretRef": {"name": "account"},
        "solvers": [{"dns01": dns.solver}],
    }
    issuer = {"metadata": {"name": "acme"}, "spec": {"acme": acme}}
    assert check_custom_resource("kubernetes:cert-manager.io/v1:ClusterIssuer", issuer, frozenset()) == []


def test_external_dns_finds_the_one_zone(deploy: Callable[..., Deployed]):
    dns = delivered(deploy)[0].dns

    assert dns
    assert dns.external_dns == {
        "provider": {"name": "google"},
        "domainFilters": ["acme.example"],
        "extraArgs": {
            "google-project": "acme-platform",
            "google-zone-visibility": "public",
            "zone-id-filter": "groundwork-dev",
        },
    }
    release = {"chart": "external-dns", "version": "1.21.1", "values": dns.external_dns}
    assert check_release(release) == []
    assert len(dns.records_identity.grants) == 2
