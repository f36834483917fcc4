"""The engine's ResourceProvider service over a provider written in plain Python."""

from collections.abc import Callable
from importlib import metadata
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from rehearsal.providers.autonaming import Autonaming, Mode
from rehearsal.providers.diff import Diff, Kind
from rehearsal.providers.errors import CloudError, InitializationError
from rehearsal.providers.provider import Cancellable, Operation, Provider
from rehearsal.providers.wire import decode, encode

_UNRELEASED = "0.0.1"

_KINDS = {
    (Kind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Kind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Kind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Kind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Kind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Kind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class ProviderServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Decodes requests, asks the provider, encodes its answers and its refusals."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._version = _version(provider.package)

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accept_outputs=True, supports_autonaming_configuration=True
        )

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.GetSchemaResponse(
            schema=f'{{"name": "{self._provider.package}", "version": "{self._version}"}}'
        )

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        if isinstance(self._provider, Cancellable):
            self._provider.cancel()
        return empty_pb2.Empty()

    def GetMapping(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.GetMappingResponse()

    def GetMappings(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.GetMappingsResponse()

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        old = decode(request.old_inputs) or decode(request.olds)
        return self._answer(context, lambda: _diff(self._provider.diff_config(old, decode(request.news))))

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        def configure() -> Any:
            self._provider.configure(decode(request.args))
            return provider_pb2.ConfigureResponse(
                acceptSecrets=True,
                supportsPreview=True,
                acceptResources=True,
                acceptOutputs=True,
                supports_autonaming_configuration=True,
            )

        return self._answer(context, configure)

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        def check() -> Any:
            inputs, failures = self._provider.check(
                _operation(
                    request,
                    inputs=decode(request.news),
                    old_inputs=decode(request.olds),
                    seed=request.randomSeed,
                    autonaming=_autonaming(request),
                )
            )
            found = [provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in failures]
            return provider_pb2.CheckResponse(inputs=encode(inputs), failures=found)

        return self._answer(context, check)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._answer(context, lambda: _diff(self._provider.diff(_change(request))))

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        def create() -> Any:
            operation = _operation(
                request, inputs=decode(request.properties), preview=request.preview, timeout=request.timeout
            )
            created = self._provider.create(operation)
            return provider_pb2.CreateResponse(id=created.id, properties=encode(created.outputs))

        return self._answer(context, create)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        def read() -> Any:
            operation = _operation(
                request, id=request.id, old_inputs=decode(request.inputs), old_outputs=decode(request.properties)
            )
            found = self._provider.read(operation)
            return provider_pb2.ReadResponse(id=found.id, inputs=encode(found.inputs), properties=encode(found.outputs))

        return self._answer(context, read)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        def update() -> Any:
            outputs = self._provider.update(_change(request, preview=request.preview, timeout=request.timeout))
            return provider_pb2.UpdateResponse(properties=encode(outputs))

        return self._answer(context, update)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        def delete() -> Any:
            self._provider.delete(
                _operation(
                    request,
                    id=request.id,
                    old_inputs=decode(request.old_inputs),
                    old_outputs=decode(request.properties),
                    timeout=request.timeout,
                )
            )
            return empty_pb2.Empty()

        return self._answer(context, delete)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        def invoke() -> Any:
            result = self._provider.invoke(request.tok, decode(request.args))
            response = provider_pb2.InvokeResponse()
            # The field's name is a keyword of Python.
            getattr(response, "return").CopyFrom(encode(result))
            return response

        return self._answer(context, invoke)

    def _answer(self, context: grpc.ServicerContext, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except InitializationError as error:
            _attach_details(context, error)
        except CloudError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))


def _version(package: str) -> str:
    """That of the installed SDK: the engine warns of a plugin that is older than what the program was written for."""
    try:
        return metadata.version(f"pulumi_{package.replace('-', '_')}")
    except metadata.PackageNotFoundError:
        return _UNRELEASED


def _operation(request: Any, **given: Any) -> Operation:
    kind, _, name = request.urn.rpartition("::")
    return Operation(
        urn=request.urn,
        type=request.type or kind.rpartition("::")[2].rpartition("$")[2],
        name=request.name or name,
        **given,
    )


def _change(request: Any, **given: Any) -> Operation:
    return _operation(
        request,
        id=request.id,
        inputs=decode(request.news),
        old_inputs=decode(request.old_inputs),
        old_outputs=decode(request.olds),
        **given,
    )


def _autonaming(request: Any) -> Autonaming | None:
    if not request.HasField("autonaming"):
        return None
    return Autonaming(request.autonaming.proposed_name, Mode(request.autonaming.mode))


def _diff(diff: Diff) -> Any:
    replaces = set(diff.replaces)
    detailed = {
        change.path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.path in replaces], inputDiff=True)
        for change in diff.changes
    }
    some = provider_pb2.DiffResponse.DIFF_SOME if diff.changes or replaces else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        replaces=diff.replaces,
        deleteBeforeReplace=diff.delete_before_replace,
        diffs=sorted({change.path.split(".")[0].split("[")[0] for change in diff.changes}),
        detailedDiff=detailed,
        hasDetailedDiff=bool(detailed),
    )


def _attach_details(context: grpc.ServicerContext, error: InitializationError) -> None:
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.resource_id, properties=encode(error.outputs), reasons=error.reasons
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))
