"""Credentials from the environment and from TOML files.

What is read, and which name an error gives.
"""

import json
import os
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.certificates import VECTORS

from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.credentials.settings import read_environment, read_file
from alipay_mini_audit.crypto import CertificateVerifier, ContentCipher, RSAVerifier
from alipay_mini_audit.errors import ConfigurationError

KEYS = VECTORS / "keys"
FILES = VECTORS / "certificates"
APP_ID = "2021000000000001"
AES_KEY = "AAECAwQFBgcICQoLDA0ODw=="
SPELT = {
    "app_id": "ALIPAY_APP_ID",
    "private_key": "ALIPAY_PRIVATE_KEY",
    "alipay_public_key": "ALIPAY_PUBLIC_KEY",
    "app_certificate": "ALIPAY_APP_CERTIFICATE",
    "alipay_certificate": "ALIPAY_CERTIFICATE",
    "root_certificate": "ALIPAY_ROOT_CERTIFICATE",
    "encrypt_key": "ALIPAY_ENCRYPT_KEY",
}
PATHS = {
    "private_key": KEYS / "app.pkcs8.pem",
    "alipay_public_key": KEYS / "alipay.public.pem",
    "app_certificate": FILES / "app.crt",
    "alipay_certificate": FILES / "alipay.crt",
    "root_certificate": FILES / "root.crt",
}
KEY_MODE = ("private_key", "alipay_public_key")
CERTIFICATE_MODE = ("private_key", "app_certificate", "alipay_certificate", "root_certificate")

Load = Callable[[dict[str, Any]], Credentials]
"""Gives settings, by their names in a file, and builds credentials of them."""


def as_in_a_file(text: str) -> str:
    """Call variables of the environment as their settings are called in a file."""
    for name, spelt in sorted(SPELT.items(), key=lambda pair: -len(pair[1])):
        text = text.replace(spelt + "_FILE", name + "_file").replace(spelt, name)
    return text


