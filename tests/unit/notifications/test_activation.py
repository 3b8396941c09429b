"""The question of the console, and the answer that activates a gateway."""

import base64
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from support import certificates
from support.certificates import VECTORS
from support.notifications import APP_ID, FORMS, VERIFIER

from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.notifications import AuditPassed, Notification, OtherNotification
from alipay_mini_audit.notifications.activation import GatewayCheck, activation_answer, read_check

SERVICE = "alipay.service.check"
BOMB = (
    '<!DOCTYPE XML [<!ENTITY a "verifygw">]>'
    "<XML><AppId>2021000000000001</AppId><EventType>&a;</EventType></XML>"
)


def check(xml: str, method: str = SERVICE) -> GatewayCheck | None:
    return read_check(OtherNotification(method=method, fields={"biz_content": xml}))


def test_the_question_of_the_console_is_read() -> None:
    message = Notification.from_http(FORMS["gateway_check"], {}, verifier=VERIFIER)
    assert read_check(message) == GatewayCheck(APP_ID)


@pytest.mark.parametrize("encoding", ["", ' encoding="GBK"', ' encoding="utf-8"'])
def test_any_charset_may_be_named(encoding: str) -> None:
    xml = f'<?xml version="1.0"{encoding}?><XML><EventType>verifygw</EventType><A>好</A></XML>'
    assert check(xml) == GatewayCheck("")


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "x",
        "<XML>",
        "<XML><EventType>follow</EventType></XML>",
        "<XML><EventType>&verifygw;</EventType></XML>",
        BOMB,
        "<a>" * 100_000 + "</a>" * 100_000,
        "<XML>\ud800<EventType>verifygw</EventType></XML>",
    ],
    ids=range(8),
)
def test_anything_else_is_no_question(xml: str) -> None:
    assert check(xml) is None


def test_only_that_service_asks() -> None:
    xml = "<XML><EventType>verifygw</EventType></XML>"
    assert check(xml) == GatewayCheck("")
    assert check(xml, "later") is None
    assert read_check(AuditPassed()) is None


async def test_the_answer_holds_the_key_and_is_signed() -> None:
    signer = RSASigner(VECTORS / "keys" / "app.pkcs8.pem")
    public_key = (VECTORS / "keys" / "app.public.b64").read_text().strip()
    assert signer.public_key == public_key
    answer = await activation_answer(public_key, signer)
    found = re.fullmatch(
        rb'<\?xml version="1\.0" encoding="GBK"\?><alipay><response>(.*)</response>'
        rb"<sign>(.*)</sign><sign_type>RSA2</sign_type></alipay>",
        answer,
    )
    assert found is not None
    expected = f"<success>true</success><biz_content>{public_key}</biz_content>"
    assert found[1].decode() == expected
    key = certificates.key("app").public_key()
    key.verify(base64.b64decode(found[2]), found[1], PKCS1v15(), SHA256())
