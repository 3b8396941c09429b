"""The folder that keeps the keys and certificates of a sandbox, one file each. Blocking.

Only this module knows the names of the files.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from Crypto.PublicKey import RSA

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.pki.x509 import certificate_key
from alipay_mini_audit.sandbox.protocol.encryption import Cipher

if sys.platform != "win32":
    import fcntl
from alipay_mini_audit.sandbox.unusable import unusable
from alipay_mini_audit.system_reasons import chinese_reason

__all__ = ["CA_KEY_FILE", "ensure_folder", "is_used", "read_folder", "write_folder"]

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
_PATIENCE: Final = 30.0
"""Seconds that another process has to fill a folder, about one without load."""
_POLL: Final = 0.05

_LACKING: Final = (
    (
        "the sandbox material lacks {files}.",
        "Restore the files, or give an empty folder to have new ones made.",
    ),
    ("沙箱密钥目录缺少 {files}。", "请恢复这些文件，或指定空目录以重新生成。"),
)
_UNREADABLE: Final = (
    ("the sandbox material cannot be read: {error}.", ""),
    ("无法读取沙箱密钥目录：{reason}。", ""),
)
_UNWRITABLE: Final = (
    ("the sandbox material cannot be written: {error}.", ""),
    ("无法写入沙箱密钥目录：{reason}。", ""),
)
_FULL: Final = (
    ("this holds {files}, which would be overwritten.", "Give an empty folder."),
    ("目录中已有 {files}，写入会将其覆盖。", "请指定空目录。"),
)
_HELD: Final = (
    (
        "another program holds this folder, as if to make sandbox material there.",
        "End that program, or give another folder.",
    ),
    ("另一个程序正占用该目录，可能在生成沙箱密钥。", "请结束该程序，或指定其他目录。"),
)
_FOREIGN: Final = (
    ("this does not belong to the private key beside it.", ""),
    ("与同目录中的私钥不匹配。", ""),
)
_NO_KEY: Final = (("this does not hold an RSA key.", ""), ("其中没有 RSA 密钥。", ""))
_PUBLIC_KEY: Final = (
    ("this holds a public key in place of a private one.", ""),
    ("其中是公钥而不是私钥。", ""),
)


def is_used(folder: Path) -> bool:
    """Return whether a folder holds any file of a sandbox.

    Args:
        folder: need not exist.
    """
    return any((folder / name).exists() for name in _FILES.values())


def ensure_folder(folder: Path, make: Callable[[], Mapping[str, str]]) -> dict[str, str]:
    """Read what a folder holds, or write there what is made if it holds nothing of a sandbox.

    Of several processes that do so at once, one makes it, and the others read that.

    Args:
        folder: where; made if it does not exist.
        make: makes the texts by field of `Material`.

    Raises:
        ConfigurationError: the folder cannot be written, another process holds it for 30 seconds,
            or what it holds cannot be read.
    """
    with _alone_in(folder):
        if not is_used(folder):
            _write_files(folder, make())
    return read_folder(folder)


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
        raise unusable(str(folder), *_LACKING, files=", ".join(missing))
    texts = {}
    try:
        for field, name in _FILES.items():
            if (folder / name).is_file():
                texts[field] = (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise unusable(str(folder), *_UNREADABLE, error=error, reason=_reason_of(error)) from error
    texts |= {field: texts[field].strip() for field in _WORDS if field in texts}
    _check(folder, texts)
    return texts


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write one file for each text, secret ones readable by the owner only: all, or none.

    Overwrites nothing.

    Args:
        folder: where to; made if it does not exist.
        texts: by field of `Material`.

    Raises:
        ConfigurationError: one of the files exists, or the folder cannot be written.
    """
    with _alone_in(folder):
        present = [name for name in _FILES.values() if (folder / name).exists()]
        if present:
            raise unusable(str(folder), *_FULL, files=", ".join(present))
        _write_files(folder, texts)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Make a folder, and keep other processes from filling it meanwhile, where folders are locked.

    The lock ends with the process, however that ends. Windows and some network drives have none.
    """
    with contextlib.ExitStack() as stack:
        with _telling_of(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # it cannot be locked
            descriptor = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            _lock(folder, descriptor)
        yield


def _lock(folder: Path, descriptor: int) -> None:
    if sys.platform == "win32":
        return
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise unusable(str(folder), *_HELD) from None
            time.sleep(_POLL)
        else:
            return


@contextlib.contextmanager
def _telling_of(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unusable(str(folder), *_UNWRITABLE, error=error, reason=_reason_of(error)) from error


def _reason_of(error: Exception) -> str:
    return chinese_reason(error) or str(error)


def _write_files(folder: Path, texts: Mapping[str, str]) -> None:
    names = [name for field, name in _FILES.items() if field in texts]
    with _telling_of(folder), tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as made:
        for field, text in texts.items():
            _write(Path(made) / _FILES[field], text)
        for name in reversed(names):  # whoever waits for the first of them finds the others
            (Path(made) / name).rename(folder / name)


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
            raise unusable(str(folder / _FILES[field]), *_FOREIGN)


def _key(path: Path, text: str) -> RSA.RsaKey:
    try:
        return RSA.import_key(text)
    except (ValueError, TypeError) as error:
        raise unusable(str(path), *_NO_KEY) from error


def _private_key(path: Path, text: str) -> RSA.RsaKey:
    key = _key(path, text)
    if not key.has_private():
        raise unusable(str(path), *_PUBLIC_KEY)
    return key


def _certified_key(folder: Path, texts: Mapping[str, str], field: str) -> RSA.RsaKey:
    try:
        return certificate_key(texts[field])
    except ConfigurationError as error:
        problem = error.as_problem(str(folder / _FILES[field]))
        raise ConfigurationError.from_problem(problem) from error
