"""`Credentials`: who calls, with keys or certificates from arguments, environment or a file."""

from __future__ import annotations

import os
import re
from typing import Final, NoReturn, Self, final

import attrs

from alipay_mini_audit.credentials.diagnosis import diagnose, is_error
from alipay_mini_audit.credentials.material import Material
from alipay_mini_audit.credentials.rules import app_id_problem, signer_problem, verifier_problem
from alipay_mini_audit.credentials.settings import CredentialSettings, read_environment, read_file
from alipay_mini_audit.crypto import ContentCipher, FetchCertificate, KeySource, Signer, Verifier
from alipay_mini_audit.crypto.faults import CertificateFault
from alipay_mini_audit.crypto.trust import SYSTEM_CLOCK, Clock, announce
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["Credentials"]

_SERIAL_NUMBER: Final = re.compile(r"[A-Za-z0-9_-]{1,1024}")
_NO_CIPHER: Final = (
    ("expected a ContentCipher or None.", ""),
    ("应为 ContentCipher 或 None。", ""),
)
_NO_SERIAL_NUMBER: Final = (
    ("expected hex digits, as a text.", ""),
    ("应为十六进制数字的字符串。", ""),
)


@final
@attrs.frozen(kw_only=True)
class Credentials:
    """Who calls, and how requests are signed and replies verified.

    Attributes:
        app_id: the calling application; for a merchant's mini-program the service provider's own.
        signer: makes signatures.
        verifier: decides whether a reply is Alipay's; its `verify` is no coroutine function.
        app_cert_sn: serial number of the application certificate; `None` in key mode.
        alipay_root_cert_sn: serial number of Alipay's root certificates; `None` in key mode.
        cipher: encrypts content; `None` sends it as it is.

    Raises:
        ConfigurationError: the app id cannot be one, or a part does not fulfil its protocol;
            `setting` names it.
    """

    app_id: str
    signer: Signer
    verifier: Verifier
    app_cert_sn: str | None = None
    alipay_root_cert_sn: str | None = None
    cipher: ContentCipher | None = None

    def __attrs_post_init__(self) -> None:
        for problem in (
            app_id_problem(self.app_id),
            signer_problem(self.signer),
            verifier_problem(self.verifier),
        ):
            if problem is not None and is_error(problem):
                raise ConfigurationError.from_problem(problem)
        self._expect_serial_number("app_cert_sn")
        self._expect_serial_number("alipay_root_cert_sn")
        if self.cipher is not None and not isinstance(self.cipher, ContentCipher):
            raise ConfigurationError.from_problem(told("cipher", "wrong_type", *_NO_CIPHER))

    def _expect_serial_number(self, name: str) -> None:
        value = getattr(self, name)
        if value is None:
            return
        # It becomes a part of a header, so a comma or a line feed must not pass.
        if not isinstance(value, str) or not _SERIAL_NUMBER.fullmatch(value):
            raise ConfigurationError.from_problem(told(name, "wrong_type", *_NO_SERIAL_NUMBER))

    @classmethod
    def from_keys(
        cls,
        app_id: str,
        private_key: KeySource | Signer,
        alipay_public_key: KeySource,
        *,
        encrypt_key: str | None = None,
    ) -> Self:
        """Build credentials for key mode.

        It reads files, so call it before the event loop has work to do.

        Args:
            app_id: the calling application.
            private_key: the application's private key: PEM, bare base64 or DER, PKCS#1 or PKCS#8. A
                `Path` is a file, `str` and `bytes` are the key itself. Or a `Signer` that keeps the
                key elsewhere.
            alipay_public_key: Alipay's public key in the same spellings; not the application's own.
            encrypt_key: base64 AES key for content, as the console shows it; `None` sends content
                as it is.

        Raises:
            ConfigurationError: a key is unusable; the problem says what was found instead.
        """
        material = Material(
            is_certificate_mode=False,
            app_id=app_id,
            private_key=private_key,
            alipay_public_key=alipay_public_key,
            encrypt_key=encrypt_key,
        )
        return cls._of_material(material)

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
        clock: Clock = SYSTEM_CLOCK,
    ) -> Self:
        """Build credentials for certificate mode.

        It reads files, so call it before the event loop has work to do. Certificates are PEM or
        DER; a `Path` is a file, `str` and `bytes` are the content; of several in one file the first
        is the leaf.

        Args:
            app_id: the calling application.
            private_key: as for `from_keys`; it must belong to the application certificate.
            app_certificate: the application certificate, `appCertPublicKey_….crt`.
            alipay_certificate: Alipay's certificate, `alipayCertPublicKey_RSA2.crt`.
            root_certificate: Alipay's root bundle, `alipayRootCert.crt`.
            encrypt_key: as for `from_keys`.
            fetch_certificate: called when a reply names an Alipay certificate that is not loaded,
                see `CertificateVerifier`; `None` fetches nothing.
            check_certificates: `False` looks neither at dates nor at the chain, neither now nor
                later; for test environments only, such as Alipay's own, whose authority cannot be
                verified.
            clock: returns the time, aware; the machine's clock by default.

        Raises:
            ConfigurationError: a certificate cannot be read, has expired, does not belong to the
                key, or was not signed by the root.
        """
        material = Material(
            is_certificate_mode=True,
            app_id=app_id,
            private_key=private_key,
            app_certificate=app_certificate,
            alipay_certificate=alipay_certificate,
            root_certificate=root_certificate,
            encrypt_key=encrypt_key,
            fetch_certificate=fetch_certificate,
            check_certificates=check_certificates,
            clock=clock,
        )
        return cls._of_material(material)

    @classmethod
    def from_env(cls, prefix: str = "ALIPAY_") -> Self:
        """Build credentials from environment variables; whichever mode they are for.

        Behind the prefix: `APP_ID`, `PRIVATE_KEY`, and for key mode `PUBLIC_KEY` (Alipay's), for
        certificate mode `APP_CERTIFICATE`, `CERTIFICATE` (Alipay's) and `ROOT_CERTIFICATE`;
        `ENCRYPT_KEY` if content is encrypted. Each holds the content, or the name of a file; with
        `_FILE` behind it, it always names a file. `CHECK_CERTIFICATES` may be `0` or `false`, see
        `from_certificates`.

        Args:
            prefix: begins each name.

        Raises:
            ConfigurationError: a variable is missing or contradicts another, and is named; or what
                it holds is unusable.
        """
        return cls.from_settings(read_environment(prefix))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], profile: str | None = None) -> Self:
        """Build credentials from a TOML file; whichever mode it is for.

        Its keys are the arguments of `from_keys` and `from_certificates`. Each holds the content,
        or the name of a file, relative to the TOML file; with `_file` behind the key, it always
        names a file. `check_certificates` is true or false.

        A file may have tables `profiles.NAME` with the same keys, one for each app or merchant;
        what stands at the top holds for every profile that does not say otherwise.

        Args:
            path: the file.
            profile: the name of one of them; `None` takes what stands at the top.

        Raises:
            ConfigurationError: it cannot be read; there is no such profile, or nothing but profiles
                and none was chosen; a setting is missing, unknown or contradicts another, and is
                named; or what it holds is unusable.
            TypeError: the path or the profile is not one.
        """
        return cls.from_settings(read_file(path, profile))

    @classmethod
    def from_settings(cls, settings: CredentialSettings) -> Self:
        """Build credentials from settings that were read.

        Raises:
            ConfigurationError: a setting is unusable; it is called as it was where it was given.
        """
        try:
            return cls._of_material(settings.to_material())
        except ConfigurationError as error:
            raise settings.renamed(error) from None

    @classmethod
    def _of_material(cls, material: Material) -> Self:
        diagnosis = diagnose(material)
        parts = diagnosis.usable_parts()
        for problem in diagnosis.problems:
            if problem.code == CertificateFault.EXPIRES_SOON:
                announce(problem, stacklevel=3)  # the line that called our caller
        return cls(
            app_id=material.app_id,
            signer=parts.signer,
            verifier=parts.verifier,
            app_cert_sn=parts.app_cert_sn,
            alipay_root_cert_sn=parts.alipay_root_cert_sn,
            cipher=parts.cipher,
        )

    def __reduce__(self) -> NoReturn:
        raise TypeError("Credentials hold keys and are not pickled; make them in each process")
