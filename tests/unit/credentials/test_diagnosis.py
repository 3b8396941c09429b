"""One judge for constructors and `doctor`; it decides by codes, whatever the words are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import certificates
from support.certificates import DAY, NOW, VECTORS, below, issue, middle, pem, root

from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.credentials.diagnosis import Fact, diagnose, examine
from alipay_mini_audit.credentials.material import Material
from alipay_mini_audit.credentials.settings import CredentialSettings
from alipay_mini_audit.errors import ConfigurationError, Problem, Severity

KEYS = VECTORS / "keys"
FILES = VECTORS / "certificates"
APP_ID = "2021000000000001"
NAMES = {
    "app_id": "SHOP_APP_ID",
    "private_key": "SHOP_PRIVATE_KEY_FILE",
    "alipay_public_key": "SHOP_PUBLIC_KEY",
    "app_certificate": "SHOP_APP_CERTIFICATE",
    "alipay_certificate": "SHOP_CERTIFICATE",
    "root_certificate": "SHOP_ROOT_CERTIFICATE",
    "encrypt_key": "SHOP_ENCRYPT_KEY",
}
KEY_MODE: dict[str, Any] = {
    "private_key": KEYS / "app.pkcs8.pem",
    "alipay_public_key": KEYS / "alipay.public.pem",
}
CERTIFICATE_MODE: dict[str, Any] = {
    "private_key": KEYS / "app.pkcs8.pem",
    "app_certificate": FILES / "app.crt",
    "alipay_certificate": FILES / "alipay.crt",
    "root_certificate": FILES / "root.crt",
}
OF_TESTS = {
    "app_certificate": pem(issue("app", "app", serial=8)),
    "alipay_certificate": pem(issue()),
    "root_certificate": pem(root()),
}
REFUSED_KEYS = [
    ({"app_id": "2021 0000"}, "app_id", "bad_app_id"),
    ({"private_key": KEYS / "app.public.pem"}, "private_key", "wrong_key"),
    ({"private_key": "garbage"}, "private_key", "not_a_key"),
    ({"private_key": "app.pem"}, "private_key", "file_name"),
    ({"private_key": Path("/nowhere/x")}, "private_key", "unreadable"),
    ({"alipay_public_key": KEYS / "app.public.b64"}, "alipay_public_key", "own_public_key"),
    ({"alipay_public_key": FILES / "alipay.crt"}, "alipay_public_key", "wrong_key"),
    ({"alipay_public_key": ""}, "alipay_public_key", "empty"),
    ({"encrypt_key": "AAEC"}, "encrypt_key", "wrong_key_size"),
    ({"encrypt_key": "*"}, "encrypt_key", "not_base64"),
]
REFUSED_CERTIFICATES = [
    ({"private_key": KEYS / "ca.pkcs8.pem"}, "app_certificate", "foreign_certificate"),
    ({"app_certificate": FILES / "root.crt"}, "app_certificate", "is_authority"),
    ({"app_certificate": "garbage"}, "app_certificate", "no_certificate"),
    (
        {"app_certificate": certificates.armour(certificates.sm2())},
        "app_certificate",
        "no_rsa_key",
    ),
    ({"alipay_certificate": FILES / "app.crt"}, "alipay_certificate", "own_certificate"),
    ({"alipay_certificate": FILES / "root.crt"}, "alipay_certificate", "is_authority"),
    ({"alipay_certificate": FILES / "alipay_expired.crt"}, "alipay_certificate", "expired"),
    (
        {"alipay_certificate": FILES / "alipay_forged.crt"},
        "alipay_certificate",
        "issuer_did_not_sign",
    ),
    (
        {"root_certificate": certificates.armour(certificates.sm2())},
        "root_certificate",
        "no_rsa_certificate",
    ),
    (OF_TESTS | {"alipay_certificate": pem(below())}, "alipay_certificate", "issuer_missing"),
    (
        OF_TESTS | {"alipay_certificate": pem(below(), middle(authority=None))},
        "alipay_certificate",
        "issuer_not_authority",
    ),
    (
        OF_TESTS | {"alipay_certificate": pem(below(), middle(end=NOW - DAY))},
        "alipay_certificate",
        "issuer_expired",
    ),
    (
        OF_TESTS | {"alipay_certificate": pem(issue(start=NOW + DAY))},
        "alipay_certificate",
        "not_yet_valid",
    ),
    (
        OF_TESTS | {"app_certificate": pem(issue("app", "app", end=NOW - DAY))},
        "app_certificate",
        "expired",
    ),
]

Swap = Callable[[], None]


@pytest.fixture
def swap_texts(monkeypatch: pytest.MonkeyPatch) -> Swap:
    """Make every problem, error and fact say the same: words that mean nothing."""
    problem_init: Callable[..., None] = Problem.__init__
    error_init: Callable[..., None] = ConfigurationError.__init__
    fact_init: Callable[..., None] = Fact.__init__

    def bare_problem(
        self: Problem,
        path: str,
        code: str,
        message: str,
        advice: str = "",
        severity: Severity = Severity.ERROR,
        *,
        translations: object = None,
    ) -> None:
        del message, advice, translations
        problem_init(self, path, code, "什么都没说。", "看着办。", severity)

    def bare_error(
        self: ConfigurationError,
        setting: str,
        problem: str = "",
        advice: str = "",
        *,
        code: str = "",
        translations: object = None,
    ) -> None:
        del problem, advice, translations
        error_init(self, setting, "什么都没说。", "看着办。", code=code)

    def bare_fact(self: Fact, path: str, text: str, *, translations: object = None) -> None:
        del text, translations
        fact_init(self, path, "什么都没说。")

    def swap() -> None:
        monkeypatch.setattr(Problem, "__init__", bare_problem)
        monkeypatch.setattr(ConfigurationError, "__init__", bare_error)
        monkeypatch.setattr(Fact, "__init__", bare_fact)

    return swap


def refused(make: Callable[..., Credentials], given: dict[str, Any]) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        make(**({"app_id": APP_ID} | given))
    return caught.value


def settings(given: dict[str, Any]) -> CredentialSettings:
    shown = {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in ({"app_id": APP_ID} | given).items()
    }
    return CredentialSettings(names=NAMES, **shown)


def told(given: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What `doctor` says, without its words."""
    return [
        ("fact", found.path, "")
        if isinstance(found, Fact)
        else (found.severity.value, found.path, str(found.code))
        for found in examine(lambda: settings(given), NOW)
    ]


