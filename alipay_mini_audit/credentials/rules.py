"""What has to fit together in credentials, rule by rule; what one file must be is `crypto`'s.

Each rule returns a `Problem` or `None`, with the argument's name as its path.
"""

from __future__ import annotations

import functools
import inspect
import re
from typing import Final

import attrs

from alipay_mini_audit.crypto import Certificate, RSASigner, RSAVerifier
from alipay_mini_audit.crypto.chain import authority_problem, key_problem
from alipay_mini_audit.errors import Problem, Severity

__all__ = [
    "alipay_certificate_problem",
    "app_certificate_problem",
    "app_id_problem",
    "fingerprint_of",
    "public_key_problem",
    "signer_problem",
    "trial_problem",
    "verifier_problem",
]

_APP_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_USUAL_APP_ID: Final = re.compile(r"[0-9]{16}")


def app_id_problem(app_id: object) -> Problem | None:
    """Say what is wrong with an app id: an error if it cannot be one, a warning if it is unusual.

    Args:
        app_id: what was given, of whatever type.
    """
    if not isinstance(app_id, str) or not _APP_ID.fullmatch(app_id):
        text = "expected the digits that the console shows, as a text."
        return Problem("app_id", "bad_app_id", text)
    if not _USUAL_APP_ID.fullmatch(app_id):
        text = "Alipay's app ids have 16 digits; this one does not."
        return Problem("app_id", "unusual_app_id", text, severity=Severity.WARNING)
    return None


def signer_problem(signer: object) -> Problem | None:
    """Say whether it cannot sign.

    Args:
        signer: what was given, of whatever type.
    """
    if callable(getattr(signer, "sign", None)):
        return None
    text = "expected an object with `async def sign(message) -> bytes`."
    return Problem("signer", "wrong_type", text)


def verifier_problem(verifier: object) -> Problem | None:
    """Say whether it cannot verify, or only when it is awaited, which nobody does.

    Args:
        verifier: what was given, of whatever type.
    """
    verify = getattr(verifier, "verify", None)
    if not callable(verify):
        text = "expected an object with `verify(message, signature, ...)`."
        return Problem("verifier", "wrong_type", text)
    if _is_async(verify):
        text = "its `verify` is asynchronous; it is called and not awaited."
        advice = "Make it a plain `def` that returns None or raises UntrustedReply."
        return Problem("verifier", "async_verify", text, advice)
    return None


def _is_async(function: object) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    called = (function, getattr(type(function), "__call__", None))  # noqa: B004  # an object's own
    return any(map(inspect.iscoroutinefunction, called)) or any(
        map(inspect.isasyncgenfunction, called)
    )


def trial_problem(signer: RSASigner) -> Problem | None:
    """Say whether a trial signature fails, which takes the time of a signature.

    Args:
        signer: holds the private key.
    """
    if signer.is_sound():
        return None
    text = "a trial signature does not hold; the key is damaged."
    return Problem("private_key", "damaged", text, "Make a new one.")


def public_key_problem(verifier: RSAVerifier, application: str | None) -> Problem | None:
    """Say whether the application's own public key was given for Alipay's.

    Args:
        verifier: holds the key that was given for Alipay's.
        application: fingerprint of the application's key; `None` if it is not known.
    """
    if verifier.fingerprint != application:
        return None
    return Problem(
        "alipay_public_key",
        "own_public_key",
        "this is the application's own public key.",
        "Give the Alipay public key, which the console shows beside it.",
    )


def alipay_certificate_problem(certificate: Certificate, application: str | None) -> Problem | None:
    """Say whether it holds a key that cannot be Alipay's.

    Args:
        certificate: what was given for Alipay's.
        application: fingerprint of the application's key; `None` if it is not known.
    """
    name = "alipay_certificate"
    if (problem := key_problem(certificate, name)) is not None:
        return problem
    if certificate.fingerprint != application:
        return None
    text = "this is the application's certificate."
    return Problem(name, "own_certificate", text, "Give Alipay's.")


def app_certificate_problem(certificate: Certificate, application: str | None) -> Problem | None:
    """Say whether it belongs to another key than the application's.

    One of an authority is only a warning if it may belong: in a test environment it may do.

    Args:
        certificate: what was given for the application's.
        application: fingerprint of the application's key; `None` if it is not known.
    """
    name = "app_certificate"
    if (problem := key_problem(certificate, name)) is not None:
        return problem
    problem = authority_problem(certificate, name)
    if problem is not None:  # no setting lets this one pass
        problem = attrs.evolve(problem, advice="Give the certificate that it issued.")
    if application is None or certificate.fingerprint == application:
        return None if problem is None else attrs.evolve(problem, severity=Severity.WARNING)
    return problem or Problem(
        name,
        "foreign_certificate",
        "it does not belong to the private key.",
        "Give the key that its request was made with.",
    )


def fingerprint_of(certificate: Certificate) -> str | None:
    """Return the fingerprint of its key; `None` if that is not an RSA key.

    Args:
        certificate: of whatever kind.
    """
    if key_problem(certificate, "") is not None:
        return None
    return certificate.fingerprint
