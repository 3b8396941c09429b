"""What the methods of `AuditClient` check of their arguments before a call is made of them.

An object of the wrong type is a mistake in the program: a `TypeError` that names the argument and
what it wants. A value that cannot be sent is a `Problem`, as in any other input.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import UnionType
from typing import Final, TypeAlias

import attrs

from alipay_mini_audit.attachments import Attachments, SourceLike
from alipay_mini_audit.calls import Answer, CallOptions, CallSpec, NoToken
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.models import AuditApply, text_problems
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.problems import Problem, told
from alipay_mini_audit.protocol import APPLY, Operation

__all__ = [
    "BLANK_IS_NOT_ANY",
    "MakeCall",
    "apply_spec",
    "call_spec",
    "checked_token",
    "expect",
    "expect_observers",
    "fields_of_cancel",
    "options_with",
    "query_of",
    "version_of",
]

MakeCall: TypeAlias = Callable[[CallSpec, str | NoToken | None, Timeouts | None], Awaitable[Answer]]
"""Makes a call with the options of a client or view, and those of the call."""

BLANK_IS_NOT_ANY: Final = (
    "Leave it out to withdraw whichever version is in audit.",
    "如需撤销当前审核中的版本，不传即可。",
)
"""What to do about a version that is blank, where it can be left out."""

_TOKEN: Final = re.compile(r"[!-~]{1,1024}")
_PATH: Final = re.compile(r"/[A-Za-z0-9/_.~%:@!$&'()*+,;=-]*")
_METHOD: Final = re.compile(r"[A-Z]{1,16}")
_VERSION: Final = ("app_version", "bundle_id")
"""What names a version."""

_BAD_PATH: Final = (
    (
        "expected an upper-case method, and an encoded path that begins with / and has no query.",
        "",
    ),
    ("请求方法应为大写；路径应以 / 开头、已编码且不含查询参数。", ""),
)
_BAD_TOKEN: Final = (
    ("a token is printable ASCII without blanks, and this is not.", "Copy it again."),
    ("令牌应只含可打印的 ASCII 字符且没有空白，传入的值不符合。", "请重新复制。"),
)
_BLANK: Final = ("it is blank.", "为空或只含空白字符。")
_WALLET: Final = ("Leave it out for the Alipay wallet.", "支付宝端可以不传。")
_OWN_ARGUMENT: Final = (
    ("this is an argument of cancel.", "Give it so."),
    ("这是 cancel 的参数。", "请直接作为参数传入。"),
)


def expect(name: str, value: object, kind: type | UnionType, wanted: str) -> None:
    """Return if an argument is of the type that it has to be.

    Args:
        name: the argument.
        value: what was given for it.
        kind: its type.
        wanted: the type in words, with its article.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name}: expected {wanted}, not {type(value).__name__}")


def expect_observers(observers: object) -> None:
    """Return if an argument is a sequence of observers.

    Args:
        observers: what was given.

    Raises:
        TypeError: it is not.
    """
    wanted = "a sequence of observers, such as [LoggingObserver()]"
    expect("observers", observers, Sequence, wanted)
    assert isinstance(observers, Sequence)  # noqa: S101  # narrows the type of the line above
    for position, observer in enumerate(observers):
        if isinstance(observer, type) or not callable(getattr(observer, "on_event", None)):
            raise TypeError(
                f"observers[{position}]: expected an object with `on_event(event)`, "
                f"not {_called(observer)}"
            )


def apply_spec(
    request: AuditApply,
    attachments: Attachments | Mapping[str, SourceLike | None] | None = None,
) -> CallSpec:
    """Return the call that submits a version.

    Raises:
        TypeError: an argument is of another type.
    """
    expect("request", request, AuditApply, "an AuditApply")
    wanted = "Attachments, a mapping from wire names to files, or None"
    expect("attachments", attachments, Attachments | Mapping | None, wanted)
    about = {"app_version": request.app_version, "bundle_id": request.bundle_id}
    return CallSpec(
        operation=APPLY,
        about={name: value for name, value in about.items() if value},
        fields=request.to_wire(),
        request=request,
        attachments=attachments,
    )


def call_spec(
    method: str,
    path: str,
    *,
    query: Mapping[str, str | None] | None,
    body: Mapping[str, object] | None,
    attachments: Mapping[str, SourceLike | None] | None,
) -> CallSpec:
    """Return any other call of OpenAPI v3.

    Raises:
        TypeError: an argument is of another type.
        ValidationError: method, path, query or files cannot be sent.
    """
    expect("method", method, str, "a text such as 'POST'")
    expect("path", path, str, "a text that begins with /v3/")
    expect("body", body, Mapping | None, "a mapping that is sent as a JSON object, or None")
    expect("attachments", attachments, Mapping | None, "a mapping from names to files, or None")
    if not _PATH.fullmatch(path) or not _METHOD.fullmatch(method):
        raise ValidationError([told("path", "bad_path", *_BAD_PATH)])
    operation = Operation(
        name="call",
        method=method,
        path=path,
        is_upload=attachments is not None,
        may_be_empty=True,
    )
    return CallSpec(
        operation=operation,
        query=query_of(query),
        fields=body,
        attachments=Attachments.from_parts(attachments or {}, allow_unknown=True),
    )


