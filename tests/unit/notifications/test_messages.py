"""What a notification holds, and what it shows of it."""

import pytest

from alipay_mini_audit.notifications import (
    AuditPassed,
    AuditRejected,
    AuthorizationChanged,
    Notification,
    OtherNotification,
)

SECRET = "202611BBcanary"
HOLDING = [
    AuditPassed(extra={"token": SECRET}),
    AuditRejected(extra={"token": SECRET}),
    AuthorizationChanged(
        is_granted=True,
        app_auth_token=SECRET,
        app_refresh_token=SECRET,
        app_auth_code=SECRET,
        extra={"token": SECRET},
    ),
    OtherNotification(
        fields={"biz_content": SECRET}, content={"token": SECRET}, extra={"token": SECRET}
    ),
]


@pytest.mark.parametrize("message", HOLDING, ids=lambda each: type(each).__name__)
def test_what_may_be_a_token_is_not_printed(message: Notification) -> None:
    assert SECRET not in repr(message)
    assert "token" in repr(message)


def test_what_the_platform_does_not_say_is_none() -> None:
    message = AuditPassed(mini_app_id="2021000000000002")
    assert (message.notify_id, message.app_version, message.bundle_id) == (None, None, None)
