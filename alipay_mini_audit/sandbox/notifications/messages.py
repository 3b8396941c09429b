"""What the platform tells the application gateway of an app, field by field. No I/O here.

The fields of a message "from Ant" are those that the official FAQ and the field texts of
essensoft/paylink name; those of an audit message were seen in programs that run. No official page
of the two audit messages could be read, and they disagree: one names the version of what passed,
another nothing but the mini-program. `MessageStyle.passed_fields` chooses.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.business.answers import detail_of
from alipay_mini_audit.sandbox.business.days import beijing_day, beijing_time
from alipay_mini_audit.sandbox.business.states import VersionState
from alipay_mini_audit.sandbox.notifications.style import MessageStyle
from alipay_mini_audit.sandbox.protocol.encryption import Cipher

__all__ = [
    "CHECK",
    "GRANT",
    "PASSED",
    "REJECTED",
    "Envelope",
    "Message",
    "Verdict",
    "audit_message",
    "check_message",
    "grant_message",
    "other_message",
    "verdict_of",
]

PASSED: Final = "alipay.open.mini.version.audit.passed"
REJECTED: Final = "alipay.open.mini.version.audit.rejected"
GRANT: Final = "open_app_auth_notify"
CHECK: Final = "alipay.service.check"
_VERDICTS: Final[Mapping[str, str]] = {
    "WAIT_RELEASE": PASSED,
    "BASE_AUDIT_PASS": PASSED,
    "RELEASE": PASSED,
    "AUDIT_REJECT": REJECTED,
    "PROMOTE_AUDIT_REJECT": REJECTED,
}
"""Where an audit ended -> the message of it.

