"""Charsets, decryption and JSON of what has been verified."""

import json

import pytest
from support.notifications import CIPHER

from alipay_mini_audit.crypto import ContentCipher
from alipay_mini_audit.errors import NotificationRejected, RejectionReason
from alipay_mini_audit.notifications.content import json_object, read_texts


def reason(fields: dict[bytes, bytes], cipher: ContentCipher | None = CIPHER) -> RejectionReason:
    with pytest.raises(NotificationRejected) as caught:
        read_texts(fields, cipher)
    return caught.value.reason


@pytest.mark.parametrize("charset", [b"UTF-8", b"utf-8", b"UTF8", b""])
def test_utf_8_is_read(charset: bytes) -> None:
    fields = {b"charset": charset, b"x": "好€😀".encode()}
    assert read_texts(fields, None)["x"] == "好€😀"


def test_without_a_charset_it_is_utf_8() -> None:
    assert read_texts({b"x": "好".encode()}, None) == {"x": "好"}


@pytest.mark.parametrize("charset", [b"GBK", b"gbk", b"GB2312", b"GB18030"])
def test_gbk_is_read(charset: bytes) -> None:
    fields = {b"charset": charset, b"x": b"\xba\xc3", b"later": b"\x94\x39\xfc\x36"}
    assert read_texts(fields, None)["x"] == "好"
    assert read_texts(fields, None)["later"] == "😀"


@pytest.mark.parametrize("charset", [b"utf-16", b"utf-7", b"latin-1", b"rot13", b"\xff", b"GBK "])
def test_another_charset_is_refused(charset: bytes) -> None:
    assert reason({b"charset": charset}) is RejectionReason.CHARSET


@pytest.mark.parametrize("fields", [{b"x": b"\xba\xc3"}, {b"\xff": b""}, {b"x": b"\xed\xa0\x80"}])
def test_a_text_in_another_charset_is_refused(fields: dict[bytes, bytes]) -> None:
    assert reason(fields) is RejectionReason.CHARSET


def test_encrypted_content_needs_the_key() -> None:
    fields = {b"encrypt_type": b"AES", b"biz_content": b"x"}
    assert reason(fields, None) is RejectionReason.ENCRYPTED


def test_another_algorithm_is_refused() -> None:
    assert reason({b"encrypt_type": b"SM4", b"biz_content": b"x"}) is RejectionReason.ENCRYPTED


@pytest.mark.parametrize("content", [b"", b"x", b"AAAA", b"{}", b"AAAAAAAAAAAAAAAAAAAAAA=="])
def test_what_the_key_does_not_decrypt_is_refused(content: bytes) -> None:
    fields = {b"encrypt_type": b"AES", b"biz_content": content}
    assert reason(fields) is RejectionReason.DECRYPTION


def test_a_key_harms_no_content_in_the_clear() -> None:
    fields = {b"encrypt_type": b"", b"biz_content": b"{}"}
    assert read_texts(fields, CIPHER)["biz_content"] == "{}"


def nested(levels: int, opening: str = '{"a":', closing: str = "}") -> str:
    return opening * (levels - 1) + "{}" + closing * (levels - 1)


@pytest.mark.parametrize("text", ["", "x", "[]", "1", "null", '{"a":1', "{'a':1}", "1" * 5000])
def test_what_is_no_json_object_is_none(text: str) -> None:
    assert json_object(text) is None


def test_json_may_be_nested_so_deep() -> None:
    assert json_object(nested(32)) == json.loads(nested(32))
    for levels in (33, 900, 400_000):
        assert json_object(nested(levels)) is None
    assert json_object('{"a":' + "[" * 400_000 + "]" * 400_000 + "}") is None
