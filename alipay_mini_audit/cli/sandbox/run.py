"""`serve`: the gateway as a program, from its first line to its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import final

import attrs

from alipay_mini_audit.cli.sandbox.lines import delivery_line, json_line, plain_line
from alipay_mini_audit.cli.sandbox.outputs import LineOutput
from alipay_mini_audit.sandbox import Delivery, Material, RequestRecord, SandboxGateway

__all__ = ["Served", "serve"]


@final
@attrs.frozen(kw_only=True)
class Served:
    """What is served.

    Attributes:
        port: where to listen on 127.0.0.1; 0 takes a free port.
        keys: folder in which keys and certificates are kept, and made if there are none; with
            `None` they are made anew and not kept.
        strict: whether the gateway refuses what the platform would refuse.
        language: of the lines for a person; `None` takes what the environment says.
        encrypt_key: AES key of encrypted calls, in base64; `None` takes that of the folder, if it
            has one.
        notify_url: where notifications are sent; `None` for nowhere.
    """

    port: int = 0
    keys: Path | None = None
    strict: bool = True
    language: str | None = None
    encrypt_key: str | None = attrs.field(default=None, repr=False)
    notify_url: str | None = None


async def serve(
    served: Served,
    *,
    announce: Callable[[str], None],
    shown: LineOutput | None = None,
    log: LineOutput | None = None,
) -> None:
    """Serve until cancelled, or until an output has failed.

    Args:
        served: what to serve.
        announce: is called once with the base URL, as soon as the gateway answers.
        shown: where a line per request and per notification goes, for a person; `None` for
            nowhere.
        log: where a line of JSON of each goes; `None` for nowhere.

    Raises:
        ConfigurationError: the port, the folder, the key or the URL cannot be used.
    """
    failed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def fail() -> None:
        """End the serving, from the thread of an output."""
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(failed.set)

    def tell(record: RequestRecord) -> None:
        """Write the lines of a request."""
        write(json_line(record), plain_line(record, served.language))

    def tell_delivery(delivery: Delivery) -> None:
        """Write the lines of a notification."""
        write(json_line(delivery), delivery_line(delivery, served.language))

    def write(json: str, plain: str) -> None:
        """Write the lines where they go."""
        if log is not None:
            log.write(json)
        if shown is not None:
            shown.write(plain)

    for output in (shown, log):
        if output is not None:
            output.on_failure(fail)
    material = await asyncio.to_thread(_material, served.keys)
    gateway = SandboxGateway(
        port=served.port,
        material=material,
        encrypt_key=served.encrypt_key,
        strict=served.strict,
        admin=True,
        on_request=tell,
        notify_url=served.notify_url,
    )
    gateway.notifications.on_delivery = tell_delivery
    async with gateway:
        announce(gateway.base_url)
        await failed.wait()


def _material(folder: Path | None) -> Material | None:
    return None if folder is None else Material.ensure(folder)