A version that goes online by itself is in release when its message comes. Which of the two tells a
split result, passed for base and rejected for promotion, no source says.
"""
_DETAILS: Final[Mapping[str, str]] = {
    "reject_reason": "audit_reason",
    "base_audit": "base_audit",
    "promote_audit": "promote_audit",
    "base_audit_record": "base_audit_reason",
    "promote_audit_record": "promote_audit_reason",
}
"""Field of the detail answer -> field of the message of a rejection."""
_CHECK_CHARSET: Final = "GBK"
"""That of the official sample."""
_MS: Final = 1000


@final
@attrs.frozen(kw_only=True)
class Message:
    """What is to be told, without a signature.

    Attributes:
        name: its `msg_method`, `notify_type` or `service`.
        notify_id: stays the same when it is sent again; `None` if it has none.
        app_version: the version that it is about; `None` for none.
        charset: of the values.
        fields: of the form, in their order; values are bytes in the charset.
        signs_type: whether `sign_type` is under the signature: the rule of a check of the gateway.
    """

    name: str
    notify_id: str | None
    app_version: str | None = None
    charset: str
    fields: Mapping[str, bytes] = attrs.field(repr=False)
    signs_type: bool = False


@final
@attrs.frozen(kw_only=True)
class Envelope:
    """What every message of a moment has in common.

    Attributes:
        app_id: the receiver.
        now: the platform's clock, seconds since 1970.
        style: how the message is written.
        cipher: encrypts the content; `None` leaves it in clear.
    """

    app_id: str
    now: float
    style: MessageStyle
    cipher: Cipher | None


@final
@attrs.frozen(kw_only=True)
class Verdict:
    """How the audit of a version ended.

    Attributes:
        name: `PASSED` or `REJECTED`.
        mini_app_id: the mini-program.
        app_version: its version.
        bundle_id: the app that it runs in.
        details: what is told of a rejection beside these, under its names on the wire.
    """

    name: str
    mini_app_id: str
    app_version: str
    bundle_id: str
    details: Mapping[str, object] = attrs.field(factory=dict, repr=False)


def verdict_of(state: VersionState, mini_app_id: str) -> Verdict | None:
    """Return what is told of a version whose audit has ended; `None` if nothing is.

    Args:
        state: where the version stands now.
        mini_app_id: the mini-program.
    """
    name = _VERDICTS.get(state.status)
    if name is None:
        return None
    answered = detail_of(state)
    return Verdict(
        name=name,
        mini_app_id=mini_app_id,
        app_version=state.app_version,
        bundle_id=state.bundle_id,
        details={told: answered[field] for field, told in _DETAILS.items() if field in answered},
    )


def audit_message(verdict: Verdict, envelope: Envelope) -> Message:
    """Return the message of a verdict.

    Args:
        verdict: what is told.
        envelope: what it comes in.
    """
    named = {"mini_app_version": verdict.app_version, "bundle_id": verdict.bundle_id}
    content: dict[str, object] = {"mini_app_id": verdict.mini_app_id}
    if verdict.name == PASSED:
        content |= {name: named[name] for name in named if name in envelope.style.passed_fields}
    else:
        content |= {**named, **verdict.details}
    message = other_message(verdict.name, content, envelope)
    return attrs.evolve(message, app_version=verdict.app_version)


def other_message(
    msg_method: str,
    content: Mapping[str, object],
    envelope: Envelope,
) -> Message:
    """Return a message of any kind, by the standard protocol of messages.

    Args:
        msg_method: its kind.
        content: its `biz_content`.
        envelope: what it comes in.
    """
    notify_id = _new_id(envelope.now)
    return _sealed(
        {
            "notify_id": notify_id,
            "utc_timestamp": str(round(envelope.now * _MS)),
            "msg_method": msg_method,
            "app_id": envelope.app_id,
            "version": "1.1",
        },
        content,
        envelope,
        name=msg_method,
        notify_id=notify_id,
    )


def grant_message(
    detail: Mapping[str, object],
    envelope: Envelope,
) -> Message:
    """Return the message that a merchant has authorised the app: `open_app_auth_notify`.

    It follows the old protocol, as the official page on plugins prints it.

    Args:
        detail: who authorised whom, and the token.
        envelope: what it comes in.
    """
    notify_id = _new_id(envelope.now)
    return _sealed(
        {
            "notify_id": notify_id,
            "notify_type": GRANT,
            "status": "execute_auth",
            "notify_time": beijing_time(envelope.now),
            "app_id": envelope.app_id,
            "auth_app_id": str(detail["auth_app_id"]),
            "version": "1.0",
        },
        {
            "detail": {"app_id": envelope.app_id, **detail, "auth_time": round(envelope.now * _MS)},
            "notify_context": {"trigger": "appstore"},
            "error": {},
        },
        envelope,
        name=GRANT,
        notify_id=notify_id,
    )


def check_message(*, app_id: str, now: float) -> Message:
    """Return the question whether the gateway of an app is there: `alipay.service.check`.

    Its fields are those of the official sample, in GBK; it has no id.

    Args:
        app_id: the receiver.
        now: the platform's clock, seconds since 1970.
    """
    content = (
        f"<XML><AppId><![CDATA[{app_id}]]></AppId><FromUserId><![CDATA[]]></FromUserId>"
        f"<CreateTime>{round(now * _MS)}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        "<EventType><![CDATA[verifygw]]></EventType><ActionParam><![CDATA[]]></ActionParam>"
        "<AgreementId><![CDATA[]]></AgreementId><AccountNo><![CDATA[]]></AccountNo></XML>"
    )
    fields = {
        "service": CHECK,
        "biz_content": content,
        "charset": _CHECK_CHARSET,
        "sign_type": "RSA2",
    }
    encoded = {name: value.encode(_CHECK_CHARSET) for name, value in fields.items()}
    return Message(
        name=CHECK, notify_id=None, charset=_CHECK_CHARSET, fields=encoded, signs_type=True
    )


def _sealed(
    head: Mapping[str, str],
    content: Mapping[str, object],
    envelope: Envelope,
    *,
    name: str,
    notify_id: str,
) -> Message:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # What a charset lacks becomes a question mark, as in Java.
    texts = {**head, "biz_content": text}
    fields = {key: value.encode(envelope.style.charset, "replace") for key, value in texts.items()}
    if envelope.cipher is not None:
        fields["biz_content"] = envelope.cipher.encrypt(fields["biz_content"])
        fields["encrypt_type"] = b"AES"
    fields |= {"charset": envelope.style.charset.encode("ascii"), "sign_type": b"RSA2"}
    return Message(name=name, notify_id=notify_id, charset=envelope.style.charset, fields=fields)


def _new_id(now: float) -> str:
    return f"{beijing_day(now):%Y%m%d}{uuid.uuid4().hex}"
