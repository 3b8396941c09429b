"""Help of the command line: whole sentences, without docstrings too; completion of the shell."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.forked_programs import ForkedPrograms

from alipay_mini_audit import __version__

ENGLISH = os.environ | {"ALIPAY_MINI_AUDIT_LANG": "en", "COLUMNS": "50"}
NAMED = os.environ | {
    "ALIPAY_MINI_AUDIT_LANG": "zh",
    "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
}
"""The shell is named, for the tests have none."""
COMMANDS = (
    *("apply", "cancel", "cert-sn", "demo", "detail", "doctor", "explain", "online", "sandbox"),
    "tokens",
)


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_of_commands_has_whole_sentences(programs: ForkedPrograms, command: str) -> None:
    listed = words_of(programs.run("-h", environment=ENGLISH).stdout)
    (sentence,) = re.findall(rf" {command} ([A-Z].*?\.)(?= [a-z-]+ [A-Z]|$)", listed)
    assert sentence in words_of(programs.run(command, "-h", environment=ENGLISH).stdout)
    assert "..." not in listed.removeprefix("Usage: alipay-mini-audit [OPTIONS] COMMAND [ARGS]...")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_screen_of_50_columns(programs: ForkedPrograms, command: str) -> None:
    arguments = [*filter(None, [command]), "--help"]
    done = programs.run(*arguments, environment=ENGLISH)
    assert (done.status, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 50


@pytest.mark.parametrize("command", ["sandbox", "doctor", "batch run", "batch hold"])
def test_options_are_followed_by_words_of_the_field(programs: ForkedPrograms, command: str) -> None:
    """As in `--port PORT`, and no type of Python's, as in `--port <int range>`."""
    shown = programs.run(*command.split(), "-h", environment=ENGLISH | {"COLUMNS": "80"}).stdout
    options = re.findall(r"^ +(--[a-z-]+) <(?!hold\|send>)", shown, re.MULTILINE)
    assert options == []


def test_help_survives_a_python_that_drops_docstrings(programs: ForkedPrograms) -> None:
    for arguments in (["--help"], ["apply", "--help"]):
        command = [sys.executable, "-OO", "-m", "alipay_mini_audit", *arguments]
        done = subprocess.run(
            command, env=ENGLISH, capture_output=True, text=True, check=True, timeout=50
        )
        assert done.stdout == programs.run(*arguments, environment=ENGLISH).stdout


@pytest.mark.parametrize("arguments", [[], ["batch"]])
def test_who_names_no_command_gets_the_help(programs: ForkedPrograms, arguments: list[str]) -> None:
    done = programs.run(*arguments, environment=ENGLISH)
    assert done.status == 1  # 2 is a refusal of the platform
    assert done.stdout + done.stderr == programs.run(*arguments, "-h", environment=ENGLISH).stdout


def test_the_version_is_printed(programs: ForkedPrograms) -> None:
    done = programs.run("--version", environment=ENGLISH)
    assert done == (0, f"alipay-mini-audit {__version__}\n", "")


def test_the_shell_completes_commands_and_options(programs: ForkedPrograms) -> None:
    for words, expected in {
        "alipay-mini-audit de": {"demo", "detail"},
        "alipay-mini-audit detail --pro": {"--profile"},
    }.items():
        asked = {
            "_ALIPAY_MINI_AUDIT_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        done = programs.run(environment=ENGLISH, **asked)
        assert (done.status, set(done.stdout.split())) == (0, expected)


def test_completion_is_installed(programs: ForkedPrograms, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    done = programs.run("--install-completion", "bash", environment=NAMED, **home)
    assert done == (0, "已安装自动补全，重新打开终端后生效。\n", "")
    (script,) = (tmp_path / ".bash_completions").iterdir()
    assert str(script) in (tmp_path / ".bashrc").read_text()
    shown = programs.run("--show-completion", "bash", environment=NAMED, **home)
    assert shown.stdout.strip() == script.read_text().strip()
