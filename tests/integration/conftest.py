"""Keys, a scripted server, a client of it, and files."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.forked_programs import ForkedPrograms
from support.keys import private_key
from support.scripted_server import KEYS, ONCE, ScriptedServer, reply

from alipay_mini_audit import AuditClient, ClientConfig, Credentials, Preflight, Timeouts


@pytest.fixture(scope="session")
def alipay_key() -> RSAPrivateKey:
    return private_key((KEYS / "alipay.pkcs8.pem").read_bytes())


@pytest.fixture(scope="session")
def other_key() -> RSAPrivateKey:
    return private_key((KEYS / "alipay_next.pkcs8.pem").read_bytes())


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    return Credentials.from_keys(
        "2021000000000001", KEYS / "app.pkcs8.pem", KEYS / "alipay.public.pem"
    )


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedPrograms]:
    with ForkedPrograms(tmp_path_factory.mktemp("programs")) as programs:
        yield programs


@pytest.fixture
async def wire(alipay_key: RSAPrivateKey) -> AsyncIterator[ScriptedServer]:
    """A server that answers a signed `{}` until told otherwise."""
    wire = ScriptedServer()
    wire.replies(reply(sign_with=alipay_key))
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield wire
    server.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def client(wire: ScriptedServer, credentials: Credentials) -> AsyncIterator[AuditClient]:
    limits = Timeouts(connect=2, stall=2, reply=2, total=10)
    config = ClientConfig(
        preflight=Preflight.OFF, base_url=wire.base_url, timeouts=limits, retry=ONCE
    )
    async with AuditClient(credentials, config) as client:
        yield client


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Sixteen files, each with other bytes, that begin as PNG pictures."""
    paths = [tmp_path / f"picture-{i}.png" for i in range(16)]
    for i, path in enumerate(paths):
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes([i]) * 1000 + os.urandom(500))
    return paths


@pytest.fixture
async def busy_threads() -> AsyncIterator[None]:
    """Keep every thread of the loop's default executor busy."""
    loop = asyncio.get_running_loop()
    executor = ThreadPoolExecutor(max_workers=2)
    loop.set_default_executor(executor)
    done = threading.Event()
    jobs = [loop.run_in_executor(None, done.wait) for _ in range(2)]
    yield
    done.set()
    await asyncio.gather(*jobs)


@pytest.fixture
def open_files() -> Callable[[], int]:
    """Count the descriptors of this process."""
    process = psutil.Process()

    return process.num_fds
