"""What is given for a client beside its credentials: how it is read, and who wins."""

from pathlib import Path
from typing import Any

import pytest

from alipay_mini_audit.credentials.client_settings import (
    ClientSettings,
    read_client_environment,
    read_client_file,
)
from alipay_mini_audit.errors import ConfigurationError

TIMEOUTS = ("connect", "total")


def test_variables_are_read_by_their_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {
        "SHOP_BASE_URL": " https://shop.example\n",
        "SHOP_ALLOW_PLAIN_HTTP": "Yes",
        "SHOP_PROXY": "",
        "SHOP_TIMEOUT_TOTAL": "3",
        "SHOP_TIMEOUT_SLEEP": "4",
    }.items():
        monkeypatch.setenv(name, text)
    settings = read_client_environment("SHOP_", TIMEOUTS)
    assert settings.others == {"base_url": "https://shop.example", "allow_plain_http": True}
    assert settings.timeouts == {"total": 3.0}
    assert settings.names["timeouts.total"] == "SHOP_TIMEOUT_TOTAL"


@pytest.mark.parametrize(
    ("text", "flag"),
    [("1", True), ("TRUE", True), ("on", True), ("0", False), ("no", False), ("Off", False)],
)
def test_a_flag_is_said_in_any_usual_way(
    monkeypatch: pytest.MonkeyPatch, text: str, flag: bool
) -> None:
    monkeypatch.setenv("SHOP_ALLOW_PLAIN_HTTP", text)
    assert read_client_environment("SHOP_", ()).values == {"allow_plain_http": flag}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("ALLOW_PLAIN_HTTP", "2", "bad_value"), ("TIMEOUT_TOTAL", "3 s", "bad_number")],
)
def test_a_variable_of_another_kind_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, code: str
) -> None:
    monkeypatch.setenv(f"SHOP_{name}", text)
    with pytest.raises(ConfigurationError) as caught:
        read_client_environment("SHOP_", TIMEOUTS)
    assert (caught.value.setting, caught.value.code) == (f"SHOP_{name}", code)


def test_a_file_holds_them_beside_the_credentials(tmp_path: Path) -> None:
    file = tmp_path / "alipay.toml"
    file.write_text('app_id = "1"\nbase_url = "x"\n[timeouts]\nconnect = 1\n')
    settings = read_client_file(file, iter(TIMEOUTS))
    assert (settings.others, settings.timeouts) == ({"base_url": "x"}, {"connect": 1})


@pytest.mark.parametrize(
    ("line", "code"), [("timeouts = 3", "wrong_type"), ("timeouts.day = 3", "unknown_setting")]
)
def test_a_table_of_another_kind_is_named(tmp_path: Path, line: str, code: str) -> None:
    (tmp_path / "alipay.toml").write_text(line)
    with pytest.raises(ConfigurationError) as caught:
        read_client_file(tmp_path / "alipay.toml", TIMEOUTS)
    assert (caught.value.setting, caught.value.code) == ("timeouts", code)


def test_one_wins_over_another_in_what_it_says() -> None:
    def given(where: str, **values: Any) -> ClientSettings:
        return ClientSettings(values=values, names=dict.fromkeys(values, where))

    both = given("option", base_url="x").over(given("file", base_url="y", proxy="z"))
    assert both.values == {"base_url": "x", "proxy": "z"}
    assert both.names == {"base_url": "option", "proxy": "file"}


def test_an_error_names_a_setting_as_it_was_given() -> None:
    names = {"proxy": "SHOP_PROXY", "timeouts.total": "SHOP_TIMEOUT_TOTAL"}
    settings = ClientSettings(values={"proxy": "canary-77"}, names=names)
    for setting, called in (
        ("ClientConfig.proxy", "SHOP_PROXY"),
        ("Timeouts.total", "SHOP_TIMEOUT_TOTAL"),
        ("Timeouts.stall", "Timeouts.stall"),
    ):
        error = settings.renamed(ConfigurationError(setting, "bad.", "Mend it.", code="x"))
        assert (error.setting, error.code, error.advice) == (called, "x", "Mend it.")
    assert "canary-77" not in repr(settings)
