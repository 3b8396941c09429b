"""Which certificates a verifier takes, at construction and later, and whose replies it accepts."""

import datetime
import logging
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from support import certificates
from support.certificates import DAY, NOW, VECTORS, below, issue, middle, pem, root

from alipay_mini_audit.crypto import CertificateVerifier, Verifier, load_certificates
from alipay_mini_audit.crypto.trust import is_serial_number
from alipay_mini_audit.errors import ConfigurationError, Outcome, UntrustedReply

FILES = VECTORS / "certificates"
ALIPAY = "42c0498600568ef1084e6e283438b0e6"
NEXT = "ef741b4d17879abc19a88dcdad02d8bb"
SECOND = datetime.timedelta(seconds=1)


def verifier(leaf: bytes, roots: bytes | None = None, **settings: Any) -> CertificateVerifier:
    return CertificateVerifier(leaf, roots or pem(root()), **({"clock": lambda: NOW} | settings))


def refusal(leaf: bytes | Path, roots: bytes | Path | None = None, **settings: Any) -> str:
    return str(refused(leaf, roots, **settings))


def refused(
    leaf: bytes | Path, roots: bytes | Path | None = None, **settings: Any
) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        CertificateVerifier(leaf, roots or pem(root()), **({"clock": lambda: NOW} | settings))
    return caught.value


def signature(message: bytes, by: str = "alipay") -> bytes:
    return certificates.key(by).sign(message, PKCS1v15(), SHA256())


@pytest.fixture
def known() -> CertificateVerifier:
    """The verifier of the vectors' files."""
    return CertificateVerifier(FILES / "alipay.crt", FILES / "root.crt", clock=lambda: NOW)


# At construction: the vectors' files.


def test_its_serial_numbers_are_told_and_the_given_one_is_the_first(
    known: CertificateVerifier,
) -> None:
    assert known.serial_numbers == (ALIPAY,)
    known.accept((FILES / "alipay_next.crt").read_bytes(), NEXT)
    assert known.serial_numbers == (ALIPAY, NEXT)


def test_what_the_root_signed_is_trusted(known: CertificateVerifier) -> None:
    known.verify(b"m", signature(b"m"), alipay_cert_sn=ALIPAY)
    assert isinstance(known, Verifier)
    assert repr(known) == f"<CertificateVerifier: {ALIPAY}>"


def test_a_forged_certificate_is_refused() -> None:
    text = refusal(FILES / "alipay_forged.crt", FILES / "root.crt")
    assert text.startswith("alipay_certificate: it names CN=Test Certification Authority R1,")
    assert "did not sign it" in text
    assert "Download" in text


def test_an_expired_certificate_is_refused_with_its_date() -> None:
    text = refusal(FILES / "alipay_expired.crt", FILES / "root.crt")
    assert text.startswith("alipay_certificate: it expired on 2022-01-01 00:00 UTC.")
    assert "new certificate" in text


def test_a_certificate_that_does_not_hold_yet_is_refused_with_its_date() -> None:
    early = datetime.datetime(2023, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
    text = refusal(FILES / "alipay.crt", FILES / "root.crt", clock=lambda: early)
    assert "it is valid only from 2024-01-01 00:00 UTC on" in text
    assert "clock" in text


@pytest.mark.parametrize("name", ["alipay_certificate", "root_certificate"])
@pytest.mark.parametrize("content", [b"garbage", b"", Path("/nowhere/x.crt")])
def test_what_is_no_certificate_is_named(name: str, content: bytes | Path) -> None:
    given: dict[str, Any] = {
        "alipay_certificate": pem(issue()),
        "root_certificate": pem(root()),
        name: content,
    }
    with pytest.raises(ConfigurationError, match=f"^{name}"):
        CertificateVerifier(**given, clock=lambda: NOW)


def test_a_certificate_of_another_kind_of_key_is_named() -> None:
    public_key = ec.generate_private_key(ec.SECP256R1()).public_key()
    builder = x509.CertificateBuilder(
        certificates.common_name("root"), certificates.common_name("leaf"), public_key, 9
    )
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + 99 * DAY)
    leaf = builder.sign(certificates.key("ca"), SHA256())
    text = refusal(pem(leaf))
    assert text.startswith("alipay_certificate: ")
    assert "no RSA key" in text
    with pytest.raises(UntrustedReply, match="no RSA key"):
        verifier(pem(issue(serial=1))).accept(pem(leaf), certificates.serial_number("CN=root", 9))


