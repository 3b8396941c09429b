"""Which forms are signed by the platform."""

import pytest
from support.notifications import (
    EXPECTED,
    FORMS,
    HEADERS,
    PASSED,
    VERIFIER,
    certificate_verifier,
    passed,
    signature_of,
)

from alipay_mini_audit.crypto import Verifier
from alipay_mini_audit.errors import NotificationRejected, RejectionReason
from alipay_mini_audit.notifications.form import read_form
from alipay_mini_audit.notifications.verification import texts_to_verify, verify_form

OF_THE_FIRST_KEY = [name for name in EXPECTED if name != "next_certificate"]


def fields(body: bytes, **changes: str | None) -> dict[bytes, bytes]:
    form = read_form(body, HEADERS)
    for name, value in changes.items():
        form.pop(name.encode(), None)
        if value is not None:
            form[name.encode()] = value.encode()
    return form


def reason(form: dict[bytes, bytes], verifier: Verifier = VERIFIER) -> RejectionReason:
    with pytest.raises(NotificationRejected) as caught:
        verify_form(form, verifier)
    return caught.value.reason


@pytest.mark.parametrize("name", OF_THE_FIRST_KEY)
def test_what_openssl_has_signed_is_verified(name: str) -> None:
    verify_form(fields(FORMS[name]), VERIFIER)


@pytest.mark.parametrize("name", EXPECTED)
def test_in_certificate_mode_each_known_certificate_is_tried(name: str) -> None:
    verify_form(fields(FORMS[name]), certificate_verifier())


def test_another_key_is_refused() -> None:
    assert reason(fields(FORMS["next_certificate"])) is RejectionReason.SIGNATURE


def test_the_text_that_is_signed_can_be_looked_at() -> None:
    form = {b"b": b"2", b"sign": b"x", b"a": b"1 &=", b"sign_type": b"RSA2", b"B": b""}
    assert texts_to_verify(form) == (b"B=&a=1 &=&b=2", b"B=&a=1 &=&b=2&sign_type=RSA2")


@pytest.mark.parametrize("sign_type", [None, "", "RSA", "rsa2", "RSA2 ", "none"])
def test_only_rsa2_is_taken(sign_type: str | None) -> None:
    assert reason(fields(passed(), sign_type=sign_type)) is RejectionReason.SIGN_TYPE


def test_another_spelling_of_the_signature_is_refused() -> None:
    sign = signature_of(b"&".join(f"{k}={v}".encode() for k, v in sorted(PASSED.items())))
    assert sign.endswith("==")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    same_bytes = alphabet[alphabet.index(sign[-3]) + 1]
    spellings = [sign[:-3] + same_bytes + "==", sign[:-2], f" {sign}", f"{sign}\n", sign + "="]
    for spelling in [*spellings, "", None, "=", "é"]:
        assert reason(fields(passed(), sign=spelling)) is RejectionReason.SIGNATURE
    verify_form(fields(passed(), sign=sign), VERIFIER)


@pytest.mark.parametrize(
    "changes",
    [{"later": ""}, {"later": "1"}, {"app_id": None}, {"charset": "GBK"}, {"version": ""}],
)
def test_every_field_is_under_the_signature(changes: dict[str, str | None]) -> None:
    assert reason(fields(passed(), **changes)) is RejectionReason.SIGNATURE


class Answering:
    """A verifier that answers anything but `None`, or raises."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        del message, signature, alipay_cert_sn
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer  # type: ignore[return-value]


@pytest.mark.parametrize("answer", [True, False, 1, "ok", ValueError("x"), TimeoutError()])
def test_only_the_silence_of_a_verifier_is_a_yes(answer: object) -> None:
    assert reason(fields(passed()), Answering(answer)) is RejectionReason.SIGNATURE
    verify_form(fields(passed()), Answering(None))
