"""`AuditClient`: each method says which call it is, `calls` does the rest."""

from __future__ import annotations

import asyncio
import datetime
import functools
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping
from typing import TYPE_CHECKING, final

from alipay_mini_audit.attachments import Attachments, SourceLike
from alipay_mini_audit.calls import CallSpec, NoToken
from alipay_mini_audit.client.answers import detail_about
from alipay_mini_audit.client.arguments import (
    BLANK_IS_NOT_ANY,
    apply_spec,
    call_spec,
    expect,
    fields_of_cancel,
    version_of,
)
from alipay_mini_audit.client.tokens import TokenCalls
from alipay_mini_audit.client.versions import VersionCalls
from alipay_mini_audit.client.waits import ClientWaits
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.errors import Problem
from alipay_mini_audit.models import (
    ApplyReply,
    AuditApply,
    CancelReply,
    CategoryList,
    Resolution,
    VersionDetail,
    read_model,
)
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.protocol import CANCEL, CATEGORIES, DETAIL

if TYPE_CHECKING:
    from alipay_mini_audit.batch import BatchEntry, BatchPolicy, Journal, Submission
    from alipay_mini_audit.lifecycle import (
        Release,
        ReleasePolicy,
        Resubmission,
        ResubmitPolicy,
    )
    from alipay_mini_audit.verdicts import Inbox, Poll

__all__ = ["AuditClient"]