@pytest.mark.parametrize(
    ("leaf", "code"),
    [
        (pem(issue(end=NOW - DAY)), "expired"),
        (pem(issue(start=NOW + DAY)), "not_yet_valid"),
        (pem(root()), "is_authority"),
        (pem(below()), "issuer_missing"),
        (pem(below(), middle(by="app")), "issuer_did_not_sign"),
        (pem(below(), middle(authority=None)), "issuer_not_authority"),
        (pem(below(), middle(end=NOW - DAY)), "issuer_expired"),
    ],
)
def test_a_refusal_names_setting_and_code(leaf: bytes, code: str) -> None:
    error = refused(leaf)
    assert (error.setting, error.code) == ("alipay_certificate", code)


def test_an_authority_that_came_with_the_leaf_may_stand_between() -> None:
    verifier(pem(below(), middle()))


def test_certificates_that_were_loaded_are_taken_as_they_are() -> None:
    loaded = load_certificates(pem(issue()), "alipay_certificate")
    roots = load_certificates(pem(root()), "root_certificate")
    known = CertificateVerifier(loaded, roots, clock=lambda: NOW)
    known.verify(b"m", signature(b"m"))


# Warnings, and the way around the checks.


def test_less_than_thirty_days_are_a_warning_and_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    leaf = pem(issue(end=NOW + 30 * DAY - SECOND))
    with pytest.warns(UserWarning, match="expires on 2026-07-01 11:59 UTC") as caught:
        verifier(leaf)
    assert [warning.filename for warning in caught] == [__file__]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("alipay_mini_audit", logging.WARNING)
    assert "2026-07-01 11:59 UTC" in record.getMessage()
    assert "alipay_certificate" in record.getMessage()


def test_thirty_days_are_enough(caplog: pytest.LogCaptureFixture) -> None:
    verifier(pem(issue(end=NOW + 30 * DAY)))  # a warning would be an error
    assert caplog.records == []


@pytest.mark.parametrize("file", ["alipay_forged.crt", "alipay_expired.crt"])
def test_the_checks_can_be_left_out_on_demand_only(file: str) -> None:
    unchecked = CertificateVerifier(FILES / file, FILES / "root.crt", check_certificates=False)
    with pytest.raises(UntrustedReply):
        unchecked.verify(b"m", bytes(256))


# The certificate that a reply names.


@pytest.mark.parametrize("serial_number", [ALIPAY, None, ""])
def test_a_reply_names_its_certificate_or_none(
    known: CertificateVerifier, serial_number: str | None
) -> None:
    assert known.knows(serial_number)
    known.verify(b"m", signature(b"m"), alipay_cert_sn=serial_number)
    for wrong in (signature(b"n"), signature(b"m", "alipay_next"), b"", bytes(256), bytes(257)):
        with pytest.raises(UntrustedReply, match="signature of the reply is wrong"):
            known.verify(b"m", wrong, alipay_cert_sn=serial_number)


@pytest.mark.parametrize("serial_number", [NEXT, ALIPAY.upper(), " ", "x" * 5000])
def test_an_unknown_certificate_is_not_trusted(
    known: CertificateVerifier, serial_number: str
) -> None:
    assert not known.knows(serial_number)
    with pytest.raises(UntrustedReply) as caught:
        known.verify(b"m", signature(b"m"), alipay_cert_sn=serial_number)
    is_one = len(serial_number) == 32
    assert (serial_number in caught.value.reason) is (is_one or serial_number == " ")
    assert "Download Alipay's new certificate" in caught.value.advice
    assert caught.value.outcome is Outcome.UNKNOWN


def test_an_accepted_certificate_counts_beside_the_first(known: CertificateVerifier) -> None:
    known.accept((FILES / "alipay_next.crt").read_bytes(), NEXT)
    known.verify(b"m", signature(b"m", "alipay_next"), alipay_cert_sn=NEXT)
    known.verify(b"m", signature(b"m"), alipay_cert_sn=ALIPAY)
    known.verify(b"m", signature(b"m"))
    for by, serial_number in (("alipay", NEXT), ("alipay_next", ALIPAY), ("alipay_next", None)):
        with pytest.raises(UntrustedReply):
            known.verify(b"m", signature(b"m", by), alipay_cert_sn=serial_number)


