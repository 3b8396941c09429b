"""`CertificateVerifier`: certificate mode. It trusts what the root signed, and nothing else."""

from __future__ import annotations

import datetime
import functools
import logging
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NoReturn, final

from alipay_mini_audit.crypto.certificates import Certificate, load_certificates
from alipay_mini_audit.crypto.chain import expiry_warning, key_problem, trust_problem
from alipay_mini_audit.crypto.encoding import KeySource
from alipay_mini_audit.crypto.rsa import make_verify, verify_with
from alipay_mini_audit.errors import ConfigurationError, Problem, UntrustedReply

__all__ = ["SYSTEM_CLOCK", "CertificateVerifier", "Clock", "FetchCertificate", "announce"]

Clock = Callable[[], datetime.datetime]
"""Returns the time, aware."""
CertificateSource = KeySource | tuple[Certificate, ...]
"""The certificates of a file, as a `Path`, as content, or as `load_certificates` returned them."""
FetchCertificate = Callable[[str], Awaitable[bytes]]
"""Returns Alipay's certificate with the given serial number, PEM or DER."""

SYSTEM_CLOCK: Final[Clock] = functools.partial(datetime.datetime.now, datetime.UTC)
"""The clock of this machine, where no other one is given."""

_LOGGER: Final = logging.getLogger("alipay_mini_audit")
_NAME: Final = "alipay_certificate"
_FETCHED: Final = "fetch_certificate"
_ADVICE: Final = "Do not believe the reply; check what stands between you and Alipay."


def announce(problem: Problem, *, stacklevel: int) -> None:
    """Tell of a problem that does not stop the work, through `warnings` and `logging`.

    Args:
        problem: e.g. of a certificate that expires soon; its code ends the event's name.
        stacklevel: whose line the warning shows; 1 is that of the caller.
    """
    _LOGGER.warning("certificate.%s %s", problem.code, problem)
    warnings.warn(str(problem), UserWarning, stacklevel=stacklevel + 1)


@final
class CertificateVerifier:
    """Verifies replies with the Alipay certificate that header `alipay-sn` names.

    Args:
        alipay_certificate: Alipay's certificate, which may be followed by those of its issuers. A
            `Path` is a file, read at once; `str` and `bytes` are the content, PEM or DER; a tuple
            is what `load_certificates` returned.
        root_certificate: Alipay's root bundle, in the same spellings.
        fetch_certificate: asked for a certificate that is not loaded; what it returns is accepted
            only if it has the serial number in question, its dates hold and its chain reaches the
            root. `None` fetches nothing: a reply under a new certificate is then an
            `UntrustedReply`.
        check_certificates: `False` takes the given certificate without looking at its dates and its
            chain. It is meant for a test environment; whoever can replace the file can then sign
            replies. What is fetched is checked all the same.
        clock: returns the time, aware; the machine's clock by default.

    Raises:
        ConfigurationError: a certificate cannot be read, its dates do not hold, or its chain does
            not reach the root.
    """

    def __init__(
        self,
        alipay_certificate: CertificateSource,
        root_certificate: CertificateSource,
        *,
        fetch_certificate: FetchCertificate | None = None,
        check_certificates: bool = True,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        leaf, *others = _loaded(alipay_certificate, _NAME)
        self._roots = _loaded(root_certificate, "root_certificate")
        self._others = tuple(others)
        self._clock = clock
        self.fetch_certificate = fetch_certificate
        if check_certificates:
            self._check(leaf)
        if (problem := key_problem(leaf, _NAME)) is not None:
            raise ConfigurationError.from_problem(problem)
        self._first = make_verify(leaf.public_key)
        self._known = {leaf.cert_sn: self._first}

    def knows(self, alipay_cert_sn: str | None) -> bool:
        """Say whether the certificate is loaded; no serial number means the one that was given."""
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
            leaf, *others = load_certificates(content, _FETCHED)
        except ConfigurationError as error:
            raise UntrustedReply(
                f"The certificate that was fetched is not usable: {error.problem}",
                advice=error.advice,
            ) from None
        if leaf.cert_sn != alipay_cert_sn:
            raise UntrustedReply(
                "The certificate that was fetched is not the one that signed the reply."
            )
        problem = self._trust_problem(leaf, others, _FETCHED) or key_problem(leaf, _FETCHED)
        if problem is not None:
            raise UntrustedReply(
                f"The certificate that was fetched is not trusted: {problem.message}"
            )
        self._known[alipay_cert_sn] = make_verify(leaf.public_key)

    def verify(
        self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None = None
    ) -> None:
        """Return if `signature` is that of `message` by the certificate that is named.

        Args:
            message: the text that the platform signed.
            signature: the raw signature.
            alipay_cert_sn: header `alipay-sn`; `None` or empty means the certificate that was
                given.

        Raises:
            UntrustedReply: it is not, or the certificate is not loaded.
        """
        verify = self._known.get(alipay_cert_sn) if alipay_cert_sn else self._first
        if verify is None:
            raise UntrustedReply(
                f"The reply is signed by Alipay certificate {alipay_cert_sn}, which is not loaded.",
                advice="Download Alipay's new certificate from the console and give it as "
                "alipay_certificate.",
            )
        verify_with(verify, message, signature, advice=_ADVICE)

    def _check(self, leaf: Certificate) -> None:
        """Refuse a certificate that is not trusted; warn of one that expires soon."""
        if (problem := self._trust_problem(leaf, (), _NAME)) is not None:
            raise ConfigurationError.from_problem(problem)
        if (warning := expiry_warning(leaf, _NAME, self._clock())) is not None:
            announce(warning, stacklevel=3)

    def _trust_problem(
        self, leaf: Certificate, others: Sequence[Certificate], path: str
    ) -> Problem | None:
        issuers = (*others, *self._others)
        return trust_problem(leaf, issuers, self._roots, path=path, now=self._clock())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a CertificateVerifier is not pickled; make one in each process")

    def __repr__(self) -> str:
        return f"<CertificateVerifier: {', '.join(self._known)}>"


def _loaded(source: CertificateSource, name: str) -> tuple[Certificate, ...]:
    return source if isinstance(source, tuple) else load_certificates(source, name)