@pytest.mark.parametrize("swapped", [False, True], ids=["own words", "other words"])
@pytest.mark.parametrize(("changes", "setting", "code"), REFUSED_KEYS)
def test_keys_are_refused_by_code_whatever_the_words(
    swap_texts: Swap, swapped: bool, changes: dict[str, Any], setting: str, code: str
) -> None:
    if swapped:
        swap_texts()
    error = refused(Credentials.from_keys, KEY_MODE | changes)
    assert (error.setting, error.code) == (setting, code)
    assert ("什么都没说。" in str(error)) is swapped


@pytest.mark.parametrize("swapped", [False, True], ids=["own words", "other words"])
@pytest.mark.parametrize(("changes", "setting", "code"), REFUSED_CERTIFICATES)
def test_certificates_are_refused_by_code_whatever_the_words(
    swap_texts: Swap, swapped: bool, changes: dict[str, Any], setting: str, code: str
) -> None:
    if swapped:
        swap_texts()
    given = CERTIFICATE_MODE | {"clock": lambda: NOW} | changes
    error = refused(Credentials.from_certificates, given)
    assert (error.setting, error.code) == (setting, code)
    assert ("什么都没说。" in str(error)) is swapped


@pytest.mark.parametrize(
    ("mode", "cases"), [(KEY_MODE, REFUSED_KEYS), (CERTIFICATE_MODE, REFUSED_CERTIFICATES)]
)
def test_doctor_says_the_same_whatever_the_words(
    swap_texts: Swap, mode: dict[str, Any], cases: list[tuple[dict[str, Any], str, str]]
) -> None:
    inputs = [mode, *(mode | changes for changes, _, _ in cases)]
    before = [told(given) for given in inputs]
    swap_texts()
    assert [told(given) for given in inputs] == before
    for (_, setting, code), findings in zip(cases, before[1:], strict=True):
        errors = [found for found in findings if found[0] == "error"]
        assert errors[0] == ("error", NAMES[setting], code)


def test_a_warning_does_not_refuse_and_is_announced_whatever_the_words(swap_texts: Swap) -> None:
    given = OF_TESTS | {"app_certificate": pem(issue("app", "app", end=NOW + 9 * DAY))}
    swap_texts()
    with pytest.warns(UserWarning, match="app_certificate: 什么都没说") as caught:
        Credentials.from_certificates(APP_ID, KEYS / "app.pkcs8.pem", clock=lambda: NOW, **given)
    assert [warning.filename for warning in caught] == [__file__]


def test_the_first_error_is_raised_and_the_others_are_told() -> None:
    given: dict[str, Any] = KEY_MODE | {"private_key": "garbage", "encrypt_key": "*"}
    diagnosis = diagnose(Material(is_certificate_mode=False, app_id="", **given))
    assert [problem.path for problem in diagnosis.problems] == [
        "app_id",
        "private_key",
        "encrypt_key",
    ]
    assert diagnosis.parts is None
    with pytest.raises(ConfigurationError) as caught:
        diagnosis.usable_parts()
    assert (caught.value.setting, caught.value.code) == ("app_id", "bad_app_id")


def test_parts_come_of_what_has_warnings_only() -> None:
    diagnosis = diagnose(Material(is_certificate_mode=False, app_id="shop", **KEY_MODE))
    (warning,) = diagnosis.problems
    assert (warning.code, warning.severity) == ("unusual_app_id", Severity.WARNING)
    assert diagnosis.usable_parts() is diagnosis.parts


def test_doctor_calls_things_as_they_were_given() -> None:
    paths = [found.path for found in examine(lambda: settings(CERTIFICATE_MODE), NOW)]
    assert set(paths) == {"settings", *NAMES.values(), "credentials", "clock"} - {"SHOP_PUBLIC_KEY"}
    assert (paths[0], paths[-2:]) == ("settings", ["credentials", "clock"])


def test_doctor_tells_settings_that_cannot_be_read_and_the_time() -> None:
    def read() -> CredentialSettings:
        raise ConfigurationError("SHOP_APP_ID", "this setting is missing.", code="missing")

    first, clock = examine(read, NOW)
    assert first == Problem("SHOP_APP_ID", "missing", "this setting is missing.")
    assert isinstance(clock, Problem)
    assert (clock.path, clock.severity) == ("clock", Severity.WARNING)
    assert "2026-06-01 12:00:00 UTC" in clock.message
