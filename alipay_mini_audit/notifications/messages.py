"""What the platform tells by itself, as attrs objects. Each is believed: it has been verified.

No official page of the two messages about audits is public: their names and fields are those that
the SDKs and running service providers know. Of a passed one only `mini_app_id` is certain, so ask
for the state of the version where it matters.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, final

import attrs

from alipay_mini_audit.crypto import ContentCipher, Verifier
from alipay_mini_audit.errors import RejectionReason
from alipay_mini_audit.models import AuditRecord, read_fields
from alipay_mini_audit.notifications.content import json_object, read_texts
from alipay_mini_audit.notifications.form import TRANSPORT_FIELDS, read_form
from alipay_mini_audit.notifications.rejections import rejected
from alipay_mini_audit.notifications.times import beijing_time, milliseconds
from alipay_mini_audit.notifications.verification import verify_form

__all__ = [
    "AUTHORIZED",
    "CANCELLED",
    "PASSED",
    "REJECTED",
    "AnyNotification",
    "AuditPassed",
    "AuditRejected",
    "AuthorizationChanged",
    "Notification",
    "OtherNotification",
]

PASSED: Final = "alipay.open.mini.version.audit.passed"
REJECTED: Final = "alipay.open.mini.version.audit.rejected"
AUTHORIZED: Final = "open_app_auth_notify"
CANCELLED: Final = "alipay.open.auth.appauth.cancelled"
_KIND_FIELDS: Final = ("service", "notify_type", "msg_method")
_COMMON: Final = ("notify_id", "sent_at", "app_id", "extra")


def _names_of(values: Mapping[str, object]) -> str:
    return f"<{', '.join(sorted(values))}>"  # a value may be a token


@attrs.frozen(kw_only=True)
class Notification:
    """What all notifications have. What the platform does not say is `None`.

    Attributes:
        notify_id: the same in each redelivery of a notification.
        sent_at: when the platform made it, aware; a redelivery keeps it.
        app_id: the application that it is for: the service provider's.
        mini_app_id: the mini-program that it is about.
        app_version: the version that it is about; field `mini_app_version`.
        bundle_id: the client app that it is about.
        extra: what else was in the form and in its `biz_content`, as texts and JSON values; the
            latter if both have the name. Its values are not printed.
    """

    notify_id: str | None = None
    sent_at: datetime.datetime | None = None
    app_id: str | None = None
    mini_app_id: str | None = None
    app_version: str | None = None
    bundle_id: str | None = None
    extra: Mapping[str, object] = attrs.field(factory=dict, repr=_names_of)

    @staticmethod
    def from_http(
        body: bytes,
        headers: Mapping[str, str],
        *,
        verifier: Verifier,
        cipher: ContentCipher | None = None,
    ) -> AnyNotification:
        """Return what an HTTP request tells, if it is the platform's.

        Whom it is for, and whether it was there before, is left to a `NotificationRouter`. Age
        rejects nothing: the platform goes on delivering for 25 hours.

        Args:
            body: of the request, as it came: not parsed by anything before, 1 MiB at most.
            headers: of the request, their names in any case.
            verifier: of the credentials.
            cipher: of the credentials; `None` if the application has no AES key.

        Raises:
            NotificationRejected: it is not signed by the platform, or is of another form.
            TypeError: `body` is not `bytes`.
        """
        fields = read_form(body, headers)
        verify_form(fields, verifier)
        return _read(read_texts(fields, cipher))


@final
@attrs.frozen(kw_only=True)
class AuditPassed(Notification):
    """A version passed the audit: `alipay.open.mini.version.audit.passed`."""


@final
@attrs.frozen(kw_only=True)
class AuditRejected(Notification):
    """A version was rejected: `alipay.open.mini.version.audit.rejected`.

    Attributes:
        audit_reason: why, in the platform's words.
        base_audit: `PASS` or `REJECT`, as the two below only under `AuditRule.BASE_PROMOTE`.
        promote_audit: `PASS` or `REJECT`.
        base_audit_reason: remarks and pictures of the auditors.
        promote_audit_reason: the same of the audit of marketing.
    """

    audit_reason: str | None = None
    base_audit: str | None = None
    promote_audit: str | None = None
    base_audit_reason: AuditRecord | None = None
    promote_audit_reason: AuditRecord | None = None


@final
@attrs.frozen(kw_only=True)
class AuthorizationChanged(Notification):
    """A merchant authorised the application, or took it back.

    `open_app_auth_notify` (official page on plugin authorisation) and
    `alipay.open.auth.appauth.cancelled`, whose content no page tells. Keep tokens by `mini_app_id`,
    and of several the one with the latest `auth_time`: the order of arrival proves nothing.

    Attributes:
        is_granted: the merchant authorised; `False`: the authorisation has ended, and there are
            no tokens.
        user_id: the merchant.
        app_auth_token: to call for the merchant.
        app_refresh_token: to refresh that.
        app_auth_code: for compatibility only.
        auth_time: when the merchant did it, aware.
    """

    is_granted: bool
    user_id: str | None = None
    app_auth_token: str | None = attrs.field(default=None, repr=False)
    app_refresh_token: str | None = attrs.field(default=None, repr=False)
    app_auth_code: str | None = attrs.field(default=None, repr=False)
    auth_time: datetime.datetime | None = None


@final
@attrs.frozen(kw_only=True)
class OtherNotification(Notification):
    """Any other notification of the platform.

    Attributes:
        method: which: field `service`, `notify_type` or `msg_method`, the first that is there.
        fields: the form without `sign`, as texts; `biz_content` is decrypted. Not printed.
        content: `biz_content` if it is a JSON object. Not printed.
    """

    method: str | None = None
    fields: Mapping[str, str] = attrs.field(factory=dict, repr=_names_of)
    content: Mapping[str, object] | None = attrs.field(default=None, repr=False)


AnyNotification: TypeAlias = AuditPassed | AuditRejected | AuthorizationChanged | OtherNotification
"""What `Notification.from_http` returns."""


def _read(form: Mapping[str, str]) -> AnyNotification:
    kinds = [form[name] for name in _KIND_FIELDS if form.get(name)]
    if PASSED in kinds:
        return AuditPassed(**_audit_of(AuditPassed, form))
    if REJECTED in kinds:
        return AuditRejected(**_audit_of(AuditRejected, form))
    if AUTHORIZED in kinds or CANCELLED in kinds:
        return AuthorizationChanged(**_authorization_of(form), is_granted=AUTHORIZED in kinds)
    content = json_object(form.get("biz_content", ""))
    about, _ = read_fields(Notification, _renamed(content or {}), but=_COMMON)
    told = {**_common_of(form), **about}
    fields = {name: value for name, value in form.items() if name != "sign"}
    method = kinds[0] if kinds else None
    return OtherNotification(**told, method=method, fields=fields, content=content)


def _audit_of(kind: type[Notification], form: Mapping[str, str]) -> dict[str, Any]:
    known, extra = read_fields(kind, _renamed(_content_of(form)), but=_COMMON)
    return {**_common_of(form), **known, "extra": {**_extra_of(form), **extra}}


def _authorization_of(form: Mapping[str, str]) -> dict[str, Any]:
    content = _content_of(form)
    detail = content.pop("detail", None)
    told = {**content, **detail} if isinstance(detail, dict) else content
    told["mini_app_id"] = told.pop("auth_app_id", None) or form.get("auth_app_id")
    auth_time = told.pop("auth_time", None)
    known, extra = read_fields(AuthorizationChanged, told, but=(*_COMMON, "is_granted"))
    known["auth_time"] = milliseconds(auth_time)
    if known["auth_time"] is None and auth_time is not None:
        extra["auth_time"] = auth_time
    return {**_common_of(form), **known, "extra": {**_extra_of(form), **extra}}


def _content_of(form: Mapping[str, str]) -> dict[str, object]:
    content = json_object(form.get("biz_content", ""))
    if content is None or not form.get("notify_id"):  # without it no repeat can be told
        raise rejected(RejectionReason.CONTENT)
    return content


def _renamed(content: Mapping[str, object]) -> dict[str, object]:
    names = {"mini_app_version": "app_version"}
    return {names.get(name, name): value for name, value in content.items()}


def _common_of(form: Mapping[str, str]) -> dict[str, Any]:
    sent_at = milliseconds(form.get("utc_timestamp")) or beijing_time(form.get("notify_time"))
    notify_id, app_id = form.get("notify_id") or None, form.get("app_id") or None
    return {"notify_id": notify_id, "sent_at": sent_at, "app_id": app_id}


def _extra_of(form: Mapping[str, str]) -> dict[str, str]:
    around = {*TRANSPORT_FIELDS, "biz_content"}
    return {name: value for name, value in form.items() if name not in around}
