"""`alipay-mini-audit doctor`: what it finds, what it prints, and how it ends."""

import datetime
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support import certificates
from support.certificates import DAY, VECTORS, issue, pem
from support.leaks import pieces_of_key

from alipay_mini_audit import __main__

KEYS = VECTORS / "keys"
FILES = VECTORS / "certificates"
APP_ID = "2021000000000001"
AES_KEY = "AAECAwQFBgcICQoLDA0ODw=="
KEY_MODE = {"private_key": KEYS / "app.pkcs8.pem", "alipay_public_key": KEYS / "alipay.public.pem"}
CERTIFICATE_MODE = {
    "private_key": KEYS / "app.pkcs8.pem",
    "app_certificate": FILES / "app.crt",
    "alipay_certificate": FILES / "alipay.crt",
    "root_certificate": FILES / "root.crt",
}
CANARIES = pieces_of_key(KEYS / "app.pkcs8.pem") | pieces_of_key(KEYS / "app.pkcs1.pem") | {AES_KEY}
TODAY = datetime.datetime.now(datetime.UTC).replace(microsecond=0)

Run = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; return exit status, lines on stdout, and stderr."""

    def run(*arguments: object) -> tuple[int, list[str], str]:
        monkeypatch.setattr(sys, "argv", ["alipay-mini-audit", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        printed = capsys.readouterr()
        assert not [canary for canary in CANARIES if canary in printed.out + printed.err]
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out.splitlines(), printed.err

    return run


@pytest.fixture
def examine(run: Run, tmp_path: Path) -> Run:
    """Let the doctor look at settings in a file."""

    def examine(given: dict[str, Any], **changes: Any) -> tuple[int, list[str], str]:
        path = tmp_path / "alipay.toml"
        values = {"app_id": APP_ID} | given | changes
        path.write_text(
            "\n".join(f"{name} = {json.dumps(str(value))}" for name, value in values.items())
        )
        status, lines, stderr = run("doctor", "--credentials", path)
        found = problems(lines)
        assert stderr == (
            "" if not found else f"{len(found)} problem{'s' * (len(found) > 1)} found.\n"
        )
        assert status == (1 if found else 0)
        assert {line[:9] for line in lines} <= {"ok       ", "note     ", "problem  "}
        return status, lines, stderr

    return examine


def problems(lines: list[str]) -> list[str]:
    return [line.removeprefix("problem  ") for line in lines if line.startswith("problem  ")]


def notes(lines: list[str]) -> list[str]:
    return [line.removeprefix("note     ") for line in lines if line.startswith("note     ")]


# Nothing is wrong.


def test_healthy_keys_have_no_problem(examine: Run) -> None:
    status, lines, _ = examine(KEY_MODE)
    assert status == 0
    assert [line.split(": ")[0] for line in lines] == [
        "ok       settings",
        "ok       app_id",
        "ok       private_key",
        "ok       private_key",
        "ok       alipay_public_key",
        "ok       encrypt_key",
        "ok       credentials",
        "note     clock",
        "ok       base_url",
    ]
    assert "key mode" in lines[0]
    assert "a trial signature holds" in lines[3]


def test_healthy_certificates_have_no_problem(examine: Run) -> None:
    status, lines, _ = examine(CERTIFICATE_MODE, encrypt_key=AES_KEY)
    assert status == 0
    text = "\n".join(lines)
    assert "certificate mode" in lines[0]
    for expected in (
        "root_certificate: serial number 4eb301c24b1d5f4db3c37b634428300d (1 of 1 ",
        "(1 of 1 are signed with RSA and count)",
        "app_certificate: serial number c2968cfbb66f1b62d4cf31d02c102de1",
        "belongs to the private key",
        "alipay_certificate: serial number 42c0498600568ef1084e6e283438b0e6",
        "app_certificate: the signatures lead to a root",
        "alipay_certificate: the signatures lead to a root",
        "encrypt_key: usable: <ContentCipher: AES-128>",
        "credentials: a client accepts them",
    ):
        assert expected in text
    days = (
        datetime.datetime(2049, 1, 1, tzinfo=datetime.UTC) - datetime.datetime.now(datetime.UTC)
    ).days
    assert f"alipay_certificate: valid from 2024-01-01 to 2049-01-01, {days} days left" in text
    assert len(notes(lines)) == 1


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("app.pkcs1.pem", "PKCS#1"),
        ("app.pkcs1.b64", "PKCS#1"),
        ("app.pkcs8.pem", "PKCS#8"),
        ("app.pkcs8.b64", "PKCS#8"),
        ("app.pkcs8.wrapped.b64", "PKCS#8"),
        ("app.pkcs8.oneline.pem", "PKCS#8"),
        ("app.pkcs8.crlf.pem", "PKCS#8"),
        ("app.pkcs8.bom.pem", "PKCS#8"),
    ],
)
def test_the_form_of_the_key_is_told(examine: Run, file: str, form: str) -> None:
    _, lines, _ = examine(KEY_MODE, private_key=KEYS / file)
    told = f"RSA private key of 2048 bits, {form} (PKCS#1 and PKCS#8 are both fine)"
    assert f"ok       private_key: {told}" in lines


def test_a_key_in_der_is_read(examine: Run, tmp_path: Path) -> None:
    key = certificates.key("app")
    for form, name in (
        (PrivateFormat.PKCS8, "PKCS#8"),
        (PrivateFormat.TraditionalOpenSSL, "PKCS#1"),
    ):
        (tmp_path / "app.der").write_bytes(key.private_bytes(Encoding.DER, form, NoEncryption()))
        assert any(
            f"2048 bits, {name} (" in line
            for line in examine(KEY_MODE, private_key=tmp_path / "app.der")[1]
        )


def test_a_certificate_of_another_kind_of_key_is_a_problem(examine: Run, tmp_path: Path) -> None:
    (tmp_path / "sm2.crt").write_bytes(certificates.armour(certificates.sm2()))
    found = problems(examine(CERTIFICATE_MODE, app_certificate=tmp_path / "sm2.crt")[1])
    assert found[0] == "app_certificate: the certificate of CN=Hand R1,C=CN holds no RSA key."


def test_the_time_is_told(examine: Run) -> None:
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    (note,) = notes(examine(KEY_MODE)[1])
    found = re.fullmatch(
        r"clock: this machine says (.+) UTC\. .* more than ten minutes off\.", note
    )
    assert found
    told = datetime.datetime.fromisoformat(found[1]).replace(tzinfo=datetime.UTC)
    assert before <= told <= datetime.datetime.now(datetime.UTC)


# One thing is wrong.


@pytest.mark.parametrize(
    ("mode", "name", "value", "text"),
    [
        (KEY_MODE, "private_key", KEYS / "app.public.pem", "private_key: this is a public key."),
        (KEY_MODE, "private_key", "garbage", "private_key: this is neither PEM nor base64"),
        (
            KEY_MODE,
            "alipay_public_key",
            KEYS / "app.public.b64",
            "this is the application's own public key.",
        ),
        (
            KEY_MODE,
            "alipay_public_key",
            KEYS / "app.pkcs8.pem",
            "alipay_public_key: this is a PKCS#8 private key.",
        ),
        (KEY_MODE, "encrypt_key", "AAEC", "encrypt_key: this key has 3 bytes"),
        (KEY_MODE, "app_id", "2021 0000", "app_id: expected the digits"),
        (
            CERTIFICATE_MODE,
            "private_key",
            KEYS / "ca.pkcs8.pem",
            "app_certificate: it does not belong to the private key.",
        ),
        (
            CERTIFICATE_MODE,
            "app_certificate",
            KEYS / "app.pkcs8.pem",
            "app_certificate: there is no certificate in it",
        ),
        (
            CERTIFICATE_MODE,
            "app_certificate",
            FILES / "root.crt",
            "app_certificate: this is the certificate of an auth",
        ),
        (
            CERTIFICATE_MODE,
            "alipay_certificate",
            FILES / "app.crt",
            "alipay_certificate: this is the application's",
        ),
        (
            CERTIFICATE_MODE,
            "alipay_certificate",
            FILES / "root.crt",
            "alipay_certificate: this is the certificate of an",
        ),
        (
            CERTIFICATE_MODE,
            "alipay_certificate",
            FILES / "alipay_expired.crt",
            "it expired on 2022-01-01 00:00 UTC.",
        ),
        (
            CERTIFICATE_MODE,
            "alipay_certificate",
            FILES / "alipay_forged.crt",
            "that one did not sign it",
        ),
        (
            CERTIFICATE_MODE,
            "root_certificate",
            "garbage",
            "root_certificate: there is no certificate in it",
        ),
    ],
)
def test_a_problem_is_told_in_plain_words(
    examine: Run, mode: dict[str, Any], name: str, value: Any, text: str
) -> None:
    status, lines, _ = examine(mode, **{name: value})
    (problem,) = problems(lines)
    assert status == 1
    assert problem.startswith(name if "belong" not in text else "app_certificate")
    assert text in problem


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "app_id, private_key, alipay_public_key: these settings are missing."),
        (KEY_MODE | {"privat_key": "x"}, "unknown setting privat_key"),
        (
            KEY_MODE | {"app_certificate": "x"},
            "alipay_public_key: it contradicts app_certificate: ",
        ),
    ],
)
def test_settings_that_are_not_complete_are_a_problem(
    examine: Run, given: dict[str, Any], text: str
) -> None:
    _, lines, _ = examine(given, app_id=APP_ID if given else "")
    (problem,) = problems(lines)
    assert text in problem
    assert any(line.startswith("note     clock: ") for line in lines)


def test_a_settings_file_that_is_not_there_is_a_problem(run: Run, tmp_path: Path) -> None:
    status, lines, stderr = run("doctor", "--credentials", tmp_path / "x.toml")
    assert (status, stderr) == (1, "1 problem found.\n")
    assert (
        lines[0]
        == f"problem  {tmp_path / 'x.toml'}: this file cannot be read: No such file or directory."
    )


# Much is wrong.


def test_every_problem_is_told_at_once(examine: Run) -> None:
    _, lines, _ = examine(
        CERTIFICATE_MODE,
        private_key=KEYS / "alipay_next.pkcs8.pem",
        alipay_certificate=FILES / "alipay_expired.crt",
        root_certificate="garbage",
        encrypt_key="AAEC",
    )
    assert [problem.split(": ")[0] for problem in problems(lines)] == [
        "root_certificate",
        "app_certificate",
        "alipay_certificate",
        "encrypt_key",
    ]


def test_an_unusable_key_does_not_hide_the_rest(examine: Run) -> None:
    _, lines, _ = examine(
        CERTIFICATE_MODE,
        private_key="garbage",
        app_certificate="garbage",
        alipay_certificate="",
        encrypt_key="*",
    )
    assert [problem.split(": ")[0] for problem in problems(lines)] == ["alipay_certificate"]
    _, lines, _ = examine(
        CERTIFICATE_MODE,
        private_key="garbage",
        app_certificate="garbage",
        alipay_certificate="garbage",
        encrypt_key="*",
    )
    names = ["private_key", "app_certificate", "alipay_certificate", "encrypt_key"]
    assert [problem.split(": ")[0] for problem in problems(lines)] == names


def test_dates_that_come_soon_are_a_note(examine: Run, tmp_path: Path) -> None:
    soon = TODAY + 10 * DAY + DAY / 2
    later = TODAY + 400 * DAY
    given = {
        "root_certificate": pem(
            issue("root", "ca", serial=1, authority=True, start=TODAY - DAY, end=later)
        ),
        "app_certificate": pem(issue("app", "app", serial=2, start=TODAY - DAY, end=soon)),
        "alipay_certificate": pem(
            issue("alipay", "alipay", serial=3, start=TODAY + DAY, end=later)
        ),
    }
    for name, content in given.items():
        (tmp_path / name).write_bytes(content)
    _, lines, _ = examine(CERTIFICATE_MODE | {name: tmp_path / name for name in given})
    assert (
        notes(lines)[0]
        == f"app_certificate: this certificate expires on {soon:%Y-%m-%d %H:%M} UTC, 10 days left. "
        "Replace it in time."
    )
    (problem,) = problems(lines)
    assert problem.startswith(
        f"alipay_certificate: it is valid only from {TODAY + DAY:%Y-%m-%d %H:%M} UTC on"
    )
    assert "clock" in problem


def test_an_application_certificate_without_a_way_to_the_root_is_a_note(
    examine: Run, tmp_path: Path
) -> None:
    stray = pem(issue("app", "app", issuer="elsewhere", start=TODAY - DAY, end=TODAY + 400 * DAY))
    (tmp_path / "app.crt").write_bytes(stray)
    status, lines, _ = examine(CERTIFICATE_MODE, app_certificate=tmp_path / "app.crt")
    assert status == 0
    assert notes(lines)[0].startswith(
        "app_certificate: not traced to a root: it names CN=elsewhere"
    )


def test_the_checks_can_be_switched_off_by_setting_and_by_option(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = CERTIFICATE_MODE | {"alipay_certificate": FILES / "alipay_expired.crt"}
    for name, value in given.items():
        spelt = name.removeprefix("alipay_").upper()
        monkeypatch.setenv(f"SHOP_{spelt}_FILE", str(value))
    monkeypatch.setenv("SHOP_APP_ID", APP_ID)
    doctor = ("doctor", "--prefix", "SHOP_")
    status, lines, _ = run(*doctor)
    assert status == 1
    (problem,) = problems(lines)
    assert problem.startswith("SHOP_CERTIFICATE_FILE: it expired on 2022-01-01")
    assert "--no-check-certificates" in problem
    status, lines, _ = run(*doctor, "--no-check-certificates")
    assert status == 0
    assert notes(lines)[0].startswith("SHOP_CHECK_CERTIFICATES: it is switched off")
    monkeypatch.setenv("SHOP_CHECK_CERTIFICATES", "0")
    assert run(*doctor)[0] == 0
    assert run(*doctor, "--check-certificates")[0] == 1, "the option wins"


# Where the client will call.


@pytest.fixture
def told(run: Run, tmp_path: Path) -> Callable[..., str]:
    """Return the line that says where the client will call."""

    def told(*options: str, file: str = "") -> str:
        path = tmp_path / "alipay.toml"
        keys = "\n".join(f"{name} = {json.dumps(str(path))}" for name, path in KEY_MODE.items())
        path.write_text(f'app_id = "{APP_ID}"\n{keys}\n{file}')
        status, lines, _ = run("doctor", "--credentials", path, *options)
        (line,) = lines[8:]
        assert line.startswith("ok " if status == 0 else "problem ")
        return line.split(maxsplit=1)[1]

    return told


def test_an_option_wins_over_the_environment_and_that_over_the_file(
    told: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = 'base_url = "https://file.example"'
    assert told() == "base_url: https://openapi.alipay.com"
    assert told(file=file) == "base_url: https://file.example"
    monkeypatch.setenv("ALIPAY_BASE_URL", "https://environment.example")
    assert told(file=file) == "base_url: https://environment.example"
    assert told("--base-url", "http://127.0.0.1:8080", file=file) == (
        "base_url: http://127.0.0.1:8080"
    )


def test_plain_http_is_a_problem_until_it_is_allowed_in_any_way(
    told: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = ("--base-url", "http://sandbox:8080")
    problem = told(*url)
    assert problem.startswith("--base-url: tokens, licence numbers and passwords would go")
    for way in ("allow_plain_http=True", "ALIPAY_ALLOW_PLAIN_HTTP=1", "allow_plain_http = true"):
        assert way in problem
    assert "--allow-plain-http" in problem
    assert told(*url, "--allow-plain-http") == "base_url: http://sandbox:8080"
    allowed = "allow_plain_http = true"
    assert told(*url, file=allowed) == "base_url: http://sandbox:8080"
    monkeypatch.setenv("ALIPAY_ALLOW_PLAIN_HTTP", "0")
    assert told(*url, file=allowed) == problem
    monkeypatch.setenv("ALIPAY_ALLOW_PLAIN_HTTP", "1")
    assert told(*url) == "base_url: http://sandbox:8080"


def test_a_setting_of_the_client_that_cannot_be_used_is_a_problem(
    told: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(file="[timeouts]\ntotal = 0").startswith("timeouts.total: expected a number")
    monkeypatch.setenv("ALIPAY_TIMEOUT_TOTAL", "soon")
    assert told() == "ALIPAY_TIMEOUT_TOTAL: expected a number of seconds."


# Its language.


def test_it_speaks_the_language_of_the_option(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_APP_ID", "2021 0000")
    status, lines, stderr = run("doctor", "--prefix", "SHOP_", "--lang", "zh")
    assert (status, stderr) == (1, "发现 1 个问题。\n")
    assert [line.split("  ")[0] for line in lines] == ["问题", "提示", "正常"]
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "zh")
    assert run("doctor", "--prefix", "SHOP_") == (status, lines, stderr)
    assert run("doctor", "--prefix", "SHOP_", "--lang", "en")[2] == "1 problem found.\n"


def test_another_language_is_one_line_that_names_the_option(run: Run) -> None:
    assert run("doctor", "--lang", "fr") == (
        1,
        [],
        "--lang: there are texts in 'zh' and 'en' only.\n",
    )


# The environment, as a program.


def test_the_environment_is_read_without_a_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    spelt = {"SHOP_APP_ID": APP_ID, "SHOP_PRIVATE_KEY_FILE": KEYS / "app.pkcs1.b64"}
    for name, value in (
        spelt | {"SHOP_PUBLIC_KEY": (KEYS / "alipay.public.b64").read_text()}
    ).items():
        monkeypatch.setenv(name, str(value))
    status, lines, stderr = run("doctor", "--prefix", "SHOP_")
    assert (status, stderr) == (0, "")
    assert any(
        re.match(r"ok       SHOP_PRIVATE_KEY(_FILE)?: RSA private key", line) for line in lines
    )
    status, lines, _ = run("doctor", "--prefix", "SHOP_NOT_")
    assert status == 1
    missing = "SHOP_NOT_APP_ID, SHOP_NOT_PRIVATE_KEY, SHOP_NOT_PUBLIC_KEY"
    assert lines[0] == f"problem  {missing}: these settings are missing."


def test_the_program_ends_with_the_same_status() -> None:
    command = [sys.executable, "-W", "error", "-m", "alipay_mini_audit"]
    done = subprocess.run(
        [*command, "doctor", "--prefix", "NONE_"],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert (done.returncode, done.stderr) == (1, "1 problem found.\n")
