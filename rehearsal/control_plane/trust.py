"""Certificates of control planes: each has an authority of its own, and all share one that passes for a public one."""

import ipaddress
import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rehearsal.control_plane import private_files
from rehearsal.setup.lock import exclusive

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

_LIFETIME = timedelta(days=3650)
_PUBLIC = "public-authority"


@dataclass(frozen=True)
class Authority:
    """A certificate that signs others, and its key, as files."""

    certificate: Path
    key: Path


def authority(folder: Path, name: str) -> Authority:
    """The authority of this name, made where it is not there yet."""
    made = Authority(folder / f"{name}.pem", folder / f"{name}.key")
    if not made.certificate.is_file():
        key = _new_key()
        subject = _subject(name)
        private_files.write(made.key, _key_text(key))
        private_files.write(made.certificate, _signed(subject, key.public_key(), subject, key, names=None))
    return made


def public_authority(folder: Path) -> Authority:
    """What everybody in the rehearsal trusts, as browsers trust the public authorities."""
    with exclusive(folder / f"{_PUBLIC}.lock", told=""):
        return authority(folder, _PUBLIC)


def trust_bundle(folder: Path) -> Path:
    """A file for SSL_CERT_FILE: what this machine trusts, and the rehearsal's public authority."""
    ours = public_authority(folder).certificate.read_text()
    chosen = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    bundle = folder / "trusted.pem"
    known = Path(chosen) if chosen and Path(chosen) != bundle else None
    machine = known.read_text(errors="replace") if known and known.is_file() else ""
    private_files.write(bundle, f"{machine}\n{ours}" if machine else ours)
    return bundle


def issue(by: Authority, certificate: Path, key: Path, hosts: list[str]) -> None:
    """Writes a server's certificate for host names and addresses, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    signer = cast("ec.EllipticCurvePrivateKey", load_pem_private_key(by.key.read_bytes(), None))
    issuer = x509.load_pem_x509_certificate(by.certificate.read_bytes()).subject
    own = _new_key()
    private_files.write(key, _key_text(own))
    private_files.write(certificate, _signed(_subject(hosts[0]), own.public_key(), issuer, signer, hosts))


def signing_key(file: Path) -> None:
    """Writes a key that signs tokens of service accounts."""
    private_files.write(file, _key_text(_new_key()))


def _new_key() -> "ec.EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _subject(name: str) -> "x509.Name":
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _key_text(key: "ec.EllipticCurvePrivateKey") -> str:
    """In the form that the API server also reads as a public key."""
    from cryptography.hazmat.primitives import serialization

    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return text.decode()


def _signed(
    subject: "x509.Name",
    public: "ec.EllipticCurvePublicKey",
    issuer: "x509.Name",
    signer: "ec.EllipticCurvePrivateKey",
    names: list[str] | None,
) -> str:
    """A certificate as PEM: an authority's where there are no names to serve."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
    )
    if names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), False)
    signed = builder.sign(signer, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def _alternative(host: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
