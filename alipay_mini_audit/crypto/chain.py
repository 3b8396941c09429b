"""Whether a certificate may be trusted: its key, its dates, its owner, and its way to a root.

Each rule returns a `Problem` or `None`. What is wrong is its code; the words follow from the code.
No clock here: the time comes in.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Sequence
from typing import Final

from alipay_mini_audit.crypto.certificates import Certificate
from alipay_mini_audit.errors import ConfigurationError, Problem, Severity

__all__ = [
    "CertificateFault",
    "authority_problem",
    "chain_problem",
    "date_problem",
    "expiry_warning",
    "key_problem",
    "trust_problem",
]


class CertificateFault(enum.StrEnum):
    """What is wrong with a certificate: the code of a `Problem`."""

    NO_RSA_KEY = "no_rsa_key"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRES_SOON = "expires_soon"
    IS_AUTHORITY = "is_authority"
    ISSUER_MISSING = "issuer_missing"
    ISSUER_DID_NOT_SIGN = "issuer_did_not_sign"
    ISSUER_NOT_AUTHORITY = "issuer_not_authority"
    ISSUER_EXPIRED = "issuer_expired"
    ISSUER_NOT_YET_VALID = "issuer_not_yet_valid"
    CHAIN_TOO_LONG = "chain_too_long"


_MESSAGES: Final = {
    CertificateFault.EXPIRED: "it expired on {end} UTC.",
    CertificateFault.NOT_YET_VALID: (
        "it is valid only from {start} UTC on; check this machine's clock."
    ),
    CertificateFault.EXPIRES_SOON: "this certificate expires on {end} UTC, {days} days left.",
    CertificateFault.IS_AUTHORITY: "this is the certificate of an authority, {subject}.",
    CertificateFault.ISSUER_MISSING: (
        "it names {issuer} as its issuer, but no certificate of that name is loaded."
    ),
    CertificateFault.ISSUER_DID_NOT_SIGN: (
        "it names {issuer} as its issuer, but that one did not sign it."
    ),
    CertificateFault.ISSUER_NOT_AUTHORITY: (
        "it names {issuer} as its issuer, which may not issue certificates."
    ),
    CertificateFault.ISSUER_EXPIRED: (
        "it names {issuer} as its issuer, whose certificate expired on {end} UTC."
    ),
    CertificateFault.ISSUER_NOT_YET_VALID: (
        "it names {issuer} as its issuer, whose certificate is valid only from {start} UTC on."
    ),
    CertificateFault.CHAIN_TOO_LONG: "the chain of its issuers does not end.",
}
_DOWNLOAD_ALL: Final = (
    "Download Alipay's certificate and root certificate from the console again, "
    "for this environment."
)
_DOWNLOAD_NEW: Final = "Download Alipay's new certificate from the console."
_ADVICE: Final = {
    CertificateFault.EXPIRED: _DOWNLOAD_NEW,
    CertificateFault.NOT_YET_VALID: _DOWNLOAD_ALL,
    CertificateFault.EXPIRES_SOON: "Replace it in time.",
    CertificateFault.IS_AUTHORITY: "Give the certificate that it issued.",
    CertificateFault.ISSUER_MISSING: (
        "Put the certificate of that issuer behind Alipay's in the same file."
    ),
    CertificateFault.ISSUER_DID_NOT_SIGN: _DOWNLOAD_ALL,
    CertificateFault.ISSUER_NOT_AUTHORITY: _DOWNLOAD_ALL,
    CertificateFault.ISSUER_EXPIRED: _DOWNLOAD_NEW,
    CertificateFault.ISSUER_NOT_YET_VALID: _DOWNLOAD_ALL,
    CertificateFault.CHAIN_TOO_LONG: _DOWNLOAD_ALL,
}
_MAX_CHAIN: Final = 8
_WARN_BEFORE: Final = datetime.timedelta(days=30)


def key_problem(certificate: Certificate, path: str) -> Problem | None:
    """Say whether it holds a kind of key that Alipay does not sign with.

    Args:
        certificate: the certificate in question.
        path: what to call it.
    """
    try:
        _ = certificate.public_key
    except ConfigurationError as error:
        return Problem(path, CertificateFault.NO_RSA_KEY, error.problem, error.advice)
    return None


def authority_problem(certificate: Certificate, path: str) -> Problem | None:
    """Say whether it is the certificate of an authority, where that of its customer belongs.

    Args:
        certificate: the certificate in question.
        path: what to call it.
    """
    if certificate.is_authority:
        return _problem(CertificateFault.IS_AUTHORITY, path, subject=certificate.subject)
    return None


def date_problem(certificate: Certificate, path: str, now: datetime.datetime) -> Problem | None:
    """Say what is wrong with its dates; `None` if they hold.

    Args:
        certificate: the certificate in question.
        path: what to call it.
        now: the time, aware.
    """
    if now > certificate.not_after:
        return _problem(CertificateFault.EXPIRED, path, end=_moment(certificate.not_after))
    if now < certificate.not_before:
        return _problem(CertificateFault.NOT_YET_VALID, path, start=_moment(certificate.not_before))
    return None


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
    return _problem(
        CertificateFault.EXPIRES_SOON,
        path,
        Severity.WARNING,
        end=_moment(certificate.not_after),
        days=left.days,
    )


def chain_problem(
    leaf: Certificate,
    others: Sequence[Certificate],
    roots: Sequence[Certificate],
    *,
    path: str,
    now: datetime.datetime,
) -> Problem | None:
    """Say why the signatures do not lead from `leaf` to a root; `None` if they do.

    Args:
        leaf: the certificate in question.
        others: certificates that came with it, which are not trusted by themselves.
        roots: certificates that are trusted.
        path: what to call the leaf.
        now: an authority between leaf and root must hold at this time.
    """
    current = leaf
    for _ in range(_MAX_CHAIN):
        if current in roots or any(current.is_issued_by(root) for root in roots):
            return None
        issuers = [other for other in others if other != current and current.is_issued_by(other)]
        if not issuers:
            fault = (
                CertificateFault.ISSUER_DID_NOT_SIGN
                if any(current.issuer == other.subject for other in (*roots, *others))
                else CertificateFault.ISSUER_MISSING
            )
            return _problem(fault, path, issuer=current.issuer)
        problems = [_issuer_problem(issuer, path, now) for issuer in issuers]
        if None not in problems:
            return problems[0]
        # Two authorities may bear one name, and only one of them may be good.
        current = issuers[problems.index(None)]
    return _problem(CertificateFault.CHAIN_TOO_LONG, path)


def trust_problem(
    leaf: Certificate,
    others: Sequence[Certificate],
    roots: Sequence[Certificate],
    *,
    path: str,
    now: datetime.datetime,
) -> Problem | None:
    """Say why `leaf` is not trusted as Alipay's own certificate; `None` if it is.

    Args:
        leaf: the certificate in question.
        others: certificates that came with it, which are not trusted by themselves.
        roots: certificates that are trusted.
        path: what to call the leaf.
        now: the time, aware.
    """
    return (
        authority_problem(leaf, path)
        or date_problem(leaf, path, now)
        or chain_problem(leaf, others, roots, path=path, now=now)
    )


def _issuer_problem(issuer: Certificate, path: str, now: datetime.datetime) -> Problem | None:
    if not issuer.is_authority:
        return _problem(CertificateFault.ISSUER_NOT_AUTHORITY, path, issuer=issuer.subject)
    if now > issuer.not_after:
        end = _moment(issuer.not_after)
        return _problem(CertificateFault.ISSUER_EXPIRED, path, issuer=issuer.subject, end=end)
    if now < issuer.not_before:
        start = _moment(issuer.not_before)
        return _problem(
            CertificateFault.ISSUER_NOT_YET_VALID, path, issuer=issuer.subject, start=start
        )
    return None


def _problem(
    fault: CertificateFault, path: str, severity: Severity = Severity.ERROR, **facts: object
) -> Problem:
    return Problem(path, fault, _MESSAGES[fault].format(**facts), _ADVICE[fault], severity)


def _moment(time: datetime.datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"
