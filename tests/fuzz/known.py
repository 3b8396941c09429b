"""Inputs that once did harm, by name: each has a target, whose rules it has to keep."""

import base64

from support.certificates import (
    armour,
    attribute,
    by_hand,
    integer,
    key,
    name,
    tlv,
)
from support.scripted_server import reply

from fuzz.credential_targets import CERTIFICATE_DOORS, KEYS, ROOT, public_key, toml
from fuzz.der import nested, replace, spans_of
from fuzz.reply_targets import NAME_DOORS, REFUSED
from fuzz.sandbox_targets import DATA, FORM_TYPE, forms

MODULUS = key("alipay").public_key().public_numbers().n
HUGE_MODULUS = (1 << 16_384) - 1
HUGE_EXPONENT = (1 << 16_383) - 1
SUBJECT = name(attribute("2.5.4.3", "huge"))
HUGE_SIGNATURE = tlv(0x03, bytes(1) + b"\x01" * 2048)
HUGE = by_hand(subject=SUBJECT, public_key=public_key(HUGE_MODULUS, HUGE_EXPONENT))
EVEN = public_key(MODULUS, 65_536)
PRIVATE = (KEYS / "app.pkcs8.pem").read_text()
LINE = (KEYS / "app.pkcs8.b64").read_text().strip().rstrip("=").replace("/", "-").replace("+", "-")
KEY_ONLY = toml(app_id="2021000000000001", private_key=PRIVATE)
LONG = "1" * 5000
BUSY = reply(b"{}", status=429)


def signed_hugely(certificate: bytes) -> bytes:
    """Return the certificate with a signature of the size of the huge key."""
    spans = spans_of(certificate)
    whole, *parts = [span for span in spans if span.outer in (None, 0)]
    assert parts[-1].end == whole.end
    return replace(certificate, spans, parts[-1], HUGE_SIGNATURE)


def vast(size: int) -> bytes:
    """Return a public key of so many bytes."""
    return public_key((1 << 8 * size) - 1, 65_537)


def long_oid(size: int) -> bytes:
    """Return a certificate with an attribute whose number has a single endless part."""
    kind = tlv(0x06, b"\x55" + b"\xff" * size + b"\x01")
    return by_hand(issuer=name(tlv(0x30, kind, tlv(0x0C, b"a"))))


def retry_after(after: str, date: str) -> bytes:
    return reply(b"{}", status=429, headers={"Retry-After": after, "Date": date})


def refused(code: str, message: str) -> bytes:
    """Return an error as the platform writes it; the texts are JSON already."""
    return reply(f'{{"code":"{code}","message":"{message}"}}'.encode(), status=400)


def form(content_type: str, body: bytes) -> bytes:
    return content_type.encode() + b"\r\n" + body


