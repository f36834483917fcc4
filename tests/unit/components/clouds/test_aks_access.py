"""Who outside Kubernetes the pods of an AKS stack are: readers of secrets, writers of records, principals."""

import json
from collections.abc import Callable

import pulumi
import pytest
from contract_check.chart_values import check_release
from contract_check.custom_resources import check_custom_resource

from components.aks.roles import DNS_ZONE_CONTRIBUTOR, KEY_VAULT_SECRETS_USER, READER
from components.contracts import Foundation, ServiceAccount
from tests.mock_engine import Deployed
from tests.unit.components.clouds.aks_stack import (
    SUBSCRIPTION,
    TENANT,
    VAULT,
    contracts_by,
    deployed_by,
    grants,
    resolved,
)

BACKEND = ServiceAccount(namespace="todo", name="backend")
MAILER = ServiceAccount(namespace="todo", name="mailer")
CHECKOUT = ServiceAccount(namespace="orders", name="checkout")
PRINCIPALS = (BACKEND, MAILER, CHECKOUT)


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return deployed_by(deploy_once, PRINCIPALS)


@pytest.fixture
def contracts(deploy: Callable[..., Deployed]) -> Callable[..., Foundation]:
    return contracts_by(deploy, PRINCIPALS)


def test_external_secrets_reads_the_platforms_vault_and_no_other(foundation: Callable[..., Deployed]):
    deployed = foundation()

    reader = "secrets-reader-identity-principal"
    given = {name: what for name, what in grants(deployed).items() if what[1] == reader}
    assert given == {"secrets-external-secrets-reads": (KEY_VAULT_SECRETS_USER, reader, "secrets-vault-id")}
    assert deployed.named("secrets-reader-federation").inputs["subject"] == (
        "system:serviceaccount:external-secrets:external-secrets"
    )


def test_the_store_of_secrets_is_one_that_external_secrets_takes(deploy: Callable[..., Deployed]):
    provider = resolved(deploy, lambda delivered: delivered.secrets and delivered.secrets.provider)

    store = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ClusterSecretStore",
        "metadata": {"name": "vault"},
        "spec": {"provider": provider},
    }
    assert check_custom_resource("kubernetes:external-secrets.io/v1:ClusterSecretStore", store, set()) == []
    assert provider == {
        "azurekv": {
            "authType": "WorkloadIdentity",
            "environmentType": "PublicCloud",
            "tenantId": TENANT,
            "vaultUrl": "https://secrets-vault-1a2b3c4.vault.azure.net",
            "serviceAccountRef": {"name": "external-secrets", "namespace": "external-secrets"},
        }
    }


def test_every_vault_can_be_brought_back_and_knows_roles_alone(foundation: Callable[..., Deployed]):
    vaults = [one.inputs["properties"] for one in foundation().of_type(VAULT)]

    assert len(vaults) == 5
    for vault in vaults:
        assert vault["enableRbacAuthorization"] is True
        assert (vault["enableSoftDelete"], vault["softDeleteRetentionInDays"]) == (True, 90)
        assert vault["enablePurgeProtection"] is True


def test_vaults_are_told_apart_by_what_they_are_for(foundation: Callable[..., Deployed]):
    names = {one.name: one.inputs["vaultName"] for one in foundation().of_type(VAULT)}

    assert {name: physical.split("-")[0] for name, physical in names.items()} == {
        "encryption-vault": "groundwork",
        "data-encryption-vault": "data",
        "secrets-vault": "secrets",
        "principals-todo-vault": "todo",
        "principals-orders-vault": "orders",
    }
    assert all(len(physical) <= 24 and physical.endswith("-0a1b2c3d") for physical in names.values())


def test_services_read_the_vault_of_their_own_workload_and_no_other(foundation: Callable[..., Deployed]):
    given = {name: what for name, what in grants(foundation()).items() if name.startswith("principals-")}

    assert given == {
        f"principals-{account.namespace}-{account.name}-reads": (
            KEY_VAULT_SECRETS_USER,
            f"principals-{account.namespace}-{account.name}-identity-principal",
            f"principals-{account.namespace}-vault-id",
        )
        for account in PRINCIPALS
    }


def test_a_service_learns_where_its_vault_is(deploy: Callable[..., Deployed]):
    learned: list[str] = []

    def program() -> None:
        identities = contracts_by(lambda build: build(), PRINCIPALS)().principals
        assert list(identities) == [BACKEND, MAILER, CHECKOUT]
        backend = identities[BACKEND]
        assert set(backend.env) == {"SECRET_STORE"}
        assert set(backend.annotations) == {"azure.workload.identity/client-id"}
        assert backend.pod_labels == {"azure.workload.identity/use": "true"}
        assert backend.mounts_token is False
        assert backend.secret_store is not None
        assert backend.secret_store.type == "secretstores.azure.keyvault"
        pulumi.Output.from_input(backend.env["SECRET_STORE"]).apply(learned.append)
        pulumi.Output.from_input(backend.secret_store.metadata["vaultName"]).apply(learned.append)

    deploy(program)

    vault = "principals-todo-vault-1a2b3c4"
    assert set(learned) == {f"https://{vault}.vault.azure.net", vault}


