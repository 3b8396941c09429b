"""The same bytes on every way: slow readers, TLS, tiny and odd pieces, with and without the page cache."""

import asyncio
import datetime
import hashlib
import os
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import attrs
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from wire import ONCE, reply

from alipay_mini_audit import Attachments, AuditApply, AuditClient, ClientConfig, Credentials, reading

REQUEST = AuditApply(app_version="1", version_desc="The same bytes on every way.")


@attrs.define
class SlowReader:
    """Takes a request in small pieces with pauses, and keeps what it was."""

    answer: bytes
    piece: int
    heads: list[bytes] = attrs.Factory(list)
    bodies: list[bytes] = attrs.Factory(list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                body = bytearray()
                while len(body) < length:
                    body += await reader.read(min(self.piece, length - len(body)))
                    await asyncio.sleep(0.0005)
                self.heads.append(head)
                self.bodies.append(bytes(body))
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server with a certificate of its own, and of a client that trusts it."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    certificate = builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=certificate.decode())


@asynccontextmanager
async def serving(
    reader: SlowReader, credentials: Credentials, tls: tuple[ssl.SSLContext, ssl.SSLContext] | None, size: int
) -> AsyncIterator[AuditClient]:
    context = tls[0] if tls else None
    server = await asyncio.start_server(reader.serve, "localhost", 0, ssl=context, limit=4096)
    port = server.sockets[0].getsockname()[1]
    config = ClientConfig(
        base_url=f"http{'s' if tls else ''}://localhost:{port}",
        ssl=tls[1] if tls else True,
        chunk_size=size,
        retry=ONCE,
    )
    async with AuditClient(credentials, config) as client:
        yield client
    server.close()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Sizes around those of a piece, and one that is many pieces long."""
    sizes = [1, 10, 999, 1000, 1001, 4096, 65_535, 65_536, 65_537, 262_144, 300_001, 5, 77, 4000, 123, 1_500_000]
    paths = [tmp_path / f"{i}.png" for i in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        path.write_bytes(os.urandom(size))
    return paths


def attachments_of(files: list[Path]) -> Attachments:
    return Attachments(
        app_logo=files[0],
        screen_shots=files[1:6],
        license_pics=files[6:11],
        special_license_pics=[files[11].read_bytes(), files[12], files[13]],
        out_door_pic=files[14],
        test_file=files[15],
    )


def hashes_of(head: bytes, body: bytes) -> list[str]:
    content_type = head.lower().partition(b"content-type: ")[2].split(b"\r\n")[0]
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type + b"\r\n\r\n" + body)
    _, *parts = message.iter_parts()
    return [hashlib.sha256(part.get_payload(decode=True)).hexdigest() for part in parts]


@pytest.mark.parametrize("cached", [True, False], ids=["page cache", "worker threads"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize(("size", "piece"), [(997, 65_536), (65_536, 16_384), (262_144, 65_536)])
async def test_every_file_arrives_byte_for_byte(
    files: list[Path],
    credentials: Credentials,
    alipay_key: RSAPrivateKey,
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
    cached: bool,
    encrypted: bool,
    size: int,
    piece: int,
) -> None:
    asyncio.get_running_loop().set_debug(False)
    if not cached:
        monkeypatch.setattr(reading, "_NOWAIT", None)
    expected = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    reader = SlowReader(reply(sign_with=alipay_key), piece)
    async with serving(reader, credentials, tls if encrypted else None, size) as client:
        await asyncio.gather(*(client.apply(REQUEST, attachments_of(files)) for _ in range(4)))
    assert len(reader.bodies) == 4
    for head, body in zip(reader.heads, reader.bodies, strict=True):
        assert hashes_of(head, body) == expected


async def test_what_may_block_never_runs_on_the_loop(
    files: list[Path], credentials: Credentials, alipay_key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()

    def noting(function: Callable[..., object]) -> Callable[..., object]:
        def noted(*args: object, **kwargs: object) -> object:
            threads.add(threading.get_ident())
            return function(*args, **kwargs)

        return noted

    attachments = attachments_of(files)
    monkeypatch.setattr(reading, "_read_blocking", noting(reading._read_blocking))
    monkeypatch.setattr(reading.os, "open", noting(os.open))
    reader = SlowReader(reply(sign_with=alipay_key), 65_536)
    async with serving(reader, credentials, None, 65_536) as client:
        await client.apply(REQUEST, attachments)
    assert threads
    assert threading.get_ident() not in threads


async def test_a_file_that_is_not_in_the_page_cache_is_read_by_a_worker_thread(
    files: list[Path], credentials: Credentials, alipay_key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refused = os.preadv, []

    def cold(fd: int, buffers: list[memoryview], offset: int, flags: int = 0) -> int:
        if flags:
            refused.append(offset)
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real(fd, buffers, offset)

    monkeypatch.setattr(reading.os, "preadv", cold)
    reader = SlowReader(reply(sign_with=alipay_key), 65_536)
    async with serving(reader, credentials, None, 65_536) as client:
        await client.apply(REQUEST, attachments_of(files))
    assert refused
    assert hashes_of(reader.heads[0], reader.bodies[0]) == [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    ]
