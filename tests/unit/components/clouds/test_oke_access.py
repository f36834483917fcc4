"""Who may do what in an OKE stack: pods, pipelines, pulling users, and Oracle's own services."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from contract_check.chart_values import check_release
from contract_check.custom_resources import check_custom_resource

from components.contracts import CERTIFICATES_SOLVER, DNS_WRITER, SECRETS_READER, Demands, ServiceAccount
from components.oke.dns import SOLVER
from components.oke.foundation import build_foundation
from components.oke.identity import location, workload
from tests.mock_engine import Deployed
from tests.unit.components.clouds.oke_stack import (
    BACKEND,
    CLUSTER_ID,
    COMPARTMENT,
    POLICY,
    build,
    delivered,
    pod,
    stack,
    statements,
)

TOKEN = "oci:Identity/authToken:AuthToken"
EXTERNAL_DNS = json.loads(Path("policies/contract_check/charts/external-dns.json").read_text())["version"]
ENV = {"OCI_RESOURCE_PRINCIPAL_VERSION": "2.2", "OCI_RESOURCE_PRINCIPAL_REGION": "eu-frankfurt-1"}
IN_COMPARTMENT = f"in compartment id {COMPARTMENT}"


def findings(token: str, inputs: dict[str, Any]) -> list[str]:
    """What is wrong with a custom resource by the schema of its definition."""
    _, api_version, kind = token.split(":", 2)
    found = check_custom_resource(token, {"apiVersion": api_version, "kind": kind, **inputs}, frozenset())
    return [str(one) for one in found]


def providers(deployed: Deployed, *, identity: bool) -> Iterator[str]:
    """Names of the providers that users, groups and policies, or all else, go through."""
    for one in deployed.registrations.values():
        if one.type.startswith("oci:") and one.type.startswith("oci:Identity/") is identity:
            yield one.provider.rpartition("::")[2]


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda **changes: deploy_once(lambda: build(**changes), changes)


def test_the_autoscaler_is_one_service_account_of_one_cluster(foundation: Callable[..., Deployed]):
    for statement in statements(foundation().named("autoscaler-policy")):
        assert statement.startswith("Allow any-user to ")
        assert statement.endswith(
            "in compartment id ocid1.compartment.oc1..acme where ALL {request.principal.type = 'workload', "
            "request.principal.namespace = 'kube-system', request.principal.service_account = 'cluster-autoscaler', "
            "request.principal.cluster_id = 'cluster-control-plane-id'}"
        )


def test_every_grant_to_any_user_names_one_workload_or_the_cluster(foundation: Callable[..., Deployed]):
    open_to_all = [
        statement
        for policy in foundation().of_type(POLICY)
        for statement in statements(policy)
        if statement.startswith("Allow any-user")
    ]

    assert open_to_all
    itself = f"ALL {{request.principal.type = 'cluster', request.principal.id = '{CLUSTER_ID}'"
    parts = ("principal.type = 'workload'", "principal.namespace", "principal.service_account", CLUSTER_ID)
    for statement in open_to_all:
        assert itself in statement or all(part in statement for part in parts), statement


def test_a_pod_is_named_as_oracle_documents_it():
    assert workload("ocid1.cluster.oc1.x", ServiceAccount(namespace="logging", name="loki")) == (
        "ALL {request.principal.type = 'workload', request.principal.namespace = 'logging', "
        "request.principal.service_account = 'loki', request.principal.cluster_id = 'ocid1.cluster.oc1.x'}"
    )


def test_the_root_compartment_is_the_tenancy_in_a_statement():
    assert location("ocid1.tenancy.oc1..a") == "tenancy"
    assert location("ocid1.compartment.oc1..a") == "compartment id ocid1.compartment.oc1..a"


def test_each_image_has_a_private_repository_before_the_first_push(foundation: Callable[..., Deployed]):
    repositories = foundation().of_type("oci:Artifacts/containerRepository:ContainerRepository")

    assert [one.inputs["displayName"] for one in repositories] == [
        "groundwork-dev/todo/backend",
        "groundwork-dev/todo/web",
    ]
    assert {one.inputs["isPublic"] for one in repositories} == {False}
    assert {one.inputs["compartmentId"] for one in repositories} == {COMPARTMENT}


def test_identity_is_written_in_the_home_region_and_everything_else_in_the_stacks_own(
    foundation: Callable[..., Deployed],
):
    deployed = foundation()

    assert set(providers(deployed, identity=True)) == {"oci-home"}
    assert set(providers(deployed, identity=False)) == {"oci"}
    assert deployed.named("oci-home").inputs["region"] == "us-ashburn-1"
    assert deployed.named("oci").inputs["region"] == "eu-frankfurt-1"


def test_nodes_pull_as_a_user_that_may_read_the_stacks_repositories_alone(foundation: Callable[..., Deployed]):
    deployed = foundation()

    assert statements(deployed.named("registry-puller-policy")) == [
        f"Allow group groundwork-dev-images-user to read repos {IN_COMPARTMENT} where ANY "
        "{target.repo.name = 'groundwork-dev/todo/backend', target.repo.name = 'groundwork-dev/todo/web'}"
    ]
    assert deployed.only(TOKEN).inputs == {"userId": "registry-puller-user-id", "description": "first"}


def test_pods_pull_with_the_first_token_as_the_registry_wants_to_be_told(deploy: Callable[..., Deployed]):
    tokens = {"registry": {"tokens": ["second", "first"]}}

    credential = delivered(deploy, lambda built: {**vars(built.registry.pull_credential)}, **tokens)

    assert credential == {
        "generation": "second",
        "server": "ocir.eu-frankfurt-1.oci.oraclecloud.com",
        "username": "acmespace/groundwork-dev-images-user",
        "token": "registry-token-second-secret",
    }


def test_without_images_nothing_is_pulled(deploy: Callable[..., Deployed]):
    deployed = deploy(lambda: build_foundation(stack(), Demands()) and None)

    assert deployed.of_type(TOKEN) == []
    assert [one.name for one in deployed.of_type("oci:Identity/user:User") if "registry" in one.name] == []


def test_pipelines_push_to_repositories_that_are_there_and_create_none(foundation: Callable[..., Deployed]):
    deployed = foundation(registry={"pushers": ["ocid1.group.oc1..ci"]})

    (push,) = statements(deployed.named("registry-pushers"))
    assert push == (
        f"Allow group id ocid1.group.oc1..ci to manage repos {IN_COMPARTMENT} where ALL {{ANY "
        "{target.repo.name = 'groundwork-dev/todo/backend', target.repo.name = 'groundwork-dev/todo/web'}, "
        "ANY {request.permission = 'REPOSITORY_INSPECT', request.permission = 'REPOSITORY_READ', "
        "request.permission = 'REPOSITORY_UPDATE'}}"
    )
    assert not [one for one in foundation().of_type(POLICY) if one.name == "registry-pushers"]


def test_images_are_scanned_once_the_service_may_read_them(foundation: Callable[..., Deployed]):
    deployed = foundation()

    target = deployed.named("registry-scans-target")
    grant = deployed.named("registry-scans-grant")
    assert target.inputs["targetRegistry"] == {
        "compartmentId": COMPARTMENT,
        "type": "OCIR",
        "repositories": ["groundwork-dev/todo/backend", "groundwork-dev/todo/web"],
    }
    assert target.inputs["containerScanRecipeId"] == "registry-scans-recipe-id"
    assert grant.urn in target.depends_on
    assert statements(grant)[0] == f"Allow service vulnerability-scanning-service to read repos {IN_COMPARTMENT}"


def test_external_secrets_reads_every_secret_of_the_stacks_vault_and_of_no_other(
    deploy: Callable[..., Deployed], foundation: Callable[..., Deployed]
):
    store = delivered(deploy, lambda built: {**vars(built.secrets), "reader": {**vars(built.secrets.reader)}})

    reader = store["reader"]
    assert store["vault"] == "encryption-vault-id"
    assert (reader["service_account"], reader["env"], reader["mounts_token"]) == (SECRETS_READER, ENV, True)
    condition = pod("external-secrets", "external-secrets", "target.vault.id = 'encryption-vault-id'")
    assert statements(foundation().named("secrets-policy")) == [
        f"Allow any-user to read secret-bundles {IN_COMPARTMENT} {condition}"
    ]


def test_the_secret_store_is_one_that_external_secrets_takes(deploy: Callable[..., Deployed]):
    provider = delivered(deploy, lambda built: built.secrets.provider)

    assert provider == {
        "oracle": {"vault": "encryption-vault-id", "region": "eu-frankfurt-1", "principalType": "Workload"}
    }
    store = {"metadata": {"name": "vault"}, "spec": {"provider": provider}}
    assert findings("kubernetes:external-secrets.io/v1:ClusterSecretStore", store) == []


def test_a_service_reads_the_secrets_of_its_own_workload_and_no_others(
    deploy: Callable[..., Deployed], foundation: Callable[..., Deployed]
):
    identity = delivered(deploy, lambda built: {**vars(built.principals[BACKEND])})

    assert identity["service_account"] == BACKEND
    assert identity["env"] == {**ENV, "SECRET_STORE": "encryption-vault-id"}
    assert identity["mounts_token"] is True
    # Dapr knows no vault of Oracle's.
    assert identity["secret_store"] is None
    narrowed = ("target.vault.id = 'encryption-vault-id'", "target.secret.name = /todo-*/")
    assert statements(foundation().named("principal-todo-backend-policy")) == [
        f"Allow any-user to read secret-bundles {IN_COMPARTMENT} {pod('todo', 'backend', *narrowed)}"
    ]


def test_a_workload_does_not_read_the_secrets_of_one_whose_name_goes_on_where_its_own_ends(
    deploy: Callable[..., Deployed],
):
    archive = ServiceAccount(namespace="todo-archive", name="backend")
    demands = Demands(images=["todo/backend", "todo-archive/backend"], principals=[BACKEND, archive])
    deployed = deploy(lambda: build_foundation(stack(workloads=["todo", "todo-archive"]), demands) and None)

    (todo,) = statements(deployed.named("principal-todo-backend-policy"))
    assert todo.endswith("target.secret.name = /todo-*/, target.secret.name != /todo-archive-*/}")
    (archived,) = statements(deployed.named("principal-todo-archive-backend-policy"))
    assert archived.endswith("target.secret.name = /todo-archive-*/}")


@pytest.mark.parametrize(
    ("policy", "writer"),
    [("cert-manager-webhook-oci", SOLVER), ("external-dns", DNS_WRITER)],
)
def test_records_are_written_in_one_zone_by_one_service_account(
    foundation: Callable[..., Deployed], policy: str, writer: ServiceAccount
):
    zone = pod(writer.namespace, writer.name, "target.dns-zone.id = 'dns-zone-id'")

    assert statements(foundation().named(f"dns-{policy}")) == [
        f"Allow any-user to inspect dns-zones {IN_COMPARTMENT} {pod(writer.namespace, writer.name)}",
        f"Allow any-user to use dns-zones {IN_COMPARTMENT} {zone}",
        f"Allow any-user to use dns-records {IN_COMPARTMENT} {zone}",
    ]


def test_the_zone_is_the_stacks_domain_and_says_whom_to_delegate_it_to(
    deploy: Callable[..., Deployed], foundation: Callable[..., Deployed]
):
    zone = foundation().named("dns-zone").inputs

    assert (zone["name"], zone["zoneType"]) == ("acme.example", "PRIMARY")
    assert delivered(deploy, lambda built: built.dns.name_servers) == ["ns1.dns-zone.example", "ns2.dns-zone.example"]


def test_challenges_are_answered_by_the_webhook_beside_cert_manager(deploy: Callable[..., Deployed]):
    dns = delivered(deploy, lambda built: {"solver": built.dns.solver, "identity": {**vars(built.dns.solver_identity)}})

    assert dns["identity"]["service_account"].namespace == CERTIFICATES_SOLVER.namespace
    assert dns["identity"]["env"] == ENV
    acme = {
        "server": "https://acme.example",
        "privateKeySecretRef": {"name": "account"},
        "solvers": [{"dns01": dns["solver"]}],
    }
    issuer = {"metadata": {"name": "letsencrypt"}, "spec": {"acme": acme}}
    assert findings("kubernetes:cert-manager.io/v1:ClusterIssuer", issuer) == []


def test_external_dns_finds_the_zone_by_its_own_identity(deploy: Callable[..., Deployed]):
    values = delivered(deploy, lambda built: built.dns.external_dns)

    settings = yaml.safe_load(values["secretConfiguration"]["data"]["oci.yaml"])
    assert settings == {
        "auth": {"region": "eu-frankfurt-1", "useWorkloadIdentity": True},
        "compartment": COMPARTMENT,
    }
    assert values["extraArgs"] == {"zone-id-filter": "dns-zone-id"}
    assert values["domainFilters"] == ["acme.example"]
    release = {"chart": "external-dns", "version": EXTERNAL_DNS, "name": "external-dns", "values": values}
    assert check_release(release) == []


def test_the_cluster_guards_its_load_balancers_and_changes_nothing_else_of_the_network(
    foundation: Callable[..., Deployed],
):
    groups, network = statements(foundation().named("load-balancers-policy"))

    itself = f"request.principal.type = 'cluster', request.principal.id = '{CLUSTER_ID}'"
    assert groups == f"Allow any-user to manage network-security-groups {IN_COMPARTMENT} where ALL {{{itself}}}"
    assert network == (
        f"Allow any-user to manage vcns {IN_COMPARTMENT} where ALL {{{itself}, ANY {{request.permission = 'VCN_READ', "
        "request.permission = 'VCN_ATTACH', request.permission = 'VCN_DETACH'}}"
    )


def test_a_public_load_balancer_keeps_the_clients_address(deploy: Callable[..., Deployed]):
    annotations = delivered(deploy, lambda built: {**built.capabilities.load_balancer_annotations})

    assert annotations["oci.oraclecloud.com/load-balancer-type"] == "nlb"
    assert annotations["oci-network-load-balancer.oraclecloud.com/is-preserve-source"] == "true"
    assert annotations["oci.oraclecloud.com/security-rule-management-mode"] == "NSG"
    assert {type(value) for value in annotations.values()} == {str}
