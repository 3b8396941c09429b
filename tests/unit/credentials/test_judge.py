"""In which order the judge looks, how far, and what it makes of it."""

from typing import Any

import pytest
from support.certificates import DAY, NOW, VECTORS, below, issue, middle, pem, root

from alipay_mini_audit.credentials.judge import Judge, is_error
from alipay_mini_audit.credentials.material import Fact, Material
from alipay_mini_audit.crypto import CertificateVerifier, RSASigner, RSAVerifier
from alipay_mini_audit.errors import Problem, Severity

KEYS = VECTORS / "keys"
APP_ID = "2021000000000001"


def judge(*, thorough: bool = False, **changes: Any) -> tuple[Judge, object]:
    given: dict[str, Any] = {
        "is_certificate_mode": True,
        "app_id": APP_ID,
        "private_key": KEYS / "app.pkcs8.pem",
        "alipay_public_key": KEYS / "alipay.public.pem",
        "app_certificate": pem(issue("app", "app", serial=8)),
        "alipay_certificate": pem(issue()),
        "root_certificate": pem(root()),
        "clock": lambda: NOW,
    }
    material = Material(**(given | changes))
    made = Judge(material, thorough=thorough)
    parts = made.certificate_mode() if material.is_certificate_mode else made.key_mode()
    return made, parts


def problems(made: Judge) -> list[tuple[str, str, Severity]]:
    return [
        (found.path, found.code, found.severity)
        for found in made.findings
        if isinstance(found, Problem)
    ]


def errors(made: Judge) -> list[Problem]:
    found = [each for each in made.findings if isinstance(each, Problem) and is_error(each)]
    assert found
    return found


def test_both_modes_give_the_parts_of_credentials() -> None:
    made, parts = judge(is_certificate_mode=False)
    assert all(isinstance(found, Fact) for found in made.findings)
    assert isinstance(getattr(parts, "signer", None), RSASigner)
    assert isinstance(getattr(parts, "verifier", None), RSAVerifier)
    made, parts = judge()
    assert all(isinstance(found, Fact) for found in made.findings)
    assert isinstance(getattr(parts, "verifier", None), CertificateVerifier)


def test_an_error_does_not_hide_the_next_and_leaves_no_parts() -> None:
    changes = dict.fromkeys(
        ("private_key", "root_certificate", "app_certificate", "alipay_certificate"), "garbage"
    )
    made, parts = judge(app_id="", encrypt_key="*", **changes)
    assert parts is None
    assert [path for path, _, _ in problems(made)] == ["app_id", *changes, "encrypt_key"]


def test_only_the_thorough_make_a_trial_signature_and_trace_the_application() -> None:
    stray = pem(issue("app", "app", issuer="elsewhere"))
    quick, parts = judge(app_certificate=stray)
    assert parts is not None
    assert problems(quick) == []
    assert not [found for found in quick.findings if "trial" in str(found)]
    thorough, parts = judge(app_certificate=stray, thorough=True)
    assert parts is not None
    assert problems(thorough) == [("app_certificate", "issuer_missing", Severity.WARNING)]
    assert [found for found in thorough.findings if "trial" in str(found)]


def test_the_dates_of_all_certificates_are_told_to_the_thorough_as_warnings() -> None:
    expired = middle(serial=61, end=NOW - DAY)
    soon = middle(serial=62, end=NOW + 9 * DAY)
    alipay = pem(below(), expired, soon)
    assert problems(judge(alipay_certificate=alipay)[0]) == []
    thorough, parts = judge(alipay_certificate=alipay, thorough=True)
    assert parts is not None
    assert problems(thorough) == [
        ("alipay_certificate", "expired", Severity.WARNING),
        ("alipay_certificate", "expires_soon", Severity.WARNING),
    ]
    texts = [found.message for found in thorough.findings if isinstance(found, Problem)]
    assert texts[0].startswith("certificate 2 of 3: it expired on 2026-05-31")
    assert texts[1].startswith("certificate 3 of 3: this certificate expires on 2026-06-10")
    advice = [found.advice for found in thorough.findings if isinstance(found, Problem)]
    assert advice == ["", ""], "it would be that for Alipay's own certificate"


def test_owners_are_looked_at_before_dates_and_chains() -> None:
    made, _ = judge(
        private_key=KEYS / "alipay_next.pkcs8.pem",
        alipay_certificate=pem(issue(end=NOW - DAY)),
        app_certificate=pem(issue("app", "app", start=NOW + DAY)),
    )
    assert [(path, code) for path, code, _ in problems(made)] == [
        ("app_certificate", "foreign_certificate"),
        ("app_certificate", "not_yet_valid"),
        ("alipay_certificate", "expired"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"alipay_certificate": pem(issue(end=NOW - DAY))},
        {"alipay_certificate": pem(issue(issuer="elsewhere"))},
        {"alipay_certificate": pem(issue("own", issuer="own", by="alipay", authority=True))},
        {"app_certificate": pem(issue("app", "app", start=NOW + DAY))},
    ],
)
def test_dates_owners_and_chains_can_be_left_out(changes: dict[str, bytes]) -> None:
    assert judge(**changes)[1] is None
    made, parts = judge(check_certificates=False, **changes)
    assert parts is not None
    assert problems(made) == [("check_certificates", "unchecked", Severity.WARNING)]
    assert all("check_certificates" in error.advice for error in errors(judge(**changes)[0]))


def test_an_error_is_a_problem_that_is_no_warning() -> None:
    assert is_error(Problem("x", "y", "z"))
    assert not is_error(Problem("x", "y", "z", severity=Severity.WARNING))
    assert not is_error(Fact("x", "y"))
