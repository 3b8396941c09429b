"""What a run needs on disk.

Keys, a TLS certificate, replies that were signed beforehand, and the files that are submitted.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress
import os
import shutil
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

__all__ = [
    "ALIPAY_PUBLIC_KEY",
    "APP_ID",
    "APP_PRIVATE_KEY",
    "ARCHAIC_PRIVATE_KEY",
    "PARTS",
    "REPLY",
    "REPLY_V2",
    "TLS_CERTIFICATE",
    "TLS_KEY",
    "as_one_line",
    "fields_of",
    "file_of",
    "files_of",
    "folder_of",
    "made_folders",
    "make_files",
    "make_material",
]

APP_ID: Final = "2021000000000001"
APP_PRIVATE_KEY: Final = "app_private_key.pem"
ARCHAIC_PRIVATE_KEY: Final = "app_private_key_pkcs1.pem"
"""The same key as PKCS#1, which is all that the official Python SDK reads."""
ALIPAY_PUBLIC_KEY: Final = "alipay_public_key.pem"
TLS_CERTIFICATE: Final = "tls.crt"
TLS_KEY: Final = "tls.key"
REPLY: Final = "reply.http"
REPLY_V2: Final = "reply_v2.http"
PARTS: Final = (
    "app_logo",
    *(f"{rank}_screen_shot" for rank in ("first", "second", "third", "fourth", "fifth")),
    *(f"{rank}_license_pic" for rank in ("first", "second", "third", "fourth", "fifth")),
    *(f"{rank}_special_license_pic" for rank in ("first", "second", "third", "fourth")),
    "out_door_pic",
)
"""The 16 files of every submission, by their names on the wire."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_BITS: Final = 2048
_TIMESTAMP: Final = "1767225600000"
_NONCE: Final = "c6f3cf2c-6b0a-4a3e-9d0f-4f6a3a0e1d11"


def make_material(folder: Path) -> None:
    """Write keys, certificate and replies into `folder`."""
    app_key = rsa.generate_private_key(65537, _BITS)
    alipay_key = rsa.generate_private_key(65537, _BITS)
    (folder / APP_PRIVATE_KEY).write_bytes(_pem(app_key, PrivateFormat.PKCS8))
    (folder / ARCHAIC_PRIVATE_KEY).write_bytes(_pem(app_key, PrivateFormat.TraditionalOpenSSL))
    public = alipay_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / ALIPAY_PUBLIC_KEY).write_bytes(public)
    (folder / REPLY).write_bytes(_reply(alipay_key))
    (folder / REPLY_V2).write_bytes(_reply_v2(alipay_key))
    _make_certificate(folder)


def make_files(folder: Path, workload: str, size: int) -> None:
    """Write the 16 files of a workload, which also brings them into the page cache.

    They are pictures that can be read, of exactly that size each.
    """
    for part in PARTS:
        content = _picture(size)
        file_of(folder, workload, part).write_bytes(content)


def file_of(folder: Path, workload: str, part: str) -> Path:
    """Return where a file of a workload is."""
    return folder / f"{workload}_{part}.png"


@contextlib.contextmanager
def made_folders(folder: Path, workload: str, size: int, count: int) -> Iterator[None]:
    """Have the files of a workload on disk, and copies in folders of their own.

    Args:
        folder: where.
        workload: its name.
        size: bytes of each file.
        count: how many folders; 0 if all submissions send the same files.
    """
    make_files(folder, workload, size)
    try:
        for number in range(1, count + 1):
            own = folder_of(folder, workload, number)
            own.mkdir(parents=True)
            for part in PARTS:
                shutil.copyfile(file_of(folder, workload, part), file_of(own, workload, part))
        os.sync()  # or whoever syncs a journal waits for all of them
        yield
    finally:
        shutil.rmtree(folder_of(folder, workload, 1).parent, ignore_errors=True)


def files_of(folder: Path, workload: str, count: int) -> list[dict[str, Path]]:
    """Return the files of each of `count` folders by part; with 0 what all submissions send."""
    own = [folder_of(folder, workload, number) for number in range(1, count + 1)]
    return [{part: file_of(each, workload, part) for part in PARTS} for each in own or [folder]]


def folder_of(folder: Path, workload: str, number: int) -> Path:
    """Return where the files of one submission are."""
    return folder / f"{workload}_folders" / str(number)


def _picture(size: int) -> bytes:
    header = struct.pack(">IIBBBBB", 180, 180, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(180 * (1 + 3 * 180)))
    start = _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", data)
    end = _chunk(b"IEND", b"")
    return start + _chunk(b"noIs", os.urandom(size - len(start) - len(end) - 12)) + end


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I4s", len(content), kind) + content + checksum


def _reply(key: rsa.RSAPrivateKey) -> bytes:
    body = b'{"speed_up":"true"}'
    signature = _sign(key, f"{_TIMESTAMP}\n{_NONCE}\n{body.decode()}\n".encode())
    headers = {
        "alipay-timestamp": _TIMESTAMP,
        "alipay-nonce": _NONCE,
        "alipay-signature": signature,
        "alipay-trace-id": "0000000000000000000000000000000000",
    }
    return _http(body, headers)


def _reply_v2(key: rsa.RSAPrivateKey) -> bytes:
    content = '{"code":"10000","msg":"Success","speed_up":"true"}'
    signature = _sign(key, content.encode())
    body = f'{{"alipay_open_mini_version_audit_apply_response":{content},"sign":"{signature}"}}'
    return _http(body.encode())


def _http(body: bytes, headers: dict[str, str] | None = None) -> bytes:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **(headers or {}),
    }
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _sign(key: rsa.RSAPrivateKey, message: bytes) -> str:
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), SHA256())).decode()


def _pem(key: rsa.RSAPrivateKey, form: PrivateFormat) -> bytes:
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def _make_certificate(folder: Path) -> None:
    key = rsa.generate_private_key(65537, _BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    (folder / TLS_CERTIFICATE).write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / TLS_KEY).write_bytes(_pem(key, PrivateFormat.PKCS8))


def as_one_line(pem: str) -> str:
    """Return the base64 of a key without its frame, as the official Python SDK wants it."""
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))


def fields_of(number: int) -> dict[str, str]:
    """Return the fields of submission `number`; only the version tells it from others."""
    return {
        "app_version": f"0.0.{number}",
        "version_desc": "Fixes the amount of a refund, loads the home page faster.",
    }
