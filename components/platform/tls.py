"""Certificates of the stack's hosts and of its webhooks, and the records of its hosts."""

from dataclasses import dataclass

import pulumi

from components.contracts import CERTIFICATES_SOLVER, DNS_WRITER, Dns
from components.namespaces import GATEWAY
from components.own_ca import OWN_CA
from components.platform.base import Base
from components.platform.cert_manager import CertManager, CertManagerArgs
from components.platform.certificates import GatewayCertificate, GatewayCertificateArgs
from components.platform.external_dns import ExternalDns, ExternalDnsArgs, owner
from components.platform.issuers import AcmeIssuer, AcmeIssuerArgs, OwnCa, OwnCaArgs
from components.platform.solver_webhook import SolverWebhookServer, SolverWebhookServerArgs


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What others need of it."""

    own_ca: pulumi.Resource
    """The cluster's own authority, `own_ca.OWN_CA`: certificates that it issues depend on it."""

    gateway_certificate: pulumi.Resource
    """The certificate of the stack's hosts: who mounts the Secret `certificates.GATEWAY_CERTIFICATE` depends on it."""


def build_tls(base: Base, dns: Dns | None) -> Trust:
    """Registers what issues certificates, and the certificate of the stack's hosts."""
    manager = CertManager(
        "cert-manager",
        CertManagerArgs(
            solver=dns.solver_identity if dns and not dns.solver_webhook else None,
            high_availability=base.stack.high_availability,
            namespace=base.namespaces[CERTIFICATES_SOLVER.namespace],
            service_monitors=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    own = OwnCa("own-ca", OwnCaArgs(cert_manager=manager.release), base.opts)
    issuer = own if base.stack.tls.issuer == OWN_CA or dns is None else _acme(base, dns, manager.release, own.issuer)
    hosts = GatewayCertificate(
        "gateway-certificate",
        GatewayCertificateArgs(
            domain=base.stack.domain,
            issuer_name=issuer.issuer_name,
            namespace=base.namespaces[GATEWAY],
            cert_manager=manager.release,
        ),
        base.opts,
    )
    return Trust(own_ca=own.issuer, gateway_certificate=hosts.certificate)


def build_records(base: Base, dns: Dns) -> None:
    """Registers what writes the hosts of Services in the stack's zone."""
    args = ExternalDnsArgs(
        dns=dns,
        owner=owner(base.stack.name, base.labels),
        namespace=base.namespaces[DNS_WRITER.namespace],
        service_monitors=base.crds,
        nodes=base.nodes,
        charts=base.charts,
    )
    ExternalDns("external-dns", args, base.opts)


def _acme(base: Base, dns: Dns, cert_manager: pulumi.Resource, own_ca: pulumi.Resource) -> AcmeIssuer:
    webhook = None
    if dns.solver_webhook:
        args = SolverWebhookServerArgs(
            webhook=dns.solver_webhook,
            identity=dns.solver_identity,
            high_availability=base.stack.high_availability,
            namespace=base.namespaces[CERTIFICATES_SOLVER.namespace],
            own_ca=own_ca,
            nodes=base.nodes,
        )
        webhook = SolverWebhookServer("solver-webhook", args, base.opts).registered
    return AcmeIssuer(
        "acme",
        AcmeIssuerArgs(
            tls=base.stack.tls, domain=base.stack.domain, dns=dns, cert_manager=cert_manager, solver_webhook=webhook
        ),
        base.opts,
    )
