"""Provider plugins over their own protocol: in this process, or as a program of their own."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2_grpc

from rehearsal.providers.protocol import ProviderServicer
from rehearsal.providers.provider import Provider

_LINE_SECONDS = 20
_END_SECONDS = 10


class _Engine(engine_pb2_grpc.EngineServicer):
    """Takes what a plugin logs, as published plugins insist on an engine that does."""

    def Log(self, request: Any, context: grpc.ServicerContext) -> Any:
        return empty_pb2.Empty()


@contextmanager
def in_process(provider: Provider) -> Iterator[Any]:
    """A stub of a local provider."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(ProviderServicer(provider), server)
    with _serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


@contextmanager
def program(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Any]:
    """A stub of a plugin that is started for it and ended after it."""
    engine = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    engine_pb2_grpc.add_EngineServicer_to_server(_Engine(), engine)
    with _serving(engine) as port:
        process = subprocess.Popen(
            [*command, f"127.0.0.1:{port}"],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            with grpc.insecure_channel(f"127.0.0.1:{_announced(process)}") as channel:
                yield provider_pb2_grpc.ResourceProviderStub(channel)
        finally:
            process.terminate()
            process.wait(_END_SECONDS)
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def _serving(server: grpc.Server) -> Iterator[int]:
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()


def _announced(process: subprocess.Popen[str]) -> int:
    """The port that a plugin prints first."""
    assert process.stdout is not None
    end = time.monotonic() + _LINE_SECONDS
    while time.monotonic() < end:
        line = process.stdout.readline()
        if line.strip().isdigit():
            return int(line)
        if process.poll() is not None:
            break
    raise RuntimeError(f"{process.args} announced no port")
