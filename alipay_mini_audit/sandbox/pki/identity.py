"""`Identity`: what the platform signs with, and what a client needs to trust it."""

from __future__ import annotations

import copy
import functools
from typing import Self, final

import attrs
from Crypto.PublicKey import RSA

from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.pki.material import Material
from alipay_mini_audit.sandbox.pki.x509 import serial_number
from alipay_mini_audit.sandbox.protocol.replies import ReplySigner

__all__ = ["Identity"]


@final
@attrs.frozen(kw_only=True)
class Identity:
    """Everything that is parsed once from the material.

    Attributes:
        signer: signs answers.
        key_credentials: for a client in key mode.
    """

    signer: ReplySigner = attrs.field(repr=False)
    key_credentials: Credentials = attrs.field(repr=False)
    _certificate_credentials: Credentials | ConfigurationError = attrs.field(repr=False)

    @classmethod
    @functools.lru_cache(maxsize=4)  # a test suite starts many gateways with the same keys
    def make(cls, material: Material, encrypt_key: str | None) -> Self:
        """Parse the material. Blocking, tens of milliseconds the first time.

        Args:
            material: keys and certificates.
            encrypt_key: AES key in base64; `None` if calls are not encrypted.

        Raises:
            ConfigurationError: a key is unusable.
        """
        key = RSA.import_key(material.alipay_private_key)
        app_signer = RSASigner(material.app_private_key)
        return cls(
            signer=ReplySigner(key, serial_number(material.alipay_certificate)),
            key_credentials=Credentials.from_keys(
                app_id=material.app_id,
                private_key=app_signer,
                alipay_public_key=material.alipay_public_key,
                encrypt_key=encrypt_key,
            ),
            certificate_credentials=_try_certificates(material, app_signer, encrypt_key),
        )

    @property
    def certificate_credentials(self) -> Credentials:
        """For a client in certificate mode.

        Raises:
            ConfigurationError: a client refuses these certificates.
        """
        if isinstance(self._certificate_credentials, ConfigurationError):
            # The kept error would gather the traceback of every raise.
            raise copy.copy(self._certificate_credentials)
        return self._certificate_credentials


def _try_certificates(
    material: Material, app_signer: RSASigner, encrypt_key: str | None
) -> Credentials | ConfigurationError:
    try:
        return Credentials.from_certificates(
            app_id=material.app_id,
            private_key=app_signer,
            app_certificate=material.app_certificate,
            alipay_certificate=material.alipay_certificate,
            root_certificate=material.root_certificate,
            encrypt_key=encrypt_key,
        )
    except ConfigurationError as error:
        return error
