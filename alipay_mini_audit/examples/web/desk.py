"""`Desk`: the versions that were submitted here, how far each is, and who looks on."""

from __future__ import annotations

import asyncio
import datetime
import json
import logging
from collections.abc import AsyncGenerator, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, final

import attrs

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    AuditError,
    AuditPassed,
    AuditRejected,
    BytesSent,
    Credentials,
    Event,
    Inbox,
    NotificationRouter,
    Outcome,
    RetryPolicy,
    SourceLike,
    VersionStatus,
)
from alipay_mini_audit.examples.web.answers import LATER, Answer, answer_of, not_asked

__all__ = ["Desk"]

_LOGGER: Final = logging.getLogger(__name__)
_PULSE: Final = 15.0
"""Seconds after which a silent stream says that it is there: proxies cut what is silent."""
_REST: Final = 0.1
"""Seconds between two tellings, for many uploads at once change the list all the time."""
_MOST: Final = 100
"""How many versions are listed; of more, those that were settled first are forgotten."""
_MOST_UPLOADS: Final = 32
"""At a time. Each may have 23 files open, of the 1,024 that most systems let a process have."""
_RECALLED: Final = ("AUDITING", "WAIT_RELEASE", "BASE_AUDIT_PASS", "AUDIT_REJECT")
_UPLOADING: Final = ("receiving", "sending")
_UNDER_WAY: Final = (*_UPLOADING, "failed", "asking", "returning")
_REJECTED: Final = "AUDIT_REJECT"
_ONCE: Final = RetryPolicy(attempts=1)


@final
@attrs.define(eq=False)
class _Row:
    """A version. Its state is a status of the platform, or what happens to it here."""

    version: str
    state: str
    description: str = ""
    since: datetime.datetime = attrs.field(factory=lambda: datetime.datetime.now(datetime.UTC))
    sent: int = 0
    total: int = 0
    reason: str | None = None
    request: AuditApply | None = None
    """What was submitted, to ask for it; it may hold a password, and no page gets it."""
    submitted_at: datetime.datetime | None = None
    """By the platform's clock: it may go on showing for a while what was before."""

    def shown(self) -> dict[str, object]:
        """Return what pages are told of it."""
        names = ("version", "state", "description", "sent", "total", "reason")
        return {name: getattr(self, name) for name in names} | {"since": self.since.isoformat()}