INPUTS: dict[str, tuple[str, bytes]] = {
    "a sequence in a sequence, 100 KB": ("certificates", nested(b"", 25_000)),
    "a sequence in a sequence, 300 KB": ("certificates", nested(b"", 75_000)),
    "sets in a name, 300 KB": ("certificates", by_hand(issuer=nested(b"", 75_000, 0x31))),
    "an integer of 100 KB": ("certificates", by_hand(serial=1 << 800_000)),
    "an integer of 300 KB": ("certificates", by_hand(serial=1 << 2_400_000)),
    "a root's serial of 4,400 digits": ("cert-sn", by_hand(serial=10**4399)),
    "a serial of 4,400 digits": ("certificates", by_hand(serial=10**4399)),
    "an object identifier of 100 KB": ("certificates", long_oid(100_000)),
    "a name of 300 KB": (
        "certificates",
        by_hand(issuer=name(*[attribute("2.5.4.3", "a")] * 20_000)),
    ),
    "400 certificates": ("certificates", ROOT * 400),
    "an issuer's key of 16,384 bits": (
        "certificates",
        armour(signed_hugely(by_hand(issuer=SUBJECT))) + armour(HUGE),
    ),
    "a leaf's key of 16,384 bits": ("certificates", armour(HUGE)),
    "an even exponent in a certificate": ("certificates", by_hand(public_key=EVEN)),
    "a modulus of 100 KB in a certificate": ("certificates", by_hand(public_key=vast(100_000))),
    "a nested key, 300 KB": ("public-keys", nested(b"", 75_000)),
    "a modulus of 100 KB": ("public-keys", vast(100_000)),
    "a modulus of 300 KB": ("public-keys", vast(300_000)),
    "an even exponent": ("public-keys", EVEN),
    "an exponent of 1": ("public-keys", public_key(MODULUS, 1)),
    "an exponent above the modulus": ("public-keys", public_key(MODULUS, MODULUS + 2)),
    "an even modulus": ("public-keys", public_key(MODULUS - 1, 65_537)),
    "a key of 16,384 bits": ("public-keys", public_key(HUGE_MODULUS, HUGE_EXPONENT)),
    "a key of zeros": ("private-keys", tlv(0x30, *[integer(0)] * 9)),
    "a private key of 100 KB": ("private-keys", tlv(0x30, *[integer((1 << 90_000) + 1)] * 9)),
    "arrays in TOML": ("settings", b"app_id = " + b"[" * 100_000 + b"]" * 100_000),
    "tables in TOML": ("settings", b"app_id = " + b"{a=" * 50_000 + b"1" + b"}" * 50_000),
    "a key of many parts in TOML": ("settings", b"a." * 50_000 + b"a = 1"),
    "many keys of many parts in TOML": (
        "settings",
        b"".join(b"a." * 400 + b"a%d = 1\n" % number for number in range(400)),
    ),
    "a number of 5,000 digits in TOML": ("settings", f"app_id = {LONG}".encode()),
    "NUL in the name of a key": ("settings", KEY_ONLY + b'alipay_public_key_file = "a\\u0000b"'),
    "NUL in the name of a file": ("settings", KEY_ONLY + b'encrypt_key_file = "a\\u0000b"'),
    "a key for the name of a setting": ("settings", KEY_ONLY + f"{LINE} = 1".encode()),
    "a lone surrogate in TOML": ("settings", KEY_ONLY + b'alipay_public_key = "\\ud800"'),
    "NUL in a name": ("names", b"a\0b.png"),
    "a name that is not UTF-8": ("names", b"\xff.png"),
    "arrays in a reply": ("replies", reply(b"[" * 100_000, sign_with=key("alipay"))),
    "objects in a reply": ("replies", reply(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)),
    "a number of 5,000 digits in a reply": ("replies", reply(f'{{"code":{LONG}}}'.encode())),
    "a lone surrogate in a code": ("replies", refused("A\\ud800", "")),
    "a lone surrogate in a message": ("replies", refused("SUBMIT_REPEAT", "\\udfff")),
    "a line break in a message": ("replies", refused("SUBMIT_REPEAT", "a\\nERROR b")),
    "an escape code in a message": ("replies", refused("SUBMIT_REPEAT", "\\u001b[2Ja")),
    "an escape code in a trace id": (
        "replies",
        reply(REFUSED.encode(), status=400, headers={"alipay-trace-id": "\x1b[2J"}),
    ),
    "an odd type of content": ("wire", reply(headers={"Content-Type": "(" * 4000})),
    "an offset of 9999": (
        "replies",
        retry_after("Thu, 01 Jan 0001 00:00:00 +9999", "Fri, 31 Dec 9999 23:59:59 -9999"),
    ),
    "an offset of twenty digits": (
        "replies",
        retry_after(f"Wed, 21 Oct 2026 07:28:00 +{'9' * 20}", "Wed, 21 Oct 2026 07:27:00 GMT"),
    ),
    "a date of many digits": (
        "replies",
        retry_after(f"Wed, 21 Oct {LONG} 07:28:00 GMT", f"Wed, {LONG} Oct 2026 07:27:00 GMT"),
    ),
    "a wait of nine digits": ("replies", retry_after("999999999", "")),
    "a reply cut in its head": ("wire", BUSY[:40]),
    "a status that is none": ("wire", BUSY.replace(b"429", b"99999999999")),
    "a Content-Type of brackets": ("multipart", form("multipart/form-data; " + "(" * 7000, b"")),
    "9,000 parts": (
        "multipart",
        form(
            FORM_TYPE, b'--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 9000
        ),
    ),
    "a negative length of a part": (
        "multipart",
        form(FORM_TYPE, forms()[0].replace(b"Content-Type: app", b"Content-Length: -5\r\na: ")),
    ),
    "arrays to the sandbox": ("business", b"[" * 100_000),
    "a number of 5,000 digits to the sandbox": ("business", f'{{"app_version":{LONG}}}'.encode()),
    "a lone surrogate to the sandbox": ("business", DATA.encode()[:-1] + b',"memo":"\\ud800"}'),
    "an even exponent in settings": (
        "settings",
        KEY_ONLY + b"alipay_public_key = '''" + base64.b64encode(EVEN) + b"'''",
    ),
    "a version that is a lone surrogate": (
        "business",
        b'{"app_version":"\\ud800","version_desc":"a"}',
    ),
}
GROUPS = {"certificates": CERTIFICATE_DOORS, "names": NAME_DOORS}
KNOWN = [
    (title, target, data)
    for title, (target_or_group, data) in INPUTS.items()
    for target in GROUPS.get(target_or_group, [target_or_group])
]
"""Name, target, input."""
