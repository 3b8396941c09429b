"""Keys in every spelling that people paste."""

from pathlib import Path

import pytest
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from alipay_mini_audit.crypto.keys import load_private_key, load_public_key
from alipay_mini_audit.errors import ConfigurationError

PRIVATE = {
    "app.pkcs1.b64": "app",
    "app.pkcs1.pem": "app",
    "app.pkcs8.b64": "app",
    "app.pkcs8.bom.pem": "app",
    "app.pkcs8.crlf.pem": "app",
    "app.pkcs8.oneline.pem": "app",
    "app.pkcs8.pem": "app",
    "app.pkcs8.wrapped.b64": "app",
    "alipay.pkcs8.pem": "alipay",
    "alipay_next.pkcs8.pem": "alipay_next",
    "ca.pkcs8.pem": "ca",
}
PUBLIC = {
    f"{name}.public.{kind}": name
    for name in ("app", "alipay", "alipay_next", "ca")
    for kind in ("b64", "pem")
}
MODULUS = {
    "app": "c0c857e624cabd8ec4056a5da982a31dce03012eebb4e3e0f3060727",
    "alipay": "b0b757495008572bb3a241e2cc30fdb2aa2eeebd3d940d9dc4674746",
    "alipay_next": "c0b359837f318058a7d8deeb3c60c8ea387cbd0a8aa3d91316668ff0",
    "ca": "9acedd1db3c344fe2cace8ac95fd33d01a2b1774c7f289a6d3ade9f8",
}
SPELLINGS = ["path", "text", "bytes"]


def spelt(path: Path, spelling: str) -> Path | str | bytes:
    content = path.read_bytes()
    return {"path": path, "text": content.decode("utf-8"), "bytes": content}[spelling]


def starts_as(key: RSA.RsaKey, owner: str) -> bool:
    return f"{int(key.n):x}".startswith(MODULUS[owner])


def test_every_key_file_is_in_the_tables(keys: Path) -> None:
    assert {path.name for path in keys.iterdir()} == set(PRIVATE) | set(PUBLIC)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("name", "owner"), PRIVATE.items())
def test_a_private_key_is_read_in_every_spelling(
    keys: Path, name: str, owner: str, spelling: str
) -> None:
    key = load_private_key(spelt(keys / name, spelling))
    assert key.has_private()
    assert starts_as(key, owner)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("name", "owner"), PUBLIC.items())
def test_a_public_key_is_read_in_every_spelling(
    keys: Path, name: str, owner: str, spelling: str
) -> None:
    key = load_public_key(spelt(keys / name, spelling))
    assert not key.has_private()
    assert starts_as(key, owner)


def test_the_tables_hold_the_true_moduli(
    app_key: rsa.RSAPrivateKey, alipay_key: rsa.RSAPrivateKey
) -> None:
    assert f"{app_key.public_key().public_numbers().n:x}".startswith(MODULUS["app"])
    assert f"{alipay_key.public_key().public_numbers().n:x}".startswith(MODULUS["alipay"])


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_private_key_of_another_library_is_read(
    app_key: rsa.RSAPrivateKey, tmp_path: Path, encoding: Encoding, form: PrivateFormat
) -> None:
    content = app_key.private_bytes(encoding, form, NoEncryption())
    file = tmp_path / "key"
    file.write_bytes(content)
    for source in (content, file):
        assert int(load_private_key(source).d) == app_key.private_numbers().d


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
def test_a_public_key_of_another_library_is_read(
    alipay_key: rsa.RSAPrivateKey, tmp_path: Path, encoding: Encoding, form: PublicFormat
) -> None:
    content = alipay_key.public_key().public_bytes(encoding, form)
    file = tmp_path / "key"
    file.write_bytes(content)
    for source in (content, file):
        assert int(load_public_key(source).n) == alipay_key.public_key().public_numbers().n


def test_a_larger_key_is_read() -> None:
    key = rsa.generate_private_key(65537, 3072)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert load_private_key(private).size_in_bits() == 3072
    assert load_public_key(public).size_in_bits() == 3072


def test_the_label_of_a_pem_may_name_the_other_form(keys: Path) -> None:
    body = (keys / "app.pkcs8.b64").read_text("ascii")
    text = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n"
    assert starts_as(load_private_key(text), "app")


def test_text_before_and_after_the_pem_is_ignored(keys: Path) -> None:
    pem = (keys / "app.pkcs8.pem").read_text("ascii")
    bag = "Bag Attributes\n    friendlyName: app\nKey Attributes: <No Attributes>\n"
    text = f"{bag}{pem}\nthat was it\n"
    assert starts_as(load_private_key(text), "app")


@pytest.mark.parametrize("blanks", ["\n \t{}\r\n\r\n", " {}", "{} \n", "\ufeff{}\n"])
@pytest.mark.parametrize("name", ["app.pkcs8.b64", "app.pkcs8.pem"])
def test_blanks_and_a_byte_order_mark_around_a_key_are_ignored(
    keys: Path, name: str, blanks: str
) -> None:
    text = (keys / name).read_text("ascii")
    assert starts_as(load_private_key(blanks.format(text)), "app")


def test_blanks_inside_a_bare_key_are_ignored(keys: Path) -> None:
    text = (keys / "app.pkcs8.b64").read_text("ascii")
    spaced = "  \t".join(text[i : i + 40] for i in range(0, len(text), 40))
    assert starts_as(load_private_key(spaced), "app")


def test_a_bare_key_that_ends_like_a_file_name_is_still_a_key(keys: Path) -> None:
    # The last characters belong to a number that can be computed from the others, so they may be
    # anything.
    text = (keys / "app.pkcs1.b64").read_text("ascii").strip()
    assert starts_as(load_private_key(text[:-4] + "/key"), "app")


def test_a_private_key_is_not_read_twice_from_its_file(keys: Path, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes((keys / "app.pkcs8.pem").read_bytes())
    key = load_private_key(file)
    file.unlink()
    assert key.size_in_bits() == 2048
    with pytest.raises(ConfigurationError):
        load_private_key(file)


def test_a_key_from_an_env_file_has_its_line_feeds_spelt_out(keys: Path) -> None:
    spelt = (keys / "app.pkcs8.pem").read_text().replace("\n", "\\n")
    assert load_private_key(spelt) == load_private_key(keys / "app.pkcs8.pem")
