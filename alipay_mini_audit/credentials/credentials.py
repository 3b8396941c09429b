"""Who calls: keys and certificates, from arguments, environment or a file."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn, Self, final

import attrs

from alipay_mini_audit.credentials.settings import CredentialSettings, read_environment, read_file
from alipay_mini_audit.crypto import (
    CertificateVerifier,
    ContentCipher,
    FetchCertificate,
    KeySource,
    RSASigner,
    RSAVerifier,
    Signer,
    Verifier,
    load_certificates,
    root_serial_number,
)
from alipay_mini_audit.crypto.certificates import date_problem
from alipay_mini_audit.crypto.trust import utc_now, warn_of_expiry
from alipay_mini_audit.errors import ConfigurationError

__all__ = ["Credentials"]

_APP_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SERIAL_NUMBER: Final = re.compile(r"[A-Za-z0-9_-]{1,1024}")


@final
@attrs.frozen(kw_only=True)
class Credentials:
    """Who calls, and how requests are signed and replies verified.

    Attributes:
        app_id: the calling application; for a merchant's mini-program the service provider's own.
        signer: makes signatures.
        verifier: decides whether a reply is Alipay's.
        app_cert_sn: serial number of the application certificate; `None` in key mode.
        alipay_root_cert_sn: serial number of Alipay's root certificates; `None` in key mode.
        cipher: encrypts content; `None` sends it as it is.

    Raises:
        ConfigurationError: the app id cannot be one, or a part does not fulfil its protocol.
    """

    app_id: str
    signer: Signer
    verifier: Verifier
    app_cert_sn: str | None = None
    alipay_root_cert_sn: str | None = None
    cipher: ContentCipher | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.app_id, str) or not _APP_ID.fullmatch(self.app_id):
            raise ConfigurationError(
                "app_id: expected the digits that the console shows, as a text."
            )
        for name in ("app_cert_sn", "alipay_root_cert_sn"):
            value = getattr(self, name)
            if value is not None and (
                not isinstance(value, str) or not _SERIAL_NUMBER.fullmatch(value)
            ):
                raise ConfigurationError(f"{name}: expected hex digits, as a text.")
        if not callable(getattr(self.signer, "sign", None)):
            raise ConfigurationError(
                "signer: expected an object with `async def sign(message) -> bytes`."
            )
        if not callable(getattr(self.verifier, "verify", None)):
            raise ConfigurationError(
                "verifier: expected an object with `verify(message, signature, ...)`."
            )
        if self.cipher is not None and not isinstance(self.cipher, ContentCipher):
            raise ConfigurationError("cipher: expected a ContentCipher or None.")

    @classmethod
    def from_keys(
        cls,
        app_id: str,
        private_key: KeySource | Signer,
        alipay_public_key: KeySource,
        *,
        encrypt_key: str | None = None,
    ) -> Self:
        """Build credentials for key mode. Reads files, so call it before the event loop has work to
        do.

        Args:
            app_id: the calling application.
            private_key: the application's private key: PEM, bare base64 or DER, PKCS#1 or PKCS#8. A
                `Path` is a file, `str` and `bytes` are the key itself. Or a `Signer` that keeps the
                key elsewhere.
            alipay_public_key: Alipay's public key in the same spellings; not the application's own.
            encrypt_key: base64 AES key for content, as the console shows it; `None` sends content
                as it is.

        Raises:
            ConfigurationError: a key is unusable; the text says what was found instead.
        """
        signer, verifier = _to_signer(private_key), RSAVerifier(alipay_public_key)
        if getattr(signer, "fingerprint", None) == verifier.fingerprint:
            raise ConfigurationError(
                "alipay_public_key: this is the application's own public key. Give the Alipay public key, which the "
                "console shows beside it."
            )
        return cls(app_id=app_id, signer=signer, verifier=verifier, cipher=_to_cipher(encrypt_key))

    @classmethod
    def from_certificates(
        cls,
        app_id: str,
        private_key: KeySource | Signer,
        app_certificate: KeySource,
        alipay_certificate: KeySource,
        root_certificate: KeySource,
        *,
        encrypt_key: str | None = None,
        fetch_certificate: FetchCertificate | None = None,
        check_certificates: bool = True,
        clock: Callable[[], datetime.datetime] = utc_now,
    ) -> Self:
        """Build credentials for certificate mode. Reads files, so call it before the event loop has
        work to do.

        Certificates are PEM or DER; a `Path` is a file, `str` and `bytes` are the content; of
        several in one file the first is the leaf.

        Args:
            app_id: the calling application.
            private_key: as for `from_keys`; it must belong to the application certificate.
            app_certificate: the application certificate, `appCertPublicKey_….crt`.
            alipay_certificate: Alipay's certificate, `alipayCertPublicKey_RSA2.crt`.
            root_certificate: Alipay's root bundle, `alipayRootCert.crt`.
            encrypt_key: as for `from_keys`.
            fetch_certificate: called when a reply names an Alipay certificate that is not at hand,
                see `CertificateVerifier`; `None` fetches nothing.
            check_certificates: `False` does not look at dates and chain; for test environments
                only.
            clock: returns the time, aware.

        Raises:
            ConfigurationError: a certificate cannot be read, has expired, does not belong to the
            key, or was not
                signed by the root.
        """
        signer = _to_signer(private_key)
        (certificate, *_), roots = (
            load_certificates(app_certificate, "app_certificate"),
            load_certificates(root_certificate, "root_certificate"),
        )
        verifier = CertificateVerifier(
            alipay_certificate,
            root_certificate,
            fetch_certificate=fetch_certificate,
            check_certificates=check_certificates,
            clock=clock,
        )
        try:
            fingerprint = getattr(signer, "fingerprint", certificate.fingerprint)
        except ConfigurationError as error:
            raise ConfigurationError(f"app_certificate: {error}") from None
        if fingerprint == verifier.fingerprint:
            raise ConfigurationError(
                "alipay_certificate: this is the application's certificate. Give Alipay's."
            )
        if fingerprint != certificate.fingerprint:
            raise ConfigurationError(
                "app_certificate: it does not belong to the private key. Give the key that its request was made with."
            )
        if check_certificates:
            if (problem := date_problem(certificate, clock())) is not None:
                raise ConfigurationError(
                    f"app_certificate: {problem}. Make a new one in the console."
                )
            warn_of_expiry(certificate, "app_certificate", clock())
        return cls(
            app_id=app_id,
            signer=signer,
            verifier=verifier,
            app_cert_sn=certificate.cert_sn,
            alipay_root_cert_sn=root_serial_number(roots),
            cipher=_to_cipher(encrypt_key),
        )

    @classmethod
    def from_env(cls, prefix: str = "ALIPAY_") -> Self:
        """Build credentials from environment variables; whichever mode they are for.

        Behind the prefix: `APP_ID`, `PRIVATE_KEY`, and for key mode `PUBLIC_KEY` (Alipay's), for
        certificate mode `APP_CERTIFICATE`, `CERTIFICATE` (Alipay's) and `ROOT_CERTIFICATE`;
        `ENCRYPT_KEY` if content is encrypted. Each holds the content, or the name of a file; with
        `_FILE` behind it, it always names a file.

        Args:
            prefix: begins each name.

        Raises:
            ConfigurationError: a variable is missing or contradicts another, and is named; or what
            it holds is
                unusable.
        """
        return cls.from_settings(read_environment(prefix))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """Build credentials from a TOML file; whichever mode it is for.

        Its keys are the arguments of `from_keys` and `from_certificates`. Each holds the content,
        or the name of a file, relative to the TOML file; with `_file` behind the key, it always
        names a file.

        Args:
            path: the file.

        Raises:
            ConfigurationError: it cannot be read; a setting is missing, unknown or contradicts
            another, and is named;
                or what it holds is unusable.
        """
        return cls.from_settings(read_file(path))

    @classmethod
    def from_settings(cls, settings: CredentialSettings) -> Self:
        """Build credentials from settings that were read.

        Raises:
            ConfigurationError: a setting is unusable; it is called as it was where it was given.
        """
        encrypt_key = settings.encrypt_key or None
        try:
            if not settings.is_certificate_mode:
                public_key = settings.alipay_public_key
                return cls.from_keys(
                    settings.app_id, settings.private_key, public_key, encrypt_key=encrypt_key
                )
            return cls.from_certificates(
                settings.app_id,
                settings.private_key,
                settings.app_certificate,
                settings.alipay_certificate,
                settings.root_certificate,
                encrypt_key=encrypt_key,
            )
        except ConfigurationError as error:
            raise settings.renamed(error) from None

    def __reduce__(self) -> NoReturn:
        raise TypeError("Credentials hold keys and are not pickled; make them in each process")


def _to_signer(private_key: KeySource | Signer) -> Signer:
    return RSASigner(private_key) if isinstance(private_key, Path | str | bytes) else private_key


def _to_cipher(encrypt_key: str | None) -> ContentCipher | None:
    return None if encrypt_key is None else ContentCipher(encrypt_key)
