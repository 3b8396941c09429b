"""Every exception of this package, and how far a failed call came.

```
AuditError
├─ ConfigurationError      a key, certificate or setting is unusable
├─ ValidationError         all problems of an input at once; nothing was sent
├─ SigningError            the signer failed; this attempt was not sent
├─ CallError               the call left the core; `outcome` says how far it came
│  ├─ ConnectionFailed     no connection: NOT_SENT
│  ├─ SendInterrupted      the body was cut: UNKNOWN, or NOT_SENT if nothing of it had left
│  ├─ ReplyTimeout         the body left, no reply in time: UNKNOWN
│  ├─ ReplyLost            the body left, the connection broke: UNKNOWN
│  ├─ UntrustedReply       signature missing, wrong, or by an unknown certificate
│  ├─ MalformedReply       HTML, not JSON, wrong shape
│  └─ ApiError             the platform answered with an error code
│     ├─ AuthenticationError   signature, key, certificate, clock, encryption
│     ├─ PermissionDenied      a person must grant, pay, or unblock something
│     ├─ RateLimited           throttled: wait and repeat
│     ├─ ServiceUnavailable    a fault of the platform: UNKNOWN
│     ├─ InvalidRequest        change the request
│     └─ StateConflict         the version is in another state than the call needs
├─ NotificationRejected    an incoming notification is not the platform's
├─ BatchError              a batch could not be run
└─ VerdictPending          no verdict in time; of `verdicts`
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Self

import attrs

from alipay_mini_audit.problems import (
    ErrorKind,
    Explanation,
    Outcome,
    Problem,
    RejectionReason,
    Severity,
    joined,
    printable,
)

__all__ = [
    "ApiError",
    "AuditError",
    "AuthenticationError",
    "BatchError",
    "CallError",
    "ConfigurationError",
    "ConnectionFailed",
    "ErrorKind",
    "Explanation",
    "InvalidRequest",
    "MalformedReply",
    "NotificationRejected",
    "Outcome",
    "PermissionDenied",
    "Problem",
    "RateLimited",
    "RejectionReason",
    "ReplyLost",
    "ReplyTimeout",
    "SendInterrupted",
    "ServiceUnavailable",
    "Severity",
    "SigningError",
    "StateConflict",
    "UntrustedReply",
    "ValidationError",
]


class AuditError(Exception):
    """The root: everything that this package raises on purpose."""

    outcome: Outcome = Outcome.NOT_SENT
    """What the failed call has done on the platform."""
    _repeatable: ClassVar[frozenset[Outcome]] = frozenset()

    @property
    def is_repeatable(self) -> bool:
        """Whether the same request may be sent again later, may then succeed, and counts once."""
        return self.outcome in self._repeatable

    def __reduce__(self) -> tuple[object, ...]:
        return type(self).__new__, (type(self), *self.args), self.__dict__.copy()


class ConfigurationError(AuditError):
    """A key, a certificate or a setting is unusable; raised at construction.

    Attributes:
        setting: what is wrong, called as it was given: an argument, a variable, a key of a file.
        problem: what is wrong with it, for a person; a sentence.
        advice: what to do about it; may be empty.
        code: a stable word for programs, as that of a `Problem`; may be empty.

    Its text is English, so that logs can be searched; `as_problem` can be told in Chinese, too.
    """

    def __init__(
        self,
        setting: str,
        problem: str,
        advice: str = "",
        *,
        code: str = "",
        translations: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        self.setting = setting
        self.problem = problem
        self.advice = advice
        self.code = code
        known = dict(translations or {})
        self._problem = Problem(setting, code, problem, advice, translations=known)
        super().__init__(str(self._problem))

    @classmethod
    def from_problem(cls, problem: Problem) -> Self:
        """Make the error that says what `problem` says; its path is the setting."""
        told = problem.translations
        return cls(
            problem.path, problem.message, problem.advice, code=problem.code, translations=told
        )

    def as_problem(self, path: str | None = None) -> Problem:
        """Return what it says as a problem, in every language that it was told in.

        Args:
            path: what to call the setting; `None` leaves it as it is.
        """
        return self._problem if path is None else attrs.evolve(self._problem, path=path)


class ValidationError(AuditError):
    """An input is wrong; raised before anything is sent.

    Attributes:
        problems: every problem that was found, in the order of the fields.
    """

    def __init__(self, problems: tuple[Problem, ...] | list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SigningError(AuditError):
    """The signer raised, hung, or returned something other than bytes.

    Attributes:
        reason: why there is no signature, for a person.
        attempts: how many attempts the call made; the last of them was not sent.
        earlier: the other errors of its attempts and questions, oldest first.
    """

    _repeatable = frozenset({Outcome.NOT_SENT})

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.attempts = 1
        self.earlier: tuple[AuditError, ...] = ()

    def __str__(self) -> str:
        facts = [f"outcome: {self.outcome.value}"]
        facts += [f"attempt {self.attempts}"] if self.attempts > 1 else []
        return f"{self.reason} ({', '.join(facts)})"


class CallError(AuditError):
    """A call failed after its request was drafted.

    Its texts may hold what came from outside, as one line: `printable` has been over them.

    Attributes:
        reason: why it failed, for a person; without advice, outcome and ids, which `str()` adds.
        outcome: what the call has done on the platform.
        request_id: our id of the last attempt, header `alipay-request-id`.
        trace_id: the platform's id of the answer; quote it to their support. `None` without an
            answer.
        http_status: status of the answer; `None` without an answer.
        attempts: how many attempts were made.
        earlier: the other errors of its attempts and questions, oldest first.
        advice: what to do next; may be empty.
    """

    default_outcome: ClassVar[Outcome] = Outcome.UNKNOWN
    _repeatable = frozenset({Outcome.NOT_SENT})

    def __init__(
        self,
        reason: str,
        *,
        outcome: Outcome | None = None,
        advice: str = "",
        http_status: int | None = None,
        trace_id: str | None = None,
    ) -> None:
        self.reason = printable(reason)
        super().__init__(self.reason)
        self.outcome = self.default_outcome if outcome is None else outcome
        self.advice = advice
        self.http_status = http_status
        self.trace_id = None if trace_id is None else printable(trace_id)
        self.request_id: str | None = None
        self.attempts = 1
        self.earlier: tuple[AuditError, ...] = ()

    def __str__(self) -> str:
        facts = [f"outcome: {self.outcome.value}"]
        facts += [f"HTTP {self.http_status}"] if self.http_status is not None else []
        facts += [f"request id {self.request_id}"] if self.request_id else []
        facts += [f"trace id {self.trace_id}"] if self.trace_id else []
        facts += [f"attempt {self.attempts}"] if self.attempts > 1 else []
        return f"{joined(self.reason, self.advice)} ({', '.join(facts)})"


class ConnectionFailed(CallError):
    """No connection was made: host unknown, refused, TLS failed, or no connection in time."""

    default_outcome = Outcome.NOT_SENT


class SendInterrupted(CallError):
    """The body was cut while it was sent: the peer left, the line stalled, or a file changed.

    `NOT_SENT` if nothing of it had left, because a file was gone before its turn, say.

    Attributes:
        path: where the file that is at fault was given, as the `path` of a `Problem`; `None` if no
            file is. The same call would meet the same file, so it is never repeated.
    """

    def __init__(
        self,
        reason: str,
        *,
        path: str | None = None,
        outcome: Outcome | None = None,
        advice: str = "",
    ) -> None:
        super().__init__(reason, outcome=outcome, advice=advice)
        self.path = path

    @property
    def is_repeatable(self) -> bool:
        """`True` if nothing has left, and no file has to be mended first."""
        return self.path is None and super().is_repeatable


class ReplyTimeout(CallError):
    """The whole request left, and no reply came in time."""


class ReplyLost(CallError):
    """The whole request left, and the connection broke before the whole reply was here."""


class UntrustedReply(CallError):
    """The reply's signature is missing, wrong, or by an unknown certificate."""


