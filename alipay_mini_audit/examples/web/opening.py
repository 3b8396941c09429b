"""The one client of an application: for Alipay, or for a sandbox of its own."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from alipay_mini_audit import AuditClient, ClientConfig, Credentials
from alipay_mini_audit.examples.web.desk import Desk
from alipay_mini_audit.sandbox import SandboxGateway

__all__ = ["GRACE", "arguments", "opened_desk"]

GRACE: Final = 30.0
"""Seconds that submissions under way may still take when the server is to end."""
_HINT: Final = """\
The sandbox is the platform. To decide a version:
  curl {url}/_sandbox/versions/decide -d '{{"app_version": "1.0.0", "status": "WAIT_RELEASE"}}'
  curl {url}/_sandbox/versions/decide -d '{{"app_version": "1.0.0", "status": "AUDIT_REJECT",
    "reject_reason": "The logo is blurred."}}'"""


@asynccontextmanager
async def opened_desk(*, sandbox: bool) -> AsyncIterator[Desk]:
    """Open a desk with the one client of the application, for as long as it lives.

    Args:
        sandbox: whether a sandbox is the platform, with keys of its own. Otherwise keys and
            settings come from the environment, as `Credentials.from_env` reads them.
    """
    if not sandbox:
        async with _desk(Credentials.from_env(), ClientConfig.from_env()) as desk:
            yield desk
        return
    async with SandboxGateway(admin=True) as platform:
        print(_HINT.format(url=platform.base_url), flush=True)
        config = ClientConfig(base_url=platform.base_url)
        async with _desk(platform.credentials, config) as desk:
            yield desk


@asynccontextmanager
async def _desk(credentials: Credentials, config: ClientConfig) -> AsyncIterator[Desk]:
    desk = Desk()
    async with AuditClient(credentials, config, observers=[desk]) as client:
        desk.open(client)
        yield desk
        await desk.aclose()
        await client.aclose(grace=GRACE)


def arguments(program: str | None) -> argparse.Namespace:
    """Read the command line: `sandbox`, `host` and `port`.

    Args:
        program: what it is for.
    """
    parser = argparse.ArgumentParser(
        description=program, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sandbox", action="store_true", help="play the platform, too")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=8080, help="default: %(default)s; 0 is any")
    return parser.parse_args()