@pytest.mark.parametrize(
    ("file", "serial_number", "reason"),
    [
        ("alipay_next.crt", ALIPAY[::-1], "not the one that signed"),
        ("alipay.crt", NEXT, "not the one that signed"),
        (
            "alipay_expired.crt",
            "fc0ef10aefbc9674ff0c6e2cf4165348",
            "expired on 2022-01-01 00:00 UTC",
        ),
        ("alipay_forged.crt", "c14674fa93e9946b7e244078b268804b", "did not sign it"),
    ],
)
def test_a_fetched_certificate_that_is_not_trusted_is_not_kept(
    known: CertificateVerifier, file: str, serial_number: str, reason: str
) -> None:
    with pytest.raises(UntrustedReply, match=reason):
        known.accept((FILES / file).read_bytes(), serial_number)
    assert not known.knows(serial_number)
    assert repr(known) == f"<CertificateVerifier: {ALIPAY}>"


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"<html>", bytes(500), None, 5, {"alipay_cert_content": "x"}]
)
def test_garbage_that_was_fetched_is_refused(known: CertificateVerifier, content: Any) -> None:
    with pytest.raises(UntrustedReply):
        known.accept(content, NEXT)
    assert not known.knows(NEXT)


def test_a_fetched_certificate_may_bring_its_authority_or_rely_on_the_first_file() -> None:
    successor = below(of="app", serial=99)
    serial_number = certificates.serial_number("CN=middle", 99)
    lone = verifier(pem(issue()))
    with pytest.raises(UntrustedReply, match="CN=middle"):
        lone.accept(pem(successor), serial_number)
    lone.accept(pem(successor, middle()), serial_number)
    assert lone.knows(serial_number)
    verifier(pem(below(), middle())).accept(pem(successor), serial_number)


def test_the_time_of_the_fetch_counts() -> None:
    moments = [NOW]
    aging = verifier(pem(issue()), clock=lambda: moments[-1])
    moments.append(NOW + 400 * DAY)
    with pytest.raises(UntrustedReply, match="expired"):
        aging.accept(pem(issue(serial=6)), certificates.serial_number("CN=root", 6))


def test_a_key_that_will_not_do_is_refused_checked_or_not() -> None:
    public_key = certificates.spki((1 << 507) + 1)
    subject = certificates.name(certificates.attribute("2.5.4.3", "leaf"))
    issuer = certificates.name(certificates.attribute("2.5.4.3", "root"))
    der = certificates.by_hand(subject=subject, issuer=issuer, public_key=public_key, serial=9)
    for checked in (True, False):
        error = refused(certificates.armour(der), check_certificates=checked)
        assert (error.setting, error.code) == ("alipay_certificate", "key_too_small")
        assert "508 bits" in error.problem
        assert "check_certificates" not in error.advice
    known = verifier(pem(issue()))
    with pytest.raises(UntrustedReply, match="508 bits"):
        known.accept(certificates.armour(der), certificates.serial_number("CN=root", 9))


def test_advice_names_the_setting_that_avoids_an_error() -> None:
    for leaf in (pem(issue(end=NOW - DAY)), pem(below()), pem(below(), middle(authority=None))):
        advice = refused(leaf).advice
        assert "check_certificates=False" in advice
        assert "ALIPAY_CHECK_CERTIFICATES=0" in advice
        assert "--no-check-certificates" in advice
        verifier(leaf, check_certificates=False)


# What expires while it runs.


@pytest.mark.parametrize("expiring", ["leaf", "issuer", "fetched"])
def test_a_certificate_that_expires_while_running_is_not_believed(expiring: str) -> None:
    moments = [NOW]
    end = NOW + 60 * DAY
    leaf = issue(end=end) if expiring == "leaf" else issue()
    content = pem(below(), middle(end=end)) if expiring == "issuer" else pem(leaf)
    known = verifier(content, clock=lambda: moments[-1])
    serial_number = None
    if expiring == "fetched":
        serial_number = certificates.serial_number("CN=root", 6)
        known.accept(pem(issue(serial=6, end=end)), serial_number)
    moments.append(end)
    known.verify(b"m", signature(b"m"), alipay_cert_sn=serial_number)
    moments.append(end + SECOND)
    with pytest.raises(UntrustedReply, match="expired on 2026-07-31 12:00 UTC") as caught:
        known.verify(b"m", signature(b"m"), alipay_cert_sn=serial_number)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert "Download Alipay's new certificate" in caught.value.advice
    assert ("check_certificates" in caught.value.advice) is (expiring != "fetched")
    with pytest.raises(UntrustedReply, match="signature of the reply is wrong"):
        known.verify(b"n", signature(b"m"), alipay_cert_sn=serial_number)
    moments.append(NOW)
    known.verify(b"m", signature(b"m"), alipay_cert_sn=serial_number)


