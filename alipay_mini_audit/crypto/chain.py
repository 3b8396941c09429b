"""Whether a certificate may be trusted: its key, its dates, its owner, and its way to a root.

Each rule returns a `Problem` or `None`. What is wrong is its code; the words follow from the code.
No clock here: the time comes in.
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, final

from alipay_mini_audit.crypto.certificates import Certificate
from alipay_mini_audit.crypto.faults import CertificateFault, certificate_problem, moment
from alipay_mini_audit.errors import ConfigurationError, Problem

__all__ = [
    "authority_problem",
    "date_problem",
    "expiry_problem",
    "expiry_warning",
    "find_chain",
    "find_trusted_chain",
    "key_problem",
]


_WARN_BEFORE: Final = datetime.timedelta(days=30)


def key_problem(certificate: Certificate, path: str) -> Problem | None:
    """Say whether it holds a key that will not do: not RSA's, or of too few or too many bits.

    Args:
        certificate: the certificate in question.
        path: what to call it.
    """
    try:
        _ = certificate.public_key
    except ConfigurationError as error:
        return error.as_problem(path)
    return None


def authority_problem(certificate: Certificate, path: str) -> Problem | None:
    """Say whether it is the certificate of an authority, where that of its customer belongs.

    Args:
        certificate: the certificate in question.
        path: what to call it.
    """
    if certificate.is_authority:
        return certificate_problem(CertificateFault.IS_AUTHORITY, path, subject=certificate.subject)
    return None


def date_problem(certificate: Certificate, path: str, now: datetime.datetime) -> Problem | None:
    """Say what is wrong with its dates; `None` if they hold.

    Args:
        certificate: the certificate in question.
        path: what to call it.
        now: the time, aware.
    """
    if now < certificate.not_before:
        start = moment(certificate.not_before)
        return certificate_problem(CertificateFault.NOT_YET_VALID, path, start=start)
    return expiry_problem(certificate, path, now)


def expiry_problem(certificate: Certificate, path: str, now: datetime.datetime) -> Problem | None:
    """Say whether it has expired.

    Args:
        certificate: the certificate in question.
        path: what to call it.
        now: the time, aware.
    """
    if now <= certificate.not_after:
        return None
    return certificate_problem(CertificateFault.EXPIRED, path, end=moment(certificate.not_after))


def expiry_warning(certificate: Certificate, path: str, now: datetime.datetime) -> Problem | None:
    """Warn of a certificate with less than 30 days left; an expired one is `date_problem`'s.

    Args:
        certificate: the certificate in question.
        path: what to call it.
        now: the time, aware.
    """
    left = certificate.not_after - now
    if left >= _WARN_BEFORE:
        return None
    return certificate_problem(
        CertificateFault.EXPIRES_SOON,
        path,
        end=moment(certificate.not_after),
        days=left.days,
    )


def find_chain(
    leaf: Certificate,
    others: Sequence[Certificate],
    roots: Sequence[Certificate],
    *,
    path: str,
    now: datetime.datetime,
) -> tuple[Certificate, ...] | Problem:
    """Return the certificates whose signatures lead from `leaf` to a root, or why they do not.

    The leaf is the first of them, and the root, whose dates do not count, is not among them.

    Args:
        leaf: the certificate in question.
        others: certificates that came with it, which are not trusted by themselves.
        roots: certificates that are trusted.
        path: what to call the leaf.
        now: an authority between leaf and root must hold at this time.
    """
    if leaf in roots:
        return (leaf,)
    if (problem := _leaf_problem(leaf, path)) is not None:
        return problem
    return _Search(others, roots, path, now).run(leaf)


def find_trusted_chain(
    leaf: Certificate,
    others: Sequence[Certificate],
    roots: Sequence[Certificate],
    *,
    path: str,
    now: datetime.datetime,
) -> tuple[Certificate, ...] | Problem:
    """Return what `find_chain` does if `leaf` is trusted as Alipay's own, or why it is not.

    Args:
        leaf: the certificate in question.
        others: certificates that came with it, which are not trusted by themselves.
        roots: certificates that are trusted.
        path: what to call the leaf.
        now: the time, aware.
    """
    return (
        key_problem(leaf, path)
        or authority_problem(leaf, path)
        or date_problem(leaf, path, now)
        or find_chain(leaf, others, roots, path=path, now=now)
    )


@final
class _Search:
    """Looks for the shortest way from a leaf to a root.

    Each certificate is a step once, so that certificates which vouch for each other in every
    direction cost no more than their number squared.
    """

    def __init__(
        self,
        others: Sequence[Certificate],
        roots: Sequence[Certificate],
        path: str,
        now: datetime.datetime,
    ) -> None:
        self._others = others
        self._roots = roots
        self._path = path
        self._now = now
        self._problems: list[Problem] = []

    def run(self, leaf: Certificate) -> tuple[Certificate, ...] | Problem:
        """Return the way, without the root, or the first thing that stood in it."""
        ways: deque[tuple[tuple[Certificate, ...], int]] = deque([((leaf,), 0)])
        seen: list[Certificate] = []
        while ways:
            way, authorities = ways.popleft()
            if way[-1] in seen:
                continue
            seen.append(way[-1])
            for issuer in self._issuers(way[-1], authorities):
                if issuer in self._roots:
                    return way
                if issuer.issuer == issuer.subject:  # such a one does not count (RFC 5280, 4.2.1.9)
                    ways.appendleft(((*way, issuer), authorities))
                else:
                    ways.append(((*way, issuer), authorities + 1))
        return next(iter(self._problems), None) or certificate_problem(
            CertificateFault.CHAIN_TOO_LONG, self._path
        )

    def _issuers(self, current: Certificate, authorities: int) -> Iterator[Certificate]:
        """Yield those that may have issued it, and did; note why the others may not."""
        signature = _signature_problem(current, self._path)
        if signature is not None:
            self._problems.append(signature)
            return
        named = [
            each
            for each in (*self._roots, *self._others)
            if each.subject == current.issuer and each != current
        ]
        usable = [each for each in named if key_problem(each, self._path) is None]
        signers = [each for each in usable if current.is_issued_by(each)]
        if not signers:
            self._problems.append(self._missing_problem(current, named, usable))
        for issuer in signers:
            problem = self._issuer_problem(issuer, authorities)
            if problem is None:
                yield issuer
            else:
                self._problems.append(problem)

    def _missing_problem(
        self, current: Certificate, named: Sequence[Certificate], usable: Sequence[Certificate]
    ) -> Problem:
        if named and not usable:
            key = key_problem(named[0], self._path)
            text = "" if key is None else key.message
            chinese = "" if key is None else key.in_language("zh").message
            fault = CertificateFault.ISSUER_KEY
            return self._problem(fault, named[0], key=text, chinese_key=chinese)
        bears_own_name = current.issuer == current.subject
        fault = (
            CertificateFault.ISSUER_DID_NOT_SIGN
            if usable or bears_own_name
            else CertificateFault.ISSUER_MISSING
        )
        return certificate_problem(fault, self._path, issuer=current.issuer)

    def _issuer_problem(self, issuer: Certificate, authorities: int) -> Problem | None:
        """Say why it may not issue a certificate with so many authorities below it."""
        extensions = issuer.extensions
        if not issuer.is_authority:
            return self._problem(CertificateFault.ISSUER_NOT_AUTHORITY, issuer)
        if extensions.unknown:
            fault = CertificateFault.ISSUER_UNKNOWN_EXTENSION
            return self._problem(fault, issuer, extension=extensions.unknown[0])
        if extensions.path_length is not None and authorities > extensions.path_length:
            return self._problem(CertificateFault.PATH_TOO_LONG, issuer)
        return None if issuer in self._roots else self._issuer_date_problem(issuer)

    def _issuer_date_problem(self, issuer: Certificate) -> Problem | None:
        if self._now > issuer.not_after:
            end = moment(issuer.not_after)
            return self._problem(CertificateFault.ISSUER_EXPIRED, issuer, end=end)
        if self._now < issuer.not_before:
            start = moment(issuer.not_before)
            return self._problem(CertificateFault.ISSUER_NOT_YET_VALID, issuer, start=start)
        return None

    def _problem(self, fault: CertificateFault, issuer: Certificate, **facts: object) -> Problem:
        return certificate_problem(fault, self._path, issuer=issuer.subject, **facts)


def _leaf_problem(leaf: Certificate, path: str) -> Problem | None:
    if leaf.extensions.unknown:
        fault = CertificateFault.UNKNOWN_EXTENSION
        return certificate_problem(fault, path, extension=leaf.extensions.unknown[0])
    if not leaf.extensions.may_sign:
        return certificate_problem(CertificateFault.NOT_FOR_SIGNATURES, path)
    return None


def _signature_problem(certificate: Certificate, path: str) -> Problem | None:
    """Say whether its signature is of a kind that is not believed, whoever made it."""
    subject = certificate.subject
    if not certificate.has_one_algorithm:
        return certificate_problem(CertificateFault.TWO_ALGORITHMS, path, subject=subject)
    if not certificate.is_signed_well:
        return certificate_problem(CertificateFault.REFUSED_ALGORITHM, path, subject=subject)
    return None
