"""What the README promises is run."""

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from alipay_mini_audit.sandbox import Material

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
SHELL = re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def run(code: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {"__name__": "__readme__"})  # noqa: S102  # our own README
    return out.getvalue()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, material: Material) -> Path:
    """The first program's folder: keys and pictures."""
    monkeypatch.chdir(tmp_path)
    material.write(tmp_path / "sandbox-keys")
    for name in ("logo.png", "1.png", "2.png"):
        Path(name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    return tmp_path


def test_the_shell_blocks_are_one_command_each() -> None:
    demo, tests = SHELL
    assert demo.count("\n") == tests.count("\n") == 1
    assert demo.rstrip().endswith("alipay-mini-audit demo")
    assert tests.rstrip().endswith("-m pytest")


def test_the_first_program_submits_and_withdraws(served: Path) -> None:
    command = ["-m", "alipay_mini_audit", "sandbox", "--port", "0", "--material", "sandbox-keys"]
    with subprocess.Popen([sys.executable, *command], cwd=served, stdout=subprocess.PIPE, text=True) as gateway:
        try:
            assert gateway.stdout is not None
            (address,) = re.findall(r"http://127\.0\.0\.1:\d+", gateway.stdout.readline())
            printed = run(PYTHON[0].replace("http://127.0.0.1:8080", address)).splitlines()
        finally:
            gateway.terminate()
    assert re.fullmatch(r"(True|False) \S+", printed[0])
    assert re.fullmatch(r"AUDITING \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00", printed[1])


def test_the_error_handling_defines_a_function() -> None:
    assert run(PYTHON[1]) == ""


def test_the_string_to_sign_is_printed() -> None:
    assert run(PYTHON[2]) == (
        "app_id=2021000000000001,nonce=n-1,timestamp=1700000000000\n"
        "POST\n"
        "/v3/alipay/open/mini/version/audit/cancel\n"
        '{"app_version":"0.0.1"}\n'
        "\n"
    )


def test_the_sandbox_tells_what_arrived() -> None:
    assert re.fullmatch(r"0\.0\.1 \[\('app_logo', 11, '[0-9a-f]{64}'\)\]\n", run(PYTHON[3]))


def test_no_block_is_left_unrun() -> None:
    assert len(PYTHON) == 4
