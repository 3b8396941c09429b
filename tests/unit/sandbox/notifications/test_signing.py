from urllib.parse import parse_qsl

import pytest

from alipay_mini_audit.sandbox.notifications.forgery import change_byte, claim_contrary
from alipay_mini_audit.sandbox.notifications.messages import PASSED, REJECTED, Message
from alipay_mini_audit.sandbox.notifications.signing import encode_form, text_to_sign

FIELDS = {
    "msg_method": PASSED.encode(),
    "b": "a+b %26&=图".encode(),
    "a": b"",
    "sign_type": b"RSA2",
}


def message(*, signs_type: bool = False) -> Message:
    return Message(
        name=PASSED, notify_id="1", charset="UTF-8", fields=FIELDS, signs_type=signs_type
    )


@pytest.mark.parametrize(
    ("signs_type", "end"), [(False, b""), (True, b"&sign_type=RSA2")], ids=["V1", "V2"]
)
def test_pairs_are_signed_in_the_order_of_their_names(signs_type: bool, end: bytes) -> None:
    expected = "a=&b=a+b %26&=图&msg_method=alipay.open.mini.version.audit.passed".encode() + end
    assert text_to_sign(message(signs_type=signs_type)) == expected


def test_the_form_is_decoded_to_the_same_bytes() -> None:
    body = encode_form(FIELDS, "a+/=")
    read = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    assert read == [*((name, value.decode()) for name, value in FIELDS.items()), ("sign", "a+/=")]
    assert b"b=a%2Bb+%2526%26%3D%E5%9B%BE&a=&" in body


def test_a_changed_byte_is_under_the_signature_wherever_it_is() -> None:
    places = sum(len(value) for name, value in FIELDS.items() if name != "sign_type")
    changed = {text_to_sign(change_byte(message(), draw)) for draw in range(places)}
    assert len(changed) == places
    assert text_to_sign(message()) not in changed
    assert text_to_sign(change_byte(message(), places)) in changed


def test_the_contrary_is_claimed_of_verdicts_alone() -> None:
    claimed = claim_contrary(message())
    assert (claimed.name, claimed.fields["msg_method"]) == (REJECTED, REJECTED.encode())
    assert claim_contrary(claimed) == message()
    other = Message(name="x.y", notify_id="1", charset="UTF-8", fields={"msg_method": b"x.y"})
    assert claim_contrary(other) == other
