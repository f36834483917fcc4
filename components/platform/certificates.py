"""The certificate of the stack's hosts."""

from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import GATEWAY
from components.platform.issuers import API_VERSION

GATEWAY_CERTIFICATE: Final = "gateway-tls"
"""The Certificate of the gateway, and the Secret with its key (`tls.key`) and what proves it (`tls.crt`)."""

TEMPORARY: Final = {"cert-manager.io/issue-temporary-certificate": "true"}
"""Puts a certificate that vouches for itself into the Secret at once: pods that mount it start before an authority has
answered. https://cert-manager.io/docs/usage/certificate/#temporary-certificates-while-issuing"""


@dataclass(frozen=True, kw_only=True)
class GatewayCertificateArgs:
    domain: str
    """The domain that the stack's hosts live below."""

    issuer_name: pulumi.Input[str]
    """Name of the ClusterIssuer that issues it."""

    namespace: pulumi.Resource
    """The namespace that it is in: `gateway`."""

    cert_manager: pulumi.Resource
    """The release whose webhook admits certificates. The temporary one needs no issuer, and pods that mount it should
    not wait for one."""


class GatewayCertificate(pulumi.ComponentResource):
    """One certificate for the domain and every host right below it, renewed when a third of its time is left."""

    secret_name: pulumi.Output[str]
    """Name of the Secret with the certificate and its key, in the `gateway` namespace."""

    def __init__(self, name: str, args: GatewayCertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GatewayCertificate", name, {}, opts)
        self.certificate = kubernetes.apiextensions.CustomResource(
            f"{name}-hosts",
            api_version=API_VERSION,
            kind="Certificate",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=GATEWAY_CERTIFICATE, namespace=GATEWAY, annotations=TEMPORARY
            ),
            spec=hosts_spec(args.domain, args.issuer_name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.cert_manager]),
        )
        """To depend on: the Secret follows it within a second or two."""

        self.secret_name = pulumi.Output.from_input(GATEWAY_CERTIFICATE)
        self.register_outputs({"secret_name": self.secret_name})


def hosts_spec(domain: str, issuer: pulumi.Input[str]) -> dict[str, Any]:
    """No common name: it takes 64 characters, and clients look at the names alone (RFC 6125)."""
    return {
        "secretName": GATEWAY_CERTIFICATE,
        "dnsNames": [domain, f"*.{domain}"],
        # A public authority gives what it gives, ninety days or fewer: hence a share of the time, and no date.
        "duration": "2160h",
        "renewBeforePercentage": 33,
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        "usages": ["digital signature", "server auth"],
        "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": issuer},
    }
