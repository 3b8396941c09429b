"""The one way that every call goes: prepare, attempt, decide, wait or ask the platform, repeat.

Everything in an attempt is new: time, nonce, signature and body. Nothing is kept between attempts
but the errors.
"""

from __future__ import annotations

import asyncio
import datetime
import math
import random
from collections.abc import Sequence
from typing import Final, final

import attrs

from alipay_mini_audit.calls.attempt import Attempt, AttemptContext
from alipay_mini_audit.calls.call import Call, CallOptions, CallSpec
from alipay_mini_audit.calls.certificate_fetcher import CertificateFetcher
from alipay_mini_audit.calls.preparation import CallPreparation
from alipay_mini_audit.calls.reporting import CallReporter
from alipay_mini_audit.calls.resolution import has_landed, question_about
from alipay_mini_audit.calls.signing import RequestSigning
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import (
    AuditError,
    CallError,
    ConfigurationError,
    Outcome,
    SigningError,
)
from alipay_mini_audit.events import Observer, OutcomeResolved, RetryScheduled
from alipay_mini_audit.files import UploadResources
from alipay_mini_audit.models import ReplyMeta, VersionDetail, read_model
from alipay_mini_audit.retry import Decision, GiveUp, Resolve, Retry
from alipay_mini_audit.transport import Transport

__all__ = ["CallRunner"]

