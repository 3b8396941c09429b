"""Any certificate.

Our reading equals that of `cryptography`, and nothing else than a refusal ever comes out.
"""

import contextlib
import string
import time

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from support import certificates
from support.certificates import attribute, by_hand, name

from alipay_mini_audit.crypto import load_certificates
from alipay_mini_audit.crypto.chain import find_trusted_chain
from alipay_mini_audit.errors import ConfigurationError, Problem

SHORT = [
    "2.5.4.3",
    "2.5.4.7",
    "2.5.4.8",
    "2.5.4.9",
    "2.5.4.10",
    "2.5.4.11",
    "0.9.2342.19200300.100.1.25",
]
NUMBERS = [*SHORT, "2.5.4.5", "2.5.4.42", "1.2.840.113549.1.9.1", "1.2.156.10197.9.9"]
SPECIAL = st.text(' #,+"\\<>;=\0\nabc支付宝🚀', min_size=1, max_size=12)
PLAIN = st.text(string.ascii_letters + " ", min_size=1, max_size=40)
TEXTS = (
    st.tuples(SPECIAL | st.text(min_size=1, max_size=200), st.just(certificates.UTF8))
    | st.tuples(PLAIN, st.just(certificates.PRINTABLE))
    | st.tuples(
        st.text(st.characters(max_codepoint=0xD7FF), min_size=1, max_size=20),
        st.just(certificates.BMP),
    )
)
ATTRIBUTES = st.builds(
    lambda dotted, value: attribute(dotted, *value), st.sampled_from(NUMBERS), TEXTS
)
PARTS = st.lists(ATTRIBUTES, min_size=1, max_size=3, unique=True).map(sorted)  # as DER wants a set
NAMES = st.lists(PARTS, max_size=6).map(lambda parts: name(attribute("2.5.4.6", "CN"), *parts))
ROOT = certificates.root().public_bytes(Encoding.DER)


@given(NAMES, NAMES, st.integers(1, 2**160 - 1))
def test_names_and_serials_are_read_as_another_library_does(
    issuer: bytes, subject: bytes, serial: int
) -> None:
    der = by_hand(issuer=issuer, subject=subject, serial=serial)
    (ours,) = load_certificates(der, "certificate")
    theirs = x509.load_der_x509_certificate(der)
    assert ours.serial_number == theirs.serial_number
    assert ours.issuer == theirs.issuer.rfc4514_string()
    assert ours.subject == theirs.subject.rfc4514_string()


def exercise(content: bytes) -> None:
    """Read it and everything in it; only our own refusal may come out."""
    with contextlib.suppress(ConfigurationError):
        for certificate in load_certificates(content, "certificate"):
            assert len(certificate.cert_sn) == 32
            assert isinstance(certificate.serial_number, int)
            assert isinstance(certificate.is_issued_by(certificate), bool)
            assert len(certificate.fingerprint) == 64


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read_or_refused(content: bytes, armoured: bool) -> None:
    exercise(content)
    exercise(certificates.armour(content) if armoured else b"\x30\x82" + content)


@given(
    st.lists(st.tuples(st.integers(0, len(ROOT) - 1), st.integers(0, 255)), min_size=1, max_size=4)
)
def test_a_changed_certificate_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    der = bytearray(ROOT)
    for position, byte in changes:
        der[position] = byte
    exercise(bytes(der))


LEAF = certificates.issue().public_bytes(Encoding.DER)


@given(st.integers(0, len(LEAF) - 1), st.integers(1, 255))
def test_a_certificate_with_one_byte_changed_is_not_trusted(position: int, change: int) -> None:
    der = bytearray(LEAF)
    der[position] ^= change
    with contextlib.suppress(ConfigurationError):
        roots = load_certificates(ROOT, "root_certificate")
        (leaf,) = load_certificates(bytes(der), "certificate")
        found = find_trusted_chain(leaf, (), roots, path="certificate", now=certificates.NOW)
        assert isinstance(found, Problem)


@given(
    st.sampled_from(["serial", "name", "names", "identifier", "key", "extensions", "signature"]),
    st.integers(1000, 40_000),
)
def test_a_large_piece_anywhere_takes_no_time(where: str, size: int) -> None:
    pieces: dict[str, bytes] = {
        "serial": b"",
        "name": attribute("2.5.4.3", "+" * (size // 2)),
        "names": b"".join([certificates.tlv(0x31, attribute("2.5.4.3", ","))] * (size // 14)),
        "identifier": certificates.tlv(0x30, certificates.tlv(0x06, b"\xff" * size), b"\x0c\x00"),
        "key": certificates.tlv(0x02, b"\x7f" * size),
        "extensions": certificates.tlv(0x30, certificates.oid("1.2.3"), b"\x04\x00") * (size // 9),
        "signature": certificates.tlv(0x02, b"\x7f" * size),
    }
    piece = pieces[where]
    before = time.process_time()
    exercise(
        by_hand(
            serial=1 << 8 * size if where == "serial" else 5,
            issuer=name(piece) if where in ("name", "identifier") else certificates.ISSUER,
            subject=certificates.tlv(0x30, piece) if where == "names" else certificates.ISSUER,
            public_key=certificates.tlv(0x30, piece, piece[:0]) if where == "key" else None,
            extensions=certificates.tlv(0xA3, certificates.tlv(0x30, piece))
            if where == "extensions"
            else b"",
            outer_algorithm=certificates.tlv(0x30, piece) if where == "signature" else None,
        )
    )
    assert time.process_time() - before < 1


@given(st.integers(0, len(ROOT)), st.integers(0, len(ROOT)), st.binary(max_size=20))
def test_a_certificate_with_a_piece_replaced_is_read_or_refused(
    start: int, end: int, piece: bytes
) -> None:
    exercise(ROOT[:start] + piece + ROOT[end:])


VALUES = st.recursive(
    st.builds(
        certificates.tlv,
        st.sampled_from([1, 2, 3, 4, 5, 6, 12, 19, 22, 23, 24, 30, 0x80, 0xA0]),
        st.binary(max_size=9),
    ),
    lambda inner: st.builds(
        lambda tag, members: certificates.tlv(tag, *members),
        st.sampled_from([0x30, 0x31, 0xA0, 0xA3]),
        st.lists(inner),
    ),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ["issuer", "subject", "validity", "public_key", "parameters", "version", "extensions"],
            VALUES,
        ),
    )
)
def test_well_formed_parts_in_the_wrong_place_are_read_or_refused(parts: dict[str, bytes]) -> None:
    exercise(by_hand(**parts))  # type: ignore[arg-type]
