"""`AuditClient`: the life of a session, and the one way that every call goes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, NoReturn, Self, final

import aiohttp
import attrs

from alipay_mini_audit.attachments import Attachments, FilePart, SourceLike
from alipay_mini_audit.calls.runner import Call, CallOptions, CallRunner
from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import Problem, ValidationError
from alipay_mini_audit.events import Observer
from alipay_mini_audit.files import BufferPool, UploadResources, inspect_blocking, inspect_nowait
from alipay_mini_audit.models import (
    ApplyReply,
    AuditApply,
    CancelReply,
    VersionDetail,
    read_model,
    text_problems,
)
from alipay_mini_audit.protocol import (
    APPLY,
    CANCEL,
    DETAIL,
    Operation,
    json_text,
    query_target,
)
from alipay_mini_audit.retry import RetryPolicy
from alipay_mini_audit.transport import Transport

__all__ = ["AuditClient"]

_TOKEN: Final = re.compile(r"[!-~]{1,1024}")
_PATH: Final = re.compile(r"/[A-Za-z0-9/_.~%:@!$&'()*+,;=-]*")
_METHOD: Final = re.compile(r"[A-Z]{1,16}")


@final
class AuditClient:
    """Submits versions for audit and withdraws them.

    Use it as `async with AuditClient(credentials) as client:`, or call `aclose` at the end. One
    client serves any number of concurrent calls; it belongs to the event loop of its first call.
    Nothing is opened before.

    Args:
        credentials: who calls, and how requests are signed and replies verified.
        config: settings; the default talks to production.
        session: an aiohttp session of yours; it is used and never closed. `None` makes one.
        observers: are told what happens, in this order; `LoggingObserver` writes it to the log.
    """

    def __init__(
        self,
        credentials: Credentials,
        config: ClientConfig | None = None,
        *,
        session: aiohttp.ClientSession | None = None,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._credentials = credentials
        self._config = config or ClientConfig()
        self._resources = UploadResources(buffers=BufferPool(self._config.chunk_size))
        self._transport = Transport(self._config, self._resources, session)
        self._runner = CallRunner(credentials, self._transport, self._resources, observers)
        self._options = CallOptions(self._config.timeouts, self._config.retry)
        self._is_view = False

    async def apply(
        self,
        request: AuditApply,
        attachments: Attachments | Mapping[str, SourceLike | None] | None = None,
        *,
        app_auth_token: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> ApplyReply:
        """Submit a version for audit: `POST /v3/alipay/open/mini/version/audit/apply`.

        Args:
            request: what is said about the version.
            attachments: its files, as `Attachments` or by wire name; `None` sends none.
            app_auth_token: token of the merchant that is called for; `None` takes the client's, if
                any.
            timeouts: seconds for each phase; `None` takes the client's.

        Raises:
            ValidationError: an input is unusable; nothing was sent.
            SigningError: the signer failed; nothing was sent.
            CallError: the call failed; `outcome` says whether the version may be in audit all the
            same.
        """
        options = self._with(app_auth_token, timeouts)
        files = await self._inspect(attachments)
        body = json_text(request.to_wire())
        call = Call(
            operation=APPLY,
            target=APPLY.path,
            body=body,
            files=files,
            upload=True,
            options=options,
            version=_version(request.app_version, request.bundle_id),
        )
        reply, meta = await self._runner.run(call)
        return read_model(ApplyReply, reply, meta)

    async def cancel(
        self,
        app_version: str | None = None,
        *,
        bundle_id: str | None = None,
        extra: Mapping[str, object] | None = None,
        app_auth_token: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> CancelReply:
        """Withdraw a version from audit: `POST /v3/alipay/open/mini/version/audit/cancel`.

        Args:
            app_version: the version; `None` is whichever is in audit.
            bundle_id: the application it runs in; `None` is the Alipay wallet.
            extra: fields newer than this package, by their wire names.
            app_auth_token: as for `apply`.
            timeouts: as for `apply`.

        Raises:
            ValidationError, SigningError, CallError: as for `apply`.
        """
        options = self._with(app_auth_token, timeouts)
        fields = _texts(app_version=app_version, bundle_id=bundle_id)
        body = json_text(fields | dict(extra or {}))
        version = _version(app_version, bundle_id)
        call = Call(
            operation=CANCEL, target=CANCEL.path, body=body, options=options, version=version
        )
        reply, meta = await self._runner.run(call)
        return read_model(CancelReply, reply, meta)

    async def version_detail(
        self,
        app_version: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionDetail:
        """Ask where a version stands: `GET /v3/alipay/open/mini/version/detail/query`.

        Args:
            app_version: the version.
            bundle_id: the application it runs in; `None` is the Alipay wallet.
            app_auth_token: as for `apply`.
            timeouts: as for `apply`.

        Raises:
            ValidationError, SigningError, CallError: as for `apply`; a question changes nothing.
        """
        options = self._with(app_auth_token, timeouts)
        target = query_target(DETAIL.path, _texts(app_version=app_version, bundle_id=bundle_id))
        reply, meta = await self._runner.run(Call(operation=DETAIL, target=target, options=options))
        return read_model(VersionDetail, reply, meta)

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | None] | None = None,
        body: Mapping[str, object] | None = None,
        attachments: Mapping[str, SourceLike | None] | None = None,
        app_auth_token: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> dict[str, object]:
        """Make any other signed call of OpenAPI v3.

        Args:
            method: HTTP method.
            path: path from `/v3/` on, without a query.
            query: parameters for the query; those that are `None` are left out.
            body: the JSON object to send; with attachments it becomes part `data`. `None` sends no
                body.
            attachments: files by wire name; any name goes. `None` makes no upload.
            app_auth_token: as for `apply`.
            timeouts: as for `apply`.

        Returns:
            The JSON object of the verified reply; `{}` if the reply is empty.

        Raises:
            ValidationError, SigningError, CallError: as for `apply`.
        """
        options = self._with(app_auth_token, timeouts)
        if not _PATH.fullmatch(path) or not _METHOD.fullmatch(method):
            message = "expected an upper-case method, and an encoded path that begins with / and has no query."
            raise ValidationError([Problem("path", "bad_path", message)])
        upload = attachments is not None
        files = await self._inspect(Attachments.from_parts(attachments or {}, allow_unknown=True))
        call = Call(
            operation=Operation(name="call", method=method, path=path, may_be_empty=True),
            target=query_target(path, _texts(**(query or {}))),
            body="" if body is None else json_text(body),
            files=files,
            upload=upload,
            options=options,
        )
        return (await self._runner.run(call))[0]

    def with_options(
        self,
        *,
        app_auth_token: str | None = None,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
    ) -> AuditClient:
        """Return a view: the same session with other options. It lives as long as its client.

        Args:
            app_auth_token: token of the merchant that is called for; `None` keeps what there is.
            timeouts: seconds for each phase; `None` keeps what there is.
            retry: what to do after a failed attempt; `None` keeps what there is.

        Raises:
            ValidationError: the token has characters that no token has.
        """
        options = self._with(app_auth_token, timeouts)
        options = attrs.evolve(options, retry=retry or options.retry)
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__, _options=options, _is_view=True)
        return view

    async def aclose(self) -> None:
        """Close the session, unless it is borrowed or this is a view. May be called again."""
        if not self._is_view:
            await self._runner.aclose()
            await self._transport.aclose()

    async def _inspect(
        self, attachments: Attachments | Mapping[str, SourceLike | None] | None
    ) -> tuple[FilePart, ...]:
        if isinstance(attachments, Mapping):
            attachments = Attachments.from_parts(attachments)
        if attachments is None or not attachments.parts:
            return ()
        self._transport.check()  # what the calls share is shared on one event loop
        parts, page_cache = attachments.parts, self._resources.page_cache
        async with self._resources.steps:
            files = inspect_nowait(parts, page_cache)
        if files is None:
            files = await asyncio.to_thread(inspect_blocking, parts, page_cache)
        return files

    def _with(self, app_auth_token: str | None, timeouts: Timeouts | None) -> CallOptions:
        if app_auth_token is None and timeouts is None:
            return self._options
        if app_auth_token is not None and not _TOKEN.fullmatch(app_auth_token):
            message = "a token is printable ASCII without blanks, and this is not."
            raise ValidationError(
                [Problem("app_auth_token", "bad_token", message, "Copy it again.")]
            )
        token = app_auth_token if app_auth_token is not None else self._options.app_auth_token
        return attrs.evolve(
            self._options, timeouts=timeouts or self._options.timeouts, app_auth_token=token
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __enter__(self) -> NoReturn:
        raise TypeError("AuditClient is asynchronous: write `async with`, not `with`.")

    def __exit__(self, *_: object) -> NoReturn:
        raise TypeError("AuditClient is asynchronous: write `async with`, not `with`.")

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an AuditClient holds keys and sockets and is not pickled; make one in each process"
        )

    def __repr__(self) -> str:
        view = " view" if self._is_view else ""
        return f"<AuditClient{view}: app {self._credentials.app_id} at {self._config.base_url}>"


def _texts(**values: str | None) -> dict[str, str]:
    problems = [
        found
        for name, value in values.items()
        if value is not None
        for found in text_problems(name, value)
    ]
    if problems:
        raise ValidationError(problems)
    return {name: value for name, value in values.items() if value not in (None, "")}


def _version(app_version: str | None, bundle_id: str | None) -> dict[str, str] | None:
    """Return the query for the version in question; without a version there is no question."""
    return _texts(app_version=app_version, bundle_id=bundle_id) if app_version else None
