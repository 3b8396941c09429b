"""`CertificateVerifier`: certificate mode. It trusts what the root signed for Alipay, and no more.

The root signs for every developer too, so its signature alone shows nothing about who replies.
"""

from __future__ import annotations

import datetime
import functools
import logging
import re
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NoReturn, final

import attrs

from alipay_mini_audit.crypto.certificates import Certificate, load_certificates
from alipay_mini_audit.crypto.chain import (
    expiry_problem,
    expiry_warning,
    find_trusted_chain,
    key_problem,
)
from alipay_mini_audit.crypto.encoding import KeySource
from alipay_mini_audit.crypto.rsa import make_verify, verify_with
from alipay_mini_audit.errors import ConfigurationError, Problem, UntrustedReply

__all__ = [
    "SYSTEM_CLOCK",
    "CertificateVerifier",
    "Clock",
    "FetchCertificate",
    "announce",
    "is_serial_number",
]

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
_SERIAL_NUMBER: Final = re.compile(r"[0-9a-fA-F]{1,32}")
_ADVICE: Final = "Do not believe the reply; check what stands between you and Alipay."
_RENEW: Final = (
    "Download Alipay's new certificate from the console and give it as alipay_certificate."
)


def is_serial_number(text: str) -> bool:
    """Say whether it can be a serial number of Alipay's: at most 32 hex digits.

    Args:
        text: what a header says.
    """
    return _SERIAL_NUMBER.fullmatch(text) is not None


@final
@attrs.frozen
class _Known:
    """A certificate that replies may be signed by.

    Attributes:
        verify: says whether a signature of a message is that of its key.
        chain: the certificates that it is trusted by, as long as none of them has expired; itself
            is the first. Empty if it was taken unchecked.
        path: where it came from.
    """

    verify: Callable[[bytes, bytes], bool]
    chain: tuple[Certificate, ...]
    path: str


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
        fetch_certificate: asked for a certificate that is not loaded, by its serial number of at
            most 32 hex digits; what it returns is accepted only if it has that number, the key or
            the subject of `alipay_certificate`, dates that hold, and a chain that reaches the
            root. It has 30 seconds, and after a failure it is not asked for the same one for ten.
            `None` fetches nothing: a reply under a new certificate is then an `UntrustedReply`.
        check_certificates: `False` takes the given certificate without looking at its dates and its
            chain, neither now nor later. It is meant for a test environment; whoever can replace
            the file can then sign replies. What is fetched is checked all the same.
        clock: returns the time, aware; the machine's clock by default.

    Raises:
        ConfigurationError: a certificate cannot be read, its key has less than 2048 or more than
            8192 bits, its dates do not hold, or its chain does not reach the root.
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
        chain = self._check(leaf) if check_certificates else ()
        if (problem := key_problem(leaf, _NAME)) is not None:
            raise ConfigurationError.from_problem(problem)
        self._pinned = leaf
        self._known: dict[str, _Known] = {}
        self._take(_Known(make_verify(leaf.public_key), chain, _NAME))

    def watch_dates(self, chain: tuple[Certificate, ...]) -> None:
        """Refuse replies under the given certificate as soon as one of some has expired.

        Args:
            chain: what `find_chain` returned for it; for one that was taken unchecked.
        """
        self._take(attrs.evolve(self._first, chain=chain))

    def _take(self, given: _Known) -> None:
        self._first = given
        self._known[self._pinned.cert_sn] = given

    def knows(self, alipay_cert_sn: str | None) -> bool:
        """Say whether the certificate is loaded; no serial number means the one that was given."""
        return not alipay_cert_sn or alipay_cert_sn in self._known

    @property
    def serial_numbers(self) -> tuple[str, ...]:
        """Those of the certificates that are loaded; the one that was given comes first."""
        return tuple(self._known)

    def accept(self, content: bytes, alipay_cert_sn: str) -> None:
        """Take a certificate that was fetched. It may take some tenths of a second: use a thread.

        Args:
            content: PEM or DER; the first certificate is taken, the others are issuers.
            alipay_cert_sn: the serial number that was asked for.

        Raises:
            UntrustedReply: it is another one, it is not Alipay's, its dates do not hold, or its
                chain does not reach the root.
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
        chain = self._find_chain(leaf, others, _FETCHED)
        if isinstance(chain, Problem):
            raise UntrustedReply(
                f"The certificate that was fetched is not trusted: {chain.message}"
            )
        if not self._is_alipays(leaf):
            raise UntrustedReply(
                "The certificate that was fetched is not Alipay's: it has neither the key nor the "
                "subject of alipay_certificate.",
                advice=_ADVICE,
            )
        self._known[alipay_cert_sn] = _Known(make_verify(leaf.public_key), chain, _FETCHED)

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
            UntrustedReply: it is not, or the certificate is not loaded, or it has expired.
        """
        known = self._known.get(alipay_cert_sn) if alipay_cert_sn else self._first
        if known is None:
            named = f" {alipay_cert_sn}" if is_serial_number(alipay_cert_sn or "") else ""
            raise UntrustedReply(
                f"The reply is signed by Alipay certificate{named}, which is not loaded.",
                advice=_RENEW,
            )
        verify_with(known.verify, message, signature, advice=_ADVICE)
        self._expect_valid(known)

    def _expect_valid(self, known: _Known) -> None:
        if not known.chain:
            return
        now = self._clock()
        for certificate in known.chain:
            problem = expiry_problem(certificate, known.path, now)
            if problem is not None:
                raise UntrustedReply(
                    f"The certificate of {certificate.subject}, by which the reply is signed, does "
                    f"not hold any more: {problem.message}",
                    advice=problem.advice if known is self._first else _RENEW,
                )

    def _check(self, leaf: Certificate) -> tuple[Certificate, ...]:
        """Refuse a certificate that is not trusted; warn of one that expires soon."""
        chain = self._find_chain(leaf, (), _NAME)
        if isinstance(chain, Problem):
            raise ConfigurationError.from_problem(chain)
        if (warning := expiry_warning(leaf, _NAME, self._clock())) is not None:
            announce(warning, stacklevel=3)
        return chain

    def _find_chain(
        self, leaf: Certificate, others: Sequence[Certificate], path: str
    ) -> tuple[Certificate, ...] | Problem:
        issuers = (*others, *self._others)
        return find_trusted_chain(leaf, issuers, self._roots, path=path, now=self._clock())

    def _is_alipays(self, leaf: Certificate) -> bool:
        """Say whether its key or its subject is that of the certificate that was given.

        The subject of Alipay's ends in the partner id of the developer, so it is nobody else's.
        """
        is_named_alike = bool(leaf.subject) and leaf.subject == self._pinned.subject
        return is_named_alike or leaf.fingerprint == self._pinned.fingerprint

    def __reduce__(self) -> NoReturn:
        raise TypeError("a CertificateVerifier is not pickled; make one in each process")

    def __repr__(self) -> str:
        return f"<CertificateVerifier: {', '.join(self._known)}>"


def _loaded(source: CertificateSource, name: str) -> tuple[Certificate, ...]:
    return source if isinstance(source, tuple) else load_certificates(source, name)
