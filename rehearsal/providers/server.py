"""Starts a provider plugin the way the engine expects one: the port on the first line, quiet on a signal."""

import os
import signal
import sys
import threading
from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.providers.protocol import ProviderServicer
from rehearsal.providers.provider import Cancellable, Provider

_OPERATIONS_AT_ONCE = 128
_ROLLED_BACK_SECONDS = 60.0
_LARGEST_MESSAGE = 400 * 1024 * 1024
"""The engine's own limit: a large stack's chart values pass through here."""


def serve(provider: Provider) -> None:
    """Answers the engine until it ends or says so."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_OPERATIONS_AT_ONCE),
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(ProviderServicer(provider), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    engine = os.getppid()
    while not stopping.wait(timeout=1) and os.getppid() == engine:
        pass
    if isinstance(provider, Cancellable):
        # An interrupted Helm rolls back what it has begun, and what it was given is removed after it.
        provider.cancel()
        server.stop(_ROLLED_BACK_SECONDS).wait()
    server.stop(grace=0.2)
    sys.stdout.flush()
    # Threads that still sleep through a long operation must not keep the process alive.
    os._exit(0)
