"""A server of bare sockets, for what frameworks do not let a server do: hang up, answer half, never answer."""

from __future__ import annotations

import asyncio
import json
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

REASONS = {200: "OK"}


@dataclass
class Socket:
    """A listening address and the requests that were read on it, whole."""

    base_url: str
    received: list[bytes] = field(default_factory=list)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One request: head and body, by its content length."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)


def answer_bytes(status: int, body: object, headers: dict[str, str] | None = None) -> bytes:
    """An HTTP answer; text goes as HTML, anything else as JSON, bytes as they are."""
    is_text = isinstance(body, str | bytes)
    kind = "text/html" if is_text else "application/json"
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    record = {"content-type": kind, "content-length": str(len(data)), "x-request-id": "req_test", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in record.items())
    return f"HTTP/1.1 {status} {REASONS.get(status, 'Told')}\r\n{head}\r\n".encode() + data


@asynccontextmanager
async def listening(
    behave: Callable[[Socket, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    *,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Socket]:
    """A server on a free port; every connection is handed to `behave` and closed afterwards."""
    found = Socket("")
    at_work: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        at_work.add(task)
        try:
            await behave(found, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            at_work.discard(task)
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    found.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield found
    finally:
        server.close()
        for task in list(at_work):
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody trusts, made anew."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "self-signed.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def scoring(
    status: int, body: object, headers: dict[str, str] | None = None
) -> Callable[[Socket, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """A behaviour: read every request and give the same answer."""

    async def behave(socket: Socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            socket.received.append(await read_request(reader))
            writer.write(answer_bytes(status, body, headers))
            await writer.drain()

    return behave


async def closes_at_once(_: Socket, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up before reading anything."""
    writer.transport.abort()


async def reads_and_closes(socket: Socket, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Take the whole request, then hang up."""
    socket.received.append(await read_request(reader))


async def never_answers(socket: Socket, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Take the whole request, then say nothing."""
    socket.received.append(await read_request(reader))
    await asyncio.sleep(60)


async def answers_half(socket: Socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the whole request, then break off in the middle of the answer."""
    socket.received.append(await read_request(reader))
    writer.write(answer_bytes(200, {"id": "job_1", "status": "queued"})[:-12])
    await writer.drain()