_MOST_SERIOUS_FIRST: Final = (
    Outcome.UNKNOWN,
    Outcome.ACCEPTED_UNREADABLE,
    Outcome.REFUSED,
    Outcome.NOT_SENT,
)
_DOUBTS: Final = (Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@final
@attrs.define
class _CallState:
    """How a call has gone so far."""

    deadline: float = math.inf
    """When it must be over, in the time of the event loop."""
    started: float = 0.0
    began: datetime.datetime = attrs.field(factory=_utc_now)
    attempts: int = 0
    errors: list[CallError | SigningError] = attrs.field(factory=list)
    interrupted: Outcome | None = None
    """What an attempt had done when it was broken off, by a cancel say; `None` if none was."""

    @property
    def outcome(self) -> Outcome:
        """The most serious of what was learnt, which nothing later makes more certain."""
        learnt = {self.interrupted, *(error.outcome for error in self.errors)}
        return next((each for each in _MOST_SERIOUS_FIRST if each in learnt), Outcome.NOT_SENT)

    def temper(self, error: AuditError) -> None:
        """Make an error no surer of its outcome than the call is: doubt is never cleared up."""
        if self.outcome in _DOUBTS and error.outcome is not Outcome.UNKNOWN:
            error.outcome = self.outcome

    def begin(self, deadline: float | None, total: float) -> None:
        """Note the moment before the first attempt, and when the call must be over."""
        self.started = _now()
        self.began = _utc_now()
        self.deadline = self.started + total if deadline is None else deadline

    def decide(self, call: Call, error: CallError | SigningError) -> Decision:
        """Ask the policy what to do after an attempt failed."""
        return call.options.retry.decide(
            error,
            self.attempts,
            _now() - self.started,
            total=self.deadline - self.started,
            jitter=_jitter(),
            repeatable=call.operation.only_asks,
        )

    def decide_after_miss(self, call: Call, error: CallError | SigningError) -> Decision:
        """Decide once the platform has said that the attempt did not land."""
        policy = call.options.retry
        delay = policy.delay_after(self.attempts, error, _jitter())
        is_in_time = _now() + delay < self.deadline
        return Retry(delay) if self.attempts < policy.attempts and is_in_time else GiveUp()

    def finish(self, error: CallError | SigningError) -> CallError | SigningError:
        """Tell the last error what came before it."""
        if isinstance(error, CallError):
            error.attempts = self.attempts
            error.earlier = tuple(before for before in self.errors if before is not error)
        return error


def _jitter() -> float:
    return random.random()  # noqa: S311  # it spreads delays and hides nothing


@final
class CallRunner:
    """Runs calls for one client and its views.

    Args:
        credentials: who calls.
        transport: sends requests.
        resources: what the uploads of the client share.
        observers: are told what happens.
    """

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        resources: UploadResources,
        observers: Sequence[Observer],
    ) -> None:
        self._preparation = CallPreparation(resources)
        self._context = AttemptContext(
            credentials=credentials,
            transport=transport,
            signing=RequestSigning(credentials.signer, resources.steps),
            certificates=CertificateFetcher(credentials.verifier),
        )
        self._observers = tuple(observers)

    async def run(
        self,
        spec: CallSpec,
        options: CallOptions,
        *,
        deadline: float | None = None,
        resolves: str | None = None,
    ) -> tuple[dict[str, object], ReplyMeta]:
        """Prepare a call and make its attempts.

        Args:
            spec: what to do.
            options: of the client or view.
            deadline: when it must be over, in the time of the event loop; `None` takes
                `Timeouts.total` from the first attempt on.
            resolves: id of the call that this one asks about; `None` for a caller's call.

        Returns:
            The JSON object of the verified reply, `{}` if the outcome was resolved by asking, and
            how it came about.

        Raises:
            ValidationError: an input is unusable; nothing was sent.
            CallError: the last attempt failed; `earlier` holds the errors before it.
            SigningError: the signer failed.
            ConfigurationError: the client is closed, or belongs to another event loop.
        """
        self._context.transport.check()  # what calls share belongs to one event loop
        operation = spec.operation
        reporter = CallReporter(self._observers, operation, label=options.label, resolves=resolves)
        state = _CallState()
        with reporter.around(state):
            try:
                call = await self._preparation.prepare(spec, options)
                state.begin(deadline, options.timeouts.total)
                reply, meta = await self._attempt_until_done(call, state, reporter)
            except AuditError as error:
                state.temper(error)
                raise
            elapsed = _now() - state.started
        return reply, attrs.evolve(meta, attempts=state.attempts, elapsed=elapsed)

    async def aclose(self) -> None:
        """End what still runs in the background."""
        await self._context.certificates.aclose()

    async def _attempt_until_done(
        self, call: Call, state: _CallState, reporter: CallReporter
    ) -> tuple[dict[str, object], ReplyMeta]:
        while True:
            state.attempts += 1
            attempt = Attempt(self._context, call, reporter)
            try:
                return await attempt.make(state.attempts, state.deadline)
            except (CallError, SigningError) as error:
                landed = await self._after_failure(call, state, reporter, error)
            except BaseException:
                state.interrupted = attempt.outcome
                raise
            if landed is not None:
                return {}, attrs.evolve(landed, resolved=True)

    async def _after_failure(
        self,
        call: Call,
        state: _CallState,
        reporter: CallReporter,
        error: CallError | SigningError,
    ) -> ReplyMeta | None:
        """Wait for the next attempt, or return the reply that shows that this one landed."""
        state.errors.append(error)
        decision = state.decide(call, error)
        if isinstance(decision, Resolve):
            landed, meta = await self._ask(call, state, reporter)
            if landed:
                return meta
            decision = GiveUp() if landed is None else state.decide_after_miss(call, error)
        if not isinstance(decision, Retry):
            raise state.finish(error)
        reporter.tell(RetryScheduled, delay=decision.delay)
        await asyncio.sleep(decision.delay)
        return None

    async def _ask(
        self, call: Call, state: _CallState, reporter: CallReporter
    ) -> tuple[bool | None, ReplyMeta | None]:
        """Ask the platform whether the last attempt landed. Only a signed answer is believed."""
        landed = meta = None
        question = question_about(call)
        if question is not None and _now() < state.deadline:
            try:
                reply, meta = await self.run(
                    question,
                    call.options,
                    deadline=state.deadline,
                    resolves=reporter.call_id,
                )
            except (CallError, SigningError) as error:
                state.errors.append(error)
            except ConfigurationError:
                pass  # the client was closed meanwhile; that must not hide the doubt
            else:
                detail = read_model(VersionDetail, reply, meta)
                landed = has_landed(call.operation, detail, state.began)
        reporter.tell(OutcomeResolved, landed=landed)
        return landed, meta