class MalformedReply(CallError):
    """The reply is not what the API answers: HTML, not JSON, of the wrong shape, or too long."""


class ApiError(CallError):
    """The platform answered with an error code; raised itself for a code that is not known here.

    Attributes:
        code: the platform's code, e.g. `SUBMIT_REPEAT` or `invalid-signature`.
        message: the platform's own text, usually Chinese.
        kind: what sort of code it is.
        links: the platform's links as it sent them: a list of mappings, a text, or `None`.
        retry_after: seconds that the platform asks to wait, from `Retry-After`; `None` if it did
            not.

    Its texts are English, so that logs can be searched; `explanation` speaks Chinese, too.
    """

    default_outcome = Outcome.REFUSED

    def __init__(
        self,
        code: str,
        message: str,
        *,
        kind: ErrorKind = ErrorKind.UNKNOWN,
        advice: str = "",
        links: list[Mapping[str, object]] | str | None = None,
        retry_after: float | None = None,
        outcome: Outcome | None = None,
        http_status: int | None = None,
        trace_id: str | None = None,
        explain: Callable[[str, str | None], Explanation] | None = None,
    ) -> None:
        reason = f"{code}: {message}" if message else code
        super().__init__(
            reason, outcome=outcome, advice=advice, http_status=http_status, trace_id=trace_id
        )
        self.code = printable(code)
        self.message = printable(message)
        self.kind = kind
        self.links = links
        self.retry_after = retry_after
        self._explain = explain

    def explanation(self, language: str | None = None) -> Explanation:
        """Say what the code means, and what to do about it.

        Args:
            language: "zh" or "en"; `None` takes `ALIPAY_MINI_AUDIT_LANG`, then the locale. An error
                that no reply has raised has its own advice only.

        Raises:
            ConfigurationError: another language was asked for.
        """
        if self._explain is None:
            found = Explanation(
                code=self.code,
                kind=self.kind,
                is_known=False,
                meaning=self.message,
                advice=self.advice,
            )
        else:
            found = self._explain(self.code, language)
        if found.is_known:
            return found
        return attrs.evolve(  # of a code that no table has, the answer's status tells the rest
            found,
            kind=self.kind,
            is_repeatable=self.is_repeatable,
            may_have_landed=self.outcome is Outcome.UNKNOWN,
        )


