"""`Material`: the keys and certificates of a sandbox. Blocking."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self, final

import attrs
from Crypto.PublicKey import RSA

from alipay_mini_audit.sandbox.pki.authority import (
    certify_alipay,
    certify_app,
    certify_root,
    new_key,
    private_pem,
    public_pem,
)
from alipay_mini_audit.sandbox.pki.folder import (
    CA_KEY_FILE,
    ensure_folder,
    read_folder,
    write_folder,
)
from alipay_mini_audit.sandbox.unusable import unusable

__all__ = ["Material"]

_APP_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_AES_BYTES: Final = 16
_OTHER_APP: Final = (
    ("this is the material of app id {found}, not {wanted}.", ""),
    ("目录中是应用 {found} 的密钥，而不是 {wanted}。", ""),
)
_BAD_APP_ID: Final = (
    ("expected up to 64 of the characters A-Z, a-z, 0-9, _ and -.", ""),
    ("应为最多 64 个字符，只含 A-Z、a-z、0-9、_ 和 -。", ""),
)
_NO_ROOT_KEY: Final = (
    (
        "the sandbox material lacks this key, which signs new certificates.",
        "Restore it, or make new material.",
    ),
    ("沙箱密钥目录缺少该密钥，无法签发新证书。", "请恢复该文件，或重新生成密钥目录。"),
)


@final
@attrs.frozen(kw_only=True)
class Material:
    """What one app and one platform need; keys and certificates are PEM texts.

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
        """Make three RSA keys of 2048 bits and their certificates.

        It takes about a second, with the extra `openssl` a tenth of that: use a worker thread.

        Args:
            app_id: the app's id; `None` draws one.
            encrypt_key: whether to draw an AES key too.

        Raises:
            ConfigurationError: this cannot be an app id.
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
            encrypt_key=_draw_encrypt_key() if encrypt_key else None,
        )

    def successor(self, *, expired: bool = False, forged: bool = False) -> Self:
        """Return the same material with a new key and certificate of the platform.

        It takes up to half a second: use a worker thread.

        Args:
            expired: whether the certificate has expired already.
            forged: whether it only names the root as its issuer, and another key signed it.

        Raises:
            ConfigurationError: the material lacks the root's private key.
        """
        key = new_key()
        return attrs.evolve(
            self,
            alipay_private_key=private_pem(key),
            alipay_public_key=public_pem(key),
            alipay_certificate=certify_alipay(
                key, self._issuer_key(forged=forged), expired=expired
            ),
        )

    def root_key(self) -> str:
        """Return the root's key, which signs new certificates.

        Raises:
            ConfigurationError: the material lacks it.
        """
        if self.ca_private_key is None:
            raise unusable(CA_KEY_FILE, *_NO_ROOT_KEY)
        return self.ca_private_key

    def expired_certificate(self) -> str:
        """Return a certificate of the platform's present key that expired yesterday, PEM. Blocking.

        Raises:
            ConfigurationError: the material lacks the root's private key.
        """
        key = RSA.import_key(self.alipay_private_key)
        return certify_alipay(key, self._issuer_key(), expired=True)

    def forged_certificate(self) -> str:
        """Return a certificate of the platform's present key that the root did not sign, PEM.

        Blocking.
        """
        key = RSA.import_key(self.alipay_private_key)
        return certify_alipay(key, self._issuer_key(forged=True))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` wrote.

        Args:
            folder: where it is.

        Raises:
            ConfigurationError: a file is missing, unreadable, or does not belong to the others.
        """
        return cls._of(read_folder(folder))

    @classmethod
    def ensure(cls, folder: Path, app_id: str | None = None) -> Self:
        """Read the material of a folder, or make it there if the folder has none.

        Of several processes that do so at once one makes it, and the others read it.

        Args:
            folder: where it is or will be; made if it does not exist.
            app_id: the app's id for new material; `None` draws one.

        Raises:
            ConfigurationError: the folder is half filled, unusable, or is for another app id.
        """
        material = cls._of(ensure_folder(folder, lambda: _texts(cls.generate(app_id))))
        if app_id not in (None, material.app_id):
            raise unusable(str(folder), *_OTHER_APP, found=material.app_id, wanted=app_id)
        return material

    def write(self, folder: Path) -> None:
        """Write one file for each key and certificate. Overwrites nothing.

        Private keys are readable by the owner only.

        Args:
            folder: where to; made if it does not exist.

        Raises:
            ConfigurationError: one of the files exists, or the folder cannot be written.
        """
        write_folder(folder, _texts(self))

    @classmethod
    def _of(cls, texts: Mapping[str, str]) -> Self:
        _check_app_id(texts["app_id"])
        return cls(**texts)

    def _issuer_key(self, *, forged: bool = False) -> RSA.RsaKey:
        return new_key() if forged else RSA.import_key(self.root_key())


def _texts(material: Material) -> dict[str, str]:
    return attrs.asdict(material, filter=lambda _, text: text is not None)


def _draw_encrypt_key() -> str:
    return base64.b64encode(secrets.token_bytes(_AES_BYTES)).decode("ascii")


def _check_app_id(app_id: str) -> None:
    if not _APP_ID.fullmatch(app_id):
        raise unusable("app_id", *_BAD_APP_ID)
