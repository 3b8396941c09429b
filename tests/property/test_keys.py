"""A key that is cut or damaged is refused, and no piece of it is printed."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from hypothesis import example, given
from hypothesis import strategies as st
from support.keys import private_key

from alipay_mini_audit.crypto import RSASigner, RSAVerifier
from alipay_mini_audit.errors import ConfigurationError

KEYS = Path(__file__).parents[1] / "vectors" / "keys"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
APP = private_key((KEYS / "app.pkcs8.pem").read_bytes())
ALIPAY = load_pem_public_key((KEYS / "alipay.public.pem").read_bytes())
PRIVATE = {path.name: path.read_bytes() for path in sorted(KEYS.glob("app.pk*"))} | {
    "pkcs8.der": APP.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    "pkcs1.der": APP.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
}
PUBLIC = {path.name: path.read_bytes() for path in sorted(KEYS.glob("alipay.public.*"))} | {
    "spki.der": ALIPAY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "pkcs1.der": ALIPAY.public_bytes(Encoding.DER, PublicFormat.PKCS1),
    "pkcs1.pem": ALIPAY.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
}
FINGERPRINT = RSASigner(PRIVATE["app.pkcs8.pem"]).fingerprint


def pieces(content: bytes) -> set[str]:
    """Every run of 12 characters of a key as it was pasted, without the lines of the PEM."""
    lines = [line for line in content.splitlines() if not line.startswith(b"-----")] or [content]
    text = b"".join(lines).decode("latin-1").strip()
    return {text[i : i + 12] for i in range(len(text) - 11)}


def assert_says_nothing(error: BaseException | None, content: bytes) -> None:
    while error is not None:
        assert not [piece for piece in pieces(content) if piece in f"{error} {error.args!r}"]
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("make", [RSASigner, RSAVerifier])
@given(data=st.data())
def test_a_key_that_is_cut_short_is_refused_without_printing_it(
    make: type[RSASigner | RSAVerifier], data: st.DataObject
) -> None:
    known = PRIVATE if make is RSASigner else PUBLIC
    name = data.draw(st.sampled_from(sorted(known)))
    whole = known[name] if name.endswith(".der") else known[name].rstrip()
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    source = (
        cut if name.endswith(".der") or data.draw(st.booleans()) else cut.decode("utf-8", "replace")
    )
    with pytest.raises(ConfigurationError) as caught:
        make(source)  # type: ignore[arg-type]
    assert_says_nothing(caught.value, whole)


@pytest.mark.parametrize("make", [RSASigner, RSAVerifier])
@given(data=st.data())
def test_a_key_whose_beginning_is_missing_is_refused_unless_a_whole_key_is_left(
    make: type[RSASigner | RSAVerifier], data: st.DataObject
) -> None:
    known = {
        name: key
        for name, key in (PRIVATE if make is RSASigner else PUBLIC).items()
        if "pem" not in name
    }
    whole = known[data.draw(st.sampled_from(sorted(known)))]
    cut = whole[data.draw(st.integers(1, len(whole))) :]
    try:
        made = make(cut)
    except ConfigurationError as error:
        assert_says_nothing(error, whole)
    else:  # PKCS#8 and SPKI end in a whole PKCS#1 key
        assert made.fingerprint == make(whole).fingerprint


@given(st.integers(0, len(PRIVATE["app.pkcs8.b64"]) - 1), st.sampled_from(BASE64))
@example(40, ord("A"))
def test_a_private_key_with_one_changed_character_is_refused_or_the_same_key(
    place: int, new: int
) -> None:
    whole = PRIVATE["app.pkcs8.b64"]
    changed = whole[:place] + bytes([new]) + whole[place + 1 :]
    try:
        signer = RSASigner(changed)
    except ConfigurationError as error:
        assert_says_nothing(error, changed)
    else:
        assert signer.fingerprint == FINGERPRINT


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_nonsense_is_refused(source: bytes | str) -> None:
    for make in (RSASigner, RSAVerifier):
        with pytest.raises(ConfigurationError):
            make(source)


@given(st.data())
def test_blanks_anywhere_in_a_bare_key_are_ignored(data: st.DataObject) -> None:
    whole = PRIVATE["app.pkcs8.b64"].decode("ascii")
    for blank in data.draw(st.lists(st.sampled_from([" ", "\n", "\r\n", "\t"]), max_size=5)):
        place = data.draw(st.integers(0, len(whole)))
        whole = whole[:place] + blank + whole[place:]
    assert RSASigner(whole).fingerprint == FINGERPRINT
