"""What one submission costs apart from its bytes: `python -m pytest benchmarks/test_micro.py`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from alipay_mini_audit import Attachments, AuditApply, RetryPolicy, RSASigner, RSAVerifier, Timeouts
from alipay_mini_audit.calls import Call, CallOptions
from alipay_mini_audit.files import PageCache, inspect_blocking, inspect_nowait
from alipay_mini_audit.files.kernel import KERNEL
from alipay_mini_audit.protocol import (
    APPLY,
    Caller,
    RawReply,
    Request,
    body_of,
    json_text,
    parse_reply,
    verify_reply,
)
from benchmarks.material import (
    ALIPAY_PUBLIC_KEY,
    APP_ID,
    APP_PRIVATE_KEY,
    PARTS,
    REPLY,
    fields_of,
    file_of,
    make_files,
    make_material,
)

pytest.importorskip("pytest_benchmark")

_MESSAGE = (
    b"app_id=2021000000000001,nonce=00000000000000000000000000000000,timestamp=1767225600000\n"
    + b"x" * 500
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, a signed answer, and 16 files of 50 KB."""
    folder = tmp_path_factory.mktemp("material")
    make_material(folder)
    make_files(folder, "S", 50_000)
    return folder


@pytest.mark.parametrize("backend", ["openssl", "pycryptodome"])
def test_signing(benchmark: Any, folder: Path, backend: Any) -> None:
    """One signature with RSA-2048."""
    signer = RSASigner(folder / APP_PRIVATE_KEY, backend=backend)
    benchmark(signer.sign_blocking, _MESSAGE)


@pytest.mark.parametrize("backend", ["openssl", "pycryptodome"])
def test_parsing_a_key(benchmark: Any, folder: Path, backend: Any) -> None:
    """It happens once per process."""
    benchmark.pedantic(RSASigner, (folder / APP_PRIVATE_KEY,), {"backend": backend}, rounds=10)


def test_making_a_request(benchmark: Any) -> None:
    """From fields to the text that is signed, and the headers."""

    def request() -> dict[str, str]:
        call = Call(
            operation=APPLY,
            target=APPLY.path,
            body=json_text(AuditApply(**fields_of(1)).to_wire()),  # type: ignore[arg-type]
            options=CallOptions(Timeouts(), RetryPolicy()),
        )
        made = Request(
            call=call,
            caller=Caller(APP_ID),
            request_id="0" * 32,
            nonce="0" * 32,
            timestamp_ms=1767225600000,
        )
        made.string_to_sign.encode()
        return made.headers(b"x" * 256)

    benchmark(request)


def test_reading_a_reply(benchmark: Any, folder: Path) -> None:
    """Verify its signature, and parse it."""
    head, _, body = (folder / REPLY).read_bytes().partition(b"\r\n\r\n")
    pairs = (line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    raw = RawReply(200, {name.lower(): value for name, value in pairs}, body)
    verifier = RSAVerifier(folder / ALIPAY_PUBLIC_KEY)

    def read() -> dict[str, object]:
        verify_reply(raw, verifier)
        return parse_reply(raw)

    benchmark(read)


def test_inspection(benchmark: Any, folder: Path) -> None:
    """Look at 16 files, as in a worker thread."""
    files = Attachments.from_parts({part: file_of(folder, "S", part) for part in PARTS})
    benchmark(inspect_blocking, files.parts)


def test_inspection_at_once(benchmark: Any, folder: Path) -> None:
    """Look at 16 files that are in memory, as on the event loop."""
    files = Attachments.from_parts({part: file_of(folder, "S", part) for part in PARTS})
    page_cache = PageCache(time.perf_counter, KERNEL)
    inspect_blocking(files.parts, page_cache)
    if inspect_nowait(files.parts, page_cache) is None:
        pytest.skip("this system, or its file system, cannot open a file without blocking")
    benchmark(inspect_nowait, files.parts, page_cache)


def test_framing(benchmark: Any, folder: Path) -> None:
    """From a request to the body of 16 files, without their content."""
    files = inspect_blocking(
        Attachments.from_parts({part: file_of(folder, "S", part) for part in PARTS}).parts
    )
    benchmark(body_of, "0" * 32, json_text(fields_of(1)), "application/json", files)


def test_naming_the_files(benchmark: Any, folder: Path) -> None:
    """Make `Attachments` of 16 paths."""
    benchmark(Attachments.from_parts, {part: file_of(folder, "S", part) for part in PARTS})


def test_thread_hop(benchmark: Any) -> None:
    """What every hop to a worker thread costs, whatever it does there."""
    with asyncio.Runner() as runner:
        benchmark(lambda: runner.run(asyncio.to_thread(int)))
