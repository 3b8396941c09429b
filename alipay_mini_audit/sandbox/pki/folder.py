"""The folder that keeps the keys and certificates of a sandbox, one file each. Blocking.

Only this module knows the names of the files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from Crypto.PublicKey import RSA

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.pki.x509 import certificate_key
from alipay_mini_audit.sandbox.protocol.encryption import Cipher

__all__ = ["CA_KEY_FILE", "is_used", "read_folder", "write_folder"]

CA_KEY_FILE: Final = "alipay_root_private_key.pem"
"""The file of the root's private key."""

_REQUIRED: Final = MappingProxyType(
    {
        "app_id": "app_id",
        "app_private_key": "app_private_key.pem",
        "alipay_private_key": "alipay_private_key.pem",
        "alipay_public_key": "alipay_public_key.pem",
        "app_certificate": "app_cert.crt",
        "alipay_certificate": "alipay_cert.crt",
        "root_certificate": "alipay_root_cert.crt",
    }
)
"""Field of `Material` -> its file."""
_OPTIONAL: Final = MappingProxyType({"ca_private_key": CA_KEY_FILE, "encrypt_key": "encrypt_key"})
"""The same for what a folder may lack."""
_FILES: Final = MappingProxyType({**_REQUIRED, **_OPTIONAL})
_WORDS: Final = ("app_id", "encrypt_key")
_PRIVATE_KEYS: Final = ("app_private_key", "alipay_private_key", "ca_private_key")
_PUBLIC: Final = (".crt", "app_id")


def is_used(folder: Path) -> bool:
    """Return whether a folder holds any file of a sandbox.

    Args:
        folder: need not exist.
    """
    return any((folder / name).exists() for name in _FILES.values())


def read_folder(folder: Path) -> dict[str, str]:
    """Read what `write_folder` wrote.

    Args:
        folder: where it is.

    Returns:
        The texts by field of `Material`, without the fields whose file is missing and may be.

    Raises:
        ConfigurationError: a file is missing, unreadable, or does not belong to the others.
    """
    missing = [name for name in _REQUIRED.values() if not (folder / name).is_file()]
    if missing:
        raise ConfigurationError(
            str(folder),
            f"the sandbox material lacks {', '.join(missing)}.",
            "Restore the files, or give an empty folder to have new ones made.",
        )
    texts = {}
    try:
        for field, name in _FILES.items():
            if (folder / name).is_file():
                texts[field] = (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            str(folder), f"the sandbox material cannot be read: {error}."
        ) from error
    texts |= {field: texts[field].strip() for field in _WORDS if field in texts}
    _check(folder, texts)
    return texts


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write one file for each text, secret ones readable by the owner only. Overwrites nothing.

    Args:
        folder: where to; made if it does not exist.
        texts: by field of `Material`.

    Raises:
        ConfigurationError: one of the files exists, or the folder cannot be written.
    """
    present = [name for name in _FILES.values() if (folder / name).exists()]
    if present:
        raise ConfigurationError(
            str(folder),
            f"this holds {', '.join(present)}, which would be overwritten.",
            "Give an empty folder.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for field, text in texts.items():
            _write(folder / _FILES[field], text)
    except OSError as error:
        raise ConfigurationError(
            str(folder), f"the sandbox material cannot be written: {error}."
        ) from error


def _write(path: Path, text: str) -> None:
    mode = 0o644 if path.name.endswith(_PUBLIC) else 0o600
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text.rstrip("\n") + "\n")


def _check(folder: Path, texts: Mapping[str, str]) -> None:
    if "encrypt_key" in texts:
        Cipher(texts["encrypt_key"])
    private = {
        field: _private_key(folder / _FILES[field], texts[field])
        for field in _PRIVATE_KEYS
        if field in texts
    }
    root = _certified_key(folder, texts, "root_certificate")
    pairs = {
        "alipay_public_key": (
            _key(folder / _FILES["alipay_public_key"], texts["alipay_public_key"]),
            private["alipay_private_key"],
        ),
        "alipay_certificate": (
            _certified_key(folder, texts, "alipay_certificate"),
            private["alipay_private_key"],
        ),
        "app_certificate": (
            _certified_key(folder, texts, "app_certificate"),
            private["app_private_key"],
        ),
        "root_certificate": (root, private.get("ca_private_key", root)),
    }
    for field, (public, owner) in pairs.items():
        if public.public_key() != owner.public_key():
            raise ConfigurationError(
                str(folder / _FILES[field]), "this does not belong to the private key beside it."
            )


def _key(path: Path, text: str) -> RSA.RsaKey:
    try:
        return RSA.import_key(text)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(str(path), "this does not hold an RSA key.") from error


def _private_key(path: Path, text: str) -> RSA.RsaKey:
    key = _key(path, text)
    if not key.has_private():
        raise ConfigurationError(str(path), "this holds a public key in place of a private one.")
    return key


def _certified_key(folder: Path, texts: Mapping[str, str], field: str) -> RSA.RsaKey:
    try:
        return certificate_key(texts[field])
    except ConfigurationError as error:
        raise ConfigurationError(
            str(folder / _FILES[field]), error.problem, error.advice
        ) from error
