"""Which language people are answered in."""

import pytest

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.codes.language import language_of

NAMES = ("ALIPAY_MINI_AUDIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("zh_CN.UTF-8", "zh"),
        ("zh", "zh"),
        ("ZH_tw", "zh"),
        ("zh-Hans", "zh"),
        ("en_GB", "en"),
        ("C", "en"),
        ("POSIX", "en"),
        ("de_DE", "en"),
        ("zhx", "en"),
    ],
)
def test_the_environment_says_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    assert language_of() == expected


def test_the_order_is_argument_variable_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    assert language_of() == "en"
    for name, value in zip(reversed(NAMES), ("zh_CN", "en_US", "zh_CN", "en"), strict=True):
        monkeypatch.setenv(name, value)
        assert language_of() == value[:2]
    assert language_of("zh") == "zh"


def test_another_language_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="language"):
        language_of("fr")
    with pytest.raises(TypeError, match="language"):
        language_of(1)  # type: ignore[arg-type]
