"""Issuers, and the certificate of the stack's hosts: what they say, and what they wait for."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi_random as random
import pytest
from contract_check.check import check_resource

from components.contracts import CERTIFICATES_SOLVER, DNS_WRITER, Dns, WorkloadIdentity
from components.platform.certificates import GatewayCertificate, GatewayCertificateArgs
from components.platform.issuers import AcmeIssuer, AcmeIssuerArgs, OwnCa, OwnCaArgs
from stacks.tls import Tls
from tests.mock_engine import Deployed, Registration
from tests.plans import STACKS, committed_plan

ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
SOLVER: Mapping[str, Any] = {"cloudDNS": {"project": "acme", "hostedZoneName": "acme-dev"}}


def ready(name: str) -> random.RandomId:
    """Stands for any resource that another one waits for."""
    return random.RandomId(name, byte_length=1)


@pytest.fixture
def acme(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def deployed(solver: Mapping[str, Any] = SOLVER, webhook: bool = False, **tls: Any) -> Deployed:
        def program() -> None:
            dns = Dns(
                name_servers=["ns1.acme.example"],
                solver=solver,
                solver_identity=WorkloadIdentity(service_account=CERTIFICATES_SOLVER, grants=[ready("grant")]),
                external_dns={},
                records_identity=WorkloadIdentity(service_account=DNS_WRITER),
            )
            args = AcmeIssuerArgs(
                tls=Tls.model_validate({"issuer": "letsencrypt", **tls}),
                domain="dev.acme.example",
                dns=dns,
                cert_manager=ready("cert-manager"),
                solver_webhook=ready("webhook") if webhook else None,
            )
            AcmeIssuer("acme", args)

        return deploy(program)

    return deployed


def names(urns: Any) -> set[str]:
    return {urn.rpartition("::")[2] for urn in urns}


def test_the_domain_is_proved_by_records_in_its_zone(acme: Callable[..., Deployed]):
    issuer = acme().only(ISSUER).inputs

    assert issuer["spec"]["acme"]["solvers"] == [{"selector": {"dnsZones": ["dev.acme.example"]}, "dns01": SOLVER}]
    assert check_resource(ISSUER, issuer) == []


@pytest.mark.parametrize(
    ("tls", "server"),
    [
        ({}, "https://acme-v02.api.letsencrypt.org/directory"),
        ({"issuer": "letsencrypt-staging"}, "https://acme-staging-v02.api.letsencrypt.org/directory"),
        ({"issuer": "acme", "acme_server": "https://ca.example.com/directory"}, "https://ca.example.com/directory"),
    ],
)
def test_each_authority_has_an_issuer_and_an_account_of_its_own(
    acme: Callable[..., Deployed], tls: Mapping[str, Any], server: str
):
    issuer = acme(**tls).only(ISSUER).inputs
    name = tls.get("issuer", "letsencrypt")

    assert issuer["metadata"]["name"] == name
    assert issuer["spec"]["acme"]["server"] == server
    assert issuer["spec"]["acme"]["privateKeySecretRef"] == {"name": f"{name}-account"}
    assert "email" not in issuer["spec"]["acme"]


def test_an_authority_is_told_an_address_where_there_is_one(acme: Callable[..., Deployed]):
    assert acme(email="tls@acme.example").only(ISSUER).inputs["spec"]["acme"]["email"] == "tls@acme.example"


def test_no_challenge_comes_before_whoever_may_answer_it(acme: Callable[..., Deployed]):
    assert names(acme().only(ISSUER).depends_on) == {"cert-manager", "grant"}
    assert names(acme(webhook=True).only(ISSUER).depends_on) == {"cert-manager", "grant", "webhook"}


def test_the_clusters_own_authority_vouches_for_itself_and_keeps_its_key(deploy: Callable[..., Deployed]):
    deployed = deploy(lambda: OwnCa("own-ca", OwnCaArgs(cert_manager=ready("cert-manager"))) and None)
    bootstrap, authority, issuer = (deployed.named(f"own-ca-{part}") for part in ("bootstrap", "authority", "issuer"))

    assert bootstrap.inputs["spec"] == {"selfSigned": {}}
    assert authority.inputs["spec"]["issuerRef"]["name"] == bootstrap.inputs["metadata"]["name"]
    assert (authority.inputs["spec"]["isCA"], authority.inputs["spec"]["privateKey"]["rotationPolicy"]) == (
        True,
        "Never",
    )
    assert authority.inputs["metadata"] == {"name": "own-ca", "namespace": "cert-manager"}
    assert issuer.inputs["spec"] == {"ca": {"secretName": authority.inputs["spec"]["secretName"]}}
    assert [names(one.depends_on) for one in (bootstrap, authority, issuer)] == [
        {"cert-manager"},
        {"own-ca-bootstrap"},
        {"own-ca-authority"},
    ]
    assert [check_resource(one.type, one.inputs) for one in (bootstrap, authority, issuer)] == [[], [], []]


@pytest.fixture
def certificate(deploy: Callable[..., Deployed]) -> Registration:
    def program() -> None:
        args = GatewayCertificateArgs(
            domain="acme.example",
            issuer_name="letsencrypt",
            namespace=ready("gateway"),
            cert_manager=ready("cert-manager"),
        )
        GatewayCertificate("certificate", args)

    return deploy(program).only(CERTIFICATE)


def test_one_certificate_is_for_the_domain_and_every_host_right_below_it(certificate: Registration):
    spec = certificate.inputs["spec"]

    assert (certificate.inputs["metadata"]["namespace"], spec["secretName"]) == ("gateway", "gateway-tls")
    assert spec["dnsNames"] == ["acme.example", "*.acme.example"]
    assert spec["issuerRef"] == {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "letsencrypt"}
    assert spec["privateKey"] == {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"}
    assert names(certificate.depends_on) == {"gateway", "cert-manager"}
    assert check_resource(CERTIFICATE, certificate.inputs) == []


def test_until_it_is_issued_there_is_one_that_vouches_for_itself(certificate: Registration):
    assert certificate.inputs["metadata"]["annotations"] == {"cert-manager.io/issue-temporary-certificate": "true"}


@pytest.mark.parametrize("stack", STACKS)
def test_every_certificate_names_an_issuer_that_the_stack_has(stack: str):
    deployed = committed_plan(stack)
    issuers = {one.inputs["metadata"]["name"] for one in deployed.of_type(ISSUER)}
    named = [one.inputs["spec"]["issuerRef"] for one in deployed.of_type(CERTIFICATE)]
    named += [
        release.inputs["values"]["admissionWebhooks"]["certManager"]["issuerRef"]
        for release in deployed.of_type("kubernetes:helm.sh/v3:Release")
        if release.inputs["name"] == "opentelemetry-operator"
    ]

    assert {(one["kind"], one["name"]) for one in named} <= {("ClusterIssuer", name) for name in issuers}
    outside = "letsencrypt-staging" if stack.endswith("dev") else "letsencrypt"
    assert issuers - {outside} == {"self-signed", "own-ca"}
    assert (outside in issuers) is not stack.startswith("local")
