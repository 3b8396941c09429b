"""The keys and certificates of a sandbox's certification authority.

Blocking: a key takes half a second, with the extra `openssl` a twentieth.
"""

from __future__ import annotations

import datetime
import secrets
from typing import Final

from Crypto.PublicKey import RSA

from alipay_mini_audit.sandbox.pki.x509 import Name, issue

__all__ = ["certify_alipay", "certify_app", "certify_root", "new_key", "private_pem", "public_pem"]

_BITS: Final = 2048
_EXPONENT: Final = 65537
_DAY: Final = datetime.timedelta(days=1)
_LIFE: Final = 5 * 365 * _DAY


def _name(unit: str, common: str) -> Name:
    return (("C", "CN"), ("O", "alipay-mini-audit"), ("OU", unit), ("CN", common))


_ROOT: Final = _name("Sandbox Certification Authority", "Sandbox Root R1")
_ALIPAY: Final = _name("平台", "支付宝沙箱")


def new_key() -> RSA.RsaKey:
    """Make an RSA key of 2048 bits, with OpenSSL if it is there."""
    try:
        from cryptography.hazmat.primitives.asymmetric.rsa import (  # noqa: PLC0415  # optional
            generate_private_key,
        )
    except ImportError:
        return RSA.generate(_BITS)
    numbers = generate_private_key(_EXPONENT, _BITS).private_numbers()
    public = numbers.public_numbers
    return RSA.construct(
        (public.n, public.e, numbers.d, numbers.p, numbers.q), consistency_check=False
    )


def certify_root(key: RSA.RsaKey) -> str:
    """Return the root's own certificate, PEM.

    Args:
        key: of the root.
    """
    return _certify(_ROOT, key, key)


def certify_app(app_id: str, key: RSA.RsaKey, root: RSA.RsaKey) -> str:
    """Return an app's certificate, PEM.

    Args:
        app_id: the app's id.
        key: of the app.
        root: the root's private key.
    """
    return _certify(_name("应用", f"{app_id}-沙箱应用"), key, root)


def certify_alipay(key: RSA.RsaKey, root: RSA.RsaKey, *, expired: bool = False) -> str:
    """Return a certificate of the platform, PEM.

    The subject is always the same, the serial number another each time.

    Args:
        key: of the platform.
        root: the private key that signs in the root's name.
        expired: whether its last day was yesterday.
    """
    return _certify(_ALIPAY, key, root, age=_LIFE + _DAY if expired else _DAY)


def private_pem(key: RSA.RsaKey) -> str:
    """Return a private key, PKCS#8, PEM."""
    return key.export_key(pkcs=8).decode("ascii") + "\n"


def public_pem(key: RSA.RsaKey) -> str:
    """Return a public key, PEM."""
    return key.public_key().export_key().decode("ascii") + "\n"


def _certify(
    subject: Name, key: RSA.RsaKey, issuer_key: RSA.RsaKey, *, age: datetime.timedelta = _DAY
) -> str:
    begin = datetime.datetime.now(datetime.UTC).replace(microsecond=0) - age
    return issue(
        subject=subject,
        issuer=_ROOT,
        serial=secrets.randbits(127) + 1,
        not_before=begin,
        not_after=begin + _LIFE,
        public_key=key,
        issuer_key=issuer_key,
        authority=subject == _ROOT,
    )
