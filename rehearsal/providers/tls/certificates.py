"""Certificates and requests for them, signed as Go's library signs: https://pkg.go.dev/crypto/x509#CreateCertificate"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from rehearsal.providers.errors import CloudError
from rehearsal.providers.tls import keys
from rehearsal.providers.wire import Properties

if TYPE_CHECKING:
    from cryptography import x509

    from rehearsal.providers.tls.keys import PrivateKey

KEY_USAGES: Final = {
    "digital_signature": "digital_signature",
    "content_commitment": "content_commitment",
    "key_encipherment": "key_encipherment",
    "data_encipherment": "data_encipherment",
    "key_agreement": "key_agreement",
    "cert_signing": "key_cert_sign",
    "crl_signing": "crl_sign",
    "encipher_only": "encipher_only",
    "decipher_only": "decipher_only",
}
"""What `cryptography` calls each of them."""

EXTENDED_KEY_USAGES: Final = {
    "any_extended": "2.5.29.37.0",
    "client_auth": "1.3.6.1.5.5.7.3.2",
    "code_signing": "1.3.6.1.5.5.7.3.3",
    "email_protection": "1.3.6.1.5.5.7.3.4",
    "ipsec_end_system": "1.3.6.1.5.5.7.3.5",
    "ipsec_tunnel": "1.3.6.1.5.5.7.3.6",
    "ipsec_user": "1.3.6.1.5.5.7.3.7",
    "microsoft_commercial_code_signing": "1.3.6.1.4.1.311.2.1.22",
    "microsoft_kernel_code_signing": "1.3.6.1.4.1.311.61.1.1",
    "microsoft_server_gated_crypto": "1.3.6.1.4.1.311.10.3.3",
    "netscape_server_gated_crypto": "2.16.840.1.113730.4.1",
    "ocsp_signing": "1.3.6.1.5.5.7.3.9",
    "server_auth": "1.3.6.1.5.5.7.3.1",
    "timestamping": "1.3.6.1.5.5.7.3.8",
}
USES: Final = sorted({*KEY_USAGES, *EXTENDED_KEY_USAGES})

DEFAULTS: Final = {"isCaCertificate": False, "earlyRenewalHours": 0, "setSubjectKeyId": False}
COMPUTED: Final = ("certPem", "readyForRenewal", "validityStartTime", "validityEndTime")

_SUBJECT: Final = (
    ("country", "COUNTRY_NAME"),
    ("organization", "ORGANIZATION_NAME"),
    ("organizationalUnit", "ORGANIZATIONAL_UNIT_NAME"),
    ("locality", "LOCALITY_NAME"),
    ("province", "STATE_OR_PROVINCE_NAME"),
    ("streetAddresses", "STREET_ADDRESS"),
    ("postalCode", "POSTAL_CODE"),
    ("commonName", "COMMON_NAME"),
    ("serialNumber", "SERIAL_NUMBER"),
    ("emailAddress", "EMAIL_ADDRESS"),
)
_HASHES: Final = {"secp384r1": "SHA384", "secp521r1": "SHA512"}


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Who signs."""

    key: "PrivateKey"
    certificate: "x509.Certificate | None" = None
    """Its certificate; none where one signs for itself."""


