"""Records what a stack registers: its program under the SDK's own monitor, answered by the providers of a rehearsal.

In process, because an engine needs longer to start than a program to run. The order is the engine's: a provider checks
the program's inputs, an analyzer sees what it made of them, then the resource is created. A first run is a preview,
whose outputs are unknown; a second creates everything in an inventory, so that what refers to what is known as well.
"""

import asyncio
import hashlib
import json
import runpy
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime import stack as programs
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2

from rehearsal.places import CLONE
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.packages import provider_of
from rehearsal.providers.provider import Operation, Provider
from rehearsal.providers.wire import UNKNOWN, Secret, decode, encode, has_unknown
from tests.mutants import registrations
from tests.mutants.registrations import Registration, Sensitive

_PROVIDER_TYPES = "pulumi:providers:"


@dataclass
class Recorded:
    """One resource as one run of the program registered it, in the form of the providers' protocol."""

    type: str
    name: str
    provider: Provider | None
    """Nothing where its settings are not known yet, so that no provider can be asked."""
    inputs: dict[str, Any]
    ignore_changes: tuple[str, ...]
    id: str = ""
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A stack, previewed and brought up."""

    stack: str
    inventory: Inventory
    """Holds everything that the stack consists of."""
    previewed: dict[str, Recorded]
    created: dict[str, Recorded]

    def registrations(self) -> list[Registration]:
        """What was registered, in the order of URNs."""
        return [
            Registration(
                urn=urn,
                type=one.type,
                name=one.name,
                id=one.id,
                planned=_neutral(self.previewed[urn].inputs),
                inputs=_neutral(one.inputs),
                outputs=_neutral(one.outputs),
                ignore_changes=one.ignore_changes,
            )
            for urn, one in sorted(self.created.items())
        ]


def record(stack: str, folder: Path) -> Recording:
    """Previews a stack of this project and brings it up in an inventory in `folder`."""
    settings = yaml.safe_load((CLONE / "stacks" / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    inventory = Inventory(folder / f"{stack}.sqlite")
    runs = [_run(stack, settings, inventory, preview=preview) for preview in (True, False)]
    return Recording(stack=stack, inventory=inventory, previewed=runs[0], created=runs[1])


def _run(stack: str, settings: dict[str, Any], inventory: Inventory, *, preview: bool) -> dict[str, Recorded]:
    monitor = _Monitor(inventory, preview=preview)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        pulumi.runtime.set_mocks(monitor.mocks, project="groundwork", stack=stack, preview=preview, monitor=monitor)
        pulumi.runtime.set_all_config({key: json.dumps(value) for key, value in settings.items()})
        loop.run_until_complete(programs.run_pulumi_func(_program))
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    return monitor.recorded


def seed(urn: str) -> bytes:
    """Where a provider takes what it generates from: as with an engine, other for each resource."""
    return hashlib.sha256(urn.encode()).digest()


def wire(value: Any) -> Any:
    """A value of a registration in the form of the providers' protocol."""
    if isinstance(value, Sensitive):
        return Secret(wire(value.value))
    if isinstance(value, dict):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [wire(item) for item in value]
    return UNKNOWN if value is registrations.UNKNOWN else value


def _neutral(value: Any) -> Any:
    if isinstance(value, Secret):
        return Sensitive(_neutral(value.value))
    if isinstance(value, dict):
        return {key: _neutral(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_neutral(item) for item in value]
    return registrations.UNKNOWN if value is UNKNOWN else value


def _program() -> None:
    runpy.run_path(str(CLONE), run_name="__main__")


def _invoked(answer: Any) -> Any:
    """The field's name is a keyword of Python."""
    return resource_pb2.ResourceInvokeResponse(**{"return": answer})


class _Unused(pulumi.runtime.Mocks):
    """What the SDK asks for beside a monitor, which answers by itself."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        raise AssertionError(f"{args.typ} {args.name} is read")

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], None]:
        raise AssertionError(f"{args.token} is called")


class _Monitor(MockMonitor):
    """The engine's part between a program and the providers."""

    def __init__(self, inventory: Inventory, *, preview: bool) -> None:
        super().__init__(_Unused())
        self._inventory = inventory
        self.recorded: dict[str, Recorded] = {}
        self._preview = preview
        self._providers: dict[str, Provider | None] = {}
        self._starting = threading.Lock()

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        one = Recorded(request.type, request.name, None, decode(request.object), tuple(sorted(request.ignoreChanges)))
        self.recorded[urn] = one
        if request.type.startswith(_PROVIDER_TYPES):
            one.id = "" if self._preview else "configured"
            self._configure(urn, one)
        else:
            one.provider = self._provider(request.provider, request.type)
            self._create(urn, one, list(request.additionalSecretOutputs))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=one.id, object=encode(one.outputs))

    def RegisterResourceOutputs(self, request: Any) -> Any:
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:
        provider = self._provider(request.provider, request.tok)
        assert provider is not None, f"{request.tok} is called before its provider is configured"
        answer = provider.invoke(request.tok, decode(request.args))
        return _invoked(encode(answer))

    def _configure(self, urn: str, one: Recorded) -> None:
        one.outputs = one.inputs
        self._providers[urn] = None if has_unknown(one.inputs) else self._started(one.type, one.inputs)

    def _provider(self, reference: str, token: str) -> Provider | None:
        """The provider that a request names, or the default one of the package."""
        urn = reference.rpartition("::")[0]
        with self._starting:
            if not urn and token.split(":", 1)[0] not in self._providers:
                self._providers[token.split(":", 1)[0]] = self._started(token, {})
            return self._providers[urn or token.split(":", 1)[0]]

    def _started(self, token: str, settings: dict[str, Any]) -> Provider:
        # One inventory for all of them: what is tried in a transaction of it is undone for each.
        provider = provider_of(token.removeprefix(_PROVIDER_TYPES).split(":", 1)[0], self._inventory)
        provider.configure(settings)
        return provider

    def _create(self, urn: str, one: Recorded, secret_outputs: list[str]) -> None:
        """An engine does not ask a provider whose settings are unknown: what was put in is all that comes back."""
        if one.provider is None:
            one.outputs = one.inputs
            return
        operation = Operation(urn=urn, type=one.type, name=one.name, inputs=one.inputs, seed=seed(urn))
        checked, failures = one.provider.check(operation)
        assert not failures, f"{urn}: {failures}"
        creation = Operation(urn=urn, type=one.type, name=one.name, inputs=checked, preview=self._preview)
        created = one.provider.create(creation)
        one.id = created.id
        hidden = {key: Secret(created.outputs[key]) for key in secret_outputs if key in created.outputs}
        one.outputs = {**created.outputs, **hidden}
