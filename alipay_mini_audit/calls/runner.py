"""The one way that every call goes: prepare, attempt, decide, wait or ask the platform, repeat.

Everything in an attempt is new: time, nonce, signature and body. Nothing is kept between attempts
but the errors.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final, TypeVar, final

import attrs

from alipay_mini_audit.calls.attempt import Answer, Attempt, AttemptContext
from alipay_mini_audit.calls.call import Call, CallOptions, CallSpec, SendGate
from alipay_mini_audit.calls.causes import clean_causes
from alipay_mini_audit.calls.certificate_fetcher import CertificateFetcher
from alipay_mini_audit.calls.inquiry import Finding, Inquiry
from alipay_mini_audit.calls.preparation import CallPreparation
from alipay_mini_audit.calls.reporting import CallReporter
from alipay_mini_audit.calls.resolution import Claim, question_about
from alipay_mini_audit.calls.signing import RequestSigning
from alipay_mini_audit.calls.state import CallState, Doubt
from alipay_mini_audit.codes.language import language_of
from alipay_mini_audit.concurrency import ClosableWaits
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import (
    AuditError,
    CallError,
    ConfigurationError,
    SigningError,
    ValidationError,
)
from alipay_mini_audit.events import Observer, OutcomeResolved, RetryScheduled
from alipay_mini_audit.files import UploadResources, streams_reserved
from alipay_mini_audit.models import Resolution, VersionDetail, read_model
from alipay_mini_audit.problems import Problem, told
from alipay_mini_audit.protocol import ReplyFreshness
from alipay_mini_audit.retry import Decision, GiveUp, Resolve, Retry
from alipay_mini_audit.transport import Place, Transport, closed_client

__all__ = ["CallRunner"]

_T = TypeVar("_T")
_NO_VERSION: Final = (
    ("there is no version to ask about.", ""),
    ("没有给出要查询的版本。", ""),
)


def _now() -> float:
    return asyncio.get_running_loop().time()


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
        check_freshness: whether a reply must be new.
    """

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        resources: UploadResources,
        observers: Sequence[Observer],
        *,
        check_freshness: bool = True,
    ) -> None:
        self._preparation = CallPreparation(resources)
        self._context = AttemptContext(
            credentials=credentials,
            transport=transport,
            signing=RequestSigning(credentials.signer, resources.steps),
            certificates=CertificateFetcher(credentials.verifier),
            freshness=ReplyFreshness() if check_freshness else None,
        )
        self._observers = tuple(observers)
        self._closing = asyncio.Event()
        self._preparing = ClosableWaits()

    async def run(
        self,
        spec: CallSpec,
        options: CallOptions,
        *,
        prepared: Call | None = None,
        gate: SendGate | None = None,
        within: CallState | None = None,
        resolves: str | None = None,
    ) -> Answer:
        """Prepare a call and make its attempts.

        Args:
            spec: what to do.
            options: of the client or view.
            prepared: what `prepare` made of both; `None` prepares it now.
            gate: asked before each attempt and each piece of it; `None` lets everything through.
            within: the call that asks this question, whose deadline and place it has, if any.
            resolves: id of the call that this one asks about; `None` for a caller's call.

        Returns:
            The verified reply; its fields are `{}` if the outcome was resolved by asking.

        Raises:
            ValidationError: an input is unusable; nothing was sent.
            CallError: the last attempt failed; `earlier` holds the errors before it.
            SigningError: the signer failed.
            ConfigurationError: the client is closed, or belongs to another event loop.
        """
        self._context.transport.check()  # what calls share belongs to one event loop
        reporter = CallReporter(
            self._observers, spec.operation, label=options.label, resolves=resolves
        )
        began = _now()
        deadline = began + options.timeouts.total if within is None else within.deadline
        state = CallState(started=began, deadline=deadline, gate=gate)
        with reporter.around(state):
            try:
                call = prepared or await self._prepare(spec, options, state.deadline)
                if call.warnings:
                    reporter.warned(call.warnings)
                with streams_reserved((file.location, file.source) for file in call.files):
                    place = self._place(options, within)
                    answer = await self._attempt_in(place, call, state, reporter)
            except asyncio.CancelledError as error:
                if resolves is None:  # the caller's own call says it for its questions
                    error.add_note(state.note(spec.operation.name))
                raise
            except AuditError as error:
                raise state.final_error(error)  # noqa: B904  # the error has a cause of its own
            except Exception as error:  # noqa: BLE001  # a call raises nothing but the tree
                raise state.final_error(_unexpected(error, state))  # noqa: B904  # it has its cause
            finally:
                if within is not None:
                    within.deadline = max(within.deadline, state.deadline)
            meta = attrs.evolve(
                answer.meta,
                attempts=state.attempts,
                elapsed=_now() - state.started,
                warnings=call.warnings,
            )
        return attrs.evolve(answer, meta=meta)

    async def prepare(self, spec: CallSpec, options: CallOptions) -> Call:
        """Do the first half of `run` alone: check and look, and send nothing.

        Raises:
            ValidationError, SendInterrupted, ConfigurationError: as for `run`.
        """
        self._context.transport.check()
        return await self._prepare(spec, options, _now() + options.timeouts.total)

    async def check(
        self, spec: CallSpec, options: CallOptions, language: str | None
    ) -> tuple[Problem, ...]:
        """Find what the platform would refuse; see `AuditClient.check`."""
        spoken = language_of(language)
        deadline = _now() + options.timeouts.total
        found = await self._unless_closed(self._preparation.check(spec, options, deadline))
        return tuple(problem.in_language(spoken) for problem in found)

    async def resolve(self, spec: CallSpec, options: CallOptions, began: float) -> Resolution:
        """Ask the platform whether a call of earlier took effect.

        Args:
            spec: the call in question.
            options: of the client or view.
            began: when it began, in the time of the event loop.

        Raises:
            ValidationError: the call names no version.
            CallError, SigningError, ConfigurationError: a question failed.
        """
        self._context.transport.check()
        state = CallState(started=_now(), deadline=_now() + options.timeouts.total)
        inquiry = self._inquiry(spec, options, state)
        if inquiry is None:
            raise ValidationError([told("app_version", "missing", *_NO_VERSION)])
        doubt = Doubt(began=began, ended=_now(), may_still_arrive=True)
        found = await inquiry.resolve([doubt])
        answer = found.answer
        detail = answer and read_model(VersionDetail, answer.fields, answer.meta)
        return Resolution(landed=found.landed, detail=detail)

    def _place(
        self, options: CallOptions, within: CallState | None
    ) -> AbstractAsyncContextManager[Place]:
        """Return the place of a call; a question has that of the call that asks it."""
        if within is not None and within.place is not None:
            return nullcontext(within.place)
        return self._context.transport.place(options.timeouts.queue)

    def stop_waiting(self) -> None:
        """Let calls end now that look at files, or wait for a signature, attempt or question."""
        self._closing.set()
        self._context.signing.close()
        self._preparing.close()

    async def aclose(self) -> None:
        """End what still runs in the background."""
        self.stop_waiting()
        await self._context.certificates.aclose()

    async def _prepare(self, spec: CallSpec, options: CallOptions, deadline: float) -> Call:
        return await self._unless_closed(self._preparation.prepare(spec, options, deadline))

    async def _unless_closed(self, work: Awaitable[_T]) -> _T:
        try:
            with self._preparing.until(None) as scope:
                async with scope:
                    return await work
        except TimeoutError:
            raise closed_client() from None

    async def _attempt_in(
        self,
        place: AbstractAsyncContextManager[Place | None],
        call: Call,
        state: CallState,
        reporter: CallReporter,
    ) -> Answer:
        """Wait for a place, which is no part of `Timeouts.total`, and make the attempts there."""
        queued = _now()
        async with place as state.place:
            state.deadline += _now() - queued
            return await self._attempt_until_done(call, state, reporter)

    async def _attempt_until_done(
        self, call: Call, state: CallState, reporter: CallReporter
    ) -> Answer:
        while True:
            state.attempts += 1
            attempt = Attempt(self._context, call, reporter, state.gate)
            state.request_id = attempt.request_id
            try:
                return await attempt.make(state.attempts, state.deadline)
            except (CallError, SigningError) as error:
                state.deadline += attempt.queued_seconds
                answer = await self._after_failure(call, state, reporter, error, attempt.doubt)
            except BaseException:
                state.interrupted = attempt.outcome
                raise
            if answer is not None:
                return answer

    async def _after_failure(
        self,
        call: Call,
        state: CallState,
        reporter: CallReporter,
        error: CallError | SigningError,
        doubt: Doubt,
    ) -> Answer | None:
        """Wait for the next attempt, or return the answer that shows that one has landed."""
        decision = _decide(call, state, error)
        state.fail(error, doubt)
        if isinstance(decision, Resolve):
            found = await self._resolve(call, state, reporter)
            if found.landed and found.answer is not None:
                meta = attrs.evolve(found.answer.meta, resolved=True)
                return Answer(fields={}, meta=meta)
            decision = GiveUp()
            if found.landed is False:
                state.clear()
                decision = _decide_after_miss(call, state, error)
        if not isinstance(decision, Retry):
            raise error
        reporter.tell(RetryScheduled, delay=decision.delay)
        if not await self._pause_until(_now() + decision.delay, state):
            raise error
        return None

    async def _resolve(self, call: Call, state: CallState, reporter: CallReporter) -> Finding:
        """Ask the platform whether an attempt landed. Only a signed answer is believed."""
        found = Finding(landed=None)
        inquiry = self._inquiry(call, call.options, state, reporter.call_id)
        if inquiry is not None and _now() < state.deadline:
            try:
                found = await inquiry.resolve(state.doubts, is_in_doubt=state.is_in_doubt)
            except (CallError, SigningError) as error:
                state.errors.append(error)
            except ConfigurationError:
                pass  # the client was closed meanwhile; that must not hide the doubt
        reporter.tell(OutcomeResolved, landed=found.landed)
        return found

    def _inquiry(
        self,
        call: Call | CallSpec,
        options: CallOptions,
        state: CallState,
        resolves: str | None = None,
    ) -> Inquiry | None:
        claim = Claim.of(call)
        question = question_about(claim)
        if question is None:
            return None

        async def ask() -> Answer:
            """Put the question once."""
            return await self.run(question, options, within=state, resolves=resolves)

        async def wait(until: float) -> bool:
            """Wait, unless the call is over before."""
            return until < state.deadline and await self._pause_until(until, state)

        return Inquiry(claim=claim, ask=ask, wait=wait, window=options.retry.unknown_window)

    async def _pause_until(self, moment: float, state: CallState) -> bool:
        """Wait, and leave the place to others meanwhile; `False` if the client is closed."""
        if state.place is not None:
            state.place.leave()
        try:
            async with asyncio.timeout_at(moment):
                await self._closing.wait()
        except TimeoutError:
            pass
        else:
            return False
        if state.place is not None:
            queued = _now()
            await state.place.take()
            state.deadline += _now() - queued
        return True


def _unexpected(error: Exception, state: CallState) -> CallError:
    """Return the error for what nobody foresaw, which may say anything."""
    unexpected = CallError(
        f"It failed unexpectedly ({type(error).__name__}).", outcome=state.outcome
    )
    unexpected.__cause__ = error
    clean_causes(unexpected)
    return unexpected


def _decide(call: Call, state: CallState, error: CallError | SigningError) -> Decision:
    return call.options.retry.decide(
        error,
        state.attempts,
        _now() - state.started,
        total=state.deadline - state.started,
        jitter=_jitter(),
        repeatable=call.operation.only_asks,
        in_doubt=bool(state.doubts),
    )


def _decide_after_miss(call: Call, state: CallState, error: CallError | SigningError) -> Decision:
    return call.options.retry.decide_after_miss(
        error,
        state.attempts,
        _now() - state.started,
        total=state.deadline - state.started,
        jitter=_jitter(),
    )
