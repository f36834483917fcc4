"""The certificate authorities of rehearsed clusters."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta


def cluster_authority(seed: str) -> str:
    """A cluster's own authority as clouds hand it out: base64 of PEM, the same for the same seed.

    Its private key follows from the seed and exists nowhere; nothing is ever signed with it but this certificate.
    """
    # Imported where it is needed: it would cost every start of a provider 70 ms, and few runs create a cluster.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    digest = hashlib.sha256(seed.encode()).hexdigest()
    key = ec.derive_private_key(int(digest[:60], 16), ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, digest[:32])])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int(digest[:30], 16))
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=30 * 365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.PEM)).decode()
