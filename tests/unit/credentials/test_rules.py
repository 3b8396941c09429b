"""Each rule of credentials by itself: its path, its code, its severity."""

import functools
import types
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import AsyncMock

import pytest
from support import certificates
from support.certificates import VECTORS, issue, pem, root

from alipay_mini_audit.credentials.rules import (
    alipay_certificate_problem,
    app_certificate_problem,
    app_id_problem,
    fingerprint_of,
    public_key_problem,
    signer_problem,
    trial_problem,
    verifier_problem,
)
from alipay_mini_audit.crypto import Certificate, RSASigner, RSAVerifier, load_certificates
from alipay_mini_audit.errors import Problem, Severity

KEYS = VECTORS / "keys"
APP = RSASigner(KEYS / "app.pkcs8.pem").fingerprint
ALIPAY = RSASigner(KEYS / "alipay.pkcs8.pem").fingerprint


def one(content: bytes) -> Certificate:
    (certificate,) = load_certificates(content, "certificate")
    return certificate


def essence(problem: Problem | None) -> tuple[str, str, Severity] | None:
    return None if problem is None else (problem.path, problem.code, problem.severity)


@pytest.mark.parametrize(
    ("app_id", "expected"),
    [
        ("2021000000000001", None),
        ("shop_1-a", ("app_id", "unusual_app_id", Severity.WARNING)),
        ("202100000000001", ("app_id", "unusual_app_id", Severity.WARNING)),
        ("", ("app_id", "bad_app_id", Severity.ERROR)),
        ("2021 1", ("app_id", "bad_app_id", Severity.ERROR)),
        ("２021000000000001", ("app_id", "bad_app_id", Severity.ERROR)),  # noqa: RUF001
        (2021000000000001, ("app_id", "bad_app_id", Severity.ERROR)),
        (None, ("app_id", "bad_app_id", Severity.ERROR)),
    ],
)
def test_an_app_id_is_usual_unusual_or_none(app_id: Any, expected: object) -> None:
    assert essence(app_id_problem(app_id)) == expected


def test_a_signer_has_a_method_that_signs() -> None:
    assert signer_problem(RSASigner(KEYS / "app.pkcs8.pem")) is None
    for thing in (None, 5, object(), RSAVerifier(KEYS / "alipay.public.pem")):
        assert essence(signer_problem(thing)) == ("signer", "wrong_type", Severity.ERROR)


def test_a_trial_signature_that_fails_is_an_error() -> None:
    class Unsound:
        def is_sound(self) -> bool:
            return False

    assert trial_problem(RSASigner(KEYS / "app.pkcs8.pem")) is None
    problem = trial_problem(Unsound())  # type: ignore[arg-type]
    assert essence(problem) == ("private_key", "damaged", Severity.ERROR)


def test_the_public_key_is_not_the_applications_own() -> None:
    own = RSAVerifier(KEYS / "app.public.pem")
    expected = ("alipay_public_key", "own_public_key", Severity.ERROR)
    assert essence(public_key_problem(own, APP)) == expected
    assert public_key_problem(own, None) is None
    assert public_key_problem(own, ALIPAY) is None


def test_alipays_certificate_is_not_the_applications() -> None:
    expected = ("alipay_certificate", "own_certificate", Severity.ERROR)
    certificate = one(pem(issue("app", "app")))
    assert essence(alipay_certificate_problem(certificate, APP)) == expected
    assert alipay_certificate_problem(certificate, None) is None
    assert alipay_certificate_problem(one(pem(issue())), APP) is None


def test_the_applications_certificate_belongs_to_its_key() -> None:
    certificate = one(pem(issue("app", "app")))
    assert app_certificate_problem(certificate, APP) is None
    assert app_certificate_problem(certificate, None) is None
    expected = ("app_certificate", "foreign_certificate", Severity.ERROR)
    assert essence(app_certificate_problem(certificate, ALIPAY)) == expected


def test_an_authority_in_place_of_the_application_is_an_error_unless_it_may_belong() -> None:
    own = one(pem(issue("app", "app", issuer="app", by="app", authority=True)))
    warning = ("app_certificate", "is_authority", Severity.WARNING)
    assert essence(app_certificate_problem(own, APP)) == warning
    assert essence(app_certificate_problem(own, None)) == warning
    error = ("app_certificate", "is_authority", Severity.ERROR)
    assert essence(app_certificate_problem(one(pem(root())), APP)) == error


def test_another_kind_of_key_is_an_error_for_both() -> None:
    sm2 = one(certificates.armour(certificates.sm2()))
    error = Severity.ERROR
    assert essence(app_certificate_problem(sm2, APP)) == ("app_certificate", "no_rsa_key", error)
    expected = ("alipay_certificate", "no_rsa_key", error)
    assert essence(alipay_certificate_problem(sm2, APP)) == expected
    assert fingerprint_of(sm2) is None
    assert fingerprint_of(one(pem(issue()))) == ALIPAY


class _Callable:
    async def __call__(self, *_: object, **__: object) -> None:
        """Nobody awaits it."""


class _AsyncVerifier:
    async def verify(self, *_: object, **__: object) -> None:
        """Nobody awaits it."""


class _Generator:
    async def verify(self, *_: object, **__: object) -> AsyncIterator[None]:
        yield


class _Partial:
    async def _check(self, *_: object, **__: object) -> None:
        """Nobody awaits it."""

    verify = functools.partialmethod(_check, 1)


@pytest.mark.parametrize(
    "verifier",
    [
        _AsyncVerifier(),
        _Generator(),
        _Partial(),
        types.SimpleNamespace(verify=_Callable()),
        types.SimpleNamespace(verify=functools.partial(_AsyncVerifier().verify, 1)),
        types.SimpleNamespace(verify=functools.partial(functools.partial(_Callable()), 1)),
        types.SimpleNamespace(verify=AsyncMock()),
    ],
    ids=["method", "generator", "partial method", "object", "partial", "partial object", "mock"],
)
def test_a_verifier_that_has_to_be_awaited_is_refused(verifier: object) -> None:
    problem = verifier_problem(verifier)
    assert problem is not None
    assert (problem.path, problem.code) == ("verifier", "async_verify")
    assert "UntrustedReply" in problem.advice


def test_a_verifier_that_is_called_is_taken() -> None:
    def verify(*_: object, **__: object) -> None:
        """Accept everything."""

    for each in (verify, functools.partial(verify, 1), print, RSAVerifier):
        assert verifier_problem(types.SimpleNamespace(verify=each)) is None
    for nothing in (None, object(), types.SimpleNamespace(verify=5)):
        problem = verifier_problem(nothing)
        assert problem is not None
        assert problem.code == "wrong_type"
