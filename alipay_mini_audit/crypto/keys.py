"""RSA keys out of whatever people paste: PEM, bare base64, DER; PKCS#1 and PKCS#8; any wrapping.

No error and no traceback of this module holds a piece of a key.
"""

from __future__ import annotations

import binascii
import re
from pathlib import Path
from typing import Final

from Crypto.PublicKey import RSA
from Crypto.Util.asn1 import DerSequence

from alipay_mini_audit.errors import ConfigurationError

__all__ = ["KeySource", "load_private_key", "load_public_key", "read_source"]

KeySource = Path | str | bytes
"""A `Path` is a file; `str` and `bytes` are the key itself."""

MINIMUM_BITS: Final = 2048

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)(-----END \1-----|\Z)", re.DOTALL)
_FILE_NAME: Final = re.compile(rb"^[^\n]{1,255}\.(pem|key|txt|der|crt|cer|pub|b64)$")
_PRIVATE: Final = ("a PKCS#1 private key", "a PKCS#8 private key")
_PUBLIC: Final = ("a public key", "a PKCS#1 public key")
_WRONG_LABELS: Final = {
    b"ENCRYPTED PRIVATE KEY": "an encrypted private key",
    b"OPENSSH PRIVATE KEY": "an OpenSSH private key",
    b"EC PRIVATE KEY": "an elliptic-curve private key",
    b"DSA PRIVATE KEY": "a DSA private key",
    b"CERTIFICATE REQUEST": "a certificate request",
    b"NEW CERTIFICATE REQUEST": "a certificate request",
}
_SHAPES: Final = {
    "integer integer": "a PKCS#1 public key",
    " ".join(["integer"] * 9): "a PKCS#1 private key",
    "integer sequence octets": "a PKCS#8 private key",
    "integer sequence octets other": "a PKCS#8 private key",
    "sequence bits": "a public key",
    "sequence octets": "an encrypted private key",
    "sequence sequence bits": "a certificate",
}
_REMEDIES: Final = {
    "a certificate": "Give the key file; certificates belong to certificate mode.",
    "a certificate request": "Give the key file that was made together with it.",
    "an encrypted private key": "Decrypt it first: openssl pkey -in KEY.pem -out app_private_key.pem",
    "an OpenSSH private key": "Convert it first: ssh-keygen -p -m PKCS8 -f KEY",
}


def load_private_key(source: KeySource, name: str = "private_key") -> RSA.RsaKey:
    """Parse an application's private key.

    Args:
        source: a `Path` to a file, or the key itself as PEM, bare base64 or DER.
        name: what to call it in an error.

    Raises:
        ConfigurationError: it cannot be read, is no RSA private key, or is under 2048 bits.
    """
    return _load(
        source,
        name,
        _PRIVATE,
        "Give the application's own private key, the one that never leaves you.",
    )


def load_public_key(source: KeySource, name: str = "alipay_public_key") -> RSA.RsaKey:
    """Parse Alipay's public key.

    Args:
        source: a `Path` to a file, or the key itself as PEM, bare base64 or DER.
        name: what to call it in an error.

    Raises:
        ConfigurationError: it cannot be read, is no RSA public key, or is under 2048 bits.
    """
    advice = "Give the Alipay public key that the console shows after the upload of the application's key."
    return _load(source, name, _PUBLIC, advice)


def read_source(source: KeySource, name: str) -> bytes:
    """Return the content of `source`, which may be a file.

    Raises:
        ConfigurationError: the file cannot be read, or there is nothing in it.
    """
    if isinstance(source, Path):
        try:
            content = source.read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigurationError(
                f"{name}: the file {source} cannot be read: {reason}."
            ) from None
    elif isinstance(source, str):
        content = source.encode("utf-8", "replace")
    elif isinstance(source, bytes):
        content = source
    else:
        raise ConfigurationError(
            f"{name}: expected a Path, str or bytes, not {type(source).__name__}."
        )
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ConfigurationError(f"{name}: the text is UTF-16. Save the file as UTF-8.")
    if not content.strip():
        raise ConfigurationError(f"{name} is empty.")
    return content


def _load(source: KeySource, name: str, wanted: tuple[str, ...], advice: str) -> RSA.RsaKey:
    der = _to_der(read_source(source, name), name)
    found = _describe(der)
    if found not in wanted:
        said = found or "no RSA key that can be read; it may be cut short or damaged"
        raise ConfigurationError(f"{name}: this is {said}. {_REMEDIES.get(found, advice)}")
    try:
        key = RSA.import_key(der)
        bits = key.size_in_bits()
    except (ValueError, IndexError, TypeError):
        raise ConfigurationError(
            f"{name}: this is {found}, but its content is damaged, or it is no RSA key. Copy it again, whole."
        ) from None
    if bits < MINIMUM_BITS:
        raise ConfigurationError(
            f"{name}: this key has {bits} bits; Alipay asks for {MINIMUM_BITS} at least. Make a new key pair."
        )
    return key


def _to_der(content: bytes, name: str) -> bytes:
    if content[:1] == b"\x30" and not content[:64].isascii():
        return content
    text = content.removeprefix(b"\xef\xbb\xbf").replace(b"\\n", b"\n").strip()  # as in .env files
    block = _PEM.search(text)
    if block is None:
        return _from_base64(text, name)
    label, body, end = block.groups()
    if label in _WRONG_LABELS:
        found = _WRONG_LABELS[label]
        raise ConfigurationError(
            f"{name}: this is {found}. {_REMEDIES.get(found, 'Alipay uses RSA keys.')}"
        )
    if b"ENCRYPTED" in body:
        found = "an encrypted private key"
        raise ConfigurationError(f"{name}: this is {found}. {_REMEDIES[found]}")
    if not end:
        raise ConfigurationError(
            f"{name}: the END line is missing, so the key is cut short. Copy it again, whole."
        )
    return _from_base64(body, name)


def _from_base64(text: bytes, name: str) -> bytes:
    packed = b"".join(text.split())
    if packed.startswith(b"-----"):
        raise ConfigurationError(
            f"{name}: the PEM lines are damaged. Copy the key again, with its BEGIN and END."
        )
    try:
        return binascii.a2b_base64(packed, strict_mode=True)
    except binascii.Error:
        pass
    if _FILE_NAME.search(text):
        raise ConfigurationError(
            f"{name}: this is the name of a file. Give it as pathlib.Path(...)."
        )
    raise ConfigurationError(
        f"{name}: this is neither PEM nor base64, or it is cut short. Copy the key again, whole."
    )


def _describe(der: bytes) -> str:
    """Say what a DER text is, by its outermost shape; empty if nothing that is known here."""
    try:
        outer = DerSequence().decode(der)
        items = [outer[i] for i in range(len(outer))]
    except (ValueError, IndexError, TypeError):
        return ""
    return _SHAPES.get(" ".join(_shape(item) for item in items[:9]), "")


def _shape(item: object) -> str:
    tags = {0x03: "bits", 0x04: "octets", 0x30: "sequence"}
    return tags.get(item[0], "other") if isinstance(item, bytes) and item else "integer"
