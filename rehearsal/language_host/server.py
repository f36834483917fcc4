"""Starts the service, tells the engine its port, and ends when the engine does."""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from rehearsal.sdk_stubs import use_bare_stubs

use_bare_stubs()

import grpc  # noqa: E402
from pulumi.runtime.proto import language_pb2_grpc  # noqa: E402

from rehearsal.language_host.processes import Processes  # noqa: E402
from rehearsal.language_host.service import LanguageHost  # noqa: E402

_MAX_MESSAGE_BYTES = 400 * 1024 * 1024
"""What the engine itself allows: a stack's properties travel in one message."""
_ENGINE_CHECK_SECONDS = 1.0


def main(arguments: Sequence[str]) -> int:
    """Serves until the engine interrupts, terminates or leaves. Its address comes last among the arguments."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    engine, engine_process = (arguments[-1] if arguments else ""), os.getppid()

    processes = Processes()
    limits = [
        ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    ]
    server = grpc.server(ThreadPoolExecutor(max_workers=32), options=limits)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine, processes), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)

    while not ended.wait(_ENGINE_CHECK_SECONDS) and os.getppid() == engine_process:
        continue
    processes.stop_all()
    server.stop(grace=1).wait()
    sys.stdout.flush()
    return 0
