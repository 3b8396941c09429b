"""The command line in Chinese and in English, as a program in environments of its own."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from support.certificates import VECTORS
from support.forked_programs import Ended, ForkedPrograms
from support.languages import CHINESE, ENGLISH_SENTENCE

from alipay_mini_audit.sandbox import Material

NAMES = ("ALIPAY_MINI_AUDIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "PYTHONIOENCODING")
LOCALE = {"LANG": "zh_CN.UTF-8"}
VARIABLE = {"ALIPAY_MINI_AUDIT_LANG": "zh", "LANG": "C.UTF-8"}
ASCII = VARIABLE | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
ASKED = VARIABLE | {"PYTHONIOENCODING": "ascii"}
TERMINALS = [
    pytest.param(LOCALE, id="locale"),
    pytest.param(VARIABLE, id="variable"),
    pytest.param(ASCII, id="ascii"),
    pytest.param(ASKED, id="asked for ascii"),
]
COMMANDS = (
    *("", "apply", "cancel", "cert-sn", "check", "demo", "detail", "doctor", "explain", "init"),
    *("docs", "online", "sandbox", "tokens"),
)
DEMO = ("demo", "--versions", "1", "--size-kb", "1")
SERIAL_NUMBERS = ("cert-sn", "--root", str(VECTORS / "certificates" / "root.crt"))


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(programs: ForkedPrograms) -> Run:
    """Run the program with some variables, and without others that choose a language."""

    def run(*arguments: str, settings: dict[str, str] | None = None, **variables: str) -> Ended:
        others = {name: value for name, value in os.environ.items() if name not in NAMES}
        environment = others | {"COLUMNS": "80"} | variables
        return programs.run(*arguments, environment=environment, **settings or {})

    return run


def assert_chinese(text: str) -> None:
    assert CHINESE.search(text), text
    assert not ENGLISH_SENTENCE.search(text), text
    assert "\\u" not in text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_speaks_chinese_and_fits_the_terminal(run: Run, command: str) -> None:
    status, stdout, stderr = run(*filter(None, [command]), "--help", **LOCALE)
    assert (status, stderr) == (0, "")
    assert_chinese(stdout)
    assert stdout.startswith(f"用法：alipay-mini-audit {command}".rstrip())
    assert "  -h, --help" in stdout
    assert "显示本帮助并退出。" in stdout
    assert "default" not in stdout
    assert max(map(cell_len, stdout.splitlines())) < 80
    narrow = run(*filter(None, [command]), "-h", **LOCALE, COLUMNS="50").stdout
    assert max(map(cell_len, narrow.splitlines())) <= 50
    assert "".join(narrow.split()) == "".join(stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_the_same_in_both_languages(run: Run, command: str) -> None:
    """Options, arguments, commands; defaults and ranges."""
    arguments = [*filter(None, [command]), "--help"]
    english, chinese = (run(*arguments, LANG=lang)[1] for lang in ("C.UTF-8", "zh_CN.UTF-8"))
    for named in (r"^  (--[\w-]+|[A-Z]+(?=  |$)|[a-z-]+(?=  ))", r"(\d+);\s+(\S+)\]"):
        found = re.findall(named, english, re.MULTILINE)
        assert found == re.findall(named, chinese, re.MULTILINE)
    assert "--help" in re.findall(r"--[\w-]+", chinese)
    assert not CHINESE.search(english)


@pytest.mark.parametrize("variables", TERMINALS)
def test_a_demo_speaks_chinese_on_any_terminal(run: Run, variables: dict[str, str]) -> None:
    status, stdout, stderr = run(*DEMO, **variables)
    assert (status, stderr) == (0, "")
    assert_chinese(stdout)
    assert stdout.splitlines()[-1].startswith("1 个版本，16 个文件，")


@pytest.mark.parametrize("variables", TERMINALS)
def test_other_lines_speak_chinese_on_any_terminal(run: Run, variables: dict[str, str]) -> None:
    status, stdout, stderr = run("explain", "NO_SUCH_CODE", **variables)
    assert (status, stderr) == (1, "")
    assert_chinese(stdout)
    status, stdout, stderr = run("sandbox", "--log", "/none/log.jsonl", **variables)
    assert (status, stdout) == (1, "")
    assert stderr == "--log: 无法打开 /none/log.jsonl：文件或目录不存在。\n"


@pytest.mark.parametrize("variables", [LOCALE, ASCII], ids=["locale", "ascii"])
@pytest.mark.parametrize("private_key", ["app.pkcs8.pem", "app.public.pem", "none"])
def test_the_doctor_speaks_chinese(run: Run, private_key: str, variables: dict[str, str]) -> None:
    settings = {
        "SHOP_APP_ID": "2021000000000001",
        "SHOP_PRIVATE_KEY_FILE": str(VECTORS / "keys" / private_key),
        "SHOP_PUBLIC_KEY_FILE": str(VECTORS / "keys" / "alipay.public.pem"),
    }
    status, stdout, stderr = run("doctor", "--prefix", "SHOP_", settings=settings, **variables)
    is_well = private_key == "app.pkcs8.pem"
    assert (status, stderr) == ((0, "") if is_well else (1, "发现 1 个问题。\n"))
    assert stdout.count("  SHOP_PRIVATE_KEY") == (2 if is_well else 1)
    for line in stdout.splitlines():
        word, told = line.split("  ", 1)
        assert word in ("正常", "问题", "提示")
        is_a_value = told.startswith(("base_url: https://", "SHOP_APP_ID: 2021"))
        assert CHINESE.search(told) or is_a_value
    assert_chinese(stdout)


@pytest.mark.parametrize("command", ["explain x", "doctor"])
def test_another_language_is_refused_in_chinese(run: Run, command: str) -> None:
    assert run(*command.split(), "--lang", "fr", **LOCALE) == (
        1,
        "",
        "--lang: 只有 'zh' 和 'en' 两种语言的文本。\n",
    )


def test_a_file_that_is_not_there_is_told_in_chinese(run: Run, tmp_path: Path) -> None:
    status, stdout, stderr = run("cert-sn", str(tmp_path / "none.crt"), **LOCALE)
    assert (status, stdout) == (1, "")
    assert_chinese(stderr)
    assert stderr.count("\n") == 1


def test_serial_numbers_are_labelled_in_chinese(run: Run) -> None:
    status, stdout, stderr = run(*SERIAL_NUMBERS, **LOCALE)
    assert (status, stderr) == (0, "")
    assert [line.partition("：")[0] for line in stdout.splitlines()] == [
        "根证书序列号",
        "",
        "序列号",
        "颁发者",
        "使用者",
        "有效期",
    ]
    assert stdout.endswith("有效期：2024-01-01 00:00 至 2049-01-01 00:00 UTC\n")


def test_an_ascii_terminal_gets_what_it_lacks_escaped(run: Run) -> None:
    """In English: names in a certificate are Chinese all the same."""
    application = str(VECTORS / "certificates" / "app.crt")
    status, stdout, stderr = run("cert-sn", application, LANG="C", PYTHONIOENCODING="latin-1")
    assert (status, stderr) == (0, "")
    assert "subject:       CN=\\u6d4b\\u8bd5\\u5e94\\u7528-2021000000000001," in stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("demo", "--versions", "many"), "'--versions' 的值不正确。"),
        (("demo", "--versions", "0"), "'--versions' 的值不正确。"),
        (("demo", "--size-kb"), "'--size-kb' 的取值个数不对。"),
        (("demo", "--nothing"), "没有选项 '--nothing'。"),
        (("explain",), "缺少 'CODE'。"),
        (("explain", "A", "B"), "参数过多或过少。"),
        (("sandbox", "--keys", __file__), "'--keys' 的值不正确。"),
        (("cert-sm", "x"), "没有命令 'cert-sm'。您要的是不是 'cert-sn'？"),
        (("\x1b",), r"没有命令 '\x1b'。"),
        (("--nothing",), "没有选项 '--nothing'。"),
    ],
)
def test_what_is_wrong_with_arguments_is_told_in_chinese(
    run: Run, arguments: tuple[str, ...], reason: str
) -> None:
    status, stdout, stderr = run(*arguments, **LOCALE)
    assert (status, stdout) == (1, "")
    assert_chinese(stderr)
    assert stderr.startswith("用法：alipay-mini-audit ")
    assert stderr.endswith(f"\n\n错误：{reason}\n")


def test_without_arguments_the_help_is_printed(run: Run) -> None:
    status, stdout, stderr = run(**LOCALE)
    assert status == 1  # 2 is a refusal of the platform
    assert (stdout + stderr).startswith("用法：alipay-mini-audit [OPTIONS] COMMAND")
    assert_chinese(stdout + stderr)


def test_the_first_line_of_the_sandbox_is_the_same_in_chinese(
    tmp_path: Path, material: Material
) -> None:
    """Programs read it; the others are for a person."""
    material.write(tmp_path / "keys")
    options = ("--port", "0", "--keys", "keys", "--lang", "zh")
    command = [sys.executable, "-m", "alipay_mini_audit", "sandbox", *options]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"ALIPAY_MINI_AUDIT_LANG": "en"},
        cwd=tmp_path,
    ) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(f"{line.split()[2]}/x", timeout=30)  # noqa: S310  # http
        answer.value.close()
        told = program.stdout.readline()
        program.send_signal(signal.SIGTERM)
    assert re.fullmatch(r"Sandbox gateway: http://127\.0\.0\.1:\d+ \(Ctrl-C stops it\)\n", line)
    assert told.endswith(" 秒\n")


def test_a_missing_extra_is_told_in_chinese() -> None:
    code = (
        "import sys; sys.modules['typer'] = None; sys.argv = ['x', 'demo']; "
        "from alipay_mini_audit.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | ASCII,
        capture_output=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 1
    assert done.stderr.decode() == "命令行需要另外安装：pip install 'alipay-mini-audit[cli]'\n"
