"""Private keys: made, read from PEM, and all the forms that a resource shows of one.

What the functions take and give is imported where it is needed: every start of the provider would wait for it.
"""

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rehearsal.providers.errors import CloudError
from rehearsal.providers.wire import Properties, Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    PrivateKey: TypeAlias = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey

ALGORITHMS: Final = ("RSA", "ECDSA", "ED25519")
CURVES: Final = ("P224", "P256", "P384", "P521")
DEFAULTS: Final = {"rsaBits": 2048, "ecdsaCurve": "P224"}
COMPUTED: Final = (
    "privateKeyPem",
    "privateKeyOpenssh",
    "privateKeyPemPkcs8",
    "publicKeyPem",
    "publicKeyOpenssh",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
)

_SMALLEST_RSA: Final = 1024
"""Go makes no smaller ones: https://pkg.go.dev/crypto/rsa#hdr-Minimum_key_size"""


def generate(inputs: Properties) -> "PrivateKey":
    """A new key as the inputs of a `PrivateKey` describe it."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    given = {**DEFAULTS, **inputs}
    if given["algorithm"] == "ED25519":
        return ed25519.Ed25519PrivateKey.generate()
    if given["algorithm"] == "ECDSA":
        curves = {"P224": ec.SECP224R1, "P256": ec.SECP256R1, "P384": ec.SECP384R1, "P521": ec.SECP521R1}
        return ec.generate_private_key(curves[given["ecdsaCurve"]]())
    if given["rsaBits"] < _SMALLEST_RSA:
        raise CloudError(
            f"Unable to generate Key from configuration: crypto/rsa: {given['rsaBits']}-bit keys are insecure"
            " (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
        )
    return rsa.generate_private_key(public_exponent=65537, key_size=given["rsaBits"])


def parse(pem: str, what: str) -> "PrivateKey":
    """The key in a text; `what` it is goes into the refusal of one that is none."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise CloudError(f"Failed to parse {what} PEM: {error}") from error
    if isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey):
        return key
    raise CloudError(f"Failed to parse {what} PEM: unsupported private key type")


def algorithm(key: "PrivateKey") -> str:
    """What resources call its kind."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        return "RSA"
    return "ECDSA" if isinstance(key, ec.EllipticCurvePrivateKey) else "ED25519"


def identity_and_outputs(key: "PrivateKey") -> tuple[str, Properties]:
    """The id of a `PrivateKey` and what it shows, private forms marked secret."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    def private(form: Any) -> Secret:
        return Secret(key.private_bytes(Encoding.PEM, form, NoEncryption()).decode())

    public = key.public_key()
    traditional = PrivateFormat.PKCS8 if algorithm(key) == "ED25519" else PrivateFormat.TraditionalOpenSSL
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    outputs: Properties = {
        "privateKeyPem": private(traditional),
        "privateKeyPemPkcs8": private(PrivateFormat.PKCS8),
        "publicKeyPem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        **_open_ssh(key),
    }
    return hashlib.sha1(der.strip()).hexdigest(), outputs


def _open_ssh(key: "PrivateKey") -> Properties:
    """The forms of SSH, which knows no curve P224: https://github.com/golang/go/issues/10863"""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp224r1":
        empty = ("publicKeyOpenssh", "publicKeyFingerprintMd5", "publicKeyFingerprintSha256")
        return {"privateKeyOpenssh": Secret(""), **dict.fromkeys(empty, "")}
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    blob = base64.b64decode(line.split()[1])
    sha256 = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return {
        "privateKeyOpenssh": Secret(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()),
        "publicKeyOpenssh": f"{line}\n",
        "publicKeyFingerprintMd5": hashlib.md5(blob).digest().hex(":"),
        "publicKeyFingerprintSha256": f"SHA256:{sha256}",
    }
