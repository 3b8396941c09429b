"""Which bodies are a form with one meaning."""

import random
import time
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import pytest

from alipay_mini_audit.errors import NotificationRejected, RejectionReason
from alipay_mini_audit.notifications.form import LARGEST_BODY, read_form

FORM = "application/x-www-form-urlencoded"


def reason(body: bytes, content_type: str = FORM) -> RejectionReason:
    with pytest.raises(NotificationRejected) as caught:
        read_form(body, {"Content-Type": content_type})
    return caught.value.reason


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"a=1&b=2", {b"a": b"1", b"b": b"2"}),
        (b"a=1+2&b=1%2B2&c=1%202", {b"a": b"1 2", b"b": b"1+2", b"c": b"1 2"}),
        (b"a=%e5%A5%BD&later+name=%BA%C3", {b"a": "好".encode(), b"later name": b"\xba\xc3"}),
        (b"a=&b=x=y", {b"a": b"", b"b": b"x=y"}),
        (b"&a=1&&b=2&", {b"a": b"1", b"b": b"2"}),
        (b"a=%2525", {b"a": b"%25"}),
        ("a=好".encode(), {b"a": "好".encode()}),
        (b"", {}),
    ],
)
def test_a_form_is_decoded_once(body: bytes, fields: dict[bytes, bytes]) -> None:
    assert read_form(body, {}) == fields


@pytest.mark.parametrize(
    "body", [b"a", b"a=1&b", b"=1", b"a=%", b"a=%4", b"a=%zz", b"a%26b=1", b"a%3Db=1", b"{}"]
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    assert reason(body) is RejectionReason.NOT_A_FORM


@pytest.mark.parametrize("body", [b"a=1&a=1", b"a=1&%61=2", b"a+b=1&a%20b=1"])
def test_a_repeated_field_is_refused(body: bytes) -> None:
    assert reason(body) is RejectionReason.REPEATED_FIELD


def test_the_size_has_a_limit() -> None:
    whole = b"a=" + b"x" * (LARGEST_BODY - 2)
    assert len(read_form(whole, {})[b"a"]) == LARGEST_BODY - 2
    assert reason(whole + b"x") is RejectionReason.TOO_LARGE


def test_the_number_of_fields_has_a_limit() -> None:
    fields = [b"f%d=" % number for number in range(129)]
    assert len(read_form(b"&".join(fields[:128]), {})) == 128
    assert reason(b"&".join(fields)) is RejectionReason.NOT_A_FORM
    assert reason(b"&" * 200 + b"a=1&b=2") is RejectionReason.NOT_A_FORM


@pytest.mark.parametrize("media_type", [FORM, f"{FORM};charset=GBK", f"{FORM.upper()} ; x=y", ""])
@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
def test_the_media_type_is_a_forms(name: str, media_type: str) -> None:
    assert read_form(b"a=1", {name: media_type, "Host": "example.org"}) == {b"a": b"1"}


@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data; boundary=x"])
def test_another_media_type_is_refused(media_type: str) -> None:
    assert reason(b"a=1", media_type) is RejectionReason.NOT_A_FORM


@pytest.mark.parametrize(
    "body",
    [
        b"notify_id=1%26utc_timestamp%3D2",
        b"notify_id=1%26anything%3D2",
        b"msg_uid=1%26notify_id%3D2",
        b"biz_content=%7B%7D%26charset%3DGBK",
        b"later=1%26sign_type%3DRSA2&sign_type=RSA2",
        b"later=1%26x%3D2%26sign%3Dx&sign=x",
    ],
)
def test_a_field_that_may_have_swallowed_another_one_is_refused(body: bytes) -> None:
    assert reason(body) is RejectionReason.NOT_A_FORM


def test_addresses_in_the_content_may_look_like_fields() -> None:
    body = b"biz_content=https://e.org/?a=1%26sign=x%26version=2&sign=x&version=1"
    assert read_form(body, {})[b"biz_content"] == b"https://e.org/?a=1&sign=x&version=2"


def test_escapes_are_decoded_as_everywhere() -> None:
    chance = random.Random(20)
    pieces = [b"=", b"\r", b"\n", b" ", b"\t", b"_", b".", b"=\n", b"==", b"%3D", b"%0a", b"%25"]
    for _ in range(3000):
        some = [bytes([chance.choice([*range(37), *range(39, 256)])]), *pieces]
        some += [b"%%%02x" % chance.randrange(256), b"%%%02X" % chance.randrange(256)]
        value = b"".join(chance.choices([each for each in some if each != b"+"], k=8))
        assert read_form(b"a=" + value, {}) == {b"a": unquote_to_bytes(value)}


def test_a_body_of_escapes_holds_nobody_up() -> None:
    """Whoever finds the address may send some; nothing of it is verified yet."""
    body = b"a=" + b"%41" * ((LARGEST_BODY - 2) // 3)

    def seconds(work: Callable[[], object]) -> float:
        began = time.thread_time()
        work()
        return time.thread_time() - began

    ours = min(seconds(lambda: read_form(body, {})) for _ in range(3))
    piece_by_piece = min(seconds(lambda: unquote_to_bytes(body)) for _ in range(3))
    assert ours < piece_by_piece / 2


@pytest.mark.parametrize("body", ["a=1", bytearray(b"a=1"), {"a": "1"}, None])
def test_only_bytes_are_taken(body: object) -> None:
    with pytest.raises(TypeError, match="body: expected bytes"):
        read_form(body, {})  # type: ignore[arg-type]