def options_with(
    options: CallOptions,
    app_auth_token: str | NoToken | None,
    timeouts: Timeouts | None,
    preflight: Preflight | None,
) -> CallOptions:
    """Return options of a client or view with those of one call; `None` keeps what there is.

    Raises:
        TypeError: an argument is of another type.
        ValidationError: the token has characters that no token has.
    """
    expect("timeouts", timeouts, Timeouts | None, "a Timeouts or None")
    expect("app_auth_token", app_auth_token, str | NoToken | None, "a text, NO_TOKEN or None")
    expect("preflight", preflight, Preflight | None, "a Preflight or None")
    if timeouts is not None:
        options = attrs.evolve(options, timeouts=timeouts)
    if preflight is not None:
        options = attrs.evolve(options, preflight=preflight)
    if app_auth_token is NoToken.NO_TOKEN:
        return attrs.evolve(options, app_auth_token=None)
    if app_auth_token is None:
        return options
    return attrs.evolve(options, app_auth_token=checked_token(app_auth_token))


def checked_token(app_auth_token: str) -> str:
    """Return a token that can be sent.

    Raises:
        ValidationError: it has characters that no token has.
    """
    if not _TOKEN.fullmatch(app_auth_token):
        raise ValidationError([told("app_auth_token", "bad_token", *_BAD_TOKEN)])
    return app_auth_token


def version_of(
    app_version: str | None,
    bundle_id: str | None,
    *,
    advice: tuple[str, str] = ("", ""),
    further: Sequence[Problem] = (),
) -> dict[str, str]:
    """Return the fields that name a version; what is `None` is left out.

    Blank is refused: a variable that was never filled must not name another version than was meant.

    Args:
        app_version: the version.
        bundle_id: the application it runs in.
        advice: what to do about a version that is blank, in English and in Chinese.
        further: what is wrong with other arguments of the call, to be told at once.

    Raises:
        ValidationError: one of them is blank, or there are further problems.
    """
    blank = [
        ("app_version", app_version, "APP_VERSION_IS_BLANK", advice),
        ("bundle_id", bundle_id, "blank_bundle_id", _WALLET),
    ]
    problems = [
        _blank(name, code, what_to_do)
        for name, value, code, what_to_do in blank
        if isinstance(value, str) and not value.strip()
    ]
    if problems or further:
        raise ValidationError([*problems, *further])
    given = zip(_VERSION, (app_version, bundle_id), strict=True)
    return {name: value for name, value in given if value is not None}


def _blank(name: str, code: str, advice: tuple[str, str]) -> Problem:
    english, chinese = zip(_BLANK, advice, strict=True)
    return told(name, code, english, chinese)


def fields_of_cancel(
    about: Mapping[str, str], extra: Mapping[str, object] | None
) -> dict[str, object]:
    """Return the fields of a cancel.

    Args:
        about: what names the version.
        extra: fields by their wire names; they may not name another version.

    Raises:
        TypeError: `extra` is not a mapping.
        ValidationError: a name in `extra` is not a text, or is an argument of `cancel`.
    """
    expect("extra", extra, Mapping | None, "a mapping from wire names to JSON values, or None")
    more = dict(extra or {})
    problems = [
        told(f"extra[{name!r}]", "known_field", *_OWN_ARGUMENT) for name in more if name in _VERSION
    ]
    problems += [problem for name in more for problem in _name_problems("extra", name)]
    if problems:
        raise ValidationError(problems)
    return {**about, **more}


def query_of(query: Mapping[str, str | None] | None) -> dict[str, str]:
    """Return the parameters of a query; those that are `None` are left out.

    Args:
        query: what was given.

    Raises:
        TypeError: it is not a mapping.
        ValidationError: a name or a value is not a text, or has characters that no query has.
    """
    expect("query", query, Mapping | None, "a mapping from names to texts, or None")
    given = {name: value for name, value in (query or {}).items() if value is not None}
    problems = [
        problem
        for name, value in given.items()
        for problem in _name_problems("query", name) or text_problems(f"query[{name!r}]", value)
    ]
    if problems:
        raise ValidationError(problems)
    return given


def _name_problems(argument: str, name: object) -> list[Problem]:
    path = f"{argument}[{name!r}]" if isinstance(name, str) else argument
    return text_problems(path, name)


def _called(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
