"""Tells the observers of a client what happens in one call."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import TracebackType
from typing import Protocol, final

from alipay_mini_audit.errors import AuditError, Outcome
from alipay_mini_audit.events import (
    AttemptStarted,
    CallEnded,
    CallStarted,
    Event,
    Observer,
    PreflightWarned,
    notify,
    shielded,
)
from alipay_mini_audit.problems import Problem
from alipay_mini_audit.protocol import Operation

__all__ = ["CallReporter", "CallSummary"]


class CallSummary(Protocol):
    """What the end of a call has to tell."""

    @property
    def attempts(self) -> int:
        """How many attempts were begun."""
        ...

    @property
    def outcome(self) -> Outcome:
        """What the call has done so far, if it ends now without an answer."""
        ...


@final
class CallReporter:
    """Tells observers of one call; does nothing if there are none.

    Args:
        observers: in the order in which they are told.
        operation: which call.
        label: what the caller wants to see again; `None` for nothing.
        resolves: id of the call that this one asks about; `None` for a call of the caller's.
    """

    def __init__(
        self,
        observers: Sequence[Observer],
        operation: Operation,
        *,
        label: str | None = None,
        resolves: str | None = None,
    ) -> None:
        self.call_id = uuid.uuid4().hex
        self._observers = observers
        self._facts: dict[str, object] = {
            "call_id": self.call_id,
            "operation": operation.name,
            "method": operation.method,
            "path": operation.path,
            "label": label,
            "resolves": resolves,
        }
        self._attempt: dict[str, object] = {}

    @property
    def has_observers(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self._observers)

    @contextmanager
    def around(self, summary: CallSummary) -> Iterator[None]:
        """Tell the start and the end of the call, and keep the observers' contexts in between.

        Args:
            summary: is asked when the call has ended.
        """
        if not self._observers:
            yield
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        started = CallStarted(**self._facts)  # type: ignore[arg-type]  # they are named there
        with ExitStack() as contexts:
            for observer in self._observers:
                contexts.enter_context(_Presence(observer, started))
            error: BaseException | None = None
            try:
                notify(self._observers, started)
                yield
            except BaseException as raised:
                error = raised
                raise
            finally:
                self._tell(
                    CallEnded,
                    outcome=None if error is None else _outcome_of(error, summary),
                    error=error,
                    attempts=summary.attempts,
                    elapsed=loop.time() - began,
                )

    def warned(self, problems: tuple[Problem, ...]) -> None:
        """Tell what preflight has found that does not stop the call."""
        self._tell(PreflightWarned, problems=problems)

    def attempt_started(self, number: int, request_id: str) -> None:
        """Tell of an attempt; the events that follow are its own."""
        self._attempt = {"attempt": number, "request_id": request_id}
        self.tell(AttemptStarted)

    def tell(self, kind: Callable[..., Event], **facts: object) -> None:
        """Tell an event of the present attempt."""
        self._tell(kind, **self._attempt, **facts)

    def _tell(self, kind: Callable[..., Event], **facts: object) -> None:
        if self._observers:
            notify(self._observers, kind(**self._facts, **facts))


def _outcome_of(error: BaseException, summary: CallSummary) -> Outcome:
    return error.outcome if isinstance(error, AuditError) else summary.outcome


@final
class _Presence:
    """The context of one observer, which can neither break a call nor swallow what it raises."""

    def __init__(self, observer: Observer, event: CallStarted) -> None:
        self._observer = observer
        self._event = event
        self._context: AbstractContextManager[object] | None = None

    def __enter__(self) -> None:
        with shielded(self._observer):
            on_call = getattr(self._observer, "on_call", None)
            context = None if on_call is None else on_call(self._event)
            if context is not None:
                context.__enter__()
                self._context = context

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._context is None:
            return
        with shielded(self._observer, but=error):
            self._context.__exit__(kind, error, trace)
