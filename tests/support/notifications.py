"""Notifications that OpenSSL has signed, and forms that `cryptography` signs."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from support import certificates
from support.certificates import NOW, VECTORS

from alipay_mini_audit.crypto import CertificateVerifier, ContentCipher, RSAVerifier

FOLDER = VECTORS / "notifications"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
FORMS = {name: (FOLDER / f"{name}.form").read_bytes() for name in EXPECTED}
HEADERS = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
APP_ID = "2021000000000001"
MINI_APP_ID = "2021000000000002"
CONTENT = '{"mini_app_id":"2021000000000002","mini_app_version":"0.0.1"}'
PASSED = {
    "charset": "UTF-8",
    "notify_id": "n-1",
    "msg_method": "alipay.open.mini.version.audit.passed",
    "utc_timestamp": "1772600767123",
    "app_id": APP_ID,
    "version": "1.1",
    "biz_content": CONTENT,
}
CIPHER = ContentCipher("ABEiM0RVZneImaq7zN3u/w==")
VERIFIER = RSAVerifier(VECTORS / "keys" / "alipay.public.pem")
_FILES = VECTORS / "certificates"


def certificate_verifier() -> CertificateVerifier:
    """The verifier of certificate mode, which has lived through a change of the certificate."""
    verifier = CertificateVerifier(_FILES / "alipay.crt", _FILES / "root.crt", clock=lambda: NOW)
    verifier.accept((_FILES / "alipay_next.crt").read_bytes(), "ef741b4d17879abc19a88dcdad02d8bb")
    return verifier


def signature_of(text: bytes, by: str = "alipay") -> str:
    return base64.b64encode(certificates.key(by).sign(text, PKCS1v15(), SHA256())).decode()


def signed(
    fields: dict[str, str], *, codec: str = "utf-8", of: dict[str, str] | None = None
) -> bytes:
    """Return a form with its signature by the first rule, or with that of other fields."""
    text = "&".join(f"{name}={value}" for name, value in sorted((of or fields).items()))
    around = {"sign_type": "RSA2", "sign": signature_of(text.encode(codec))}
    return urlencode({**fields, **around}, encoding=codec).encode()


def passed(**changes: str) -> bytes:
    """Return the form of a passed audit, with other fields."""
    return signed(PASSED | changes)