@pytest.fixture(params=["environment", "file"])
def load(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Both ways to give settings; names in errors are those of a file."""

    def from_environment(given: dict[str, Any]) -> Credentials:
        for name in [name for name in os.environ if name.startswith("ALIPAY_")]:
            monkeypatch.delenv(name)
        for name, value in given.items():
            plain = name.removesuffix("_file")
            monkeypatch.setenv(SPELT[plain] + ("_FILE" if name != plain else ""), str(value))
        try:
            return Credentials.from_env()
        except ConfigurationError as error:
            said = (error.setting, error.problem, error.advice)
            raise ConfigurationError(*map(as_in_a_file, said)) from None

    def from_file(given: dict[str, Any]) -> Credentials:
        return Credentials.from_file(toml(tmp_path, given))

    return from_environment if request.param == "environment" else from_file


def toml(folder: Path, given: dict[str, Any]) -> Path:
    path = folder / "alipay.toml"
    lines = [
        f"{name} = {json.dumps(str(value) if isinstance(value, Path) else value)}"
        for name, value in given.items()
    ]
    path.write_text("\n".join(lines), "utf-8")
    return path


def refusal(load: Load, given: dict[str, Any]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(given)
    return str(caught.value)


def settings(*names: str, content: bool = False, **more: Any) -> dict[str, Any]:
    return (
        {"app_id": APP_ID}
        | {name: PATHS[name].read_text() if content else PATHS[name] for name in names}
        | more
    )


# What is read.


@pytest.mark.parametrize("content", [True, False], ids=["content", "names of files"])
def test_key_mode_is_read(load: Load, content: bool) -> None:
    credentials = load(settings(*KEY_MODE, content=content))
    assert (credentials.app_id, credentials.cipher, credentials.app_cert_sn) == (APP_ID, None, None)
    assert isinstance(credentials.verifier, RSAVerifier)


@pytest.mark.parametrize("content", [True, False], ids=["content", "names of files"])
def test_certificate_mode_is_read(load: Load, content: bool) -> None:
    credentials = load(settings(*CERTIFICATE_MODE, content=content, encrypt_key=AES_KEY))
    assert credentials.app_cert_sn == "c2968cfbb66f1b62d4cf31d02c102de1"
    assert credentials.alipay_root_cert_sn == "4eb301c24b1d5f4db3c37b634428300d"
    assert isinstance(credentials.verifier, CertificateVerifier)
    assert isinstance(credentials.cipher, ContentCipher)


def test_a_name_that_says_file_is_a_file(load: Load, tmp_path: Path) -> None:
    given: dict[str, Any] = {f"{name}_file": PATHS[name] for name in CERTIFICATE_MODE}
    for name, value in {"app_id": APP_ID, "encrypt_key": AES_KEY}.items():
        (tmp_path / name).write_text(f"\ufeff{value}\r\n", "utf-8")
        given[f"{name}_file"] = tmp_path / name
    credentials = load(given)
    assert credentials.app_id == APP_ID
    assert repr(credentials.cipher) == "<ContentCipher: AES-128>"


@pytest.mark.parametrize(
    "spelling",
    [
        "app.pkcs1.b64",
        "app.pkcs8.b64",
        "app.pkcs8.oneline.pem",
        "app.pkcs8.crlf.pem",
        "app.pkcs8.bom.pem",
    ],
)
def test_every_spelling_of_a_key_is_content(load: Load, spelling: str) -> None:
    text = (KEYS / spelling).read_bytes().decode("utf-8")
    load(settings("alipay_public_key", private_key=text))
    load(settings("alipay_public_key", private_key=f" {text}\n"))


def test_content_with_escaped_line_ends_is_read(load: Load) -> None:
    given = settings(*CERTIFICATE_MODE, content=True)
    body = {
        name: text[text.index("-----BEGIN") :] for name, text in given.items() if name != "app_id"
    }
    load(given | {name: text.strip().replace("\n", "\\n") for name, text in body.items()})


def test_blanks_around_short_values_do_not_matter(load: Load) -> None:
    credentials = load(settings(*KEY_MODE, app_id=f" {APP_ID}\n", encrypt_key=f"\t{AES_KEY} "))
    assert credentials.app_id == APP_ID


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_empty_value_counts_as_not_given(load: Load, empty: str) -> None:
    given = settings(
        *KEY_MODE, encrypt_key=empty, app_certificate=empty, root_certificate_file=empty
    )
    assert load(given).app_cert_sn is None
    assert (
        refusal(load, given | {"alipay_public_key": empty})
        == "alipay_public_key: this setting is missing."
    )


def test_names_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    folder = tmp_path / "settings"
    for path in (elsewhere, folder / "keys"):
        path.mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    for name in KEY_MODE:
        (folder / "keys" / f"{name}.pem").write_bytes(PATHS[name].read_bytes())
    names = {
        "private_key": "keys/private_key.pem",
        "alipay_public_key_file": "./keys/alipay_public_key.pem",
    }
    path = toml(folder, {"app_id": APP_ID} | names)
    assert Credentials.from_file(path).app_id == APP_ID
    monkeypatch.chdir(folder)
    assert Credentials.from_file("alipay.toml").app_id == APP_ID
    assert read_file("alipay.toml").private_key == Path("keys/private_key.pem")


def test_another_prefix_reads_other_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings(*KEY_MODE).items():
        monkeypatch.setenv(SPELT[name].replace("ALIPAY_", "SHOP_"), str(value))
        monkeypatch.setenv(SPELT[name], "not this one")
    assert Credentials.from_env("SHOP_").app_id == APP_ID
    monkeypatch.delenv("SHOP_PRIVATE_KEY")
    with pytest.raises(ConfigurationError, match=r"^SHOP_PRIVATE_KEY: this setting is missing\."):
        Credentials.from_env("SHOP_")


# What is missing, contradictory or unknown.


@pytest.mark.parametrize("mode", [KEY_MODE, CERTIFICATE_MODE], ids=["keys", "certificates"])
def test_every_missing_setting_is_named(load: Load, mode: tuple[str, ...]) -> None:
    for missing in ("app_id", *mode):
        given = settings(*mode)
        del given[missing]
        assert refusal(load, given) == f"{missing}: this setting is missing."


def test_all_missing_settings_are_named_at_once(load: Load) -> None:
    text = "app_id, private_key, alipay_public_key: these settings are missing."
    assert refusal(load, {}) == text
    given = {"root_certificate": PATHS["root_certificate"]}
    text = "app_id, private_key, app_certificate, alipay_certificate: these settings are missing."
    assert refusal(load, given) == text


@pytest.mark.parametrize("certificate", CERTIFICATE_MODE[1:])
def test_both_modes_at_once_contradict_each_other(load: Load, certificate: str) -> None:
    text = refusal(load, settings(*KEY_MODE, certificate))
    assert text.startswith(f"alipay_public_key: it contradicts {certificate}: ")


@pytest.mark.parametrize("name", SPELT)
def test_content_and_file_at_once_contradict_each_other(load: Load, name: str) -> None:
    given = {
        "app_id": APP_ID,
        "private_key": "x",
        "alipay_public_key": "x",
        name: "x",
        f"{name}_file": "y",
    }
    assert refusal(load, given).startswith(f"{name}: it contradicts {name}_file.")


def test_an_unknown_setting_is_named_with_those_that_are_known(tmp_path: Path) -> None:
    path = toml(tmp_path, settings(*KEY_MODE, privat_key="x", prefix_file="y"))
    with pytest.raises(ConfigurationError) as caught:
        Credentials.from_file(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: unknown setting privat_key, prefix_file. Known: ")
    assert all(name in text for name in SPELT)


@pytest.mark.parametrize("value", [2021000000000001, True, ["x"], {"file": "x"}, 1.5])
@pytest.mark.parametrize("name", ["app_id", "private_key", "alipay_public_key_file"])
def test_a_setting_that_is_no_text_is_named(tmp_path: Path, name: str, value: Any) -> None:
    path = tmp_path / "alipay.toml"
    spelt = '{ file = "x" }' if isinstance(value, dict) else json.dumps(value)
    path.write_text(f"{name} = {spelt}")
    with pytest.raises(ConfigurationError, match=f"{name}: expected a text"):
        Credentials.from_file(path)


# What cannot be used.


@pytest.mark.parametrize("suffix", ["", "_file"])
@pytest.mark.parametrize("name", PATHS)
def test_a_file_that_is_not_there_is_named_with_its_setting(
    load: Load, name: str, suffix: str, tmp_path: Path
) -> None:
    mode = KEY_MODE if name == "alipay_public_key" else CERTIFICATE_MODE
    given = settings(*(other for other in mode if other != name))
    text = refusal(load, given | {name + suffix: tmp_path / "missing.pem"})
    file = tmp_path / "missing.pem"
    assert text == f"{name}{suffix}: the file {file} cannot be read: No such file or directory."


def test_an_app_id_whose_file_is_not_there_is_named(load: Load, tmp_path: Path) -> None:
    given = settings(*KEY_MODE, app_id_file=tmp_path / "missing")
    given.pop("app_id", None)
    assert refusal(load, given) == (
        f"app_id_file: the file {tmp_path / 'missing'} cannot be read: No such file or directory."
    )


@pytest.mark.parametrize("value", ["keys/app_id", ".\\keys\\app_id", "2021/1"])
def test_an_app_id_with_a_slash_is_a_file_that_is_missing(load: Load, value: str) -> None:
    text = refusal(load, settings(*KEY_MODE, app_id=value))
    assert text.startswith("app_id: the file ")
    assert text.endswith(f"{value} cannot be read: No such file or directory.")


def test_a_key_in_place_of_an_app_id_is_no_file(load: Load) -> None:
    pem = (KEYS / "app.pkcs8.pem").read_text()
    for key in (pem, "".join(pem.splitlines()[1:-1])):
        assert "expected the digits" in refusal(load, settings(*KEY_MODE, app_id=key))
    assert "/" in key


def test_a_secret_that_is_given_as_the_name_of_its_file_is_not_shown(load: Load) -> None:
    secret = "MDEyMzQ1Njc4OWFiY2RlZg=="
    text = refusal(load, settings(*KEY_MODE, encrypt_key_file=secret))
    assert text == "encrypt_key_file: the file that it names cannot be read."
    text = refusal(load, settings("alipay_public_key", private_key_file=secret))
    assert secret not in text
    pem = (KEYS / "app.pkcs8.pem").read_text()
    given = settings(*KEY_MODE, app_id_file=pem)
    given.pop("app_id", None)
    assert refusal(load, given) == "app_id_file: the file that it names cannot be read."
    for key in (pem, pem.replace("\n", "\\n"), "".join(pem.splitlines()[1:-1])):
        given = settings("alipay_public_key", private_key_file=key)
        text = refusal(load, given)
        assert text.startswith("private_key_file: the file that is named cannot be read")
        assert text.endswith("Give the name of a file, not its content.")
        assert "MII" not in text


@pytest.mark.parametrize("content", ["garbage", "MIIE", "-----BEGIN X-----"])
@pytest.mark.parametrize("name", PATHS)
def test_content_that_cannot_be_used_is_named(load: Load, name: str, content: str) -> None:
    mode = KEY_MODE if name == "alipay_public_key" else CERTIFICATE_MODE
    text = refusal(load, settings(*mode) | {name: content})
    assert text.startswith(f"{name}: ")
    assert content not in text.removeprefix(name)


@pytest.mark.parametrize("name", PATHS)
def test_an_empty_file_is_named(load: Load, name: str, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    mode = KEY_MODE if name == "alipay_public_key" else CERTIFICATE_MODE
    assert (
        refusal(load, settings(*mode) | {name: tmp_path / "empty.pem"}) == f"{name}: it is empty."
    )


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("private_key", KEYS / "app.public.pem", "private_key: this is a public key."),
        (
            "alipay_public_key",
            KEYS / "app.public.pem",
            "alipay_public_key: this is the application's own public key.",
        ),
        ("alipay_public_key", FILES / "alipay.crt", "alipay_public_key: this is a certificate."),
        ("app_id", "2021 0000", "app_id: expected the digits"),
        ("encrypt_key", "AAEC", "encrypt_key: this key has 3 bytes"),
    ],
)
def test_what_does_not_fit_is_named(load: Load, name: str, value: Any, text: str) -> None:
    assert refusal(load, settings(*KEY_MODE) | {name: value}).startswith(text)


def test_certificates_that_do_not_fit_are_named(load: Load) -> None:
    given = settings(*CERTIFICATE_MODE)
    forged = {"alipay_certificate": FILES / "alipay_forged.crt"}
    assert refusal(load, given | {"private_key": KEYS / "ca.pkcs8.pem"}).startswith(
        "app_certificate: it does not belong"
    )
    assert refusal(load, given | forged).startswith(
        "alipay_certificate: it names CN=Test Certification"
    )
    expired = {"alipay_certificate": FILES / "alipay_expired.crt"}
    assert refusal(load, given | expired).startswith("alipay_certificate: it expired on 2022-01-01")


def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "x.toml", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(ConfigurationError, match=f"{path}: this file cannot be read: {reason}"):
            read_file(path)


@pytest.mark.parametrize(
    "content", [b"app_id = \n", b'private_key = "CANARY\n', b"\xff\xfea\x00", b"-----BEGIN CANARY"]
)
def test_a_settings_file_that_is_not_toml_is_named_and_not_quoted(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "alipay.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="this is not a TOML file") as caught:
        read_file(path)
    assert "CANARY" not in str(caught.value)


def test_settings_show_and_pickle_no_content(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = settings(*KEY_MODE, content=True, encrypt_key="CANARY") | {
        "alipay_public_key": "CANARY"
    }
    for name, value in given.items():
        monkeypatch.setenv(SPELT[name], value)
    for read in (read_environment("ALIPAY_"), read_file(toml(tmp_path, given))):
        assert "CANARY" not in repr(read)
        assert "BEGIN" not in repr(read)
        with pytest.raises(TypeError, match="keys"):
            pickle.dumps(read)


@pytest.mark.parametrize("value", ["0", "false", "FALSE"])
def test_the_checks_can_be_switched_off_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    given = settings(*CERTIFICATE_MODE) | {"alipay_certificate": FILES / "alipay_expired.crt"}
    for name, content in given.items():
        monkeypatch.setenv(SPELT[name], str(content))
    with pytest.raises(ConfigurationError, match="ALIPAY_CHECK_CERTIFICATES=0"):
        Credentials.from_env()
    monkeypatch.setenv("ALIPAY_CHECK_CERTIFICATES", value)
    assert isinstance(Credentials.from_env().verifier, CertificateVerifier)
    for on in ("", "1", "true"):
        monkeypatch.setenv("ALIPAY_CHECK_CERTIFICATES", on)
        assert read_environment("ALIPAY_").check_certificates
    monkeypatch.setenv("ALIPAY_CHECK_CERTIFICATES", "perhaps")
    with pytest.raises(ConfigurationError, match=r"^ALIPAY_CHECK_CERTIFICATES: expected") as caught:
        Credentials.from_env()
    assert caught.value.code == "bad_value"


def test_the_checks_can_be_switched_off_in_a_file(tmp_path: Path) -> None:
    given = settings(*CERTIFICATE_MODE) | {"alipay_certificate": FILES / "alipay_expired.crt"}
    with pytest.raises(ConfigurationError, match="check_certificates = false"):
        Credentials.from_file(toml(tmp_path, given))
    off = toml(tmp_path, given | {"check_certificates": False})
    assert isinstance(Credentials.from_file(off).verifier, CertificateVerifier)
    assert read_file(toml(tmp_path, given | {"check_certificates": True})).check_certificates
    for wrong in (0, "perhaps", [False]):
        with pytest.raises(
            ConfigurationError, match=r"^check_certificates: expected true or false"
        ):
            Credentials.from_file(toml(tmp_path, given | {"check_certificates": wrong}))


@pytest.mark.parametrize(
    "content",
    ["app_id = " + "[" * 100_000, "app_id = " + "{a=" * 100_000, "app_id = " + "9" * 5000],
    ids=["lists", "tables", "digits"],
)
def test_a_settings_file_that_no_parser_takes_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "alipay.toml"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match="this is not a TOML file") as caught:
        Credentials.from_file(path)
    assert caught.value.code == "not_toml"


def test_a_settings_file_whose_name_cannot_be_one_is_unreadable() -> None:
    for name in ("a\0b.toml", "x" * 5000):
        with pytest.raises(ConfigurationError) as caught:
            Credentials.from_file(name)
        assert (caught.value.setting, caught.value.code) == ("the TOML file", "unreadable")


def test_a_key_that_is_given_as_the_name_of_the_settings_file_is_not_shown() -> None:
    pem = (KEYS / "app.pkcs8.pem").read_text()
    for key in (pem, "".join(pem.splitlines()[1:-1])):
        with pytest.raises(ConfigurationError) as caught:
            Credentials.from_file(key)
        shown = "".join(traceback.format_exception(caught.value))
        assert "MII" not in shown
        assert caught.value.__context__ is None


def test_a_settings_file_may_be_named_in_bytes(tmp_path: Path) -> None:
    toml(tmp_path, settings(*KEY_MODE))
    with os.scandir(os.fsencode(tmp_path)) as folder:
        (entry,) = folder
        assert Credentials.from_file(entry).app_id == APP_ID


@pytest.mark.parametrize("value", [None, 5, b"alipay.toml", ["alipay.toml"]])
def test_a_path_or_prefix_of_another_type_is_named(value: Any) -> None:
    with pytest.raises(TypeError, match=r"^path: expected a str or os\.PathLike, not "):
        Credentials.from_file(value)
    with pytest.raises(TypeError, match=r"^prefix: expected a text, not "):
        Credentials.from_env(value)


def test_a_prefix_that_no_variable_has_finds_nothing() -> None:
    for prefix in ("\ud800", "a\0", "="):
        with pytest.raises(ConfigurationError, match="these settings are missing"):
            Credentials.from_env(prefix)


def test_what_is_the_clients_in_a_file_is_passed_over(tmp_path: Path) -> None:
    path = toml(tmp_path, settings(*KEY_MODE))
    rest = 'base_url = "x"\nallow_plain_http = true\nproxy = "y"\n[timeouts]\ntotal = 3\n'
    path.write_text(f"{path.read_text()}\n{rest}")
    assert Credentials.from_file(path).app_id == APP_ID
