"""Options, environment and file: who wins."""

import os
from pathlib import Path

import pytest

from alipay_mini_audit.cli.settings import client_config
from alipay_mini_audit.config import PRODUCTION
from alipay_mini_audit.errors import ConfigurationError


def test_an_option_wins_over_a_variable_and_that_over_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("ALIPAY_")]:
        monkeypatch.delenv(name)

    def base_url(option: str | None = None, *, file: Path | None = None) -> str:
        return client_config(
            file=file, prefix="ALIPAY_", base_url=option, allow_plain_http=False
        ).base_url

    assert base_url() == PRODUCTION
    file = tmp_path / "alipay.toml"
    file.write_text('base_url = "https://file.example"')
    assert base_url(file=file) == "https://file.example"
    monkeypatch.setenv("ALIPAY_BASE_URL", "https://variable.example")
    assert base_url(file=file) == "https://variable.example"
    assert base_url("https://option.example", file=file) == "https://option.example"


def test_plain_http_is_allowed_by_an_option() -> None:
    url = "http://sandbox:8080"
    with pytest.raises(ConfigurationError) as caught:
        client_config(file=None, prefix="NONE_", base_url=url, allow_plain_http=False)
    assert (caught.value.setting, caught.value.code) == ("--base-url", "plain_http")
    config = client_config(file=None, prefix="NONE_", base_url=url, allow_plain_http=True)
    assert config.allow_plain_http
