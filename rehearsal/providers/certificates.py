"""X.509 certificates: of clusters in the rehearsal, and what the tls provider issues."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rehearsal.providers import der, p256

_ECDSA_SHA256 = der.sequence(der.identifier("1.2.840.10045.4.3.2"))
_P256_KEY = der.sequence(der.identifier("1.2.840.10045.2.1"), der.identifier("1.2.840.10045.3.1.7"))
_ATTRIBUTES = {
    "commonName": "2.5.4.3",
    "organization": "2.5.4.10",
    "organizationalUnit": "2.5.4.11",
    "country": "2.5.4.6",
}


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What a certificate says, apart from who signs it."""

    subject: dict[str, str]
    issuer: dict[str, str]
    public_key: bytes
    serial: int
    not_before: datetime
    lifetime: timedelta
    authority: bool = False
    dns_names: Sequence[str] = ()

    def signed(self, private_key: int) -> str:
        """The certificate in PEM form, signed with the issuer's key."""
        body = self._body()
        r, s = p256.sign(private_key, body)
        signature = der.bits(der.sequence(der.integer(r), der.integer(s)))
        return der.pem("CERTIFICATE", der.sequence(body, _ECDSA_SHA256, signature))

    def _body(self) -> bytes:
        return der.sequence(
            der.context(0, der.integer(2)),
            der.integer(self.serial),
            _ECDSA_SHA256,
            _name(self.issuer),
            der.sequence(der.moment(self.not_before), der.moment(self.not_before + self.lifetime)),
            _name(self.subject),
            public_key_info(self.public_key),
            der.context(3, der.sequence(*self._extensions())),
        )

    def _extensions(self) -> list[bytes]:
        constraints = der.sequence(der.boolean(True)) if self.authority else der.sequence()
        usage = b"\x03\x02\x02\x84" if self.authority else b"\x03\x02\x05\xa0"
        found = [_extension("2.5.29.19", constraints, critical=True), _extension("2.5.29.15", usage, critical=True)]
        if self.dns_names:
            names = (der.context(2, name.encode(), primitive=True) for name in self.dns_names)
            found.append(_extension("2.5.29.17", der.sequence(*names)))
        return found


def public_key_info(public_key: bytes) -> bytes:
    return der.sequence(_P256_KEY, der.bits(public_key))


def cluster_authority(seed: str) -> str:
    """A cluster's own authority as clouds hand it out: base64 of PEM. Its key exists nowhere."""
    key = p256.private_key(seed.encode())
    name = {"commonName": hashlib.sha256(seed.encode()).hexdigest()[:32]}
    certificate = Certificate(
        subject=name,
        issuer=name,
        public_key=p256.public_key(key),
        serial=int(hashlib.sha256(seed.encode()).hexdigest()[:30], 16),
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
        lifetime=timedelta(days=30 * 365),
        authority=True,
    )
    return base64.b64encode(certificate.signed(key).encode()).decode()


def _name(attributes: dict[str, str]) -> bytes:
    parts = (
        der.collection(der.sequence(der.identifier(_ATTRIBUTES[key]), der.text(value)))
        for key, value in attributes.items()
        if key in _ATTRIBUTES
    )
    return der.sequence(*parts)


def _extension(oid: str, content: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(der.identifier(oid), *([der.boolean(True)] if critical else []), der.octets(content))