class AuthenticationError(ApiError):
    """Signature, key, certificate, clock or encryption is not what the platform expects."""


class PermissionDenied(ApiError):
    """The account, app or token may not do this; a person must act."""


class RateLimited(ApiError):
    """The call was throttled; it may be repeated later."""

    _repeatable = frozenset({Outcome.NOT_SENT, Outcome.REFUSED})


class ServiceUnavailable(ApiError):
    """The platform had a fault; whether the call took effect is unknown."""

    default_outcome = Outcome.UNKNOWN


class InvalidRequest(ApiError):
    """The request has to be changed before it is sent again."""


class StateConflict(ApiError):
    """The version or the app is in another state than the call needs."""


class NotificationRejected(AuditError):
    """An incoming notification is not the platform's, or cannot be read: answer it `fail`.

    Attributes:
        reason: why, for a program.
    """

    def __init__(self, reason: RejectionReason, problem: Problem | None = None) -> None:
        self.reason = reason
        self._problem = problem or Problem("notification", reason, reason)
        super().__init__(str(self._problem))

    def as_problem(self) -> Problem:
        """Return what it says as a problem, in every language that it was told in."""
        return self._problem


class BatchError(AuditError):
    """A batch could not be run, or what became of it could not be written down.

    Attributes:
        reason: why, for a person.
        code: a stable word for programs: `journal_locked`, `journal_other_app`, `disk_full`,
            `batch_stopped` and so on; `explain` knows them. May be empty.
    """

    def __init__(self, reason: str, *, code: str = "") -> None:
        self.reason = printable(reason)
        self.code = code
        super().__init__(self.reason)
