"""The analyzer that the engine starts: its side of the protocol.

Built on the protocol itself instead of pulumi-policy, whose resource policies are handed inputs in which secrets are no
longer marked, and which raises on the first unknown value that is touched.
"""

import signal
import sys
import threading
from concurrent import futures
from types import FrameType
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from contract_check.check import check_resource
from contract_check.findings import Finding
from contract_check.sdk_packages import UnreadableTypeError
from contract_check.wire import from_struct

PACK = "groundwork-contract"
VERSION = "0.1.0"
POLICY = "inputs"
DESCRIPTION = "Inputs are what the installed SDK, the chart or the API takes."


class ContractAnalyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Checks every resource that the engine is about to act on."""

    def __init__(self) -> None:
        self._level = analyzer_pb2.MANDATORY

    def Handshake(self, request: Any, context: Any) -> analyzer_pb2.AnalyzerHandshakeResponse:
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def ConfigureStack(self, request: Any, context: Any) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Configure(self, request: Any, context: Any) -> empty_pb2.Empty:
        if POLICY in request.policyConfig:
            self._level = request.policyConfig[POLICY].enforcementLevel
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetAnalyzerInfo(self, request: Any, context: Any) -> analyzer_pb2.AnalyzerInfo:
        policy = analyzer_pb2.PolicyInfo(
            name=POLICY,
            description=DESCRIPTION,
            enforcementLevel=analyzer_pb2.MANDATORY,
            policy_type=analyzer_pb2.POLICY_TYPE_RESOURCE,
        )
        return analyzer_pb2.AnalyzerInfo(name=PACK, version=VERSION, supportsConfig=True, policies=[policy])

    def Analyze(self, request: Any, context: Any) -> analyzer_pb2.AnalyzeResponse:
        if self._level == analyzer_pb2.DISABLED:
            return analyzer_pb2.AnalyzeResponse()
        try:
            findings = check_resource(request.type, from_struct(request.properties), request.options.ignoreChanges)
        except UnreadableTypeError as error:
            findings = [Finding(path="", problem=f"cannot be checked: {error}", advisory=True)]
        return analyzer_pb2.AnalyzeResponse(diagnostics=[self._diagnostic(found, request.urn) for found in findings])

    def AnalyzeStack(self, request: Any, context: Any) -> analyzer_pb2.AnalyzeResponse:
        return analyzer_pb2.AnalyzeResponse()

    def Remediate(self, request: Any, context: Any) -> analyzer_pb2.RemediateResponse:
        return analyzer_pb2.RemediateResponse()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def _diagnostic(self, found: Finding, urn: str) -> analyzer_pb2.AnalyzeDiagnostic:
        return analyzer_pb2.AnalyzeDiagnostic(
            policyName=POLICY,
            policyPackName=PACK,
            policyPackVersion=VERSION,
            description=DESCRIPTION,
            message=str(found),
            urn=urn,
            enforcementLevel=analyzer_pb2.ADVISORY if found.advisory else self._level,
        )


def start() -> tuple[grpc.Server, int]:
    """A running analyzer and its port."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4),
        # A ConfigMap of dashboards is larger than the 4 MiB that gRPC takes by default.
        options=[("grpc.max_receive_message_length", -1)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(ContractAnalyzer(), server)  # pyright: ignore[reportUnknownMemberType]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def serve() -> None:
    """Serves until the engine says to stop."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server, port = start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    stopped.wait()
    server.stop(grace=None)
