"""Dates, authorities and chains as codes; the signatures were made by `cryptography`."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from support import certificates
from support.certificates import DAY, NOW, VECTORS, below, issue, middle, pem, root

from alipay_mini_audit.crypto import load_certificates
from alipay_mini_audit.crypto.chain import (
    authority_problem,
    chain_problem,
    date_problem,
    expiry_warning,
    key_problem,
    trust_problem,
)
from alipay_mini_audit.errors import Problem, Severity

FILES = VECTORS / "certificates"
SECOND = datetime.timedelta(seconds=1)
PATH = "alipay_certificate"


def found(
    content: bytes | Path,
    roots: bytes | Path | None = None,
    rule: Any = chain_problem,
    now: datetime.datetime = NOW,
) -> Problem | None:
    leaf, *others = load_certificates(content, PATH)
    trusted = load_certificates(roots or pem(root()), "root_certificate")
    problem = rule(leaf, others, trusted, path=PATH, now=now)
    assert problem is None or isinstance(problem, Problem)
    return problem


def fault(content: bytes | Path, roots: bytes | Path | None = None, **more: Any) -> tuple[str, str]:
    """The code of what is wrong, and the words for it."""
    problem = found(content, roots, **more)
    assert problem is not None
    assert (problem.path, problem.severity) == (PATH, Severity.ERROR)
    assert problem.advice
    return problem.code, problem.message


# One certificate.


def test_the_dates_hold_from_their_first_to_their_last_second() -> None:
    start = NOW - DAY
    end = NOW + 60 * DAY
    (leaf,) = load_certificates(pem(issue(start=start, end=end)), PATH)
    for good in (start, NOW, end):
        assert date_problem(leaf, PATH, good) is None
    early = date_problem(leaf, PATH, start - SECOND)
    late = date_problem(leaf, PATH, end + SECOND)
    assert early is not None
    assert late is not None
    assert (early.code, late.code) == ("not_yet_valid", "expired")
    assert "valid only from 2026-05-31 12:00 UTC" in early.message
    assert "expired on 2026-07-31 12:00 UTC" in late.message


def test_less_than_thirty_days_are_a_warning() -> None:
    (leaf,) = load_certificates(pem(issue(end=NOW + 30 * DAY)), PATH)
    assert expiry_warning(leaf, PATH, NOW) is None
    warning = expiry_warning(leaf, PATH, NOW + SECOND)
    assert warning is not None
    assert (warning.code, warning.severity) == ("expires_soon", Severity.WARNING)
    text = "this certificate expires on 2026-07-01 12:00 UTC, 29 days left."
    assert (warning.path, warning.message) == (PATH, text)


def test_an_authority_is_told_from_its_customer() -> None:
    (authority,) = load_certificates(pem(root()), PATH)
    (leaf,) = load_certificates(pem(issue()), PATH)
    assert authority_problem(leaf, PATH) is None
    problem = authority_problem(authority, PATH)
    assert problem is not None
    assert (problem.code, problem.path) == ("is_authority", PATH)
    assert "CN=root" in problem.message


def test_a_certificate_of_another_kind_of_key_is_told() -> None:
    public_key = ec.generate_private_key(ec.SECP256R1()).public_key()
    subject = certificates.common_name("leaf")
    builder = x509.CertificateBuilder(certificates.common_name("root"), subject, public_key, 9)
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + 99 * DAY)
    (leaf,) = load_certificates(pem(builder.sign(certificates.key("ca"), SHA256())), PATH)
    problem = key_problem(leaf, PATH)
    assert problem is not None
    assert (problem.code, problem.path) == ("no_rsa_key", PATH)
    assert problem.message == "the certificate of CN=leaf holds no RSA key."


@pytest.mark.parametrize(
    ("leaf", "code"),
    [
        (pem(issue()), None),
        (pem(root()), "is_authority"),
        (pem(issue(end=NOW - DAY)), "expired"),
        (pem(issue(start=NOW + DAY)), "not_yet_valid"),
        (pem(issue(issuer="elsewhere")), "issuer_missing"),
        (pem(issue(issuer="elsewhere", end=NOW - DAY)), "expired"),
    ],
)
def test_trust_asks_owner_then_dates_then_chain(leaf: bytes, code: str | None) -> None:
    problem = found(leaf, rule=trust_problem)
    assert (problem and problem.code) == code


# Chains.


def test_an_authority_that_came_with_the_leaf_may_stand_between() -> None:
    assert found(pem(below(), middle())) is None
    assert found(pem(below(), issue("another", serial=51), middle())) is None


def test_two_authorities_may_stand_between_in_any_order() -> None:
    lower = middle("lower", "app", issuer="middle", by="alipay_next", serial=52)
    leaf = below("lower", "app")
    assert found(pem(leaf, lower, middle())) is None
    assert found(pem(leaf, middle(), lower)) is None
    code, text = fault(pem(leaf, lower))
    assert code == "issuer_missing"
    assert "CN=middle" in text


def test_without_the_authority_between_the_chain_ends() -> None:
    code, text = fault(pem(below()))
    assert code == "issuer_missing"
    assert text.startswith("it names CN=middle as its issuer, but no certificate of that name")


@pytest.mark.parametrize("authority", [False, None])
def test_a_certificate_that_is_no_authority_vouches_for_nobody(authority: bool | None) -> None:
    code, text = fault(pem(below(), middle(authority=authority)))
    assert code == "issuer_not_authority"
    assert "it names CN=middle as its issuer" in text
    assert "may not issue certificates" in text


def test_an_application_does_not_vouch_for_another() -> None:
    app = (FILES / "app.crt").read_bytes()
    subject = x509.load_pem_x509_certificate(app).subject
    builder = x509.CertificateBuilder(
        subject, certificates.common_name("Alipay"), certificates.key("alipay").public_key(), 9
    )
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + 99 * DAY)
    leaf = builder.sign(certificates.key("app"), SHA256())
    code, text = fault(pem(leaf) + app, FILES / "root.crt")
    assert code == "issuer_not_authority"
    assert "2021000000000001" in text


@pytest.mark.parametrize(
    ("dates", "code", "reason"),
    [
        ({"end": NOW - DAY}, "issuer_expired", "expired on 2026-05-31"),
        ({"start": NOW + DAY}, "issuer_not_yet_valid", "valid only from 2026-06-02"),
    ],
)
def test_an_authority_must_hold_now(
    dates: dict[str, datetime.datetime], code: str, reason: str
) -> None:
    told, text = fault(pem(below(), middle(**dates)))
    assert told == code
    assert "it names CN=middle as its issuer" in text
    assert reason in text


def test_an_authority_that_the_root_did_not_sign_is_refused() -> None:
    code, text = fault(pem(below(), middle(by="app")))
    assert code == "issuer_did_not_sign"
    assert "CN=root as its issuer, but that one did not sign it" in text
    code, text = fault(pem(below(), middle(issuer="elsewhere")))
    assert code == "issuer_missing"
    assert "CN=elsewhere" in text


def test_the_key_of_the_root_under_another_name_is_refused() -> None:
    code, text = fault(pem(issue(issuer="elsewhere")))
    assert code == "issuer_missing"
    assert "CN=elsewhere" in text


def test_an_authority_of_the_right_name_and_another_key_does_not_hide_the_right_one() -> None:
    impostor = middle(of="app", serial=60)
    assert found(pem(below(), impostor, middle())) is None
    code, text = fault(pem(below(), impostor))
    assert code == "issuer_did_not_sign"
    assert "CN=middle" in text


def test_an_authority_that_expired_does_not_hide_its_successor() -> None:
    expired = middle(serial=61, end=NOW - DAY)
    assert found(pem(below(), expired, middle())) is None


def test_a_self_signed_certificate_is_refused() -> None:
    code, text = fault(pem(issue("own", issuer="own", by="alipay", authority=True)))
    assert code in {"issuer_missing", "issuer_did_not_sign"}
    assert "CN=own" in text


@pytest.mark.parametrize("count", [1, 2, 3, 20])
def test_authorities_that_vouch_for_each_other_come_to_an_end(count: int) -> None:
    ring = [
        middle(f"m{i}", issuer=f"m{(i + 1) % count}", by="alipay_next", serial=70 + i)
        for i in range(count)
    ]
    code, _ = fault(pem(below("m0"), *ring))
    assert code == ("issuer_did_not_sign" if count == 1 else "chain_too_long")


def test_a_changed_certificate_is_refused() -> None:
    der = issue("leaf").public_bytes(certificates.Encoding.DER)
    assert der.count(b"leaf") == 1
    assert fault(der.replace(b"leaf", b"loaf"))[0] == "issuer_did_not_sign"


def test_another_digest_is_as_good() -> None:
    assert found(pem(issue(digest=SHA512()))) is None


def test_any_root_of_the_bundle_is_trusted() -> None:
    sm2 = certificates.armour(certificates.sm2())
    bundle = sm2 + pem(issue("other", "app", by="app", issuer="other"), root())
    assert found(pem(issue()), bundle) is None
    assert fault(pem(issue()), sm2)[0] == "issuer_missing"
