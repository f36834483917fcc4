"""A gateway with services behind it, on loopback: HTTP, WebSockets and gRPC at one TLS port, as well as told to."""

import asyncio
import base64
import hashlib
import json
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

LOOPBACK = "127.0.0.1"
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What a key is hashed with to accept a WebSocket: RFC 6455, 1.3."""

_CLOSE, _PING, _PONG = 8, 9, 10
_STATUS = {200: "OK", 401: "Unauthorized", 503: "Service Unavailable"}


@dataclass(kw_only=True)
class Behaviour:
    """How the stand-in answers. What is asked of it is counted."""

    delay_seconds: float = 0.0
    """Before each answer."""

    failing: float = 0.0
    """Share of answers that are errors, evenly spread."""

    credential: tuple[str, str] | None = None
    """Header without which everything but signing in is refused, and its value."""

    shown: set[str] = field(default_factory=set[str])
    """What callers of gRPC showed as `authorization`."""

    asked: Counter[str] = field(default_factory=Counter[str])
    """By method and path, or by the method of gRPC."""

    def token(self) -> str:
        """What who signs in gets: another each time, unless one is asked for."""
        return "signed" if self.credential else f"signed-{self.asked['POST /auth/login']}"

    def fails(self, what: str) -> bool:
        """Counts a request, and says whether it is one that fails."""
        self.asked[what] += 1
        count = self.asked.total()
        return int(count * self.failing) > int((count - 1) * self.failing)


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """Where it is."""

    port: int
    behaviour: Behaviour

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"


@contextmanager
def serving(behaviour: Behaviour, certificate: Path, key: Path) -> Iterator[StandIn]:
    """Answers until the end of the block."""
    calls = grpc.server(ThreadPoolExecutor(4))
    calls.add_generic_rpc_handlers((_Calls(behaviour),))
    behind = calls.add_insecure_port(f"{LOOPBACK}:0")
    calls.start()
    with closing(asyncio.new_event_loop()) as loop:
        server = loop.run_until_complete(_listen(behaviour, behind, certificate, key))
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield StandIn(port=server.sockets[0].getsockname()[1], behaviour=behaviour)
        finally:
            asyncio.run_coroutine_threadsafe(_end(server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            calls.stop(None).wait()


async def _listen(behaviour: Behaviour, behind: int, certificate: Path, key: Path) -> asyncio.Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # Clients of gRPC offer h2 alone; those that offer both get what is written here.
    context.set_alpn_protocols(["http/1.1", "h2"])

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Cancelled is what is open when the stand-in ends.
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
                await _pass_on(reader, writer, behind)
            else:
                await _answer(reader, writer, behaviour)
        writer.transport.abort()

    return await asyncio.start_server(connected, LOOPBACK, 0, ssl=context)


async def _end(server: asyncio.Server) -> None:
    server.close()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    there_reader, there_writer = await asyncio.open_connection(LOOPBACK, port)

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()

    try:
        await asyncio.gather(copy(reader, there_writer), copy(there_reader, writer))
    finally:
        there_writer.transport.abort()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behaviour: Behaviour) -> None:
    while head := await _head(reader):
        request, headers = head
        await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = request.split(" ")
        status, body = _reply(behaviour, method, path.partition("?")[0], headers)
        await asyncio.sleep(behaviour.delay_seconds)
        if "upgrade" in headers and status == 200:
            await _stay(reader, writer, headers["sec-websocket-key"])
            return
        data = json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {status} {_STATUS[status]}\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()


def _reply(behaviour: Behaviour, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    signs_in = path.startswith("/auth/")
    if behaviour.fails(f"{method} {path}"):
        return 503, {}
    if not signs_in and behaviour.credential and headers.get(behaviour.credential[0]) != behaviour.credential[1]:
        return 401, {}
    return 200, {"access_token": behaviour.token()} if signs_in else {"id": "17"}


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]] | None:
    """The request line and the headers, by names in small letters; nothing at the end of a connection."""
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    request, *lines = text.strip().split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    return request, {name.lower(): value.strip() for name, value in pairs}


async def _stay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
    """A WebSocket that answers pings and an end, and says nothing by itself."""
    accepted = base64.b64encode(hashlib.sha1(key.encode() + _MAGIC).digest()).decode()
    upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: "
    writer.write(f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}{accepted}\r\n\r\n".encode())
    while True:
        first, second = await reader.readexactly(2)
        length, mask = second & 0x7F, await reader.readexactly(4)
        data = bytes(one ^ mask[at % 4] for at, one in enumerate(await reader.readexactly(length)))
        kind = first & 0x0F
        if kind in (_CLOSE, _PING):
            writer.write(bytes([0x80 | (_PONG if kind == _PING else _CLOSE), len(data)]) + data)
            await writer.drain()
        if kind == _CLOSE:
            return


class _Calls(grpc.GenericRpcHandler):
    """Every method of every service, whose answer is an order with an id: field 1 of its message."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        method = handler_call_details.method.rpartition("/")[2]
        sent = {str(key): str(value) for key, value in handler_call_details.invocation_metadata or ()}

        def answer(_: bytes, context: grpc.ServicerContext) -> bytes:
            fails = self._behaviour.fails(method)
            self._behaviour.shown.add(sent.get("authorization", ""))
            threading.Event().wait(self._behaviour.delay_seconds)
            if fails:
                context.abort(grpc.StatusCode.UNAVAILABLE, "told to fail")
            if (given := self._behaviour.credential) and sent.get(given[0]) != given[1]:
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "no token")
            return b"" if method == "ListOrders" else b"\x0a\x0217"

        return grpc.unary_unary_rpc_method_handler(answer)