@final
class Desk:
    """Submits for pages, watches the calls as an observer, and tells all pages of every change.

    It lives in memory and in one process. Among several, each would have a list of its own, and
    only the platform would refuse a version that is submitted through two of them at once.

    Args:
        credentials: whose notifications are believed.

    Attributes:
        router: of the platform's notifications.
        inbox: where they end the wait for a verdict, which otherwise asks every now and then.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._client: AuditClient | None = None
        self.inbox = Inbox()
        self.router = NotificationRouter(
            credentials.app_id,
            verifier=credentials.verifier,
            cipher=credentials.cipher,
            signer=credentials.signer,
        )
        self.router.on(AuditPassed)(self._heard)
        self.router.on(AuditRejected)(self._heard)
        self._rows: dict[str, _Row] = {}
        self._change = asyncio.Event()
        self._listed: bytes | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closing = False

    @property
    def client(self) -> AuditClient:
        """The application's client, whose observer the desk is."""
        if self._client is None:
            raise RuntimeError("no client was opened for this desk")
        return self._client

    def open(self, client: AuditClient) -> None:
        """Take the client, for as long as the application lives."""
        self._client = client

    def recall(self) -> None:
        """Begin to list what the platform has in audit already, and its verdicts of late."""
        self._start(self._list_what_is_there())

    def on_event(self, event: Event) -> None:
        """Note how much of an upload has left; the label of a call is its version."""
        if isinstance(event, BytesSent) and event.label in self._rows:
            row = self._rows[event.label]
            row.sent, row.total = event.sent, event.total
            self._tell()

    @contextmanager
    def reserved(self, version: str) -> Iterator[Answer | None]:
        """Keep a version from being submitted twice while its form is received and sent.

        Yields:
            `None`, or the answer to whoever may not: it is under way, after a double click, say, it
            is not known whether it is in audit, or there are too many uploads already.
        """
        before = self._rows.get(version)
        if before is not None and before.state in (*_UNDER_WAY, "unknown"):
            is_unknown = before.state == "unknown"
            yield Answer.told(409, "ask_first" if is_unknown else "under_way")
            return
        if sum(row.state in _UPLOADING for row in self._rows.values()) >= _MOST_UPLOADS:
            yield Answer(503, {"outcome": "busy"}, {"Retry-After": str(LATER)})
            return
        row = self._rows[version] = _Row(version, "receiving")
        self._forget()
        self._tell()
        try:
            yield None
        finally:
            if row.state in ("receiving", "failed"):  # nothing new is in audit
                del self._rows[version]
                self._rows |= {} if before is None else {version: before}
                self._tell()

    async def submit(
        self,
        version: str,
        fields: Mapping[str, str],
        files: Mapping[str, SourceLike],
        language: str,
    ) -> Answer:
        """Submit a version that is `reserved`, and answer what became of it.

        Args:
            version: which.
            fields: of the form, by wire name.
            files: by wire name; they stay open until this returns.
            language: of the texts in the answer.
        """
        row = self._rows[version]
        row.state = "failed"
        try:
            row.request = AuditApply.from_wire({**fields, "app_version": version})
            row.description = row.request.version_desc or ""
            row.state, row.since = "sending", datetime.datetime.now(datetime.UTC)
            self._tell()
            reply = await self.client.with_options(label=version).apply(row.request, files)
        except AuditError as error:
            states = {Outcome.UNKNOWN: "unknown", Outcome.ACCEPTED_UNREADABLE: "AUDITING"}
            row.state, row.submitted_at = states.get(error.outcome, "failed"), row.since
            return answer_of(error, language)
        except BaseException:  # it was cut: the server has no more time
            row.state = "unknown" if row.state == "sending" else "failed"
            raise
        else:
            row.state, row.submitted_at = "AUDITING", reply.meta.platform_time or row.since
            return Answer(200, {"outcome": "accepted", "trace_id": reply.meta.trace_id})
        finally:
            self._tell()
            self._watch(row)

    async def ask(self, version: str, language: str) -> Answer:
        """Ask the platform whether a version is in audit of which nobody knows.

        Args:
            version: which.
            language: of the texts in the answer.
        """
        row = self._rows.get(version)
        if row is None or row.state != "unknown" or row.request is None:
            return Answer.told(409, "nothing_to_ask")
        row.state = "asking"
        self._tell()
        try:
            found = await self.client.resolve_apply(row.request, since=row.since)
        except AuditError as error:
            return not_asked(error, language)
        else:
            if found.landed is False:
                del self._rows[version]
            elif found.detail is not None:  # so it stands there, whoever has submitted it
                row.state, row.reason = str(found.detail.status), found.detail.reject_reason
                row.submitted_at = found.detail.gmt_apply_audit
            words = {True: "accepted", False: "did_not_arrive", None: "nobody_knows"}
            return Answer.told(200, words[found.landed])
        finally:
            row.state = "unknown" if row.state == "asking" else row.state
            self._tell()
            self._watch(row)

    async def take_back(self, version: str, language: str) -> Answer:
        """Take a rejected version back: until then neither it nor a newer one may be submitted.

        Args:
            version: which.
            language: of the texts in the answer.
        """
        row = self._rows.get(version)
        if row is None or row.state != _REJECTED:
            return Answer.told(409, "not_rejected")
        row.state = "returning"
        self._tell()
        has_begun = False
        try:
            # What has passed since, the call would take back as well; so it is not repeated.
            status = (await self.client.version_detail(version)).status
            if has_begun := status == _REJECTED:
                once = self.client.with_options(retry=_ONCE)
                await once.versions.cancel_audited(version)
                status = VersionStatus.INIT
            row.state = row.state if status is None else str(status)
        except AuditError as error:
            if not has_begun:
                return not_asked(error, language)
            answer = answer_of(error, language)
            is_unknown = error.outcome is Outcome.UNKNOWN
            body = {"outcome": "back_unknown"} if is_unknown else {}
            return attrs.evolve(answer, body={**answer.body, **body})
        finally:
            row.state = _REJECTED if row.state == "returning" else row.state
            self._tell()
            self._watch(row)
        is_back = row.state == "INIT"
        return Answer.told(200, "taken_back") if is_back else Answer.told(409, "not_rejected")

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield all versions as server-sent events, now and after every change, until `close`."""
        while not self._is_closing:
            await asyncio.sleep(_REST)
            change = self._change
            yield self._list()
            while not self._is_closing:
                try:
                    await asyncio.wait_for(change.wait(), _PULSE)
                    break
                except TimeoutError:
                    yield b": still here\n\n"

    def close(self) -> None:
        """End the streams, which would keep the server from ending."""
        self._is_closing = True
        self._tell()

    async def aclose(self) -> None:
        """End the streams and the watch for verdicts."""
        self.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _heard(self, message: AuditPassed | AuditRejected) -> None:
        self.inbox.put(message)

    def _forget(self) -> None:
        unsettled = (*_UNDER_WAY, "AUDITING", "unknown")
        settled = [name for name, row in self._rows.items() if row.state not in unsettled]
        for version in settled[: max(0, len(self._rows) - _MOST)]:
            del self._rows[version]

    def _list(self) -> bytes:
        """Return all versions as an event; it is written once, however many look on."""
        if self._listed is None:
            shown = [row.shown() for row in reversed(self._rows.values())]
            self._listed = f"data: {json.dumps(shown, ensure_ascii=False)}\n\n".encode()
        return self._listed

    def _tell(self) -> None:
        self._listed = None
        change, self._change = self._change, asyncio.Event()
        change.set()

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _list_what_is_there(self) -> None:
        try:
            listed = await self.client.versions.list(statuses=_RECALLED)
            for version in [each.app_version for each in reversed(listed.versions)]:
                if version is None or version in self._rows:
                    continue
                detail = await self.client.version_detail(version)
                row = _Row(version, str(detail.status), detail.version_desc or "")
                row.since, row.reason = detail.gmt_apply_audit or row.since, detail.reject_reason
                row.submitted_at = detail.gmt_apply_audit
                self._rows.setdefault(version, row)
                self._tell()
                self._watch(row)
        except AuditError as error:  # what is submitted here is listed all the same
            _LOGGER.warning("the list begins without what is in audit already: %s", error)

    def _watch(self, row: _Row) -> None:
        if row.state == "AUDITING" and self._rows.get(row.version) is row and not self._is_closing:
            self._start(self._await_verdict(row))

    async def _await_verdict(self, row: _Row) -> None:
        try:
            verdict = await self.client.wait_for_verdict(
                row.version, inbox=self.inbox, submitted_at=row.submitted_at
            )
        except AuditError:  # a question that is refused will be refused again
            row.state = "unwatched"
            _LOGGER.exception("nobody waits for the verdict of %s any more", row.version)
        else:
            row.state, row.reason = str(verdict.status), " ".join(verdict.reasons) or None
            row.submitted_at = verdict.submitted_at
            self._watch(row)  # it is in audit again, if somebody has submitted it elsewhere
        self._tell()
