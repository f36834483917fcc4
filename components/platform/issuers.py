"""Who issues certificates: an authority of the cluster's own, and one that the world trusts, by proof in the zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Dns
from components.own_ca import OWN_CA
from components.platform.cert_manager import NAMESPACE
from stacks.tls import Tls

API_VERSION: Final = "cert-manager.io/v1"

BOOTSTRAP: Final = "self-signed"
"""ClusterIssuer of the one certificate that vouches for itself: the authority's."""

LETS_ENCRYPT: Mapping[str, str] = {
    "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
    "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
}
"""Directories of Let's Encrypt: https://letsencrypt.org/docs/acme-protocol-updates/"""


@dataclass(frozen=True, kw_only=True)
class OwnCaArgs:
    cert_manager: pulumi.Resource
    """The release whose webhook admits issuers and certificates."""


class OwnCa(pulumi.ComponentResource):
    """An authority that only this cluster knows: for webhooks, and where nobody else can vouch for a host."""

    issuer_name: pulumi.Output[str]
    """Name of its ClusterIssuer, which certificates of every namespace may name."""

    def __init__(self, name: str, args: OwnCaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OwnCa", name, {}, opts)
        bootstrap = cluster_issuer(f"{name}-bootstrap", BOOTSTRAP, {"selfSigned": {}}, self._after(args.cert_manager))
        authority = kubernetes.apiextensions.CustomResource(
            f"{name}-authority",
            api_version=API_VERSION,
            kind="Certificate",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=OWN_CA, namespace=NAMESPACE),
            spec=authority_spec(),
            opts=self._after(bootstrap),
        )
        self.issuer = cluster_issuer(f"{name}-issuer", OWN_CA, {"ca": {"secretName": OWN_CA}}, self._after(authority))

        self.issuer_name = pulumi.Output.from_input(OWN_CA)
        self.register_outputs({"issuer_name": self.issuer_name})

    def _after(self, resource: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=[resource])


@dataclass(frozen=True, kw_only=True)
class AcmeIssuerArgs:
    tls: Tls
    """Which authority, and how it reaches somebody."""

    domain: str
    """The domain that the stack's hosts live below."""

    dns: Dns
    """The zone in which it is proved who owns the domain."""

    cert_manager: pulumi.Resource
    """The release whose webhook admits issuers."""

    solver_webhook: pulumi.Resource | None = None
    """What answers challenges in cert-manager's place, where `dns` says so."""


class AcmeIssuer(pulumi.ComponentResource):
    """A public authority, which believes who can write in the zone."""

    issuer_name: pulumi.Output[str]
    """Name of its ClusterIssuer."""

    def __init__(self, name: str, args: AcmeIssuerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:AcmeIssuer", name, {}, opts)
        # A challenge that comes before its grants fails, and is tried again an hour later.
        waits = [args.cert_manager, *args.dns.solver_identity.grants]
        self.issuer = cluster_issuer(
            f"{name}-issuer",
            args.tls.issuer,
            {"acme": acme_spec(args.tls, args.domain, args.dns.solver)},
            pulumi.ResourceOptions(
                parent=self, depends_on=[*waits, *([args.solver_webhook] if args.solver_webhook else [])]
            ),
        )

        self.issuer_name = pulumi.Output.from_input(args.tls.issuer)
        self.register_outputs({"issuer_name": self.issuer_name})


def cluster_issuer(
    resource: str, name: str, spec: Mapping[str, Any], opts: pulumi.ResourceOptions
) -> kubernetes.apiextensions.CustomResource:
    """A ClusterIssuer."""
    return kubernetes.apiextensions.CustomResource(
        resource,
        api_version=API_VERSION,
        kind="ClusterIssuer",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=name),
        spec=spec,
        opts=opts,
    )


def authority_spec() -> dict[str, Any]:
    """The authority's own certificate. Renewed with the key that it has: what it has issued stays valid beside it."""
    return {
        "isCA": True,
        "commonName": f"groundwork {OWN_CA}",
        "secretName": OWN_CA,
        "duration": "87600h",  # ten years
        "renewBefore": "8760h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
        "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": BOOTSTRAP},
    }


def acme_spec(tls: Tls, domain: str, solver: Mapping[str, Any]) -> dict[str, Any]:
    """An account with an authority that speaks ACME, and where it is shown that the domain is the stack's."""
    return {
        "server": tls.acme_server or LETS_ENCRYPT[tls.issuer],
        **({"email": tls.email} if tls.email else {}),
        # The key of the account, which cert-manager makes. Another authority has another one.
        "privateKeySecretRef": {"name": f"{tls.issuer}-account"},
        "solvers": [{"selector": {"dnsZones": [domain]}, "dns01": dict(solver)}],
    }
