"""What Dapr's sidecars trust: roots of ten years, and the issuer of one year that signs for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pulumi
import pulumi_tls as tls

from components.platform.alert_rules import prometheus_rule

HOURS_OF_A_YEAR = 8766

ROOT_HOURS = 10 * HOURS_OF_A_YEAR
ISSUER_HOURS = HOURS_OF_A_YEAR

RENEWED_HOURS = 90 * 24
"""An `up` this long before the issuer's end, or later, makes another one."""

USES = ("cert_signing", "crl_signing")
"""No extended ones: sentry verifies the chain for the use by servers, which an authority that names others does not
allow. https://github.com/dapr/dapr/blob/v1.18.3/pkg/sentry/server/ca/validate.go"""

EXPIRY = "groundwork_dapr_root_expiry_timestamp_seconds"
"""Series that says when each root ends: sentry tells of the issuer alone."""


@dataclass(frozen=True, kw_only=True)
class DaprRootArgs:
    roots: Sequence[int]
    """Numbers of the roots that are trusted. The first signs the issuer."""

    trust_domain: str
    """What the authorities are those of: their organization."""

    protect: bool
    """Whether the roots refuse to be replaced and destroyed: without theirs, sidecars that run trust nobody."""

    namespace: pulumi.Resource
    """The namespace of the rule that says when the roots end: `monitoring`."""

    crds: pulumi.Resource
    """The Prometheus operator's definitions, of which the rule is made."""


class DaprRoot(pulumi.ComponentResource):
    """Makes keys and certificates. Nothing runs and no cluster is needed but for the rule."""

    bundle: pulumi.Output[str]
    """Certificates of every root that is trusted, in PEM."""

    issuer: pulumi.Output[str]
    """Certificate that sentry signs with, in PEM."""

    issuer_key: pulumi.Output[str]
    """Its key, in PEM. A secret."""

    def __init__(self, name: str, args: DaprRootArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:DaprRoot", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        roots = {number: _root(f"{name}-{number}", number, args, self) for number in sorted(args.roots)}
        authority_key, authority = roots[args.roots[0]]
        key = _key(f"{name}-issuer-key", child)
        issuer = _issuer(f"{name}-issuer", key, authority_key, authority, args.trust_domain, child)
        ends = pulumi.Output.all(*(root.validity_end_time for _, root in roots.values()))
        prometheus_rule(
            f"{name}-expiry",
            "dapr-root",
            ends.apply(lambda moments: expiry_groups(dict(zip(roots, moments, strict=True)))),
            pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.crds]),
        )

        self.bundle = pulumi.Output.concat(*(root.cert_pem for _, root in roots.values()))
        self.issuer = issuer.cert_pem
        self.issuer_key = pulumi.Output.secret(key.private_key_pem)
        self.register_outputs({"bundle": self.bundle, "issuer": self.issuer, "issuer_key": self.issuer_key})


def expiry_groups(ends: Mapping[int, str]) -> list[dict[str, Any]]:
    """The series with the end of each root, in seconds since 1970, where `ends` has the moments as RFC 3339 writes
    them.
    """
    rules = [
        {"record": EXPIRY, "expr": f"vector({_seconds(moment)})", "labels": {"root": str(number)}}
        for number, moment in ends.items()
    ]
    return [{"name": "dapr-root", "rules": rules}]


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _key(name: str, opts: pulumi.ResourceOptions) -> tls.PrivateKey:
    return tls.PrivateKey(name, algorithm="ECDSA", ecdsa_curve="P256", opts=opts)


def _root(
    name: str, number: int, args: DaprRootArgs, parent: pulumi.Resource
) -> tuple[tls.PrivateKey, tls.SelfSignedCert]:
    """A root, which no `up` renews: another one would be trusted by none of the sidecars that run."""
    opts = pulumi.ResourceOptions(parent=parent, protect=args.protect)
    key = _key(f"{name}-key", opts)
    certificate = tls.SelfSignedCert(
        name,
        private_key_pem=key.private_key_pem,
        # Sidecars tell authorities apart by their names.
        subject=tls.SelfSignedCertSubjectArgs(organization=args.trust_domain, common_name=f"Dapr root {number}"),
        is_ca_certificate=True,
        # The issuer, and no other authority below it. The issuer cannot say so itself: the provider writes no length of
        # 0. https://github.com/hashicorp/terraform-provider-tls/blob/main/internal/provider/common_cert.go
        max_path_length=1,
        allowed_uses=list(USES),
        validity_period_hours=ROOT_HOURS,
        opts=opts,
    )
    return key, certificate


def _issuer(
    name: str,
    key: tls.PrivateKey,
    authority_key: tls.PrivateKey,
    authority: tls.SelfSignedCert,
    trust_domain: str,
    opts: pulumi.ResourceOptions,
) -> tls.LocallySignedCert:
    request = tls.CertRequest(
        f"{name}-request",
        private_key_pem=key.private_key_pem,
        subject=tls.CertRequestSubjectArgs(organization=trust_domain, common_name="Dapr issuer"),
        opts=opts,
    )
    return tls.LocallySignedCert(
        name,
        ca_private_key_pem=authority_key.private_key_pem,
        ca_cert_pem=authority.cert_pem,
        cert_request_pem=request.cert_request_pem,
        is_ca_certificate=True,
        allowed_uses=list(USES),
        validity_period_hours=ISSUER_HOURS,
        early_renewal_hours=RENEWED_HOURS,
        opts=opts,
    )