def test_a_stack_without_principals_has_no_vaults_for_them(deploy_once: Callable[..., Deployed]):
    names = {one.name for one in deployed_by(deploy_once)().of_type(VAULT)}

    assert names == {"encryption-vault", "data-encryption-vault", "secrets-vault"}


@pytest.mark.parametrize("vault", ["secrets", "principals-todo", "principals-orders"])
def test_a_closed_vault_has_an_address_inside_the_network(foundation: Callable[..., Deployed], vault: str):
    deployed = foundation(private_endpoints=True)

    assert deployed.named(f"{vault}-vault").inputs["properties"]["publicNetworkAccess"] == "Disabled"
    (connection,) = deployed.named(f"{vault}-vault-endpoint").inputs["privateLinkServiceConnections"]
    assert (connection["privateLinkServiceId"], connection["groupIds"]) == (f"{vault}-vault-id", ["vault"])
    assert deployed.named("network-vault-zone").inputs["privateZoneName"] == "privatelink.vaultcore.azure.net"


def test_pods_wait_for_the_way_to_their_vault(contracts: Callable[..., Foundation]):
    open_, closed = contracts(), contracts(private_endpoints=True)

    assert open_.secrets
    assert closed.secrets
    assert (len(open_.secrets.reader.grants), len(closed.secrets.reader.grants)) == (2, 3)
    assert (len(open_.principals[BACKEND].grants), len(closed.principals[BACKEND].grants)) == (2, 3)


def test_the_zone_is_the_stacks_domain_and_two_identities_write_in_it(foundation: Callable[..., Deployed]):
    deployed = foundation()

    zone = deployed.only("azure-native:dns:Zone").inputs
    assert (zone["zoneName"], zone["zoneType"], zone["location"]) == ("acme.example", "Public", "global")
    assert zone["resourceGroupName"] == deployed.named("dns-signed").inputs["resourceGroupName"]
    assert deployed.named("dns-group").inputs["resourceGroupName"] == "groundwork-dev-dns"
    assert {name: what for name, what in grants(deployed).items() if name.startswith("dns-")} == {
        "dns-cert-manager-writes": (DNS_ZONE_CONTRIBUTOR, "dns-solver-identity-principal", "dns-zone-id"),
        "dns-external-dns-writes": (DNS_ZONE_CONTRIBUTOR, "dns-writer-identity-principal", "dns-zone-id"),
        "dns-external-dns-finds": (READER, "dns-writer-identity-principal", "dns-group-id"),
    }


def test_the_solver_is_one_that_cert_manager_takes(deploy: Callable[..., Deployed]):
    solver = resolved(deploy, lambda delivered: delivered.dns and delivered.dns.solver)

    acme = {
        "server": "https://acme.example/directory",
        "privateKeySecretRef": {"name": "account"},
        "solvers": [{"dns01": solver}],
    }
    issuer = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "ClusterIssuer",
        "metadata": {"name": "public"},
        "spec": {"acme": acme},
    }
    assert check_custom_resource("kubernetes:cert-manager.io/v1:ClusterIssuer", issuer, set()) == []
    assert solver == {
        "azureDNS": {
            "environment": "AzurePublicCloud",
            "subscriptionID": SUBSCRIPTION,
            "resourceGroupName": "groundwork-dev-dns",
            "hostedZoneName": "acme.example",
            "managedIdentity": {"clientID": "dns-solver-identity-client"},
        }
    }


def test_external_dns_reads_where_the_zone_is_and_takes_on_its_own_identity(contracts: Callable[..., Foundation]):
    dns = contracts().dns

    assert dns
    values = dns.external_dns
    release = {"chart": "external-dns", "version": "1.21.1", "values": values}
    assert check_release(release) == []
    assert (values["provider"], values["domainFilters"]) == ({"name": "azure"}, ["acme.example"])
    assert values["secretConfiguration"]["mountPath"] == "/etc/kubernetes"
    assert json.loads(values["secretConfiguration"]["data"]["azure.json"]) == {
        "tenantId": TENANT,
        "subscriptionId": SUBSCRIPTION,
        "resourceGroup": "groundwork-dev-dns",
        "useWorkloadIdentityExtension": True,
    }
    assert dns.records_identity.pod_labels == {"azure.workload.identity/use": "true"}


def test_the_zone_above_is_told_the_name_servers(deploy: Callable[..., Deployed]):
    servers = resolved(deploy, lambda delivered: delivered.dns and delivered.dns.name_servers)

    assert servers == ["ns1-01.azure-dns.com.", "ns2-01.azure-dns.net."]
