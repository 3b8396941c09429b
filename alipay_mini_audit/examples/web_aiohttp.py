"""A page that submits versions and shows their verdicts, with aiohttp.

    python -m alipay_mini_audit.examples.web_aiohttp --sandbox

plays the platform, too. Without `--sandbox` it talks to Alipay, with what `Credentials.from_env`
finds. Whoever reaches the page may submit: put it behind the login of your application. Run one
process of it, which serves many uploads at a time; what it lists is in its memory.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing, suppress
from typing import IO, Final

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from alipay_mini_audit import AuditError, SourceLike, StreamSource
from alipay_mini_audit.contrib.aiohttp import notification_handler
from alipay_mini_audit.examples.web import (
    GRACE,
    MOST_FIELDS,
    MOST_FILES,
    STREAM_HEADERS,
    UPLOAD_SECONDS,
    Answer,
    Desk,
    arguments,
    language_of,
    opening,
    page,
    page_headers,
    refusal,
)

routes = web.RouteTableDef()
DESK: Final = web.AppKey("desk", Desk)
_PIECE: Final = 256 * 1024
_BROKEN: Final = (
    *(ConnectionError, web.RequestPayloadError),  # half of a form
    *(AssertionError, HttpProcessingError, LookupError, RuntimeError, ValueError),  # or none
    web.HTTPRequestEntityTooLarge,  # a field that is meant to be a file
)
"""What is raised where a form is read."""


@routes.get("/")
async def show(request: web.Request) -> web.Response:
    """Show the page, in the language of the browser."""
    return web.Response(text=page(_language(request)), headers=page_headers())


@routes.get("/events")
async def events(request: web.Request) -> web.StreamResponse:
    """Tell of all versions, as they change."""
    response = web.StreamResponse(headers=STREAM_HEADERS)
    await response.prepare(request)
    async with aclosing(request.app[DESK].stream()) as stream:
        async for piece in stream:
            try:
                await response.write(piece)
            except ConnectionError:  # the page was closed
                break
    return response


@routes.post("/versions")
async def submit(request: web.Request) -> web.Response:
    """Submit a version: a multipart form of fields and files, each under its wire name."""
    version = request.query.get("app_version", "")
    if refused := refusal(request.headers):
        return _json(refused)
    with request.app[DESK].reserved(version) as occupied:
        return _json(occupied or await _submitted(request, version))


@routes.post("/versions/ask")
async def ask(request: web.Request) -> web.Response:
    """Ask whether a version is in audit of which nobody knows."""
    if refused := refusal(request.headers):
        return _json(refused)
    version = request.query.get("app_version", "")
    return _json(await request.app[DESK].ask(version, _language(request)))


@routes.post("/versions/take-back")
async def take_back(request: web.Request) -> web.Response:
    """Take a rejected version back to development."""
    if refused := refusal(request.headers):
        return _json(refused)
    version = request.query.get("app_version", "")
    return _json(await request.app[DESK].take_back(version, _language(request)))


@routes.post("/alipay")
async def notified(request: web.Request) -> web.Response:
    """Take what the platform tells by itself; the console of the application has this URL."""
    return await notification_handler(request.app[DESK].router)(request)


async def _submitted(request: web.Request, version: str) -> Answer:
    fields: dict[str, str] = {}
    files: dict[str, SourceLike] = {}
    with ExitStack() as opened:  # closing deletes them
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                await _receive(request, fields, files, opened)
        except TimeoutError:
            return Answer.told(408, "late")
        except _BROKEN:
            return Answer.told(400, "broken")
        except OSError as error:  # the disk is full, say
            return Answer.no_room(error)
        return await request.app[DESK].submit(version, fields, files, _language(request))


async def _receive(
    request: web.Request, fields: dict[str, str], files: dict[str, SourceLike], opened: ExitStack
) -> None:
    """Write the files to disk as they come; `request.post()` keeps 1 MiB of each in memory."""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or not part.name:
            raise ValueError("not a form")
        if len(fields) > MOST_FIELDS or len(files) == MOST_FILES or part.name in files:
            raise ValueError("more than the page sends")
        if part.filename is None:
            fields[part.name] = await part.text()
            continue
        file = await asyncio.to_thread(tempfile.TemporaryFile)
        opened.callback(_delete, file)
        files[part.name] = StreamSource(file, filename=part.filename)
        while piece := await part.read_chunk(_PIECE):
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(file.flush)


def _delete(file: IO[bytes]) -> None:
    with suppress(OSError):  # of what could not be written, and that was told
        file.close()


def _language(request: web.Request) -> str:
    return language_of(request.headers.get("Accept-Language"))


def _json(answer: Answer) -> web.Response:
    return web.Response(
        text=answer.text,
        status=answer.status,
        headers=answer.headers,
        content_type="application/json",
    )


def make_app(sandbox_for: str | None = None) -> web.Application:
    """Make the application; one client lives as long as it does.

    Args:
        sandbox_for: its own URL, if a sandbox is to be the platform; `None` is for Alipay.
    """
    opened_desk = opening(sandbox_for)

    async def desk(app: web.Application) -> AsyncIterator[None]:
        """Open the desk before anything is served, and close it at the end."""
        async with opened_desk() as app[DESK]:
            yield

    async def end_streams(app: web.Application) -> None:
        """End the streams, which would never end; what is being sent may end after it."""
        app[DESK].close()

    app = web.Application()
    app.add_routes(routes)
    app.cleanup_ctx.append(desk)
    app.on_shutdown.append(end_streams)
    return app


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    given = arguments(__doc__)
    try:
        listener = socket.create_server((given.host, given.port))
        url = "http://{}:{}/".format(*listener.getsockname())
        app = make_app(url if given.sandbox else None)
    except (AuditError, OSError) as error:
        sys.exit(f"web_aiohttp: {error}")
    print(url, flush=True)
    web.run_app(app, sock=listener, shutdown_timeout=GRACE, print=None)


if __name__ == "__main__":
    main()
