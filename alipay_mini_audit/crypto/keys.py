"""RSA keys out of whatever people paste: PEM, bare base64, DER; PKCS#1 and PKCS#8; any wrapping.

No error and no traceback of this module holds a piece of a key.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from alipay_mini_audit.crypto.der import (
    BITS,
    INTEGER,
    OCTETS,
    SEQUENCE,
    Element,
    read_integer,
    read_members,
    read_one,
)
from alipay_mini_audit.crypto.encoding import Block, KeySource, decode, is_file_name, read_source
from alipay_mini_audit.crypto.limits import (
    MAXIMUM_BITS,
    MINIMUM_BITS,
    KeyFault,
    key_fault,
    public_numbers,
    to_rsa_key,
)
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

if TYPE_CHECKING:
    from Crypto.PublicKey import RSA

__all__ = ["KeyForm", "key_form", "load_private_key", "load_public_key"]


class KeyForm(enum.StrEnum):
    """What was pasted where a key belongs."""

    PKCS1_PRIVATE = "pkcs1_private"
    PKCS8_PRIVATE = "pkcs8_private"
    PUBLIC = "public"
    PKCS1_PUBLIC = "pkcs1_public"
    ENCRYPTED = "encrypted"
    OPENSSH = "openssh"
    ELLIPTIC_CURVE = "elliptic_curve"
    DSA = "dsa"
    CERTIFICATE = "certificate"
    CERTIFICATE_REQUEST = "certificate_request"
    UNKNOWN = "unknown"


_PRIVATE: Final = frozenset({KeyForm.PKCS1_PRIVATE, KeyForm.PKCS8_PRIVATE})
_PUBLIC: Final = frozenset({KeyForm.PUBLIC, KeyForm.PKCS1_PUBLIC})

_LABELS: Final = {
    "ENCRYPTED PRIVATE KEY": KeyForm.ENCRYPTED,
    "OPENSSH PRIVATE KEY": KeyForm.OPENSSH,
    "EC PRIVATE KEY": KeyForm.ELLIPTIC_CURVE,
    "DSA PRIVATE KEY": KeyForm.DSA,
    "CERTIFICATE REQUEST": KeyForm.CERTIFICATE_REQUEST,
    "NEW CERTIFICATE REQUEST": KeyForm.CERTIFICATE_REQUEST,
}
"""Labels whose content is never looked at; the others are often wrong, so the DER decides."""

_SHAPES: Final = {
    ("integer", "integer"): KeyForm.PKCS1_PUBLIC,
    ("integer",) * 9: KeyForm.PKCS1_PRIVATE,
    ("integer", "sequence", "octets"): KeyForm.PKCS8_PRIVATE,
    ("integer", "sequence", "octets", "other"): KeyForm.PKCS8_PRIVATE,
    ("sequence", "bits"): KeyForm.PUBLIC,
    ("sequence", "octets"): KeyForm.ENCRYPTED,
    ("sequence", "sequence", "bits"): KeyForm.CERTIFICATE,
}
_MOST_MEMBERS: Final = 9
_TAGS: Final = {INTEGER: "integer", BITS: "bits", OCTETS: "octets", SEQUENCE: "sequence"}

_NEW_PAIR: Final = "Make a new key pair."
_COPY: Final = "Copy it again, whole."
_CHINESE_NEW_PAIR: Final = "请重新生成密钥对。"
_CHINESE_COPY: Final = "请重新完整复制。"
_FAULTS: Final = {
    KeyFault.TOO_SMALL: (
        ("this key has {bits} bits; Alipay asks for {least} at least.", _NEW_PAIR),
        ("密钥长度为 {bits} 位，支付宝要求至少 {least} 位。", _CHINESE_NEW_PAIR),
    ),
    KeyFault.TOO_LARGE: (
        ("this key has {bits} bits; {most} are the most that is taken.", _NEW_PAIR),
        ("密钥长度为 {bits} 位，最多接受 {most} 位。", _CHINESE_NEW_PAIR),
    ),
    KeyFault.BAD_NUMBERS: (
        ("the numbers of this key are not those of an RSA key.", _COPY),
        ("其中的数值不是 RSA 密钥应有的数值。", _CHINESE_COPY),
    ),
}
_CALLED: Final = {
    KeyForm.PKCS1_PRIVATE: ("a PKCS#1 private key", "PKCS#1 私钥"),
    KeyForm.PKCS8_PRIVATE: ("a PKCS#8 private key", "PKCS#8 私钥"),
    KeyForm.PUBLIC: ("a public key", "公钥"),
    KeyForm.PKCS1_PUBLIC: ("a PKCS#1 public key", "PKCS#1 公钥"),
    KeyForm.ENCRYPTED: ("an encrypted private key", "加密的私钥"),
    KeyForm.OPENSSH: ("an OpenSSH private key", "OpenSSH 私钥"),
    KeyForm.ELLIPTIC_CURVE: ("an elliptic-curve private key", "椭圆曲线私钥"),
    KeyForm.DSA: ("a DSA private key", "DSA 私钥"),
    KeyForm.CERTIFICATE: ("a certificate", "证书"),
    KeyForm.CERTIFICATE_REQUEST: ("a certificate request", "证书请求"),
    KeyForm.UNKNOWN: (
        "not an RSA key that can be read; it may be cut short or damaged",
        "无法识别为 RSA 密钥的内容，可能不完整或已损坏",
    ),
}
_RSA_ONLY: Final = "Alipay uses RSA keys.", "支付宝只使用 RSA 密钥。"
_ADVICE: Final = {
    KeyForm.CERTIFICATE: (
        "Give the key file; certificates belong to certificate mode.",
        "请提供密钥文件；证书用于证书模式。",
    ),
    KeyForm.CERTIFICATE_REQUEST: (
        "Give the key file that was made together with it.",
        "请提供与其一同生成的密钥文件。",
    ),
    KeyForm.ENCRYPTED: (
        "Decrypt it first: openssl pkey -in KEY.pem -out app_private_key.pem",
        "请先用 openssl pkey -in KEY.pem -out app_private_key.pem 解密。",
    ),
    KeyForm.OPENSSH: (
        "Convert it first: ssh-keygen -p -m PKCS8 -f KEY",
        "请先用 ssh-keygen -p -m PKCS8 -f KEY 转换格式。",
    ),
    KeyForm.ELLIPTIC_CURVE: _RSA_ONLY,
    KeyForm.DSA: _RSA_ONLY,
}
_GIVE_PRIVATE: Final = (
    "Give the application's own private key, the one that never leaves you.",
    "请提供应用自己的私钥，即从不外传的那一个。",
)
_GIVE_PUBLIC: Final = (
    "Give the Alipay public key that the console shows after the upload of the application's key.",
    "请提供上传应用公钥后控制台显示的支付宝公钥。",
)
_WRONG_KEY: Final = (
    ("this is {called}.", "{advice}"),
    ("这是{chinese_called}。", "{chinese_advice}"),
)
_DAMAGED: Final = (
    ("this is {called}, but its content is damaged, or it is not an RSA key.", _COPY),
    ("这是{chinese_called}，但内容已损坏，或不是 RSA 密钥。", _CHINESE_COPY),
)
_CUT_SHORT: Final = (
    ("the END line is missing, so the key is cut short.", _COPY),
    ("缺少 END 行，密钥不完整。", _CHINESE_COPY),
)
_DAMAGED_LINES: Final = (
    ("the PEM lines are damaged.", "Copy the key again, with its BEGIN and END."),
    ("PEM 的首尾行已损坏。", "请连同 BEGIN 和 END 行重新复制密钥。"),
)
_NAME_OF_FILE: Final = (
    ("this is the name of a file.", "Give it as pathlib.Path(...)."),
    ("这是一个文件名。", "请以 pathlib.Path(...) 的形式提供。"),
)
_NOT_A_KEY: Final = (
    ("this is neither PEM nor base64, or it is cut short.", "Copy the key again, whole."),
    ("既不是 PEM 也不是 base64，或者不完整。", "请重新完整复制密钥。"),
)


def load_private_key(source: KeySource, name: str = "private_key") -> RSA.RsaKey:
    """Parse an application's private key.

    Args:
        source: a `Path` to a file, or the key itself as PEM, bare base64 or DER.
        name: what to call it in an error.

    Raises:
        ConfigurationError: it cannot be read, is not an RSA private key, or has under 2048 or
            over 8192 bits.
    """
    return _load(source, name, _PRIVATE, _GIVE_PRIVATE)


def load_public_key(source: KeySource, name: str = "alipay_public_key") -> RSA.RsaKey:
    """Parse Alipay's public key.

    Args:
        source: a `Path` to a file, or the key itself as PEM, bare base64 or DER.
        name: what to call it in an error.

    Raises:
        ConfigurationError: it cannot be read, is not an RSA public key, or has under 2048 or
            over 8192 bits.
    """
    return _load(source, name, _PUBLIC, _GIVE_PUBLIC)


def key_form(content: bytes) -> KeyForm:
    """Say what sort of key was read, by its label and its outermost shape.

    Args:
        content: what `read_source` returned.
    """
    return _form_of(decode(content)[0])


def _load(
    source: KeySource, name: str, wanted: Collection[KeyForm], give: tuple[str, str]
) -> RSA.RsaKey:
    block = decode(read_source(source, name))[0]
    form = _form_of(block)
    if block.label not in _LABELS and form is not KeyForm.ENCRYPTED:
        _expect_intact(block, name)
    values = dict(zip(("called", "chinese_called"), _CALLED[form], strict=True))
    if form not in wanted:
        values |= zip(("advice", "chinese_advice"), _ADVICE.get(form, give), strict=True)
        problem = told(name, "wrong_key", *_WRONG_KEY, values=values)
        raise ConfigurationError.from_problem(problem)
    try:
        modulus, exponent = _public_numbers(form, block.der or b"")
        fault = key_fault(modulus, exponent)
        if fault is None:
            return _key(form, block.der or b"")
    except (ValueError, IndexError, TypeError, ArithmeticError):
        problem = told(name, "damaged", *_DAMAGED, values=values)
        raise ConfigurationError.from_problem(problem) from None
    sizes = {"bits": modulus.bit_length(), "least": MINIMUM_BITS, "most": MAXIMUM_BITS}
    raise ConfigurationError.from_problem(told(name, fault, *_FAULTS[fault], values=sizes))


def _public_numbers(form: KeyForm, der: bytes) -> tuple[int, int]:
    """Return modulus and exponent of a key of either sort."""
    if form in _PUBLIC:
        return public_numbers(der)
    modulus, exponent = map(read_integer, _private_numbers(form, der)[1:3])
    return modulus, exponent


def _private_numbers(form: KeyForm, der: bytes) -> list[Element]:
    """Return the integers of a private key, version first."""
    members = read_members(read_one(der))
    if form is KeyForm.PKCS8_PRIVATE:
        members = read_members(read_one(members[2].expect(OCTETS)))
    if len(members) != _MOST_MEMBERS or any(member.tag != INTEGER for member in members):
        raise ValueError("this is not an RSA private key")
    return members


def _key(form: KeyForm, der: bytes) -> RSA.RsaKey:
    """Return a key whose modulus and exponent will do."""
    if form in _PUBLIC:
        return to_rsa_key(*public_numbers(der))
    longest = max(len(number.content) for number in _private_numbers(form, der))
    if longest > MAXIMUM_BITS // 8 + 1:
        raise ValueError("a number of an RSA key is longer than its modulus may be")
    from Crypto.PublicKey import RSA  # noqa: PLC0415

    return RSA.import_key(der)


def _expect_intact(block: Block, name: str) -> None:
    """Refuse what is cut short or not base64, and say what it looks like."""
    if block.is_whole and block.der is not None:
        return
    text = block.body.strip()
    if not block.is_whole:
        problem = told(name, "cut_short", *_CUT_SHORT)
    elif text.startswith(b"-----"):
        problem = told(name, "damaged", *_DAMAGED_LINES)
    elif is_file_name(text.decode("utf-8", "replace")):
        problem = told(name, "file_name", *_NAME_OF_FILE)
    else:
        problem = told(name, "not_a_key", *_NOT_A_KEY)
    raise ConfigurationError.from_problem(problem)


def _form_of(block: Block) -> KeyForm:
    if block.label in _LABELS:
        return _LABELS[block.label]
    if block.label and b"ENCRYPTED" in block.body:
        return KeyForm.ENCRYPTED  # PKCS#1 with the header `Proc-Type: 4,ENCRYPTED`
    try:
        members = read_members(read_one(block.der or b""))
    except ValueError:
        return KeyForm.UNKNOWN
    shape = tuple(_TAGS.get(member.tag, "other") for member in members[:_MOST_MEMBERS])
    return _SHAPES.get(shape, KeyForm.UNKNOWN)
