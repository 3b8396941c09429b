"""Profiles in a file of settings: which one counts, what they share, and what errors call them."""

from pathlib import Path

import pytest
from support.certificates import VECTORS
from support.languages import assert_told_in_chinese

from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.credentials.profiles import choose
from alipay_mini_audit.errors import ConfigurationError

KEYS = VECTORS / "keys"
FILES = VECTORS / "certificates"
KEY_MODE = (
    f'private_key = "{KEYS / "app.pkcs8.pem"}"\nalipay_public_key = "{KEYS / "alipay.public.pem"}"'
)
CERTIFICATES = "\n".join(
    f'{name}_certificate_file = "{FILES / name}.crt"' for name in ("app", "alipay", "root")
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "alipay.toml"


def refusal(file: Path, profile: str | None) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        Credentials.from_file(file, profile)
    return caught.value


def test_a_profile_wins_over_the_top_of_the_file(file: Path) -> None:
    file.write_text(
        f'app_id = "2021"\nbase_url = "https://a.example"\n{KEY_MODE}\n[timeouts]\nreply = 5\n'
        'total = 50\n[profiles.test]\napp_id = "9021"\nbase_url = "https://b.example"\n'
        "timeouts.total = 60\n[profiles.live]\n"
    )
    assert Credentials.from_file(file).app_id == "2021"
    assert Credentials.from_file(file, "test").app_id == "9021"
    assert Credentials.from_file(file, "live").app_id == "2021"
    config = ClientConfig.from_file(file, "test")
    assert (config.base_url, config.timeouts.reply, config.timeouts.total) == (
        "https://b.example",
        5,
        60,
    )
    assert ClientConfig.from_file(file, "live") == ClientConfig.from_file(file)


def test_a_file_may_hold_nothing_but_profiles(file: Path) -> None:
    file.write_text(f'[profiles.a]\napp_id = "1"\n{KEY_MODE}\n[profiles.b]\napp_id = "2"\n')
    assert Credentials.from_file(file, profile="a").app_id == "1"
    error = refusal(file, None)
    assert (error.setting, error.code) == (str(file), "no_profile")
    assert error.advice == "Choose one: a, b."
    assert_told_in_chinese(error.as_problem(), ["a, b"])
    missing = "profiles.b.private_key, profiles.b.alipay_public_key"
    assert refusal(file, "b").setting == missing


def test_a_name_of_a_file_wins_over_the_content_at_the_top(file: Path) -> None:
    file.write_text(
        f'app_id = "1"\n{KEY_MODE}\n[profiles.a]\nprivate_key_file = "none.pem"\n'
        "[profiles.b]\ncheck_certificates = 5\n"
    )
    assert refusal(file, "a").setting == "profiles.a.private_key_file"
    assert refusal(file, "b").setting == "profiles.b.check_certificates"


def test_a_profile_may_be_in_the_other_mode(file: Path) -> None:
    file.write_text(f'app_id = "1"\n{KEY_MODE}\n[profiles.a]\n{CERTIFICATES}\n')
    assert Credentials.from_file(file, "a").app_cert_sn is not None
    assert Credentials.from_file(file).app_cert_sn is None
    key = KEYS / "alipay.public.pem"
    file.write_text(
        f'app_id = "1"\nprivate_key = "{KEYS / "app.pkcs8.pem"}"\n{CERTIFICATES}\n'
        f'[profiles.a]\nalipay_public_key = "{key}"\n'
    )
    assert Credentials.from_file(file, "a").app_cert_sn is None


@pytest.mark.parametrize(
    ("content", "profile", "message", "advice"),
    [
        ("[profiles.live]", "life", "no profile life in", "Did you mean live? There are: live."),
        ("[profiles.live]\n[profiles.a]", "x", "no profile x in", "There are: live, a."),
        ("", "x", "has no profiles.", "Leave it out, or give the file a table [profiles.NAME]."),
        ("[profiles.live]", "MII+/=", "no profile … in", "There are: live."),
    ],
)
def test_another_profile_is_refused(
    file: Path, content: str, profile: str, message: str, advice: str
) -> None:
    file.write_text(content)
    error = refusal(file, profile)
    assert (error.setting, error.code, error.advice) == ("profile", "unknown_profile", advice)
    assert message in error.problem
    assert_told_in_chinese(error.as_problem(), [str(file)])
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig.from_file(file, profile)
    assert caught.value.code == "unknown_profile"


@pytest.mark.parametrize(
    ("content", "setting", "code"),
    [
        ("profiles = 3", "profiles", "wrong_type"),
        ("profiles.a = 3", "profiles.a", "wrong_type"),
        ('[profiles.a]\nap_id = "1"', "profiles.a", "unknown_setting"),
        ("[profiles.a]\nprofiles = 3", "profiles.a", "unknown_setting"),
    ],
)
def test_what_is_no_profile_is_named(file: Path, content: str, setting: str, code: str) -> None:
    file.write_text(content)
    error = refusal(file, "a")
    assert (error.setting, error.code) == (setting, code)


@pytest.mark.parametrize(
    ("content", "setting"),
    [
        ("timeouts = 3", "profiles.a.timeouts"),
        ("timeouts.day = 3", "profiles.a.timeouts"),
        ("timeouts.total = 0", "profiles.a.timeouts.total"),
        ("allow_plain_http = 5", "profiles.a.allow_plain_http"),
        ('base_url = "x"', "profiles.a.base_url"),
    ],
)
def test_settings_of_a_client_are_named_as_they_were_given(
    file: Path, content: str, setting: str
) -> None:
    file.write_text(f"[profiles.a]\n{content}")
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig.from_file(file, "a")
    assert caught.value.setting == setting


def test_what_is_shared_is_called_as_at_the_top(file: Path) -> None:
    file.write_text("[timeouts]\ntotal = 0\n[profiles.a]\ntimeouts.reply = 1")
    with pytest.raises(ConfigurationError) as caught:
        ClientConfig.from_file(file, "a")
    assert caught.value.setting == "timeouts.total"


def test_a_profile_is_a_text() -> None:
    with pytest.raises(TypeError, match="profile"):
        choose({}, 3, "x")  # type: ignore[arg-type]
