"""What is read from files and texts, and the blocks of PEM, base64 and DER in it."""

import base64
from pathlib import Path

import pytest

from alipay_mini_audit.crypto import RSASigner, RSAVerifier
from alipay_mini_audit.crypto.encoding import decode, is_file_name, read_source
from alipay_mini_audit.errors import ConfigurationError

DER = b"\x30\x82\x01\x00" + bytes(range(256))
BASE64 = base64.b64encode(DER)


def refusal(make: type[RSASigner | RSAVerifier], source: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        make(source)  # type: ignore[arg-type]
    return str(caught.value)


def armour(label: bytes, body: bytes = BASE64) -> bytes:
    return b"-----BEGIN " + label + b"-----\n" + body + b"\n-----END " + label + b"-----\n"


# What is read.


def test_read_source_returns_a_file_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\x30\x82\x00\r\n")
    assert read_source(file, "x") == b"\x30\x82\x00\r\n"


def test_more_than_64_kib_are_refused_and_not_read(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"x" * 65536)
    assert len(read_source(file, "x")) == 65536
    file.write_bytes(b"x" * 65537)
    for source in (file, Path("/dev/zero"), b"x" * 65537, "x" * 65537, "\u652f" * 30_000):
        with pytest.raises(ConfigurationError) as caught:
            read_source(source, "x")
        assert (caught.value.setting, caught.value.code) == ("x", "too_large")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_key_in_utf_16_is_refused(keys: Path, codec: str) -> None:
    mark = "" if codec == "utf-16" else "\ufeff"
    content = (mark + (keys / "app.pkcs8.pem").read_text("ascii")).encode(codec)
    text = refusal(RSASigner, content)
    assert "UTF-16" in text
    assert "UTF-8" in text


@pytest.mark.parametrize(
    "name",
    [
        "app_private_key.pem",
        "/etc/alipay/app_private_key.pem",
        "keys/app.key",
        r"C:\keys\app.txt",
        "./app.der",
        "~/alipay.crt",
    ],
)
@pytest.mark.parametrize("make", [RSASigner, RSAVerifier])
def test_a_path_given_as_text_is_recognised(make: type[RSASigner], name: str) -> None:
    for source in (name, name.encode()):
        text = refusal(make, source)
        assert "name of a file" in text
        assert "pathlib.Path" in text


@pytest.mark.parametrize("content", ["", b"", " \r\n\t", b"\n"])
def test_an_empty_key_is_named(content: str | bytes) -> None:
    assert refusal(RSASigner, content) == "private_key: it is empty."
    assert refusal(RSAVerifier, content) == "alipay_public_key: it is empty."


def test_a_name_with_a_null_byte_is_no_file_and_no_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        read_source(tmp_path / "key\0.pem", "private_key")
    assert (caught.value.setting, caught.value.code) == ("private_key", "unreadable")


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    empty = tmp_path / "empty.pem"
    empty.touch()
    assert f"the file {missing} cannot be read: No such file" in refusal(RSASigner, missing)
    assert f"the file {tmp_path} cannot be read: Is a directory" in refusal(RSAVerifier, tmp_path)
    assert refusal(RSASigner, empty) == "private_key: it is empty."


@pytest.mark.parametrize("source", [None, 5, bytearray(b"x"), ["x"]])
def test_a_key_of_another_type_is_refused(source: object) -> None:
    assert f"not an object of type {type(source).__name__}." in refusal(RSASigner, source)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("", "empty"),
        (b" \n", "empty"),
        (b"\xff\xfea\x00", "utf_16"),
        (Path("/nowhere/x"), "unreadable"),
        (None, "wrong_type"),
    ],
)
def test_what_cannot_be_read_has_a_code(source: object, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_source(source, "private_key")  # type: ignore[arg-type]
    assert (caught.value.setting, caught.value.code) == ("private_key", code)


# What is in it.


def test_der_is_one_block_without_a_label() -> None:
    (block,) = decode(DER)
    assert (block.label, block.der, block.is_whole, block.has_end) == ("", DER, True, True)


@pytest.mark.parametrize(
    "content",
    [
        BASE64,
        b"\xef\xbb\xbf" + BASE64,
        base64.encodebytes(DER),
        b" " + BASE64 + b"\r\n",
        base64.encodebytes(DER).replace(b"\n", b"\\n"),
    ],
)
def test_bare_base64_is_one_block_without_a_label(content: bytes) -> None:
    (block,) = decode(content)
    assert (block.label, block.der, block.is_whole, block.has_end) == ("", DER, True, True)


@pytest.mark.parametrize(
    "spelling",
    [
        lambda pem: pem,
        lambda pem: b"\xef\xbb\xbf" + pem,
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: pem.strip().replace(b"\n", b"\\n"),
        lambda pem: pem.replace(b"\n", b" "),
        lambda pem: b"Bag Attributes\n" + pem + b"that was it",
    ],
)
def test_a_pem_is_a_block_with_its_label(spelling: object) -> None:
    assert callable(spelling)
    (block,) = decode(spelling(armour(b"PRIVATE KEY")))
    assert (block.label, block.der) == ("PRIVATE KEY", DER)
    assert block.is_whole


def test_blocks_come_in_their_order_and_what_is_between_is_passed_over() -> None:
    content = b"junk ----- junk\n".join(
        [b"", armour(b"CERTIFICATE"), armour(b"X", b"*"), armour(b"EC PRIVATE KEY"), b""]
    )
    blocks = decode(content)
    assert [block.label for block in blocks] == ["CERTIFICATE", "X", "EC PRIVATE KEY"]
    assert [block.der for block in blocks] == [DER, None, DER]


def test_a_block_that_is_cut_does_not_swallow_the_next() -> None:
    cut, whole = decode(armour(b"CERTIFICATE")[:200] + b"\n" + armour(b"CERTIFICATE"))
    assert (cut.has_end, cut.is_whole) == (False, False)
    assert (whole.der, whole.is_whole) == (DER, True)


@pytest.mark.parametrize("lost", range(1, 6))
def test_an_end_line_that_lost_a_dash_is_an_end_but_not_whole(lost: int) -> None:
    (block,) = decode(armour(b"PRIVATE KEY").rstrip()[:-lost])
    assert block.has_end
    assert not block.is_whole


def test_an_end_line_of_another_label_is_an_end_but_not_whole() -> None:
    (block,) = decode(armour(b"PRIVATE KEY").replace(b"END PRIVATE", b"END PUBLIC"))
    assert (block.has_end, block.is_whole) == (True, False)


def test_a_block_does_not_print_what_it_holds() -> None:
    for block in (*decode(DER), *decode(BASE64), *decode(armour(b"PRIVATE KEY"))):
        assert BASE64[:12].decode() not in repr(block)
        assert repr(DER)[2:20] not in repr(block)


@pytest.mark.parametrize("ending", ["pem", "key", "txt", "der", "crt", "cer", "pub", "b64"])
def test_a_line_with_a_known_ending_is_the_name_of_a_file(ending: str) -> None:
    assert is_file_name(f"keys/app private.{ending}")
    assert not is_file_name(f"app{ending}")
    assert not is_file_name(f".{ending}")
    assert not is_file_name(f"app.{ending}x")
    assert not is_file_name(f"MIIE\napp.{ending}")


def test_no_key_is_taken_for_the_name_of_a_file(keys: Path) -> None:
    for path in keys.iterdir():
        assert not is_file_name(path.read_text("utf-8").strip())