def test_a_certificate_that_was_taken_unchecked_is_believed_for_ever() -> None:
    moments = [NOW]
    known = verifier(pem(issue()), clock=lambda: moments[-1], check_certificates=False)
    moments.append(NOW + 9999 * DAY)
    known.verify(b"m", signature(b"m"))


# Whose certificate was fetched.


def named(unit: str, common: str, *, of: str, serial: int, company: str = "Shop") -> bytes:
    """A certificate under the root for somebody, in the form of Alipay's subjects."""
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, company),
            x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, common),
        ]
    )
    public_key = certificates.key(of).public_key()
    builder = x509.CertificateBuilder(certificates.common_name("root"), subject, public_key, serial)
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + 99 * DAY)
    return pem(builder.sign(certificates.key("ca"), SHA256()))


PARTNER = "2088831204659217"
ALIPAYS = ("Alipay", f"Alipay (China)-{PARTNER}")


@pytest.mark.parametrize(
    ("unit", "common", "company"),
    [
        ("Alipay", "2088000000000001-2021000000000002", "Shop"),
        ("Alipay", f"{PARTNER}-2021000000000001", "Shop"),
        ("Alipay", "Alipay (China)-2088000000000001", "Shop"),
        ("Alipay", ALIPAYS[1], "Another shop"),
        ("Other", ALIPAYS[1], "Shop"),
    ],
)
def test_somebody_elses_certificate_under_the_same_root_is_not_alipays(
    unit: str, common: str, company: str
) -> None:
    """Every developer holds such a key, and could forge replies with it."""
    known = verifier(named(*ALIPAYS, of="alipay", serial=1))
    strangers = named(unit, common, of="app", serial=7, company=company)
    serial_number = certificates.serial_number("CN=root", 7)
    with pytest.raises(UntrustedReply, match="not Alipay's") as caught:
        known.accept(strangers, serial_number)
    assert not known.knows(serial_number)
    assert "Do not believe" in caught.value.advice
    with pytest.raises(UntrustedReply, match="not loaded"):
        known.verify(b"m", signature(b"m", "app"), alipay_cert_sn=serial_number)


@pytest.mark.parametrize("check_certificates", [True, False])
def test_alipays_next_certificate_has_its_key_or_its_subject(check_certificates: bool) -> None:
    given = named(*ALIPAYS, of="alipay", serial=1)
    known = verifier(given, check_certificates=check_certificates)
    same_key = named("Alipay", "Alipay (renamed)", of="alipay", serial=2)
    known.accept(same_key, certificates.serial_number("CN=root", 2))
    same_subject = named(*ALIPAYS, of="alipay_next", serial=3)
    known.accept(same_subject, certificates.serial_number("CN=root", 3))
    known.verify(
        b"m",
        signature(b"m", "alipay_next"),
        alipay_cert_sn=certificates.serial_number("CN=root", 3),
    )


def test_a_subject_without_a_name_is_nobodys() -> None:
    def nameless(of: str, serial: int) -> bytes:
        builder = x509.CertificateBuilder(
            certificates.common_name("root"),
            x509.Name([]),
            certificates.key(of).public_key(),
            serial,
        )
        builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + 99 * DAY)
        return pem(builder.sign(certificates.key("ca"), SHA256()))

    known = verifier(nameless("alipay", 1))
    with pytest.raises(UntrustedReply, match="not Alipay's"):
        known.accept(nameless("app", 2), certificates.serial_number("CN=root", 2))


@pytest.mark.parametrize(
    "text", ["", "g", "a" * 33, "../../etc/passwd", "ab\n", "\uff11", "ab cd", "é"]
)
def test_what_is_no_serial_number_is_told(text: str) -> None:
    assert not is_serial_number(text)
    assert is_serial_number(ALIPAY)
    assert is_serial_number("0aF")
