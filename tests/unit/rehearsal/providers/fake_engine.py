"""The engine's side of the provider protocol, called in process."""

from dataclasses import dataclass
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from rehearsal.providers.protocol import ProviderServicer
from rehearsal.providers.provider import Provider
from rehearsal.providers.wire import decode, encode

Properties = dict[str, Any]


class Refused(Exception):
    """The provider's answer was an error."""

    def __init__(self, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.details = details


class Context:
    """Stands in for the gRPC context of a call."""

    def __init__(self) -> None:
        self._metadata: tuple[tuple[str, bytes], ...] = ()

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        self._metadata = metadata

    def abort(self, code: grpc.StatusCode, message: str) -> NoReturn:
        raise Refused(message, _details(dict(self._metadata).get("grpc-status-details-bin")))


@dataclass(frozen=True)
class State:
    """What the engine would keep of a resource."""

    type: str
    name: str
    id: str
    inputs: Properties
    outputs: Properties

    def __getitem__(self, key: str) -> Any:
        return self.outputs[key]


@dataclass(frozen=True)
class Plan:
    """What a Diff answered."""

    changes: bool
    replaces: list[str]
    delete_before_replace: bool
    detailed: dict[str, str]


class Engine:
    """Drives one provider through the protocol, as an update does."""

    def __init__(self, provider: Provider, configuration: Properties | None = None) -> None:
        self.servicer: Any = ProviderServicer(provider)
        self.context = Context()
        self.configure(configuration or {})

    def configure(self, configuration: Properties) -> None:
        self._call("Configure", provider_pb2.ConfigureRequest(args=encode(configuration)))

    def check(
        self, type: str, name: str, inputs: Properties, former: Properties | None = None, **more: Any
    ) -> Properties:
        answer = self._check(type, name, inputs, former, **more)
        assert list(answer.failures) == []
        return decode(answer.inputs)

    def failures(self, type: str, name: str, inputs: Properties) -> list[tuple[str, str]]:
        return [(failure.property, failure.reason) for failure in self._check(type, name, inputs, None).failures]

    def preview(self, type: str, name: str, /, **inputs: Any) -> Properties:
        checked = self.check(type, name, inputs)
        return decode(self._create(type, name, checked, preview=True).properties)

    def create(self, type: str, name: str, /, **inputs: Any) -> State:
        checked = self.check(type, name, inputs)
        answer = self._create(type, name, checked)
        return State(type, name, answer.id, checked, decode(answer.properties))

    def diff(self, state: State, /, **inputs: Any) -> Plan:
        checked = self.check(state.type, state.name, inputs, state.inputs)
        answer = self._call("Diff", provider_pb2.DiffRequest(**self._changed(state, checked)))
        kinds = {path: provider_pb2.PropertyDiff.Kind.Name(item.kind) for path, item in answer.detailedDiff.items()}
        some = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return Plan(some, list(answer.replaces), answer.deleteBeforeReplace, kinds)

    def update(self, state: State, /, **inputs: Any) -> State:
        return self._update(state, inputs, preview=False)

    def preview_update(self, state: State, /, **inputs: Any) -> State:
        return self._update(state, inputs, preview=True)

    def read(self, state: State) -> State:
        request = provider_pb2.ReadRequest(
            id=state.id, urn=_urn(state.type, state.name), inputs=encode(state.inputs), properties=encode(state.outputs)
        )
        answer = self._call("Read", request)
        return State(state.type, state.name, answer.id, decode(answer.inputs), decode(answer.properties))

    def delete(self, state: State) -> None:
        request = provider_pb2.DeleteRequest(
            id=state.id,
            urn=_urn(state.type, state.name),
            properties=encode(state.outputs),
            old_inputs=encode(state.inputs),
        )
        self._call("Delete", request)

    def invoke(self, token: str, /, **arguments: Any) -> Properties:
        answer = self._call("Invoke", provider_pb2.InvokeRequest(tok=token, args=encode(arguments)))
        return decode(getattr(answer, "return"))

    def diff_config(self, old: Properties, new: Properties) -> Plan:
        answer = self._call("DiffConfig", provider_pb2.DiffRequest(old_inputs=encode(old), news=encode(new)))
        some = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return Plan(some, list(answer.replaces), answer.deleteBeforeReplace, {})

    def plugin_version(self) -> str:
        return self._call("GetPluginInfo", empty_pb2.Empty()).version

    def _check(self, type: str, name: str, inputs: Properties, former: Properties | None, **more: Any) -> Any:
        request = provider_pb2.CheckRequest(
            urn=_urn(type, name), news=encode(inputs), olds=encode(former or {}), **{"randomSeed": b"seed", **more}
        )
        return self._call("Check", request)

    def _update(self, state: State, inputs: Properties, *, preview: bool) -> State:
        checked = self.check(state.type, state.name, inputs, state.inputs)
        request = provider_pb2.UpdateRequest(preview=preview, **self._changed(state, checked))
        return State(state.type, state.name, state.id, checked, decode(self._call("Update", request).properties))

    def _create(self, type: str, name: str, checked: Properties, *, preview: bool = False) -> Any:
        request = provider_pb2.CreateRequest(urn=_urn(type, name), properties=encode(checked), preview=preview)
        return self._call("Create", request)

    def _changed(self, state: State, checked: Properties) -> dict[str, Any]:
        return {
            "id": state.id,
            "urn": _urn(state.type, state.name),
            "olds": encode(state.outputs),
            "old_inputs": encode(state.inputs),
            "news": encode(checked),
        }

    def _call(self, method: str, request: Any) -> Any:
        return getattr(self.servicer, method)(request, self.context)


def _urn(type: str, name: str) -> str:
    return f"urn:pulumi:dev::groundwork::{type}::{name}"


def _details(serialized: bytes | None) -> Any:
    if serialized is None:
        return None
    status = status_pb2.Status.FromString(serialized)
    detail = provider_pb2.ErrorResourceInitFailed()
    status.details[0].Unpack(detail)
    return detail
