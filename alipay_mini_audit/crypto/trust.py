"""`CertificateVerifier`: certificate mode. It trusts what the root signed, and nothing else."""

from __future__ import annotations

import datetime
import logging
import warnings
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn, final

from alipay_mini_audit.crypto.certificates import (
    Certificate,
    chain_problem,
    date_problem,
    load_certificates,
)
from alipay_mini_audit.crypto.keys import KeySource
from alipay_mini_audit.crypto.rsa import make_verify, verify_with
from alipay_mini_audit.errors import ConfigurationError, UntrustedReply

__all__ = ["CertificateVerifier", "FetchCertificate", "utc_now", "warn_of_expiry"]

FetchCertificate = Callable[[str], Awaitable[bytes]]
"""Returns Alipay's certificate with the given serial number, PEM or DER."""

_LOGGER: Final = logging.getLogger("alipay_mini_audit")
_ADVICE: Final = "Do not believe the reply; check what stands between you and Alipay."
_WARN_BEFORE: Final = datetime.timedelta(days=30)


def utc_now() -> datetime.datetime:
    """Return the time, aware, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def warn_of_expiry(certificate: Certificate, name: str, now: datetime.datetime) -> None:
    """Warn, through `warnings` and `logging`, of a certificate with less than 30 days left."""
    if certificate.not_after - now < _WARN_BEFORE:
        text = f"{name}: this certificate expires on {certificate.not_after:%Y-%m-%d %H:%M} UTC. Replace it in time."
        _LOGGER.warning("certificate.expires %s", text)
        warnings.warn(text, UserWarning, stacklevel=4)


@final
class CertificateVerifier:
    """Verifies replies with the Alipay certificate that header `alipay-sn` names.

    Args:
        alipay_certificate: Alipay's certificate, which may be followed by those of its issuers. A
            `Path` is a file, read at once; `str` and `bytes` are the content, PEM or DER.
        root_certificate: Alipay's root bundle, in the same spellings.
        fetch_certificate: asked for a certificate that is not at hand; what it returns is accepted
            only if it has the serial number in question, its dates hold and its chain reaches the
            root. `None` fetches nothing: a reply under a new certificate is then an
            `UntrustedReply`.
        check_certificates: `False` takes the given certificate without looking at its dates and its
            chain. It is meant for a test environment; whoever can replace the file can then sign
            replies. What is fetched is checked all the same.
        clock: returns the time, aware.

    Raises:
        ConfigurationError: a certificate cannot be read, its dates do not hold, or its chain does
        not reach the root.
    """

    def __init__(
        self,
        alipay_certificate: KeySource,
        root_certificate: KeySource,
        *,
        fetch_certificate: FetchCertificate | None = None,
        check_certificates: bool = True,
        clock: Callable[[], datetime.datetime] = utc_now,
    ) -> None:
        name = "alipay_certificate"
        leaf, *others = load_certificates(alipay_certificate, name)
        self._roots = load_certificates(root_certificate, "root_certificate")
        self._others = tuple(others)
        self._clock = clock
        self.fetch_certificate = fetch_certificate
        if check_certificates:
            if (problem := self._problem(leaf)) is not None:
                raise ConfigurationError(f"{name}: {problem}. {_remedy(problem)}")
            warn_of_expiry(leaf, name, clock())
        try:
            self.fingerprint = leaf.fingerprint
        except ConfigurationError as error:
            raise ConfigurationError(f"{name}: {error}") from None
        self._first = make_verify(leaf.public_key)
        self._known = {leaf.cert_sn: self._first}

    def knows(self, alipay_cert_sn: str | None) -> bool:
        """Say whether the certificate is at hand; no serial number means the one that was given."""
        return not alipay_cert_sn or alipay_cert_sn in self._known

    def accept(self, content: bytes, alipay_cert_sn: str) -> None:
        """Take a certificate that was fetched.

        Args:
            content: PEM or DER; the first certificate is taken, the others are issuers.
            alipay_cert_sn: the serial number that was asked for.

        Raises:
            UntrustedReply: it is another one, its dates do not hold, or its chain does not reach
            the root.
        """
        try:
            leaf, *others = load_certificates(content, "the certificate that was fetched")
        except ConfigurationError as error:
            raise UntrustedReply(f"{error}") from None
        if leaf.cert_sn != alipay_cert_sn:
            raise UntrustedReply(
                "The certificate that was fetched is not the one that signed the reply."
            )
        if (problem := self._problem(leaf, others)) is not None:
            raise UntrustedReply(f"The certificate that was fetched is not trusted: {problem}.")
        try:
            self._known[alipay_cert_sn] = make_verify(leaf.public_key)
        except ConfigurationError as error:
            raise UntrustedReply(f"{error}") from None

    def verify(
        self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None = None
    ) -> None:
        """Return if `signature` is that of `message` by the certificate that `alipay_cert_sn`
        names.

        Args:
            message: the text that the platform signed.
            signature: the raw signature.
            alipay_cert_sn: header `alipay-sn`; `None` or empty means the certificate that was
                given.

        Raises:
            UntrustedReply: it is not, or the certificate is not at hand.
        """
        verify = self._known.get(alipay_cert_sn) if alipay_cert_sn else self._first
        if verify is None:
            raise UntrustedReply(
                f"The reply is signed by Alipay certificate {alipay_cert_sn}, which is not at hand.",
                advice="Download Alipay's new certificate from the console and give it as alipay_certificate.",
            )
        verify_with(verify, message, signature, advice=_ADVICE)

    def _problem(self, leaf: Certificate, others: list[Certificate] | None = None) -> str | None:
        now = self._clock()
        issuers = [*(others or ()), *self._others]
        if leaf.is_authority:
            return f"it is that of an authority ({leaf.subject}), not Alipay's own"
        return date_problem(leaf, now) or chain_problem(leaf, issuers, self._roots, now)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a CertificateVerifier is not pickled; make one in each process")

    def __repr__(self) -> str:
        return f"<CertificateVerifier: {', '.join(self._known)}>"


def _remedy(problem: str) -> str:
    if "at hand" in problem:
        return "Put the certificate of that issuer behind Alipay's in the same file."
    if "expired" in problem:
        return "Download Alipay's new certificate from the console."
    return "Download Alipay's certificate and root certificate from the console again, for this environment."
