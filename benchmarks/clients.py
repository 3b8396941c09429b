"""The contenders.

Each makes the same submissions, in a process of its own: `python -m benchmarks.clients < job`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import shutil
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from benchmarks.gauge import Job, Result, measure
from benchmarks.material import (
    ALIPAY_PUBLIC_KEY,
    APP_ID,
    APP_PRIVATE_KEY,
    TLS_CERTIFICATE,
    fields_of,
)
from benchmarks.peers import node_sdk_is_missing, run_curl, run_node_sdk, run_python_sdk

if TYPE_CHECKING:
    from alipay_mini_audit import AuditClient

__all__ = [
    "CONTENDERS",
    "FLOOR",
    "OURS",
    "Contender",
    "client_of",
    "open_ours",
    "switch_page_cache_off",
]

_APPLY: Final = "/v3/alipay/open/mini/version/audit/apply"
FLOOR: Final = "aiohttp"
"""The contender that all others are compared with."""
OURS: Final = "ours"

Submit = Callable[[int], Awaitable[object]]
Opener = Callable[[Job], AbstractAsyncContextManager[Submit]]


@attrs.frozen(kw_only=True)
class Contender:
    """One way to submit.

    Attributes:
        title: what it is called in tables.
        run: runs a job, in the process of the contender.
        missing: says why it cannot take part, `None` if it can.
        is_peer: takes part only when asked for.
        is_everywhere: takes part at every concurrency, not at the main one alone.
    """

    title: str
    run: Callable[[Job], Result]
    missing: Callable[[], str | None] = lambda: None
    is_peer: bool = False
    is_everywhere: bool = True


def _on_loop(opener: Opener, *, uvloop: bool = False) -> Callable[[Job], Result]:
    def run(job: Job) -> Result:
        return asyncio.Runner(loop_factory=_uvloop() if uvloop else None).run(_drive(opener, job))

    return run


async def _drive(opener: Opener, job: Job) -> Result:
    async with opener(job) as submit:
        return await measure(job, submit)


def _uvloop() -> Callable[[], asyncio.AbstractEventLoop]:
    import uvloop  # noqa: PLC0415  # optional

    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _context(job: Job) -> ssl.SSLContext | bool:
    return (
        ssl.create_default_context(cafile=Path(job.folder, TLS_CERTIFICATE)) if job.is_tls else True
    )


def client_of(job: Job, backend: str = "openssl", *, preflight: bool = True) -> AuditClient:
    """Return our client, for one sink and so many submissions at once."""
    from alipay_mini_audit import (  # noqa: PLC0415  # other contenders have no use for it
        AuditClient,
        ClientConfig,
        Credentials,
        Preflight,
        RetryPolicy,
        RSASigner,
    )

    folder = Path(job.folder)
    signer: Any = RSASigner(folder / APP_PRIVATE_KEY, backend=backend)  # type: ignore[arg-type]
    credentials = Credentials.from_keys(APP_ID, signer, folder / ALIPAY_PUBLIC_KEY)
    config = ClientConfig(
        base_url=job.base_url,
        check_freshness=False,  # the sink answers with one recorded reply
        max_connections=job.concurrency,
        # A logo of workload L is larger than the platform takes: it is checked and sent.
        preflight=Preflight(refuse=None) if preflight else Preflight.OFF,
        retry=RetryPolicy(attempts=1, resolve=False),
        ssl=_context(job),
    )
    return AuditClient(credentials, config)


def _ours(backend: str, *, page_cache: bool = True, preflight: bool = True) -> Opener:
    @contextlib.asynccontextmanager
    async def opened(job: Job) -> AsyncIterator[Submit]:
        from alipay_mini_audit import Attachments, AuditApply  # noqa: PLC0415  # only here

        if not page_cache:
            switch_page_cache_off()
        files = job.files()
        async with client_of(job, backend, preflight=preflight) as client:

            async def submit(number: int) -> None:
                own = Attachments.from_parts(files[number % len(files)])
                reply = await client.apply(AuditApply(**fields_of(number)), own)  # type: ignore[arg-type]
                assert reply.speed_up  # noqa: S101  # the reply was read

            yield submit

    return opened


def switch_page_cache_off() -> None:
    """Make the library believe that this system cannot tell what would block."""
    from alipay_mini_audit.files import resources  # noqa: PLC0415  # others have no use for it

    resources.KERNEL = None  # type: ignore[attr-defined]  # there is no public switch


def _without_switch() -> str | None:
    return None if hasattr(os, "RWF_NOWAIT") else "this system has no reads that never block"


@contextlib.asynccontextmanager
async def _bare_aiohttp(job: Job) -> AsyncIterator[Submit]:
    import aiohttp  # noqa: PLC0415  # other contenders have no use for it

    files = job.files()
    connector = aiohttp.TCPConnector(limit=0, ssl=_context(job))
    async with aiohttp.ClientSession(job.base_url, connector=connector) as session:

        async def submit(number: int) -> None:
            with contextlib.ExitStack() as stack, aiohttp.MultipartWriter("form-data") as body:
                data = body.append_json(fields_of(number))
                data.set_content_disposition("form-data", name="data")
                for part, path in files[number % len(files)].items():
                    opened = stack.enter_context(path.open("rb"))
                    payload = body.append(opened, {"Content-Type": "image/png"})
                    payload.set_content_disposition("form-data", name=part, filename=path.name)
                async with session.post(_APPLY, data=body) as reply:
                    assert (await reply.json())["speed_up"] == "true"  # noqa: S101  # the reply was read

        yield submit


open_ours: Final = _ours("openssl")
"""Opens our client alone; yields what submits."""


def _needs(module: str) -> Callable[[], str | None]:
    return lambda: (
        None if importlib.util.find_spec(module) is not None else f"{module} is not installed"
    )


def _no_curl() -> str | None:
    return None if shutil.which("curl") else "there is no curl"


CONTENDERS: Final[dict[str, Contender]] = {
    OURS: Contender(title="ours, openssl", run=_on_loop(_ours("openssl"))),
    "ours-uvloop": Contender(
        title="ours, openssl, uvloop",
        run=_on_loop(_ours("openssl"), uvloop=True),
        missing=_needs("uvloop"),
    ),
    "ours-pycryptodome": Contender(title="ours, pycryptodome", run=_on_loop(_ours("pycryptodome"))),
    "ours-unchecked": Contender(
        title="ours, preflight off",
        run=_on_loop(_ours("openssl", preflight=False)),
        is_everywhere=False,
    ),
    "ours-hops": Contender(
        title="ours, page-cache reads off",
        run=_on_loop(_ours("openssl", page_cache=False)),
        missing=_without_switch,
        is_everywhere=False,
    ),
    FLOOR: Contender(title="bare aiohttp, unsigned", run=_on_loop(_bare_aiohttp)),
    "curl": Contender(title="curl -Z, unsigned", run=run_curl, missing=_no_curl),
    "node-sdk": Contender(
        title="official Node SDK",
        run=run_node_sdk,
        missing=node_sdk_is_missing,
        is_peer=True,
        is_everywhere=False,
    ),
    "python-sdk": Contender(
        title="official Python SDK (v2)",
        run=run_python_sdk,
        missing=_needs("alipay"),
        is_peer=True,
        is_everywhere=False,
    ),
}


if __name__ == "__main__":
    given = Job(**json.load(sys.stdin))
    print(json.dumps(attrs.asdict(CONTENDERS[given.contender].run(given))))
