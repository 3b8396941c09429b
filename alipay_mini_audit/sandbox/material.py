"""Keys and certificates of a sandbox: made, written to a folder, read from one. Blocking."""

from __future__ import annotations

import datetime
import os
import re
import secrets
from pathlib import Path
from typing import Final, Self, final

import attrs
from Crypto.PublicKey import RSA

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.certificates import Name, certificate_key, issue

__all__ = ["Material"]

_BITS: Final = 2048
_APP_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FILES: Final = {
    "app_id": "app_id",
    "app_private_key": "app_private_key.pem",
    "alipay_private_key": "alipay_private_key.pem",
    "alipay_public_key": "alipay_public_key.pem",
    "app_certificate": "app_cert.crt",
    "alipay_certificate": "alipay_cert.crt",
    "root_certificate": "alipay_root_cert.crt",
}
"""Field of `Material` -> its file."""


@final
@attrs.frozen(kw_only=True)
class Material:
    """What one app and one platform need: all PEM texts.

    Attributes:
        app_id: the only app that the sandbox knows.
        app_private_key: signs requests, PKCS#8.
        alipay_private_key: signs answers, PKCS#8.
        alipay_public_key: verifies answers.
        app_certificate: certifies the app's key, for certificate mode.
        alipay_certificate: certifies the platform's key.
        root_certificate: the self-signed root that signed both certificates.
        ca_private_key: the root's key, PKCS#8; `None` if the material was read from a folder.
    """

    app_id: str
    app_private_key: str = attrs.field(repr=False)
    alipay_private_key: str = attrs.field(repr=False)
    alipay_public_key: str = attrs.field(repr=False)
    app_certificate: str = attrs.field(repr=False)
    alipay_certificate: str = attrs.field(repr=False)
    root_certificate: str = attrs.field(repr=False)
    ca_private_key: str | None = attrs.field(default=None, repr=False)

    @property
    def app_public_key(self) -> str:
        """The key that verifies requests, PEM."""
        return _public(RSA.import_key(self.app_private_key))

    @classmethod
    def generate(cls, app_id: str | None = None) -> Self:
        """Make three RSA keys of 2048 bits and their certificates. Takes about a second: use a worker thread.

        Args:
            app_id: the app's id; `None` draws one.

        Raises:
            ConfigurationError: the app id cannot be one.
        """
        if app_id is None:
            app_id = f"9021{secrets.randbelow(10**12):012d}"
        _check_app_id(app_id)
        app, alipay, root = (RSA.generate(_BITS) for _ in range(3))
        issuer = _name("Sandbox Certification Authority", "Sandbox Root R1")
        return cls(
            app_id=app_id,
            app_private_key=_private(app),
            alipay_private_key=_private(alipay),
            alipay_public_key=_public(alipay),
            app_certificate=_certify(_name("应用", f"{app_id}-沙箱应用"), app, issuer, root),
            alipay_certificate=_certify(_name("平台", "支付宝沙箱"), alipay, issuer, root),
            root_certificate=_certify(issuer, root, issuer, root),
            ca_private_key=_private(root),
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` wrote.

        Args:
            folder: where it is.

        Raises:
            ConfigurationError: a file is missing, unreadable, or does not belong to the others.
        """
        missing = [name for name in _FILES.values() if not (folder / name).is_file()]
        if missing:
            raise ConfigurationError(
                f"{folder}: the sandbox material lacks {', '.join(missing)}. Restore the files, "
                "or give an empty folder to have new ones made."
            )
        try:
            texts = {field: (folder / name).read_text(encoding="utf-8") for field, name in _FILES.items()}
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{folder}: sandbox material cannot be read: {error}") from error
        material = cls(**texts | {"app_id": texts["app_id"].strip()})
        material._check(folder)
        return material

    @classmethod
    def ensure(cls, folder: Path, app_id: str | None = None) -> Self:
        """Read the material of a folder, or make it there if the folder has none.

        Args:
            folder: where it is or shall be; made if it does not exist.
            app_id: the app's id for new material; `None` draws one.

        Raises:
            ConfigurationError: the folder is half filled, unusable, or is for another app id.
        """
        if not any((folder / name).exists() for name in _FILES.values()):
            material = cls.generate(app_id)
            material.write(folder)
            return material
        material = cls.read(folder)
        if app_id not in (None, material.app_id):
            raise ConfigurationError(f"{folder}: the material is for app id {material.app_id}, not {app_id}.")
        return material

    def write(self, folder: Path) -> None:
        """Write one file for each key and certificate, keys readable by the owner only. Overwrites nothing.

        Args:
            folder: where to; made if it does not exist.

        Raises:
            ConfigurationError: one of the files exists, or the folder cannot be written.
        """
        present = [name for name in _FILES.values() if (folder / name).exists()]
        if present:
            raise ConfigurationError(f"{folder}: not overwriting {', '.join(present)}. Give an empty folder.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for field, name in _FILES.items():
                text: str = getattr(self, field)
                mode = 0o600 if name.endswith(".pem") else 0o644
                descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(text.rstrip("\n") + "\n")
        except OSError as error:
            raise ConfigurationError(f"{folder}: sandbox material cannot be written: {error}") from error

    def _check(self, folder: Path) -> None:
        _check_app_id(self.app_id)
        try:
            app, alipay = RSA.import_key(self.app_private_key), RSA.import_key(self.alipay_private_key)
            shown = RSA.import_key(self.alipay_public_key)
        except (ValueError, TypeError) as error:
            raise ConfigurationError(f"{folder}: a key file holds no RSA key.") from error
        if not (app.has_private() and alipay.has_private()):
            raise ConfigurationError(f"{folder}: a private key file holds a public key.")
        pairs = {
            _FILES["alipay_public_key"]: (shown, alipay),
            _FILES["alipay_certificate"]: (certificate_key(self.alipay_certificate), alipay),
            _FILES["app_certificate"]: (certificate_key(self.app_certificate), app),
        }
        certificate_key(self.root_certificate)
        for name, (public, private) in pairs.items():
            if public.public_key() != private.public_key():
                raise ConfigurationError(f"{folder}: {name} does not belong to the private key beside it.")


def _check_app_id(app_id: str) -> None:
    if not _APP_ID.fullmatch(app_id):
        raise ConfigurationError("app_id: expected up to 64 of the characters A-Z, a-z, 0-9, _ and -.")


def _name(unit: str, common: str) -> Name:
    return (("C", "CN"), ("O", "alipay-mini-audit"), ("OU", unit), ("CN", common))


def _certify(subject: Name, key: RSA.RsaKey, issuer: Name, issuer_key: RSA.RsaKey) -> str:
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    return issue(
        subject=subject,
        issuer=issuer,
        serial=secrets.randbits(127) + 1,
        not_before=now - datetime.timedelta(days=1),
        not_after=now + datetime.timedelta(days=5 * 365),
        public_key=key,
        issuer_key=issuer_key,
        authority=subject == issuer,
    )


def _private(key: RSA.RsaKey) -> str:
    return key.export_key(pkcs=8).decode("ascii") + "\n"


def _public(key: RSA.RsaKey) -> str:
    return key.public_key().export_key().decode("ascii") + "\n"
