"""What Consul's servers and their clients prove themselves by: an authority of its own, and two tokens."""

import hashlib
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random
import pulumi_tls as tls

from components.namespaces import CONSUL as NAMESPACE

AUTHORITY: Final = "consul-authority"
"""Secret with the authority's certificate and key, from which the chart makes the servers' certificate."""

MANAGEMENT: Final = "consul-management"
"""Secret with the token that may do everything."""

READER: Final = "consul-reader"
"""Secret with the token that reads services, nodes and agents."""

TOKEN: Final = "token"
"""Key of the tokens in their Secrets."""

HOURS: Final = 10 * 8766


@dataclass(frozen=True, kw_only=True)
class ConsulCredentialsArgs:
    protect: bool
    """Whether the authority refuses to be replaced and destroyed: with another one, servers refuse each other."""

    namespace: pulumi.Resource
    """The namespace of the Secrets: `consul`."""


class ConsulCredentials(pulumi.ComponentResource):
    """Makes keys and tokens, and the Secrets that the chart reads them from."""

    ca: pulumi.Output[str]
    """Certificate of the authority, in PEM."""

    token: pulumi.Output[str]
    """The token that reads. A secret."""

    accessor: pulumi.Output[str]
    """What the token that reads is known by. It opens nothing."""

    def __init__(self, name: str, args: ConsulCredentialsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:ConsulCredentials", name, {}, opts)
        key, certificate = self._authority(name, args.protect)
        content = {"tls.crt": certificate.cert_pem, "tls.key": key.private_key_pem}
        self.authority = self._secret(f"{name}-authority-secret", AUTHORITY, content, args)
        management = self._token(f"{name}-management")
        self.management = self._secret(f"{name}-management-secret", MANAGEMENT, {TOKEN: management}, args)
        self.token = self._token(f"{name}-reader")
        self.reader = self._secret(f"{name}-reader-secret", READER, {TOKEN: self.token}, args)
        self.ca = certificate.cert_pem
        self.accessor = pulumi.Output.unsecret(self.token.apply(accessor))
        self.register_outputs({"ca": self.ca, "token": self.token, "accessor": self.accessor})

    def _authority(self, name: str, protect: bool) -> tuple[tls.PrivateKey, tls.SelfSignedCert]:
        opts = pulumi.ResourceOptions(parent=self, protect=protect)
        key = tls.PrivateKey(f"{name}-authority-key", algorithm="ECDSA", ecdsa_curve="P256", opts=opts)
        certificate = tls.SelfSignedCert(
            f"{name}-authority",
            private_key_pem=key.private_key_pem,
            subject=tls.SelfSignedCertSubjectArgs(organization="groundwork", common_name="Consul"),
            is_ca_certificate=True,
            allowed_uses=["cert_signing", "crl_signing", "digital_signature"],
            validity_period_hours=HOURS,
            opts=opts,
        )
        return key, certificate

    def _token(self, name: str) -> pulumi.Output[str]:
        made = random.RandomBytes(name, length=16, opts=pulumi.ResourceOptions(parent=self))
        return pulumi.Output.secret(made.hex.apply(uuid))

    def _secret(
        self, name: str, secret: str, content: dict[str, pulumi.Output[str]], args: ConsulCredentialsArgs
    ) -> kubernetes.core.v1.Secret:
        return kubernetes.core.v1.Secret(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=secret, namespace=NAMESPACE),
            string_data=content,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )


def uuid(digits: str) -> str:
    """32 hexadecimal digits as Consul takes tokens and what they are known by.

    https://developer.hashicorp.com/consul/api-docs/acl/tokens
    """
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def accessor(token: str) -> str:
    """What a token is known by: another token has another, so that the Job which makes it runs again."""
    return uuid(hashlib.sha256(f"accessor of {token}".encode()).hexdigest())
