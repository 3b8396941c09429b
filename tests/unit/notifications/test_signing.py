"""What users' tests send: it is read as it was written, and a stranger's signature holds."""

import base64
import datetime
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from support import certificates
from support.certificates import VECTORS
from support.notifications import (
    APP_ID,
    CIPHER,
    EXPECTED,
    FORMS,
    MINI_APP_ID,
    VERIFIER,
    certificate_verifier,
)

from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.errors import SigningError
from alipay_mini_audit.models import AuditRecord, Memo
from alipay_mini_audit.notifications import (
    AnyNotification,
    AuditPassed,
    AuditRejected,
    AuthorizationChanged,
    Notification,
    OtherNotification,
    sign_notification,
)

SIGNER = RSASigner(VECTORS / "keys" / "alipay.pkcs8.pem")
MOMENT = datetime.datetime(2026, 3, 4, 5, 6, 7, 123000, tzinfo=datetime.UTC)
COMMON = {
    "notify_id": "n-1",
    "sent_at": MOMENT,
    "app_id": APP_ID,
    "mini_app_id": MINI_APP_ID,
}
PASSED = AuditPassed(**COMMON, app_version="0.0.1")
MESSAGES = [
    PASSED,
    AuditPassed(notify_id="n-1", extra={"later": [1]}),
    AuditRejected(
        **COMMON,
        app_version="0.0.1",
        bundle_id="com.amap.app",
        audit_reason="1 + 1 = 100% & 好",
        base_audit="PASS",
        promote_audit="REJECT",
        base_audit_reason=AuditRecord(),
        promote_audit_reason=AuditRecord(
            audit_images=["u"], memos=[Memo(memo="改", memo_image_list=["v"]), Memo()]
        ),
    ),
]


@pytest.mark.parametrize("signs_sign_type", [False, True])
@pytest.mark.parametrize("charset", ["UTF-8", "GBK"])
@pytest.mark.parametrize("cipher", [None, CIPHER])
@pytest.mark.parametrize("message", MESSAGES)
async def test_what_was_written_is_read(
    message: AnyNotification, cipher: object, charset: str, *, signs_sign_type: bool
) -> None:
    body = await sign_notification(
        message,
        signer=SIGNER,
        cipher=cipher,  # type: ignore[arg-type]
        charset=charset,
        signs_sign_type=signs_sign_type,
    )
    assert Notification.from_http(body, {}, verifier=VERIFIER, cipher=CIPHER) == message


async def test_an_authorisation_is_read_as_it_was_written() -> None:
    tokens = {"app_auth_token": "t", "app_refresh_token": "r", "app_auth_code": "c"}
    granted = AuthorizationChanged(
        **COMMON, **tokens, is_granted=True, user_id="2088", auth_time=MOMENT
    )
    for message in (granted, AuthorizationChanged(**COMMON, is_granted=False)):
        body = await sign_notification(message, signer=SIGNER)
        read = Notification.from_http(body, {}, verifier=VERIFIER)
        assert isinstance(read, AuthorizationChanged)
        assert set(read.extra) <= {"app_id", "status"}
        assert {name: getattr(read, name) for name in (*COMMON, *tokens, "is_granted")} == {
            name: getattr(message, name) for name in (*COMMON, *tokens, "is_granted")
        }
        assert read.auth_time == message.auth_time


@pytest.mark.parametrize("name", ["passed_v1", "passed_v2", "rejected_gbk"])
async def test_the_fields_of_another_one_are_sent_as_they_are(name: str) -> None:
    form = dict(parse_qsl(FORMS[name].decode(), encoding="gb18030" if "gbk" in name else "utf-8"))
    sign = form.pop("sign")
    body = await sign_notification(
        OtherNotification(fields=form),
        signer=SIGNER,
        charset=form["charset"],
        signs_sign_type=name.endswith("v2"),
    )
    assert dict(parse_qsl(body.decode()))["sign"] == sign


async def test_another_library_accepts_the_signature() -> None:
    body = await sign_notification(PASSED, signer=SIGNER)
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    signature = base64.b64decode(form.pop("sign"))
    del form["sign_type"]
    text = "&".join(f"{name}={form[name]}" for name in sorted(form))
    key = certificates.key("alipay").public_key()
    key.verify(signature, text.encode(), PKCS1v15(), SHA256())


@pytest.mark.parametrize("name", EXPECTED)
async def test_what_was_read_can_be_sent_again(name: str) -> None:
    message = Notification.from_http(
        FORMS[name], {}, verifier=certificate_verifier(), cipher=CIPHER
    )
    if isinstance(message, OtherNotification):
        return  # its fields name a charset and an algorithm of their own
    body = await sign_notification(message, signer=SIGNER)
    again = Notification.from_http(body, {}, verifier=VERIFIER)
    assert (again.notify_id, again.mini_app_id) == (message.notify_id, message.mini_app_id)


class Failing:
    """A signer that fails, or returns something else."""

    def __init__(self, result: object) -> None:
        self._result = result

    async def sign(self, message: bytes) -> bytes:
        del message
        if isinstance(self._result, Exception):
            raise self._result
        return self._result  # type: ignore[return-value]


@pytest.mark.parametrize("result", [ValueError("x"), None, "text", b""])
async def test_a_signer_that_fails_is_told(result: object) -> None:
    with pytest.raises(SigningError):
        await sign_notification(PASSED, signer=Failing(result))


async def test_what_the_platform_would_not_send_is_refused() -> None:
    with pytest.raises(TypeError, match="charset: expected 'UTF-8' or 'GBK', not 'latin-1'"):
        await sign_notification(PASSED, signer=SIGNER, charset="latin-1")
    with pytest.raises(TypeError, match="notify_id"):
        await sign_notification(AuditPassed(app_id=APP_ID), signer=SIGNER)
