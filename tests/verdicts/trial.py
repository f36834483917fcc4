"""Brings one object before a provider, step by step as the engine does, and hears what is said."""

from dataclasses import dataclass
from typing import Any, NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from rehearsal.providers.wire import Properties, decode, encode
from tests.verdicts.cases import Manifest, token

_SECONDS = 4.0
"""How long the plugin waits for an object: those that are never ready are not so after any time."""
_CALL_SECONDS = 60
_DETAILS = "grpc-status-details-bin"


class Refused(Exception):
    """The provider refused a step."""


@dataclass(frozen=True)
class Kept:
    """What the engine would keep of an object."""

    type: str
    name: str
    id: str
    inputs: Properties
    outputs: Properties


class Trial:
    """One provider, configured, and the objects that it was asked for."""

    def __init__(self, stub: Any, configuration: Properties) -> None:
        self._stub = stub
        self._kept: list[Kept] = []
        variables = {f"kubernetes:config:{key}": str(value) for key, value in configuration.items()}
        self._call(
            "Configure",
            provider_pb2.ConfigureRequest(
                args=encode(configuration), variables=variables, acceptSecrets=True, acceptResources=True
            ),
        )

    def create(self, manifest: Manifest, *, preview: bool = True) -> Kept:
        """An object that was not there before."""
        type, name = token(manifest), manifest["metadata"]["name"]
        return self._created(type, name, self.check(manifest), preview=preview)

    def change(self, former: Kept, manifest: Manifest) -> None:
        """An object's new version, in its place or in a new one."""
        checked = self.check(manifest, former)
        given = _change_of(former, checked)
        diff = self._call("Diff", provider_pb2.DiffRequest(**given))
        if diff.replaces:
            self.delete(former)
            self._created(former.type, former.name, checked, preview=True)
            return
        self._call("Update", provider_pb2.UpdateRequest(preview=True, timeout=_SECONDS, **given))
        self._call("Update", provider_pb2.UpdateRequest(timeout=_SECONDS, **given))

    def check(self, manifest: Manifest, former: Kept | None = None) -> Properties:
        """An object's inputs as the provider takes them."""
        urn = _urn(token(manifest), manifest["metadata"]["name"])
        olds = encode(former.inputs) if former else None
        answer = self._call(
            "Check", provider_pb2.CheckRequest(urn=urn, news=encode(manifest), olds=olds, randomSeed=b"seed")
        )
        if answer.failures:
            raise Refused("; ".join(f"{failure.property}: {failure.reason}" for failure in answer.failures))
        return decode(answer.inputs)

    def delete(self, kept: Kept) -> None:
        self._kept.remove(kept)
        request = provider_pb2.DeleteRequest(
            id=kept.id,
            urn=_urn(kept.type, kept.name),
            properties=encode(kept.outputs),
            old_inputs=encode(kept.inputs),
            timeout=_SECONDS * 5,
        )
        self._call("Delete", request)

    def clean(self) -> None:
        """Deletes what was created, the last first."""
        for kept in reversed(self._kept.copy()):
            try:
                self.delete(kept)
            except Refused:
                continue

    def _created(self, type: str, name: str, checked: Properties, *, preview: bool) -> Kept:
        given = {"urn": _urn(type, name), "properties": encode(checked), "timeout": _SECONDS}
        if preview:
            self._call("Create", provider_pb2.CreateRequest(preview=True, **given))
        answer = self._call("Create", provider_pb2.CreateRequest(**given), type, name, checked)
        kept = Kept(type, name, answer.id, checked, decode(answer.properties))
        self._kept.append(kept)
        return kept

    def _call(self, method: str, request: Any, *created: Any) -> Any:
        try:
            return getattr(self._stub, method)(request, timeout=_CALL_SECONDS)
        except grpc.RpcError as error:
            self._refuse(error, created)

    def _refuse(self, error: Any, created: tuple[Any, ...]) -> NoReturn:
        details = _details(dict(error.trailing_metadata() or ()).get(_DETAILS))
        if details is not None and created:
            type, name, inputs = created
            self._kept.append(Kept(type, name, details.id, inputs, decode(details.properties)))
        reasons = "; ".join(details.reasons) if details is not None else ""
        raise Refused(reasons or error.details()) from None


def _change_of(former: Kept, checked: Properties) -> dict[str, Any]:
    return {
        "id": former.id,
        "urn": _urn(former.type, former.name),
        "olds": encode(former.outputs),
        "old_inputs": encode(former.inputs),
        "news": encode(checked),
    }


def _urn(type: str, name: str) -> str:
    return f"urn:pulumi:dev::groundwork::{type}::{name}"


def _details(serialized: Any) -> Any:
    if serialized is None:
        return None
    status = status_pb2.Status.FromString(serialized)
    detail = provider_pb2.ErrorResourceInitFailed()
    return detail if status.details and status.details[0].Unpack(detail) else None
