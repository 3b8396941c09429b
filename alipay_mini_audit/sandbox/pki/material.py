"""Keys and certificates of a sandbox: made, written to a folder, read from one. Blocking."""

from __future__ import annotations

import base64
import os
import re
import secrets
from pathlib import Path
from typing import Final, Self, final

import attrs
from Crypto.PublicKey import RSA

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.pki.authority import (
    certify_alipay,
    certify_app,
    certify_root,
    new_key,
    private_pem,
    public_pem,
)
from alipay_mini_audit.sandbox.pki.x509 import certificate_key
from alipay_mini_audit.sandbox.protocol.encryption import Cipher

__all__ = ["Material"]

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
_OPTIONAL: Final = {"ca_private_key": "alipay_root_private_key.pem", "encrypt_key": "encrypt_key"}
"""The same for what a folder may lack."""
_PUBLIC: Final = (".crt", "app_id")


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
        ca_private_key: the root's key, PKCS#8; `None` if the material was read from a folder that
            lacks it.
        encrypt_key: AES key of encrypted calls, in base64; `None` if the app has none.
    """

    app_id: str
    app_private_key: str = attrs.field(repr=False)
    alipay_private_key: str = attrs.field(repr=False)
    alipay_public_key: str = attrs.field(repr=False)
    app_certificate: str = attrs.field(repr=False)
    alipay_certificate: str = attrs.field(repr=False)
    root_certificate: str = attrs.field(repr=False)
    ca_private_key: str | None = attrs.field(default=None, repr=False)
    encrypt_key: str | None = attrs.field(default=None, repr=False)

    @property
    def app_public_key(self) -> str:
        """The key that verifies requests, PEM."""
        return public_pem(RSA.import_key(self.app_private_key))

    @classmethod
    def generate(cls, app_id: str | None = None, *, encrypt_key: bool = False) -> Self:
        """Make three RSA keys of 2048 bits and their certificates. Takes about a second: use a
        worker thread.

        Args:
            app_id: the app's id; `None` draws one.
            encrypt_key: whether to draw an AES key too.

        Raises:
            ConfigurationError: the app id cannot be one.
        """
        if app_id is None:
            app_id = f"9021{secrets.randbelow(10**12):012d}"
        _check_app_id(app_id)
        app, alipay, root = (new_key() for _ in range(3))
        return cls(
            app_id=app_id,
            app_private_key=private_pem(app),
            alipay_private_key=private_pem(alipay),
            alipay_public_key=public_pem(alipay),
            app_certificate=certify_app(app_id, app, root),
            alipay_certificate=certify_alipay(alipay, root),
            root_certificate=certify_root(root),
            ca_private_key=private_pem(root),
            encrypt_key=base64.b64encode(secrets.token_bytes(16)).decode("ascii")
            if encrypt_key
            else None,
        )

    def successor(self, *, expired: bool = False, forged: bool = False) -> Self:
        """Return the same material with a new key and certificate of the platform. Blocking, about
        a second.

        Args:
            expired: whether the certificate has expired already.
            forged: whether it only names the root as its issuer, and another key signed it.

        Raises:
            ConfigurationError: the root's private key is not at hand.
        """
        key = new_key()
        return attrs.evolve(
            self,
            alipay_private_key=private_pem(key),
            alipay_public_key=public_pem(key),
            alipay_certificate=certify_alipay(key, self._authority(forged=forged), expired=expired),
        )

    def expired_certificate(self) -> str:
        """Return a certificate of the platform's present key that expired yesterday, PEM. Blocking.

        Raises:
            ConfigurationError: the root's private key is not at hand.
        """
        return certify_alipay(
            RSA.import_key(self.alipay_private_key), self._authority(), expired=True
        )

    def forged_certificate(self) -> str:
        """Return a certificate of the platform's present key that the root did not sign, PEM.

        Blocking.
        """
        return certify_alipay(RSA.import_key(self.alipay_private_key), self._authority(forged=True))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` wrote.

        Args:
            folder: where it is.

        Raises:
            ConfigurationError: a file is missing, unreadable, or does not belong to the others.
        """
        optional = {field: name for field, name in _OPTIONAL.items() if (folder / name).is_file()}
        missing = [name for name in _FILES.values() if not (folder / name).is_file()]
        if missing:
            raise ConfigurationError(
                f"{folder}: the sandbox material lacks {', '.join(missing)}. Restore the files, "
                "or give an empty folder to have new ones made."
            )
        try:
            texts = {
                field: (folder / name).read_text(encoding="utf-8")
                for field, name in (_FILES | optional).items()
            }
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{folder}: sandbox material cannot be read: {error}"
            ) from error
        texts |= {
            field: texts[field].strip() for field in ("app_id", "encrypt_key") if field in texts
        }
        material = cls(**texts)
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
        if not any((folder / name).exists() for name in (_FILES | _OPTIONAL).values()):
            material = cls.generate(app_id)
            material.write(folder)
            return material
        material = cls.read(folder)
        if app_id not in (None, material.app_id):
            raise ConfigurationError(
                f"{folder}: the material is for app id {material.app_id}, not {app_id}."
            )
        return material

    def write(self, folder: Path) -> None:
        """Write one file for each key and certificate, keys readable by the owner only. Overwrites
        nothing.

        Args:
            folder: where to; made if it does not exist.

        Raises:
            ConfigurationError: one of the files exists, or the folder cannot be written.
        """
        files = _FILES | {
            field: name for field, name in _OPTIONAL.items() if getattr(self, field) is not None
        }
        present = [name for name in (_FILES | _OPTIONAL).values() if (folder / name).exists()]
        if present:
            raise ConfigurationError(
                f"{folder}: not overwriting {', '.join(present)}. Give an empty folder."
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for field, name in files.items():
                text: str = getattr(self, field)
                mode = 0o644 if name.endswith(_PUBLIC) else 0o600
                descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(text.rstrip("\n") + "\n")
        except OSError as error:
            raise ConfigurationError(
                f"{folder}: sandbox material cannot be written: {error}"
            ) from error

    def _authority(self, *, forged: bool = False) -> RSA.RsaKey:
        if forged:
            return new_key()
        if self.ca_private_key is None:
            raise ConfigurationError(
                f"The sandbox material has no {_OPTIONAL['ca_private_key']}, which signs new certificates: "
                "restore it, or make new material."
            )
        return RSA.import_key(self.ca_private_key)

    def _check(self, folder: Path) -> None:
        _check_app_id(self.app_id)
        if self.encrypt_key is not None:
            Cipher(self.encrypt_key)
        try:
            app, alipay = (
                RSA.import_key(self.app_private_key),
                RSA.import_key(self.alipay_private_key),
            )
            root = None if self.ca_private_key is None else RSA.import_key(self.ca_private_key)
            shown = RSA.import_key(self.alipay_public_key)
        except (ValueError, TypeError) as error:
            raise ConfigurationError(f"{folder}: a key file holds no RSA key.") from error
        if not all(key.has_private() for key in (app, alipay, root) if key is not None):
            raise ConfigurationError(f"{folder}: a private key file holds a public key.")
        pairs = {
            _FILES["alipay_public_key"]: (shown, alipay),
            _FILES["alipay_certificate"]: (certificate_key(self.alipay_certificate), alipay),
            _FILES["app_certificate"]: (certificate_key(self.app_certificate), app),
        }
        root_public = certificate_key(self.root_certificate)
        pairs[_FILES["root_certificate"]] = (root_public, root or root_public)
        for name, (public, private) in pairs.items():
            if public.public_key() != private.public_key():
                raise ConfigurationError(
                    f"{folder}: {name} does not belong to the private key beside it."
                )


def _check_app_id(app_id: str) -> None:
    if not _APP_ID.fullmatch(app_id):
        raise ConfigurationError(
            "app_id: expected up to 64 of the characters A-Z, a-z, 0-9, _ and -."
        )
