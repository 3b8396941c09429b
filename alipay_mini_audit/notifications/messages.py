"""What the platform tells by itself, as attrs objects. Each is believed: it has been verified.

No official page of the two messages about audits is public: their names and fields are those that
the SDKs and running service providers know. Of a passed one only `mini_app_id` is certain, so ask
for the state of the version where it matters.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import final

import attrs

from alipay_mini_audit.models import AuditRecord

__all__ = [
    "AuditPassed",
    "AuditRejected",
    "AuthorizationChanged",
    "Notification",
    "OtherNotification",
]


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
