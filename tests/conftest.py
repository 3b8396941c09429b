"""What every kind of test uses."""

import asyncio
import datetime
import gc
import os
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.sandbox_material import sandbox_material

from alipay_mini_audit.sandbox import Material

WORKERS_PER_PROCESSOR = 2
"""Half of the time of most tests is waiting for clocks and sockets."""
MOST_WORKERS = 3
"""A container often sees more processors than it may use."""
LONG_ID = 40
"""Bytes."""

# Before a command is imported, which is when its help is written: tests read English unless they
# say otherwise, whatever the machine speaks.
os.environ["ALIPAY_MINI_AUDIT_LANG"] = "en"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Start no workers for one or two files: their start takes longer than the tests."""
    files = [Path(argument.partition("::")[0]) for argument in config.args]
    if len(files) <= 2 and all(file.is_file() for file in files):
        return 0
    return min(WORKERS_PER_PROCESSOR * (os.cpu_count() or 1), MOST_WORKERS)


def pytest_collection_finish() -> None:
    """Keep the collector of garbage from looking at ten thousand tests each time."""
    gc.freeze()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a long content by its size: workers may make it at different moments, dates and all."""
    return f"{len(val)} bytes" if isinstance(val, bytes) and len(val) > LONG_ID else None


@pytest.fixture(scope="session")
def material() -> Material:
    """Keys and certificates of a sandbox."""
    return sandbox_material()


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server with a certificate of its own, and of a client that trusts it."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1)
    )
    builder = builder.add_extension(
        x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
    )
    certificate = builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=certificate.decode())


@pytest.fixture(params=["plain", "tls"])
def maybe_tls(
    request: pytest.FixtureRequest, tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> tuple[ssl.SSLContext, ssl.SSLContext] | None:
    """Contexts, or none: a test that asks for this runs once each way."""
    return tls if request.param == "tls" else None


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[object, object, None]], None]:
    """Runs a coroutine; a test that asks for this runs once on each event loop."""

    def run(main: Coroutine[object, object, None]) -> None:
        factory = (
            pytest.importorskip("uvloop").new_event_loop if request.param == "uvloop" else None
        )
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(asyncio.wait_for(main, 30))

    return run
