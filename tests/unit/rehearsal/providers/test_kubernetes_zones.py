"""What writers of DNS need before they write: a zone, the right to change it, and an API that answers challenges."""

from typing import Any

import pytest

from rehearsal.providers.gcp.names import project_number
from rehearsal.providers.inventory import Inventory
from tests.unit.rehearsal.providers.fake_engine import Refused
from tests.unit.rehearsal.providers.google_project import POOL, SERVICE, GoogleProject
from tests.unit.rehearsal.providers.rehearsed_cluster import RehearsedCluster

ZONE = "gcp:dns/managedZone:ManagedZone"
ZONE_GRANT = "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember"
PROJECT_GRANT = "gcp:projects/iAMMember:IAMMember"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
API = "kubernetes:apiregistration.k8s.io/v1:APIService"
KUBERNETES_SERVICE = "kubernetes:core/v1:Service"
VALUES: dict[str, Any] = {
    "provider": {"name": "google"},
    "domainFilters": ["acme.example"],
    "extraArgs": {"zone-id-filter": "acme"},
    "serviceAccount": {"name": "external-dns"},
}


@pytest.fixture
def cluster(project: GoogleProject, inventory: Inventory) -> RehearsedCluster:
    """A cluster whose service accounts have identities, in a project with a zone."""
    cluster = RehearsedCluster(project, inventory, workloadIdentityConfig={"workloadPool": POOL})
    cluster.namespace("cert-manager")
    cluster.namespace("external-dns")
    project.engine.create(SERVICE, "dns", service="dns.googleapis.com")
    project.engine.create(ZONE, "zone", name="acme", dnsName="acme.example.")
    return cluster


def member(namespace: str, account: str) -> str:
    pool = f"projects/{project_number('acme-dev')}/locations/global/workloadIdentityPools/{POOL}"
    return f"principal://iam.googleapis.com/{pool}/subject/ns/{namespace}/sa/{account}"


def writes(cluster: RehearsedCluster, account: str, role: str = "roles/dns.admin") -> None:
    who = member(account, account)
    cluster.project.engine.create(ZONE_GRANT, f"{account}-writes", managedZone="acme", role=role, member=who)


def lists(cluster: RehearsedCluster) -> None:
    who = member("external-dns", "external-dns")
    cluster.project.engine.create(PROJECT_GRANT, "lists", project="acme-dev", role="roles/dns.reader", member=who)


def external_dns(cluster: RehearsedCluster, **values: Any) -> None:
    cluster.release("external-dns", "external-dns", "external-dns", atomic=True, values={**VALUES, **values})


def issuer(cluster: RehearsedCluster, solver: dict[str, Any]) -> None:
    cluster.release("cert-manager", "cert-manager", "cert-manager", values={"crds": {"enabled": True}})
    spec = {
        "acme": {"server": "https://ca.example", "privateKeySecretRef": {"name": "a"}, "solvers": [{"dns01": solver}]}
    }
    cluster.engine.create(ISSUER, "hosts", metadata={"name": "hosts"}, spec=spec)


def test_external_dns_starts_where_it_may_list_zones_and_write_in_its_own(cluster: RehearsedCluster):
    writes(cluster, "external-dns")
    lists(cluster)

    external_dns(cluster)


def test_external_dns_ends_where_it_may_not_list_zones(cluster: RehearsedCluster):
    writes(cluster, "external-dns")

    with pytest.raises(Refused, match="external-dns/external-dns may not list the zones of the project"):
        external_dns(cluster)


@pytest.mark.parametrize("account", ["external-dns", "cert-manager"])
def test_external_dns_ends_where_only_another_may_write(cluster: RehearsedCluster, account: str):
    writes(cluster, account, "roles/dns.reader" if account == "external-dns" else "roles/dns.admin")
    lists(cluster)

    with pytest.raises(Refused, match="external-dns/external-dns may not change records of the zone acme"):
        external_dns(cluster)


def test_external_dns_ends_without_its_zone(cluster: RehearsedCluster):
    lists(cluster)

    with pytest.raises(Refused, match="the managed zone other does not exist"):
        external_dns(cluster, extraArgs={"zone-id-filter": "other"})


def test_an_issuer_is_one_where_cert_manager_may_write_in_the_zone(cluster: RehearsedCluster):
    writes(cluster, "cert-manager")

    issuer(cluster, {"cloudDNS": {"project": "acme-dev", "hostedZoneName": "acme"}})


def test_an_issuer_whose_challenges_nobody_may_answer_never_issues(cluster: RehearsedCluster):
    with pytest.raises(Refused, match=r"cloudDNS is ever answered: .*cert-manager/cert-manager may not change records"):
        issuer(cluster, {"cloudDNS": {"project": "acme-dev", "hostedZoneName": "acme"}})


def test_an_issuer_names_an_api_that_is_registered(cluster: RehearsedCluster):
    with pytest.raises(Refused, match=r"webhook is ever answered: .*no APIService is registered for acme\.solver"):
        issuer(cluster, {"webhook": {"groupName": "acme.solver", "solverName": "acme"}})


def api(cluster: RehearsedCluster) -> None:
    reference = {"name": "solver", "namespace": "cert-manager"}
    spec = {
        "group": "acme.solver",
        "version": "v1",
        "groupPriorityMinimum": 9,
        "versionPriority": 9,
        "service": reference,
    }
    cluster.engine.create(API, "api", metadata={"name": "v1.acme.solver"}, spec=spec)


def service(cluster: RehearsedCluster) -> None:
    spec = {"selector": {"app": "solver"}, "ports": [{"port": 443}]}
    metadata = {"name": "solver", "namespace": "cert-manager", "annotations": {"pulumi.com/skipAwait": "true"}}
    cluster.engine.create(KUBERNETES_SERVICE, "solver", metadata=metadata, spec=spec)


def test_an_api_is_one_where_pods_answer_for_it(cluster: RehearsedCluster):
    cluster.deployment("solver", "cert-manager")
    service(cluster)
    api(cluster)

    issuer(cluster, {"webhook": {"groupName": "acme.solver", "solverName": "acme"}})


def test_an_api_without_a_service_never_answers(cluster: RehearsedCluster):
    with pytest.raises(Refused, match='FailedDiscoveryCheck: service "cert-manager/solver" not found'):
        api(cluster)


def test_an_api_without_pods_never_answers(cluster: RehearsedCluster):
    service(cluster)

    with pytest.raises(Refused, match='MissingEndpoints: service "cert-manager/solver" has no pods behind it'):
        api(cluster)
