"""What a notification holds, and what it shows of it."""

import datetime
import json

import attrs
import pytest
from support.notifications import (
    APP_ID,
    CIPHER,
    EXPECTED,
    FORMS,
    HEADERS,
    MINI_APP_ID,
    PASSED,
    VERIFIER,
    certificate_verifier,
    passed,
    signed,
)

from alipay_mini_audit.errors import NotificationRejected, RejectionReason
from alipay_mini_audit.models import AuditRecord, Memo
from alipay_mini_audit.notifications import (
    AnyNotification,
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


MOMENT = datetime.datetime(2026, 3, 4, 5, 6, 7, 123000, tzinfo=datetime.UTC)
REASON = {"audit_images": ["u"], "memos": [{"memo": "m", "memo_image_list": ["v"]}, {}]}


def read(body: bytes, **headers: str) -> AnyNotification:
    return Notification.from_http(
        body, HEADERS | headers, verifier=certificate_verifier(), cipher=CIPHER
    )


def told(content: object, method: str = "passed", **fields: str) -> AnyNotification:
    name = f"alipay.open.mini.version.audit.{method}"
    text = json.dumps(content, ensure_ascii=False)
    return read(passed(**({"msg_method": name, "biz_content": text} | fields)))


@pytest.mark.parametrize("name", EXPECTED)
def test_what_openssl_has_signed_is_read(name: str) -> None:
    message = read(FORMS[name])
    common = {"app_id": APP_ID, "mini_app_id": MINI_APP_ID}
    expected = {**common, **EXPECTED[name]}
    assert type(message).__name__ == expected.pop("kind")
    assert {each: getattr(message, each) for each in expected} == expected
    assert message.sent_at is None or message.sent_at.replace(microsecond=0) == MOMENT.replace(
        microsecond=0
    )


@pytest.mark.parametrize("name", ["rejected_utf8", "rejected_gbk", "aes_utf8", "aes_gbk"])
def test_a_rejection_is_read_whole(name: str) -> None:
    assert read(FORMS[name]) == AuditRejected(
        notify_id=EXPECTED[name]["notify_id"],
        sent_at=MOMENT,
        app_id=APP_ID,
        mini_app_id=MINI_APP_ID,
        app_version="0.0.1",
        bundle_id="com.alipay.alipaywallet",
        audit_reason="小程序简介与服务不符",
        base_audit="PASS",
        promote_audit="REJECT",
        promote_audit_reason=AuditRecord(
            audit_images=["https://mdn.example/1.png?sign=a%2Bb&version=2"],
            memos=[Memo(memo="请修改简介", memo_image_list=["https://mdn.example/2.png"])],
        ),
    )


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "iso-8859-1", "x"])
@pytest.mark.parametrize("name", ["rejected_utf8", "rejected_gbk"])
def test_the_charset_that_is_signed_counts(name: str, charset: str) -> None:
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    message = read(FORMS[name], **{"Content-Type": kind})
    assert isinstance(message, AuditRejected)
    assert message.audit_reason == "小程序简介与服务不符"


def test_what_has_another_type_than_documented_is_kept() -> None:
    content = {
        "mini_app_id": 1,
        "base_audit_reason": "x",
        "promote_audit_reason": REASON,
        "new": [],
    }
    message = told(content, "rejected", msg_uid="2088")
    assert isinstance(message, AuditRejected)
    assert (message.mini_app_id, message.base_audit_reason) == (None, None)
    assert message.promote_audit_reason == AuditRecord(
        audit_images=["u"], memos=[Memo(memo="m", memo_image_list=["v"]), Memo()]
    )
    extra = {"mini_app_id": 1, "base_audit_reason": "x", "new": [], "msg_uid": "2088"}
    assert message.extra == extra


def test_the_content_says_nothing_of_what_is_around_it() -> None:
    content = {"notify_id": "x", "app_id": "y", "sent_at": "z", "extra": 1, "mini_app_id": "m"}
    message = told(content)
    assert (message.notify_id, message.app_id, message.sent_at) == ("n-1", APP_ID, MOMENT)
    assert message.extra == {name: content[name] for name in content if name != "mini_app_id"}


@pytest.mark.parametrize("content", ["", "x", "[]", '"{}"', "[" * 1000])
@pytest.mark.parametrize("kind", ["passed", "rejected"])
def test_an_audit_message_without_content_is_rejected(kind: str, content: str) -> None:
    body = passed(msg_method=f"alipay.open.mini.version.audit.{kind}", biz_content=content)
    with pytest.raises(NotificationRejected) as caught:
        read(body)
    assert caught.value.reason is RejectionReason.CONTENT


def test_an_audit_message_without_an_id_is_rejected() -> None:
    body = signed({name: value for name, value in PASSED.items() if name != "notify_id"})
    with pytest.raises(NotificationRejected) as caught:
        read(body)
    assert caught.value.reason is RejectionReason.CONTENT


def test_an_authorisation_is_read_whole() -> None:
    message = read(FORMS["authorized"])
    assert isinstance(message, AuthorizationChanged)
    assert message.auth_time == MOMENT.replace(microsecond=0)
    assert message.extra == {
        "app_id": APP_ID,
        "status": "execute_auth",
        "expires_in": 31536000,
        "notify_context": {"trigger": "appstore"},
        "error": {},
    }


def test_an_authorisation_that_has_ended_is_read() -> None:
    name, content = "alipay.open.auth.appauth.cancelled", '{"auth_app_id":"2021000000000002"}'
    message = read(passed(msg_method=name, biz_content=content))
    assert isinstance(message, AuthorizationChanged)
    assert (message.is_granted, message.mini_app_id) == (False, MINI_APP_ID)
    assert message.app_auth_token is None


def test_a_token_at_the_top_of_the_content_is_found() -> None:
    content = '{"auth_app_id":"2021000000000002","app_auth_token":"t","auth_time":"soon"}'
    fields = {"notify_type": "open_app_auth_notify", "biz_content": content, "msg_method": ""}
    message = read(passed(**fields))
    assert isinstance(message, AuthorizationChanged)
    assert (message.app_auth_token, message.auth_time) == ("t", None)
    assert message.extra == {"auth_time": "soon"}


@pytest.mark.parametrize(
    ("fields", "method"),
    [
        ({"msg_method": "later"}, "later"),
        ({"msg_method": "", "notify_type": "later"}, "later"),
        ({"msg_method": "m", "notify_type": "n", "service": "s"}, "s"),
        ({"msg_method": ""}, None),
    ],
)
def test_anything_else_is_told_with_its_fields(fields: dict[str, str], method: str | None) -> None:
    message = read(passed(**fields))
    assert isinstance(message, OtherNotification)
    assert message.method == method
    assert message.fields == {**PASSED, **fields, "sign_type": "RSA2"}
    assert message.content == json.loads(PASSED["biz_content"])
    assert (message.mini_app_id, message.app_version) == (MINI_APP_ID, "0.0.1")


def test_an_old_name_beside_the_new_one_hides_nothing() -> None:
    assert isinstance(read(passed(notify_type="later")), AuditPassed)


def test_a_message_cannot_be_changed() -> None:
    message = read(FORMS["passed_v1"])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        message.app_version = "2"  # type: ignore[misc]


def test_a_key_of_another_platform_is_refused() -> None:
    with pytest.raises(NotificationRejected) as caught:
        Notification.from_http(FORMS["next_certificate"], {}, verifier=VERIFIER)
    assert caught.value.reason is RejectionReason.SIGNATURE
