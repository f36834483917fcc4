"""Keys and certificates, made as the real provider makes them. No cloud knows of them, so neither does the inventory.

https://github.com/hashicorp/terraform-provider-tls, which pulumi-tls runs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from rehearsal.providers.diff import Change, Diff, Kind, changes
from rehearsal.providers.errors import CheckFailure, UnknownTypeError
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.provider import Created, Found, Operation, configuration_diff, preview_outputs, refuse_function
from rehearsal.providers.tls import certificates, keys
from rehearsal.providers.wire import Properties, Secret, has_unknown, plain

PRIVATE_KEY: Final = "tls:index/privateKey:PrivateKey"
CERT_REQUEST: Final = "tls:index/certRequest:CertRequest"
SELF_SIGNED: Final = "tls:index/selfSignedCert:SelfSignedCert"
LOCALLY_SIGNED: Final = "tls:index/locallySignedCert:LocallySignedCert"

_RENEWAL: Final = "earlyRenewalHours"
"""The one input that changes in place."""
_READY: Final = "readyForRenewal"


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What there is to know of a type."""

    computed: tuple[str, ...]
    defaults: Properties = field(default_factory=Properties)
    least: dict[str, int] = field(default_factory=dict[str, int])
    """The smallest value of each number."""
    values: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The only values of each text, or of each text in a list."""
    key: str = ""
    """The input with the key that signs, which another one of the same name and `Wo` may stand in for."""


_NUMBERS: Final = {"validityPeriodHours": 0, _RENEWAL: 0, "maxPathLength": -1}
_USES: Final = {"allowedUses": tuple(certificates.USES)}
_KINDS: Final = {
    PRIVATE_KEY: _Kind(
        computed=keys.COMPUTED,
        defaults=keys.DEFAULTS,
        values={"algorithm": keys.ALGORITHMS, "ecdsaCurve": keys.CURVES},
    ),
    CERT_REQUEST: _Kind(computed=("certRequestPem", "keyAlgorithm"), key="privateKeyPem"),
    SELF_SIGNED: _Kind(
        computed=(*certificates.COMPUTED, "keyAlgorithm"),
        defaults={**certificates.DEFAULTS, "setAuthorityKeyId": False},
        least=_NUMBERS,
        values=_USES,
        key="privateKeyPem",
    ),
    LOCALLY_SIGNED: _Kind(
        computed=(*certificates.COMPUTED, "caKeyAlgorithm"),
        defaults=certificates.DEFAULTS,
        least=_NUMBERS,
        values=_USES,
        key="caPrivateKeyPem",
    ),
}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class TlsProvider:
    """`now` tells the time."""

    package: ClassVar[str] = "tls"

    def __init__(self, now: Callable[[], datetime] = _utc_now) -> None:
        self._now = now

    def configure(self, configuration: Properties) -> None:
        """There is nothing to configure but a proxy, for what reads certificates of servers."""

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        return configuration_diff(old, new)

    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]:
        return operation.inputs, list(_failures(_kind(operation.type), plain(operation.inputs)))

    def diff(self, operation: Operation) -> Diff:
        """Every change makes anew but one, and so does a certificate whose time to be renewed has come."""
        kind = _kind(operation.type)
        # Where a length is no longer asked for, the one that the certificate has stays.
        kept = {key: value for key, value in operation.old_inputs.items() if key == "maxPathLength"}
        old, new = {**kind.defaults, **operation.old_inputs}, {**kind.defaults, **kept, **operation.inputs}
        found = [change for change in changes(old, new) if not (kind.key and change.path == f"{kind.key}Wo")]
        if self._ready(operation.old_outputs, operation.inputs.get(_RENEWAL, 0)):
            found.append(Change(_READY, Kind.UPDATE, operation.old_outputs.get(_READY), None))
        return Diff(changes=found, replaces=[change.path for change in found if change.path != _RENEWAL])

    def create(self, operation: Operation) -> Created:
        kind = _kind(operation.type)
        if operation.preview:
            computed = dict[str, Any].fromkeys(kind.computed)
            return Created("", {**kind.defaults, **preview_outputs(operation, computed)})
        identity, made = self._make(operation.type, plain(operation.inputs))
        return Created(identity, {**kind.defaults, **made, **_stored(kind, operation.inputs)})

    def read(self, operation: Operation) -> Found:
        outputs = operation.old_outputs
        if self._ready(outputs, outputs.get(_RENEWAL, 0)):
            outputs = {**outputs, _READY: True}
        return Found(operation.id, operation.old_inputs, outputs)

    def update(self, operation: Operation) -> Properties:
        kind = _kind(operation.type)
        return {**operation.old_outputs, **kind.defaults, **_stored(kind, operation.inputs)}

    def delete(self, operation: Operation) -> None:
        """Leaving the state is all there is to it."""

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise refuse_function(self.package, token)

    def _ready(self, outputs: Properties, early_hours: Any) -> bool:
        end = outputs.get("validityEndTime")
        if not isinstance(end, str) or not isinstance(early_hours, int):
            return False
        return self._now() >= datetime.fromisoformat(end) - timedelta(hours=early_hours)

    def _make(self, resource_type: str, inputs: Properties) -> tuple[str, Properties]:
        if resource_type == PRIVATE_KEY:
            return keys.identity_and_outputs(keys.generate(inputs))
        if resource_type == LOCALLY_SIGNED:
            authority = certificates.authority(inputs)
            identity, made = certificates.locally_signed(inputs, authority, self._now())
            return identity, {**made, "caKeyAlgorithm": keys.algorithm(authority.key)}
        key = keys.parse(inputs.get("privateKeyPem") or inputs["privateKeyPemWo"], "private key")
        if resource_type == CERT_REQUEST:
            identity, pem = certificates.request(inputs, key)
            made: Properties = {"certRequestPem": pem}
        else:
            identity, made = certificates.self_signed(inputs, key, self._now())
        return identity, {**made, "keyAlgorithm": keys.algorithm(key)}


def _kind(resource_type: str) -> _Kind:
    if resource_type not in _KINDS:
        raise UnknownTypeError(
            f"the rehearsal does not know {resource_type}: add it to rehearsal/providers/tls/provider.py"
        )
    return _KINDS[resource_type]


def _stored(kind: _Kind, inputs: Properties) -> Properties:
    """The inputs that become outputs: a key is secret wherever it is, and one that is only written is in none."""
    hidden = {kind.key: Secret(plain(inputs[kind.key]))} if kind.key in inputs else {}
    return {key: value for key, value in {**inputs, **hidden}.items() if key != f"{kind.key}Wo"}


def _failures(kind: _Kind, inputs: Properties) -> Iterator[CheckFailure]:
    for name, least in kind.least.items():
        value = inputs.get(name)
        if isinstance(value, int) and value < least:
            yield CheckFailure(name, f"Attribute {name} value must be at least {least}, got: {value}")
    for name, allowed in kind.values.items():
        given = inputs.get(name)
        for value in given if isinstance(given, list) else [given]:
            if isinstance(value, str) and value not in allowed:
                one_of = " ".join(f'"{word}"' for word in allowed)
                yield CheckFailure(name, f'Attribute {name} value must be one of: [{one_of}], got: "{value}"')
    if kind.key:
        yield from _key_failures(kind.key, inputs)


def _key_failures(key: str, inputs: Properties) -> Iterator[CheckFailure]:
    written = f"{key}Wo"
    given = [name for name in (key, written) if name in inputs]
    if len(given) != 1:
        yield CheckFailure(key, f"Exactly one of {key} and {written} must be set")
    if written in inputs and f"{written}Version" not in inputs:
        yield CheckFailure(written, f"{written} wants {written}Version, which says when it changed")
    if key in inputs and not has_unknown(inputs[key]) and not str(inputs[key]).strip():
        yield CheckFailure(key, f"{key} is empty")


def create(inventory: Inventory | None = None) -> TlsProvider:
    """As in every package; what is made here is in no inventory."""
    return TlsProvider()
