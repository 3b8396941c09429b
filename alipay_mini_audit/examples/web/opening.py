"""The one client of an application: for Alipay, or for a sandbox of its own."""

from __future__ import annotations

import argparse
import functools
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from alipay_mini_audit import AuditClient, ClientConfig, Credentials, LoggingObserver, Observer
from alipay_mini_audit.examples.web.desk import Desk
from alipay_mini_audit.examples.web.page import page, page_headers
from alipay_mini_audit.sandbox import SandboxGateway

__all__ = ["GRACE", "arguments", "opening"]

GRACE: Final = 30.0
"""Seconds that submissions under way may still take when the server is to end."""
_HINT: Final = """\
The sandbox is the platform. To decide a version:
  curl {url}/_sandbox/versions/decide -d '{{"app_version": "1.0.0", "status": "WAIT_RELEASE"}}'
  curl {url}/_sandbox/versions/decide -d '{{"app_version": "1.0.0", "status": "AUDIT_REJECT",
    "reject_reason": "The logo is blurred."}}'"""


def opening(sandbox_for: str | None) -> Callable[[], AbstractAsyncContextManager[Desk]]:
    """Return what opens a desk with the one client of the application, for as long as it lives.

    Keys, settings and pages are read here, before the event loop has work to do.

    Args:
        sandbox_for: the application's own URL, if a sandbox is to be the platform, with keys of its
            own. `None` takes keys and settings from the environment, as `Credentials.from_env`
            reads them; what the platform tells, it posts to the URL that the console has.

    Raises:
        ConfigurationError: a setting is missing or unusable.
    """
    for language in ("en", "zh"):
        page(language)
    page_headers()
    if sandbox_for is None:
        return functools.partial(_desk, Credentials.from_env(), ClientConfig.from_env())
    return functools.partial(_rehearsal, sandbox_for)


@asynccontextmanager
async def _rehearsal(url: str) -> AsyncIterator[Desk]:
    async with SandboxGateway(admin=True, notify_url=f"{url}alipay") as platform:
        print(_HINT.format(url=platform.base_url), flush=True)
        config = ClientConfig(base_url=platform.base_url)
        async with _desk(platform.credentials, config) as desk:
            yield desk


@asynccontextmanager
async def _desk(credentials: Credentials, config: ClientConfig) -> AsyncIterator[Desk]:
    desk = Desk(credentials)
    observers: list[Observer] = [desk, LoggingObserver()]  # it tells the operator of refusals
    async with AuditClient(credentials, config, observers=observers) as client:
        desk.open(client)
        desk.recall()
        # A full collection looks at all that was loaded, for 40 to 70 ms, in which nobody is
        # served. Nothing of it will ever be garbage.
        gc.collect()
        gc.freeze()
        yield desk
        await desk.aclose()
        await client.aclose(grace=GRACE)


def arguments(program: str | None) -> argparse.Namespace:
    """Read the command line, `sandbox`, `host` and `port`; from then on warnings are logged.

    Args:
        program: what it is for.
    """
    parser = argparse.ArgumentParser(
        description=program, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sandbox", action="store_true", help="play the platform, too")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=8080, help="default: %(default)s; 0 is any")
    logging.basicConfig(level=logging.WARNING)
    return parser.parse_args()
