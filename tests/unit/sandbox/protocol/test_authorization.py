import pytest

from alipay_mini_audit.sandbox.protocol.authorization import read_authorization
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

GOOD = "ALIPAY-SHA256withRSA app_id=2021,nonce=n-1,timestamp=1700000000000,sign=QUJD"


def refused(header: str | None) -> str:
    with pytest.raises(Refusal) as caught:
        read_authorization(header)
    return caught.value.code


def test_the_received_text_is_kept_literally() -> None:
    text = "timestamp=1,nonce=n,expired_seconds=120,app_id=2,future=x=y"
    read = read_authorization(f"ALIPAY-SHA256withRSA {text},sign=QUJD==")
    assert read.text == text
    assert (read.app_id, read.nonce, read.timestamp_ms, read.app_cert_sn) == ("2", "n", 1, None)
    assert read.signature == "QUJD=="


def test_the_signature_begins_at_the_first_mark() -> None:
    assert read_authorization(GOOD + ",sign=x").signature == "QUJD,sign=x"


def test_certificate_mode_is_seen() -> None:
    assert read_authorization(GOOD.replace("nonce", "app_cert_sn=abc,nonce")).app_cert_sn == "abc"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "missing-timestamp"),
        ("", "invalid-signature-type"),
        ("Bearer x", "invalid-signature-type"),
        (GOOD.replace("256w", "1w"), "invalid-signature-type"),
        (GOOD.replace("RSA ", "RSA"), "invalid-signature-type"),
        (GOOD.replace("RSA ", "RSA  "), "invalid-parameter"),
        (GOOD.partition(",sign=")[0], "missing-signature"),
        (GOOD.removesuffix("QUJD"), "missing-signature"),
        (GOOD.replace("app_id=2021,", ""), "missing-app-id"),
        (GOOD.replace("2021", ""), "missing-app-id"),
        (GOOD.replace("timestamp=1700000000000", "x=1"), "missing-timestamp"),
        (GOOD.replace("1700000000000", "2023-11-14"), "invalid-timestamp"),
        (GOOD.replace("1700000000000", "-1"), "invalid-timestamp"),
        (GOOD.replace("1700000000000", "1700000000000.5"), "invalid-timestamp"),
        (GOOD.replace("1700000000000", "\u0661\u0667"), "invalid-timestamp"),
        (GOOD.replace("nonce=n-1,", ""), "invalid-parameter"),
        (GOOD.replace("n-1", "n" * 129), "invalid-parameter"),
        (GOOD.replace("nonce=n-1", "nonce=n-1,nonce=n-1"), "invalid-parameter"),
        (GOOD.replace(",nonce", ", nonce"), "invalid-parameter"),
        (GOOD.replace("nonce=n-1", "nonce"), "invalid-parameter"),
        (GOOD.replace("nonce=n-1", "nonce=n-1,"), "invalid-parameter"),
    ],
)
def test_other_headers_are_refused(header: str | None, code: str) -> None:
    assert refused(header) == code