def request(inputs: Properties, key: "PrivateKey") -> tuple[str, str]:
    """The id of a `CertRequest`, and the request in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(inputs.get("subject", {})))
    if names := _names(inputs):
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signed = builder.sign(key, _hash(key))
    return hashlib.sha1(signed.public_bytes(Encoding.DER).strip()).hexdigest(), signed.public_bytes(
        Encoding.PEM
    ).decode()


def self_signed(inputs: Properties, key: "PrivateKey", now: datetime) -> tuple[str, Properties]:
    """The id of a `SelfSignedCert` and what it shows."""
    subject, names = _subject(inputs.get("subject", {})), _names(inputs)
    return _sign(inputs, subject, key.public_key(), names, Authority(key=key), now)


def locally_signed(inputs: Properties, authority: Authority, now: datetime) -> tuple[str, Properties]:
    """The id of a `LocallySignedCert` and what it shows."""
    from cryptography import x509

    try:
        asked = x509.load_pem_x509_csr(inputs["certRequestPem"].encode())
    except ValueError as error:
        raise CloudError(f"Failed to parse certificate request PEM: {error}") from error
    try:
        names = list(asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        names = []
    return _sign(inputs, asked.subject, asked.public_key(), names, authority, now)


def authority(inputs: Properties) -> Authority:
    """Who signs a `LocallySignedCert`."""
    from cryptography import x509

    key = keys.parse(inputs.get("caPrivateKeyPem") or inputs["caPrivateKeyPemWo"], "CA private key")
    try:
        certificate = x509.load_pem_x509_certificate(inputs["caCertPem"].encode())
    except ValueError as error:
        raise CloudError(f"Failed to parse CA certificate PEM: {error}") from error
    return Authority(key=key, certificate=certificate)


def _sign(
    inputs: Properties, subject: "x509.Name", public: Any, names: list[Any], authority: Authority, now: datetime
) -> tuple[str, Properties]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    _refuse(inputs, subject, authority)
    end, serial = now + timedelta(hours=inputs["validityPeriodHours"]), secrets.randbits(128)
    parent = authority.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent.subject if parent else subject)
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(now)
        .not_valid_after(end)
    )
    for extension, critical in _extensions(inputs, subject, public, names, parent):
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(authority.key, _hash(authority.key))
    return str(serial), {
        "certPem": certificate.public_bytes(Encoding.PEM).decode(),
        "readyForRenewal": False,
        "validityStartTime": _text(now),
        "validityEndTime": _text(end),
    }


def _refuse(inputs: Properties, subject: "x509.Name", authority: Authority) -> None:
    is_authority = inputs.get("isCaCertificate", False)
    if is_authority and not list(subject):
        raise CloudError(
            "Invalid Certificate Subject: Must contain at least one Distinguished Name when creating Certificate"
            " Authority (CA)"
        )
    if inputs.get("setAuthorityKeyId") and not (is_authority or inputs.get("setSubjectKeyId")):
        raise CloudError("Invalid Certificate Authority: Could not determine Authority Key Identifier")
    if not is_authority and inputs.get("maxPathLength", -1) > 0:
        raise CloudError("Failed to create certificate: x509: only CAs are allowed to specify MaxPathLen")
    parent = authority.certificate
    if parent is not None and parent.public_key() != authority.key.public_key():
        raise CloudError("Failed to create certificate: x509: provided PrivateKey doesn't match parent's PublicKey")


def _extensions(
    inputs: Properties, subject: "x509.Name", public: Any, names: list[Any], parent: "x509.Certificate | None"
) -> list[tuple[Any, bool]]:
    from cryptography import x509

    found: list[tuple[Any, bool]] = []
    uses = {KEY_USAGES[use] for use in inputs["allowedUses"] if use in KEY_USAGES}
    if uses:
        found.append((x509.KeyUsage(**{name: name in uses for name in KEY_USAGES.values()}), True))
    extended = [EXTENDED_KEY_USAGES[use] for use in inputs["allowedUses"] if use in EXTENDED_KEY_USAGES]
    if extended:
        found.append((x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in extended]), False))
    # Go takes a length of 0 for none unless a second field says otherwise, which the provider does not set.
    length = inputs.get("maxPathLength", -1)
    is_authority = inputs.get("isCaCertificate", False)
    found.append((x509.BasicConstraints(ca=is_authority, path_length=length if length > 0 else None), True))
    own = x509.SubjectKeyIdentifier.from_public_key(public)
    if is_authority or inputs.get("setSubjectKeyId"):
        found.append((own, False))
    if parent is None:
        if inputs.get("setAuthorityKeyId"):
            found.append((x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), False))
    elif parent.subject != subject:
        found += _authority_key(parent)
    if names:
        found.append((x509.SubjectAlternativeName(names), not list(subject)))
    return found


def _authority_key(parent: "x509.Certificate") -> list[tuple[Any, bool]]:
    from cryptography import x509

    try:
        identifier = parent.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return []
    return [(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False)]


def _subject(given: Properties) -> "x509.Name":
    from cryptography import x509

    parts: list[Any] = []
    for key, oid in _SUBJECT:
        values = given.get(key) or []
        for value in values if isinstance(values, list) else [values]:
            try:
                parts.append(x509.NameAttribute(getattr(x509.NameOID, oid), value))
            except ValueError as error:
                raise CloudError(f"Invalid Certificate Subject: {key}: {error}") from error
    return x509.Name(parts)


def _names(inputs: Properties) -> list[Any]:
    from cryptography import x509

    names: list[Any] = [x509.DNSName(name) for name in inputs.get("dnsNames", [])]
    for text in inputs.get("ipAddresses", []):
        try:
            names.append(x509.IPAddress(ip_address(text)))
        except ValueError as error:
            raise CloudError(f'Invalid IP address: Failed to parse "{text}"') from error
    return [*names, *(x509.UniformResourceIdentifier(uri) for uri in inputs.get("uris", []))]


def _hash(key: "PrivateKey") -> Any:
    """What is signed with a key; ED25519 has its own."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    if keys.algorithm(key) == "ED25519":
        return None
    curve = key.curve.name if isinstance(key, ec.EllipticCurvePrivateKey) else ""
    return getattr(hashes, _HASHES.get(curve, "SHA256"))()


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
