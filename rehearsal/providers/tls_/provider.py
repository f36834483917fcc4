"""Keys and self-signed certificates on the P-256 curve."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from rehearsal.providers import der, p256
from rehearsal.providers.certificates import Certificate, public_key_info
from rehearsal.providers.diff import Diff, changes
from rehearsal.providers.errors import CheckFailure, CloudError, UnknownTypeError
from rehearsal.providers.provider import Created, Found, Operation, configuration_diff, preview_outputs, refuse_function
from rehearsal.providers.wire import Properties, Secret, plain

_SEC1_START: Final = re.compile(rb"^\x30.\x02\x01\x01\x04\x20(?P<key>.{32})", re.DOTALL)
_SUBJECT: Final = ("commonName", "organization", "organizationalUnit", "country")


def _private_key(inputs: Properties) -> tuple[str, Properties]:
    if inputs["algorithm"] != "ECDSA" or inputs.get("ecdsaCurve") != "P256":
        raise CloudError("the rehearsal makes ECDSA keys on the curve P256 only")
    private = p256.private_key(secrets.token_bytes(64))
    public = p256.public_key(private)
    curve = der.identifier("1.2.840.10045.3.1.7")
    number = der.octets(private.to_bytes(32, "big"))
    inner = der.sequence(der.integer(1), number, der.context(0, curve), der.context(1, der.bits(public)))
    info = public_key_info(public)
    outputs = {
        "privateKeyPem": Secret(der.pem("EC PRIVATE KEY", inner)),
        "publicKeyPem": der.pem("PUBLIC KEY", info),
        "publicKeyFingerprintSha256": "SHA256:" + base64.b64encode(hashlib.sha256(info).digest()).decode().rstrip("="),
    }
    return hashlib.sha1(info).hexdigest(), outputs


def _self_signed(inputs: Properties) -> tuple[str, Properties]:
    private = _read_key(inputs["privateKeyPem"])
    given = inputs.get("subject") or {}
    name = {key: str(given[key]) for key in _SUBJECT if key in given}
    start, lifetime = datetime.now(UTC).replace(microsecond=0), timedelta(hours=inputs["validityPeriodHours"])
    serial = secrets.randbits(120)
    certificate = Certificate(
        subject=name,
        issuer=name,
        public_key=p256.public_key(private),
        serial=serial,
        not_before=start,
        lifetime=lifetime,
        authority=inputs.get("isCaCertificate") is True,
        dns_names=inputs.get("dnsNames") or (),
    )
    outputs = {
        "certPem": certificate.signed(private),
        "keyAlgorithm": "ECDSA",
        "readyForRenewal": False,
        "validityStartTime": start.isoformat(),
        "validityEndTime": (start + lifetime).isoformat(),
    }
    return str(serial), outputs


_MAKE: Final[dict[str, tuple[Callable[[Properties], tuple[str, Properties]], tuple[str, ...]]]] = {
    "tls:index/privateKey:PrivateKey": (_private_key, ("privateKeyPem", "publicKeyPem", "publicKeyFingerprintSha256")),
    "tls:index/selfSignedCert:SelfSignedCert": (
        _self_signed,
        ("certPem", "keyAlgorithm", "readyForRenewal", "validityStartTime", "validityEndTime"),
    ),
}


class TlsProvider:
    """Every input is fixed at creation."""

    package: ClassVar[str] = "tls"

    def configure(self, configuration: Properties) -> None:
        """There is nothing to configure."""

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        return configuration_diff(old, new)

    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]:
        _rules(operation.type)
        return operation.inputs, []

    def diff(self, operation: Operation) -> Diff:
        found = changes(operation.old_inputs, operation.inputs)
        return Diff(changes=found, replaces=[change.path for change in found])

    def create(self, operation: Operation) -> Created:
        make, computed = _rules(operation.type)
        if operation.preview:
            return Created("", preview_outputs(operation, dict[str, Any].fromkeys(computed)))
        identity, made = make(plain(operation.inputs))
        return Created(identity, {**made, **operation.inputs})

    def read(self, operation: Operation) -> Found:
        return Found(operation.id, operation.old_inputs, operation.old_outputs)

    def update(self, operation: Operation) -> Properties:
        return {**operation.old_outputs, **operation.inputs}

    def delete(self, operation: Operation) -> None:
        """Leaving the state is all there is to it."""

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise refuse_function(self.package, token)


def _read_key(text: str) -> int:
    body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    match = _SEC1_START.match(base64.b64decode(body))
    if match is None:
        raise CloudError("the rehearsal reads ECDSA keys on the curve P256 only")
    return int.from_bytes(match["key"], "big")


def _rules(resource_type: str) -> tuple[Callable[[Properties], tuple[str, Properties]], tuple[str, ...]]:
    if resource_type not in _MAKE:
        raise UnknownTypeError(
            f"the rehearsal does not know {resource_type}: add it to rehearsal/providers/tls_/provider.py"
        )
    return _MAKE[resource_type]


def create() -> TlsProvider:
    return TlsProvider()
