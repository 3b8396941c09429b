"""Signs as the platform does, and as an application answers it: for tests, and for the console."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_plus

import attrs

from alipay_mini_audit.crypto import ContentCipher, Signer
from alipay_mini_audit.errors import SigningError
from alipay_mini_audit.models import AuditRecord
from alipay_mini_audit.notifications.content import CHARSETS
from alipay_mini_audit.notifications.messages import (
    AUTHORIZED,
    CANCELLED,
    PASSED,
    REJECTED,
    AnyNotification,
    AuditPassed,
    AuthorizationChanged,
    OtherNotification,
)
from alipay_mini_audit.notifications.times import in_milliseconds
from alipay_mini_audit.notifications.verification import texts_to_verify

__all__ = ["base64_signature", "sign_notification"]

_AROUND: Final = ("notify_id", "sent_at", "app_id", "extra")
_WIRE_NAMES: Final[Mapping[str, str]] = {"app_version": "mini_app_version"}


async def sign_notification(
    notification: AnyNotification,
    *,
    signer: Signer,
    cipher: ContentCipher | None = None,
    charset: str = "UTF-8",
    signs_sign_type: bool = False,
) -> bytes:
    """Return the body of the request by which the platform would send a notification.

    For tests of what receives notifications: with a key pair of the test in place of Alipay's.

    Args:
        notification: what is told; its `extra` becomes a part of the content. Of an
            `OtherNotification` the `fields` are sent, as they are.
        signer: has the private key of the test's platform.
        cipher: encrypts the content; `None` sends it in the clear.
        charset: `"UTF-8"` or `"GBK"`.
        signs_sign_type: sign `sign_type`, too, as the platform does in some messages.

    Returns:
        A form, `application/x-www-form-urlencoded`.

    Raises:
        SigningError: the signer failed.
        TypeError: the charset is not the platform's, or what is no `OtherNotification` has no
            `notify_id`.
    """
    codec = CHARSETS.get(charset.lower())
    if codec is None:
        raise TypeError(f"charset: expected 'UTF-8' or 'GBK', not {charset!r}")
    form = {"charset": charset, **_fields_of(notification), "sign_type": "RSA2"}
    if cipher is not None:
        form["encrypt_type"] = "AES"
        form["biz_content"] = cipher.encrypt(form.get("biz_content", ""), charset=codec)
    fields = {name.encode(codec): value.encode(codec) for name, value in form.items()}
    text = texts_to_verify(fields)[1 if signs_sign_type else 0]
    fields[b"sign"] = (await base64_signature(text, signer)).encode()
    return "&".join(
        f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields.items()
    ).encode()


async def base64_signature(text: bytes, signer: Signer) -> str:
    """Return the signature of a text in base64.

    Raises:
        SigningError: the signer failed, or returned something other than bytes.
    """
    try:
        signature = await signer.sign(text)
    except Exception as error:
        raise SigningError(f"The signer failed: {type(error).__name__}.") from error
    if not isinstance(signature, bytes) or not signature:
        raise SigningError("The signer returned no signature: expected bytes.")
    return base64.b64encode(signature).decode("ascii")


def _fields_of(notification: AnyNotification) -> dict[str, str]:
    if isinstance(notification, OtherNotification):
        return {name: value for name, value in notification.fields.items() if name != "sign"}
    if not notification.notify_id:
        raise TypeError("notification: expected one with a notify_id, as all of the platform's")
    fields = {"notify_id": notification.notify_id, "app_id": notification.app_id}
    if notification.sent_at is not None:
        fields["utc_timestamp"] = in_milliseconds(notification.sent_at)
    if isinstance(notification, AuthorizationChanged):
        content = {"detail": _authorization_of(notification), **notification.extra}
        is_granted = notification.is_granted
        kind = {"notify_type": AUTHORIZED, "status": "execute_auth", "version": "1.0"}
        fields |= kind if is_granted else {"msg_method": CANCELLED, "version": "1.1"}
    else:
        content = {**_content_of(notification), **notification.extra}
        method = PASSED if isinstance(notification, AuditPassed) else REJECTED
        fields |= {"msg_method": method, "version": "1.1"}
    fields["biz_content"] = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return {name: value for name, value in fields.items() if value is not None}


def _content_of(notification: AnyNotification) -> dict[str, object]:
    values = {
        _WIRE_NAMES.get(field.name, field.name): getattr(notification, field.name)
        for field in attrs.fields(type(notification))
        if field.name not in _AROUND
    }
    return {
        name: attrs.asdict(value) if isinstance(value, AuditRecord) else value
        for name, value in values.items()
        if value is not None
    }


def _authorization_of(notification: AuthorizationChanged) -> dict[str, object]:
    detail = _content_of(notification)
    del detail["is_granted"]
    detail["auth_app_id"] = detail.pop("mini_app_id", None)
    detail["app_id"] = notification.app_id
    if notification.auth_time is not None:
        detail["auth_time"] = int(in_milliseconds(notification.auth_time))
    return {name: value for name, value in detail.items() if value is not None}