@final
class AuditClient(ClientWaits):
    """Submits versions for audit and withdraws them.

    Use it as `async with AuditClient(credentials) as client:`, or call `aclose` at the end. One
    client serves any number of concurrent calls; it belongs to the event loop of its first call.
    Nothing is opened before.

    Args:
        credentials: who calls, and how requests are signed and replies verified.
        config: settings; the default talks to production.
        session: an aiohttp session of yours; it is used and never closed. `None` makes one.
        observers: are told what happens, in this order; `LoggingObserver` writes it to the log.

    Raises:
        TypeError: an argument is of another type; here and in every method, it names the argument.
    """

    @property
    def versions(self) -> VersionCalls:
        """The calls around an audit: lists, builds, going online, gray release and rollback."""
        return VersionCalls(self._make)

    @property
    def tokens(self) -> TokenCalls:
        """The question what a merchant's token may do."""
        return TokenCalls(self._make)

    async def apply(
        self,
        request: AuditApply,
        attachments: Attachments | Mapping[str, SourceLike | None] | None = None,
        *,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
        preflight: Preflight | None = None,
    ) -> ApplyReply:
        """Submit a version for audit: `POST /v3/alipay/open/mini/version/audit/apply`.

        Args:
            request: what is said about the version.
            attachments: its files, as `Attachments` or by wire name; `None` sends none.
            app_auth_token: token of the merchant that is called for; `None` takes the client's, if
                any.
            timeouts: seconds for each phase; `None` takes the client's.
            preflight: what is checked before; `None` takes the client's.

        Raises:
            ValidationError: an input is unusable, or the platform would refuse it; every problem
                at once. Nothing was sent.
            SigningError: the signer failed; nothing was sent.
            CallError: the call failed; `outcome` says whether the version may be in audit all the
            same.
        """
        spec = apply_spec(request, attachments)
        answer = await self._make(spec, app_auth_token, timeouts, preflight)
        return read_model(ApplyReply, answer.fields, answer.meta)

    async def check(
        self,
        request: AuditApply,
        attachments: Attachments | Mapping[str, SourceLike | None] | None = None,
        *,
        preflight: Preflight | None = None,
        language: str | None = None,
    ) -> tuple[Problem, ...]:
        """Find what the platform would refuse, without sending anything; `apply` does it first.

        Args:
            request: what would be said about the version.
            attachments: as for `apply`.
            preflight: what is checked; `None` takes the client's.
            language: of the texts, "zh" or "en"; `None` takes `ALIPAY_MINI_AUDIT_LANG`, then the
                locale.

        Returns:
            Every problem, warnings among them, in the order of the fields; none if all is well.

        Raises:
            SendInterrupted: the look at the files was not over within `Timeouts.total`.
            ConfigurationError: a rule of yours raised, the client is closed, or the language is
                not one of the two.
        """
        self._transport.check()
        spec = apply_spec(request, attachments)
        options = self._options_with(None, None, preflight)
        with self._transport.under_way():
            return await self._runner.check(spec, options, language)

    async def cancel(
        self,
        app_version: str | None = None,
        *,
        bundle_id: str | None = None,
        extra: Mapping[str, object] | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> CancelReply:
        """Withdraw a version from audit: `POST /v3/alipay/open/mini/version/audit/cancel`.

        Args:
            app_version: the version; `None`, and nothing else, is whichever is in audit.
            bundle_id: the application it runs in; `None` is the Alipay wallet.
            extra: fields newer than this package, by their wire names.
            app_auth_token: as for `apply`.
            timeouts: as for `apply`.

        Raises:
            ValidationError: as for `apply`; a text is blank, or `extra` names a version.
            SigningError, CallError: as for `apply`.
        """
        about = version_of(app_version, bundle_id, advice=BLANK_IS_NOT_ANY)
        spec = CallSpec(operation=CANCEL, about=about, fields=fields_of_cancel(about, extra))
        answer = await self._make(spec, app_auth_token, timeouts)
        return read_model(CancelReply, answer.fields, answer.meta)

    async def version_detail(
        self,
        app_version: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionDetail:
        """Ask where a version stands: `GET /v3/alipay/open/mini/version/detail/query`.

        Args:
            app_version: the version.
            bundle_id: the application it runs in; `None` is the Alipay wallet.
            app_auth_token: as for `apply`.
            timeouts: as for `apply`.

        Raises:
            ValidationError, SigningError, CallError: as for `apply`; a question changes nothing. An
            answer about another version is a `MalformedReply`.
        """
        expect("app_version", app_version, str, "a text")
        about = version_of(app_version, bundle_id)
        spec = CallSpec(operation=DETAIL, query=about)
        return detail_about(await self._make(spec, app_auth_token, timeouts), about)

    async def categories(
        self,
        *,
        only_usable: bool = False,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> CategoryList:
        """Ask for the categories of mini-programs: `GET /v3/alipay/open/mini/category/query`.

        Args:
            only_usable: leave out those that no mini-program can have; `False` by default.
            app_auth_token: as for `apply`.
            timeouts: as for `apply`.

        Raises:
            ValidationError, SigningError, CallError: as for `apply`; a question changes nothing.
        """
        expect("only_usable", only_usable, bool, "True or False")
        spec = CallSpec(operation=CATEGORIES, query={"is_filter": "true"} if only_usable else {})
        answer = await self._make(spec, app_auth_token, timeouts)
        return read_model(CategoryList, answer.fields, answer.meta)

    async def resolve_apply(
        self,
        request: AuditApply,
        *,
        since: datetime.datetime,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> Resolution:
        """Ask the platform whether a submission landed whose outcome is unknown.

        It is the question that the client asks by itself after an attempt of unknown outcome; ask
        it after a call that was cancelled, or whose error says `Outcome.UNKNOWN`. If the version is
        in development, it waits `RetryPolicy.unknown_window` for what may still be on its way, and
        asks again.

        Args:
            request: what was submitted.
            since: an aware moment before the submission, by this machine's clock; how far that
                clock is off is found out from the platform's signed answer.
            app_auth_token: as for `apply`.
            timeouts: as for `apply`.

        Raises:
            TypeError: `since` has no time zone.
            ValidationError, SigningError, CallError: the question failed; nothing was changed.
        """
        spec = apply_spec(request)
        if not isinstance(since, datetime.datetime) or since.tzinfo is None:
            raise TypeError("since: expected a datetime with a time zone")
        ago = (datetime.datetime.now(datetime.UTC) - since).total_seconds()
        options = self._options_with(app_auth_token, timeouts)
        began = asyncio.get_running_loop().time() - ago
        with self._transport.under_way():
            return await self._runner.resolve(spec, options, began)

    def submit_many(
        self,
        submissions: Iterable[Submission] | AsyncIterable[Submission],
        *,
        journal: Journal | None = None,
        policy: BatchPolicy | None = None,
        take_over: bool = False,
        stop: asyncio.Event | None = None,
    ) -> AsyncGenerator[BatchEntry, None]:
        """Submit many versions; yields what becomes of each, in the order of completion.

        Leaving it ends everything. Run again with the same journal, it goes on.

        Args:
            submissions: read lazily, 1,000 ahead at the most, in one task; a generator is closed at
                the end. What it raises is raised as it is, once all that is being sent has ended.
            journal: from which a further run goes on, after a crash too; `None` keeps nothing.
            policy: how to go about it; `None` is `BatchPolicy()`.
            take_over: own the journal though another process does, a frozen one say.
            stop: once it is set nothing more begins, and it ends when what is being sent has.

        Raises:
            BatchError: the journal cannot be used, or the batch was stopped; `code` says which.
            ConfigurationError: the client is closed, or the extra `batch` is not installed.
        """
        from alipay_mini_audit.client import batching  # noqa: PLC0415  # most clients need it not

        binding = batching.Binding(app_id=self._credentials.app_id, base_url=self._config.base_url)
        calls = batching.ClientPlatform(binding, self._runner, self._transport, self._options)
        return batching.batch_of(
            calls, submissions, journal, policy, take_over=take_over, stop=stop
        )

    async def resubmit(
        self,
        request: AuditApply,
        attachments: Attachments | Mapping[str, SourceLike | None] | None = None,
        *,
        policy: ResubmitPolicy | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
        preflight: Preflight | None = None,
    ) -> Resubmission:
        """Bring a version into audit, whatever stands in its way, and never twice.

        If the version is in audit already with the same `version_desc`, that is success; with
        another one it is left alone. An older version that is in audit or was rejected is
        withdrawn first, as is this one if it was rejected; a newer one is left alone. The state is
        read before each step, so call it again after any failure.

        Args:
            request: what is said about the version.
            attachments: as for `apply`.
            policy: what may be withdrawn; `None` is `ResubmitPolicy()`.
            app_auth_token: as for `apply`.
            timeouts: as for `apply`, for each call.
            preflight: as for `apply`.

        Raises:
            ValidationError: as for `apply`; nothing was withdrawn.
            SigningError, CallError: a call failed; `outcome` is that of this call, and a note says
                what was withdrawn before.
        """
        from alipay_mini_audit.client import lifecycle  # noqa: PLC0415  # most clients need it not

        view = self.with_options(
            app_auth_token=app_auth_token, timeouts=timeouts, preflight=preflight
        )
        options = self._options_with(app_auth_token, timeouts, preflight)
        spec = apply_spec(request, attachments)
        prepare = functools.partial(self._runner.prepare, spec, options)
        return await lifecycle.resubmit_with(view, prepare, request, attachments, policy)

    async def release(
        self,
        app_version: str,
        policy: ReleasePolicy | None = None,
        *,
        mini_app_id: str | None = None,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        inbox: Inbox | None = None,
        poll: Poll | None = None,
        stop: asyncio.Event | None = None,
    ) -> Release:
        """Wait until a version has passed, and bring it to the users.

        The state is read before each step, so called again it goes on from where the version
        stands; what somebody else has moved meanwhile is left alone.

        Args:
            app_version: the version.
            policy: when and how; `None` puts it online for everybody once it has passed.
            mini_app_id: as for `wait_for_verdict`, like the four arguments that follow.
            bundle_id: see there.
            app_auth_token: see there.
            inbox: see there.
            poll: see there.
            stop: once it is set nothing more is done, but for the wait for the verdict, which
                cancelling ends; `None` for never.

        Raises:
            ConfigurationError: the client was closed.
            ValidationError, SigningError, CallError: a call failed; `outcome` is that of this call.
            Exception: whatever `ReleasePolicy.health` raised, after the halt.
        """
        from alipay_mini_audit.client import lifecycle  # noqa: PLC0415  # most clients need it not

        view = self.with_options(app_auth_token=app_auth_token)
        lifecycle.expect_release(policy, stop)
        verdict = await view.wait_for_verdict(
            app_version, mini_app_id=mini_app_id, bundle_id=bundle_id, inbox=inbox, poll=poll
        )
        pause = self._watch(app_auth_token).pause
        return await lifecycle.release_with(view, bundle_id, verdict, policy, stop, pause)

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | None] | None = None,
        body: Mapping[str, object] | None = None,
        attachments: Mapping[str, SourceLike | None] | None = None,
        app_auth_token: str | NoToken | None = None,
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
        spec = call_spec(method, path, query=query, body=body, attachments=attachments)
        answer = await self._make(spec, app_auth_token, timeouts)
        return answer.fields
