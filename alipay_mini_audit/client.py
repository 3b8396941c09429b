"""`AuditClient`: the life of a session, and the one way that every call goes."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Final, NoReturn, Self, final

import aiohttp
import attrs

from alipay_mini_audit.attachments import Attachments, FilePart, SourceLike, inspect_blocking
from alipay_mini_audit.config import ClientConfig, Credentials, Timeouts
from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.errors import CallError, Problem, SigningError, ValidationError
from alipay_mini_audit.models import (
    ApplyReply,
    AuditApply,
    CancelReply,
    ReplyMeta,
    VersionDetail,
    read_model,
    text_problems,
)
from alipay_mini_audit.protocol import (
    APPLY,
    CANCEL,
    DETAIL,
    Caller,
    Draft,
    Operation,
    json_text,
    query_target,
    read_reply,
)
from alipay_mini_audit.transport import Transport

__all__ = ["AuditClient"]

_LARGE_REPLY: Final = 32 * 1024
_TOKEN: Final = re.compile(r"[!-~]{1,1024}")
_PATH: Final = re.compile(r"/[A-Za-z0-9/_.~%:@!$&'()*+,;=-]*")
_METHOD: Final = re.compile(r"[A-Z]{1,16}")


@attrs.frozen
class _Options:
    """What differs between a client and its views."""

    timeouts: Timeouts
    app_auth_token: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class _Call:
    """One call, the same for each of its attempts."""

    operation: Operation
    target: str
    body: str = ""
    files: tuple[FilePart, ...] = ()
    upload: bool = False
    options: _Options


@final
class AuditClient:
    """Submits versions for audit and withdraws them.

    Use it as `async with AuditClient(credentials) as client:`, or call `aclose` at the end. One client serves
    any number of concurrent calls; it belongs to the event loop of its first call. Nothing is opened before.

    Args:
        credentials: who calls, and how requests are signed and replies verified.
        config: settings; the default talks to production.
        session: an aiohttp session of yours; it is used and never closed. `None` makes one.
    """

    def __init__(
        self,
        credentials: Credentials,
        config: ClientConfig | None = None,
        *,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self._credentials = credentials
        self._config = config or ClientConfig()
        self._transport = Transport(self._config, session)
        self._options = _Options(self._config.timeouts)
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
            app_auth_token: token of the merchant that is called for; `None` takes the client's, if any.
            timeouts: seconds for each phase; `None` takes the client's.

        Raises:
            ValidationError: an input is unusable; nothing was sent.
            SigningError: the signer failed; nothing was sent.
            CallError: the call failed; `outcome` says whether the version may be in audit all the same.
        """
        options = self._with(app_auth_token, timeouts)
        files = await self._inspect(attachments)
        body = json_text(request.to_wire())
        call = _Call(operation=APPLY, target=APPLY.path, body=body, files=files, upload=True, options=options)
        reply, meta = await self._run(call)
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
        call = _Call(operation=CANCEL, target=CANCEL.path, body=body, options=options)
        reply, meta = await self._run(call)
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
        reply, meta = await self._run(_Call(operation=DETAIL, target=target, options=options))
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
            body: the JSON object to send; with attachments it becomes part `data`. `None` sends no body.
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
        call = _Call(
            operation=Operation(method, path, empty_reply=True),
            target=query_target(path, _texts(**(query or {}))),
            body="" if body is None else json_text(body),
            files=files,
            upload=upload,
            options=options,
        )
        return (await self._run(call))[0]

    def with_options(self, *, app_auth_token: str | None = None, timeouts: Timeouts | None = None) -> AuditClient:
        """Return a view: the same session with other options. It lives as long as its client.

        Args:
            app_auth_token: token of the merchant that is called for; `None` keeps what there is.
            timeouts: seconds for each phase; `None` keeps what there is.

        Raises:
            ValidationError: the token has characters that no token has.
        """
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__, _options=self._with(app_auth_token, timeouts), _is_view=True)
        return view

    async def aclose(self) -> None:
        """Close the session, unless it is borrowed or this is a view. May be called again."""
        if not self._is_view:
            await self._transport.aclose()

    async def _run(self, call: _Call) -> tuple[dict[str, object], ReplyMeta]:
        """Make the attempts of a call."""
        started = asyncio.get_running_loop().time()
        reply, meta = await self._attempt(call, started + call.options.timeouts.total)
        return reply, attrs.evolve(meta, elapsed=asyncio.get_running_loop().time() - started)

    async def _attempt(self, call: _Call, deadline: float) -> tuple[dict[str, object], ReplyMeta]:
        """Draft, sign, send and read once; everything in it is new for each attempt."""
        draft = self._draft(call)
        signature = await self._sign(draft, call.options.timeouts.sign, deadline)
        try:
            raw = await self._transport.send(draft, signature, call.options.timeouts, deadline)
            verifier, empty_reply = self._credentials.verifier, call.operation.empty_reply
            if len(raw.body) > _LARGE_REPLY:
                reply = await asyncio.to_thread(read_reply, raw, verifier, empty_reply=empty_reply)
            else:
                reply = read_reply(raw, verifier, empty_reply=empty_reply)
        except CallError as error:
            error.request_id = draft.request_id
            raise
        return reply, ReplyMeta(request_id=draft.request_id, trace_id=raw.trace_id, http_status=raw.status)

    def _draft(self, call: _Call) -> Draft:
        credentials = self._credentials
        return Draft(
            operation=call.operation,
            target=call.target,
            body=call.body,
            files=call.files,
            upload=call.upload,
            caller=Caller(
                credentials.app_id,
                credentials.app_cert_sn,
                credentials.alipay_root_cert_sn,
                call.options.app_auth_token,
            ),
            request_id=uuid.uuid4().hex,
            nonce=uuid.uuid4().hex,
            timestamp_ms=time.time_ns() // 1_000_000,
        )

    async def _sign(self, draft: Draft, seconds: float, deadline: float) -> bytes:
        message, signer = draft.string_to_sign.encode(), self._credentials.signer
        limit = min(asyncio.get_running_loop().time() + seconds, deadline)
        try:
            async with asyncio.timeout_at(limit):
                if isinstance(signer, RSASigner):
                    return await asyncio.to_thread(signer.sign_blocking, message)
                signature = await signer.sign(message)
        except TimeoutError:
            raise SigningError(f"The signer gave no signature within {seconds:g} s. Nothing was sent.") from None
        except Exception as error:
            raise SigningError(f"The signer failed: {type(error).__name__}. Nothing was sent.") from error
        if not isinstance(signature, bytes) or not signature:
            raise SigningError("The signer returned no bytes. Nothing was sent.")
        return signature

    async def _inspect(self, attachments: Attachments | Mapping[str, SourceLike | None] | None) -> tuple[FilePart, ...]:
        if isinstance(attachments, Mapping):
            attachments = Attachments.from_parts(attachments)
        if attachments is None or not attachments.parts:
            return ()
        return await asyncio.to_thread(inspect_blocking, attachments.parts)

    def _with(self, app_auth_token: str | None, timeouts: Timeouts | None) -> _Options:
        if app_auth_token is not None and not _TOKEN.fullmatch(app_auth_token):
            message = "a token is printable ASCII without blanks, and this is not."
            raise ValidationError([Problem("app_auth_token", "bad_token", message, "Copy it again.")])
        token = app_auth_token if app_auth_token is not None else self._options.app_auth_token
        return _Options(timeouts or self._options.timeouts, token)

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

    def __repr__(self) -> str:
        view = " view" if self._is_view else ""
        return f"<AuditClient{view}: app {self._credentials.app_id} at {self._config.base_url}>"


def _texts(**values: str | None) -> dict[str, str]:
    problems = [found for name, value in values.items() if value is not None for found in text_problems(name, value)]
    if problems:
        raise ValidationError(problems)
    return {name: value for name, value in values.items() if value not in (None, "")}
