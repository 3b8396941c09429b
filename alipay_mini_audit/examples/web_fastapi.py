"""A page that submits versions and shows their verdicts, with FastAPI and uvicorn.

    python -m alipay_mini_audit.examples.web_fastapi --sandbox

plays the platform, too. Without `--sandbox` it talks to Alipay, with what `Credentials.from_env`
finds. Whoever reaches the page may submit: put it behind the login of your application. Run one
process of it, which serves many uploads at a time; what it lists is in its memory.
"""

from __future__ import annotations

import asyncio
import inspect
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from alipay_mini_audit import AuditError, StreamSource
from alipay_mini_audit.contrib.fastapi import notification_route
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

router = APIRouter()
notices = APIRouter()  # apart, for the platform cannot log in


@router.get("/")
async def show(request: Request) -> Response:
    """Show the page, in the language of the browser."""
    return HTMLResponse(page(_language(request)), headers=page_headers())


@router.get("/events")
async def events(request: Request) -> Response:
    """Tell of all versions, as they change."""
    return StreamingResponse(_desk(request).stream(), headers=STREAM_HEADERS)


@router.post("/versions")
async def submit(request: Request, app_version: str) -> Response:
    """Submit a version: a multipart form of fields and files, each under its wire name."""
    if refused := refusal(request.headers):
        return _json(refused)
    with _desk(request).reserved(app_version) as occupied:
        return _json(occupied or await _submitted(request, app_version))


@router.post("/versions/ask")
async def ask(request: Request, app_version: str) -> Response:
    """Ask whether a version is in audit of which nobody knows."""
    if refused := refusal(request.headers):
        return _json(refused)
    return _json(await _desk(request).ask(app_version, _language(request)))


@router.post("/versions/take-back")
async def take_back(request: Request, app_version: str) -> Response:
    """Take a rejected version back to development."""
    if refused := refusal(request.headers):
        return _json(refused)
    return _json(await _desk(request).take_back(app_version, _language(request)))


@notices.post("/alipay")
async def notified(request: Request) -> Response:
    """Take what the platform tells by itself; the console of the application has this URL."""
    return await notification_route(_desk(request).router)(request)


class _FormOnDisk(MultiPartParser):
    """Keeps up to 64 KiB of a file in memory, where `request.form()` keeps 1 MiB of each.

    It refuses a form that breaks off; of that, too, `request.form()` returns what there is.
    """

    spool_max_size = 64 * 1024
    _is_whole = False

    def on_end(self) -> None:
        """Note that the end of the form has come."""
        self._is_whole = True

    async def parse(self) -> FormData:
        """Return the form; raise `MultiPartException` if it is none, and close its files then."""
        async with aclosing(self._to_its_end(self.stream)) as self.stream:
            return await super().parse()

    async def _to_its_end(self, body: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        async for piece in body:
            yield piece
        if not self._is_whole:
            raise MultiPartException("it breaks off")


async def _submitted(request: Request, version: str) -> Answer:
    try:
        async with asyncio.timeout(UPLOAD_SECONDS), aclosing(request.stream()) as body:
            form = await _FormOnDisk(
                request.headers, body, max_files=MOST_FILES, max_fields=MOST_FIELDS
            ).parse()
    except TimeoutError:
        return Answer.told(408, "late")
    except (MultiPartException, KeyError, ClientDisconnect):  # KeyError: no Content-Type
        return Answer.told(400, "broken")
    except OSError as error:  # the disk is full, say
        return Answer.no_room(error)
    try:
        fields, files = {}, {}
        for name, value in form.items():
            if isinstance(value, str):
                fields[name] = value
            else:
                files[name] = StreamSource(value)
        return await _desk(request).submit(version, fields, files, _language(request))
    finally:
        await form.close()


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _language(request: Request) -> str:
    return language_of(request.headers.get("Accept-Language"))


def _json(answer: Answer) -> Response:
    return Response(answer.text, answer.status, answer.headers, "application/json")


def make_app(sandbox_for: str | None = None) -> FastAPI:
    """Make the application; one client lives as long as it does.

    Args:
        sandbox_for: its own URL, if a sandbox is to be the platform; `None` is for Alipay.
    """
    opened_desk = opening(sandbox_for)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Open the desk before anything is served, and close it at the end."""
        # FastAPI looks up the source of a function at its first request, and AnyIO loads itself
        # with its first thread. Later that would keep all others waiting for 100 ms.
        await run_in_threadpool(inspect.getsourcelines, submit)
        async with opened_desk() as app.state.desk:
            yield

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    app.include_router(router)
    app.include_router(notices)
    return app


class _Server(uvicorn.Server):
    """Ends the streams first, for which uvicorn would wait; what is being sent may end."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=int(GRACE))
        )
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is running."""
        self._app.state.desk.close()
        await super().shutdown(sockets)


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    given = arguments(__doc__)
    try:
        listener = socket.create_server((given.host, given.port))
        url = "http://{}:{}/".format(*listener.getsockname())
        app = make_app(url if given.sandbox else None)
    except (AuditError, OSError) as error:
        sys.exit(f"web_fastapi: {error}")
    print(url, flush=True)
    with suppress(KeyboardInterrupt):
        _Server(app).run(sockets=[listener])


if __name__ == "__main__":
    main()
