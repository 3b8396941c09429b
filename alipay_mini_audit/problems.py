"""What people are told: problems of an input, explanations of a code, and how both are printed.

The kinds of what may go wrong are here, too; `errors` has the exceptions.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Mapping
from typing import Final, Self, final

import attrs

__all__ = [
    "ErrorKind",
    "Explanation",
    "Outcome",
    "Problem",
    "RejectionReason",
    "Severity",
    "joined",
    "printable",
    "retold",
    "told",
]

_CHINESE_ENDS: Final = ("。", "？", "！", "；", "：", "）")


def printable(text: str) -> str:
    """Return a text that came from outside as one line that any log and terminal can take."""
    if text.isprintable():
        return text
    return text.translate({ord(each): _shown(each) for each in set(text)})


def _shown(character: str) -> str:
    # str.isprintable calls every blank but the ASCII one unprintable, the ideographic one too.
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode("ascii")


def joined(*sentences: str) -> str:
    """Return sentences as one text: with a blank between them, but behind no Chinese mark."""
    text = ""
    for sentence in filter(None, sentences):
        needs_blank = text and not text.endswith(_CHINESE_ENDS)
        text += f" {sentence}" if needs_blank else sentence
    return text


class Severity(enum.StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    """Nothing works until it is solved."""
    WARNING = "warning"
    """It works; a person should look at it."""


@attrs.frozen
class Problem:
    """One thing that is wrong with an input.

    Attributes:
        path: where it is, e.g. `app_version` or `attachments.screen_shots[2]`.
        code: a stable word for programs, e.g. `file_not_found`.
        message: what is wrong, for a person.
        advice: what to do about it.
        severity: how bad it is.
        translations: message and advice by language, "zh" for one; English is not among them.
    """

    path: str
    code: str
    message: str
    advice: str = ""
    severity: Severity = Severity.ERROR
    translations: Mapping[str, tuple[str, str]] = attrs.field(
        factory=dict, repr=False, eq=False, kw_only=True
    )

    def in_language(self, language: str) -> Self:
        """Return it with message and advice in a language; as it is if nobody has written them.

        Args:
            language: "zh" or "en".
        """
        if language not in self.translations:
            return self
        message, advice = self.translations[language]
        return attrs.evolve(self, message=message, advice=advice)

    def __str__(self) -> str:
        return printable(joined(f"{self.path}: {self.message}", self.advice))


def told(
    path: str,
    code: str,
    english: tuple[str, str],
    chinese: tuple[str, str],
    severity: Severity = Severity.ERROR,
    values: Mapping[str, object] | None = None,
) -> Problem:
    """Return a problem in both languages. Program logic never reads its texts.

    Args:
        path: where it is.
        code: the platform's, or ours in lower case.
        english: message and advice.
        chinese: message and advice.
        severity: how bad it is.
        values: what is filled into the texts, by its name there; `None` for nothing.
    """
    given = {} if values is None else values
    message, advice = _filled(english, given)
    translations = {"zh": _filled(chinese, given)}
    return Problem(path, code, message, advice, severity, translations=translations)


def retold(
    problem: Problem,
    english: tuple[str, str],
    chinese: tuple[str, str],
    severity: Severity | None = None,
    values: Mapping[str, object] | None = None,
) -> Problem:
    """Return a problem in other words; `{message}` in them is its own, in either language.

    Args:
        problem: what has to be said differently.
        english: message and advice.
        chinese: message and advice.
        severity: how bad it is here; `None` leaves it as it is.
        values: what else is filled into the texts.
    """
    other = {} if values is None else values
    message, advice = _filled(english, {**other, "message": problem.message})
    own = problem.in_language("zh").message
    return attrs.evolve(
        problem,
        message=message,
        advice=advice,
        severity=problem.severity if severity is None else severity,
        translations={"zh": _filled(chinese, {**other, "message": own})},
    )


def _filled(texts: tuple[str, str], values: Mapping[str, object]) -> tuple[str, str]:
    message, advice = texts
    return message.format_map(values), advice.format_map(values)


class ErrorKind(enum.StrEnum):
    """What sort of answer an error code is; each has an `ApiError` of its own."""

    AUTHENTICATION = "authentication"
    """Signature, key, certificate, clock or encryption."""
    PERMISSION = "permission"
    """Account, product or punishment: a person must act."""
    THROTTLED = "throttled"
    """Too many calls; repeat later."""
    UNAVAILABLE = "unavailable"
    """A fault of the platform; the outcome is unknown."""
    REQUEST = "request"
    """Change the request."""
    STATE = "state"
    """The version or app is in another state than the call needs."""
    UNKNOWN = "unknown"
    """A code that this version of the package does not know."""


class Outcome(enum.Enum):
    """What a failed call has done on the platform, as far as it can be known."""

    NOT_SENT = "not sent"
    """The platform has not received the request: it may be sent again."""
    REFUSED = "refused"
    """The platform refused it, nothing has changed there; what it throttled `is_repeatable`."""
    ACCEPTED_UNREADABLE = "accepted, reply unreadable"
    """The platform accepted the request, and its signed reply cannot be read."""
    UNKNOWN = "unknown"
    """Nobody knows: ask the platform (`resolve_apply`) before sending it again."""


class RejectionReason(enum.StrEnum):
    """Why an incoming notification is not believed, or cannot be used; `explain` knows each."""

    TOO_LARGE = "notification_too_large"
    """Its body has more than 1 MiB."""
    NOT_A_FORM = "notification_not_a_form"
    """Its body is not a form, or one that can be read in two ways."""
    REPEATED_FIELD = "notification_repeated_field"
    """A field is in it twice."""
    SIGN_TYPE = "notification_sign_type"
    """It is not signed with RSA2."""
    SIGNATURE = "notification_signature"
    """The signature is missing, not base64 as it is written, or not the platform's."""
    CHARSET = "notification_charset"
    """Its charset is not one of the platform's, or its text is in another one."""
    ENCRYPTED = "notification_encrypted"
    """It is encrypted, and there is no key here, or no such algorithm."""
    DECRYPTION = "notification_decryption"
    """The key that is here does not decrypt it."""
    CONTENT = "notification_content"
    """It is the platform's, and its content has another form than documented."""
    FOREIGN_APP = "notification_foreign_app"
    """It is the platform's, and for another application."""


@final
@attrs.frozen(kw_only=True)
class Explanation:
    """What is known of a code.

    Attributes:
        code: spelt as on the wire.
        kind: what sort of answer it is; `ErrorKind.UNKNOWN` for a code that is not known.
        is_known: whether this version of the package knows it.
        meaning: what it means; says so where the platform documents nothing.
        advice: what to do next.
        fields: what it is about: attributes of `AuditApply`, `Attachments` or the credentials.
        operations: who answers it: calls by the names that events have, such as `apply`; `common`
            is the gateway before every call.
        is_repeatable: the same request may be sent again later, and cannot count twice.
        may_have_landed: in spite of this answer the call, or an earlier attempt of it, may have
            taken effect.
    """

    code: str
    kind: ErrorKind
    is_known: bool
    meaning: str
    advice: str
    fields: tuple[str, ...] = ()
    operations: frozenset[str] = frozenset()
    is_repeatable: bool = False
    may_have_landed: bool = False
