"""`alipay-mini-audit demo`.

As a program with real files, and in this process with a client that errs.
"""

import contextlib
import errno
import json
import os
import re
import resource
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from alipay_mini_audit import AuditApply, AuditClient, __main__
from alipay_mini_audit.sandbox import Material

COMMAND = [sys.executable, "-W", "error", "-m", "alipay_mini_audit", "demo"]
BLOCKED = (
    "import sys; sys.modules[{name!r}] = None; from alipay_mini_audit.__main__ import main; main()"
)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The folder for temporary files, empty."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def run(
    command: list[str], scratch: Path, limit: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TMPDIR": str(scratch), "COLUMNS": "100"}
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
        env=environment,
        preexec_fn=limit,
    )


def test_json_is_one_object_that_tells_what_arrived(scratch: Path) -> None:
    done = run([*COMMAND, "--versions", "2", "--size-kb", "8", "--json"], scratch)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["ok"] is True
    assert (told["versions"], told["files"], told["cancelled"], told["problems"]) == (
        2,
        32,
        "0.0.2",
        [],
    )
    assert [result["version"] for result in told["results"]] == ["0.0.1", "0.0.2"]
    for result in told["results"]:
        assert (result["files"], result["checked"]) == (16, True)
        assert 16 * 8 * 1024 * 0.9 <= result["bytes"] <= 16 * 8 * 1024 * 1.1
        assert 0 < result["seconds"] < 50
        assert re.fullmatch("[0-9a-f]{32}", result["trace_id"])
    assert told["results"][0]["trace_id"] != told["results"][1]["trace_id"]
    assert told["bytes"] == sum(result["bytes"] for result in told["results"])
    assert told["mb_per_second"] == pytest.approx(
        told["bytes"] / 1024**2 / told["seconds"], rel=0.05
    )
    assert list(scratch.iterdir()) == []


def test_the_table_has_a_row_for_each_version_and_a_summary(scratch: Path) -> None:
    done = run([*COMMAND, "--versions", "3", "--size-kb", "4"], scratch)
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(
        r"^ 0\.0\.(\d) +16 +0\.06 +\d+\.\d\d +[0-9a-f]{32} +all equal *$", done.stdout, re.MULTILINE
    )
    assert rows == ["1", "2", "3"]
    summary = done.stdout.splitlines()[-1]
    assert re.fullmatch(
        r"3 versions, 48 files, 0\.2 MB, \d+\.\d s, \d+\.\d MB/s, 0\.0\.3 withdrawn", summary
    )
    assert list(scratch.iterdir()) == []


def test_more_versions_than_may_be_on_disk_at_once(scratch: Path) -> None:
    done = run([*COMMAND, "--versions", "40", "--size-kb", "1", "--json"], scratch)
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["versions"], told["files"], told["cancelled"]) == (40, 640, "0.0.40")


@pytest.mark.parametrize(("options", "shown"), [([], True), (["--json"], False)])
def test_a_bar_is_shown_on_a_terminal_unless_for_json(
    scratch: Path, options: list[str], *, shown: bool
) -> None:
    master, slave = os.openpty()
    command = [*COMMAND, "--versions", "2", "--size-kb", "1", *options]
    environment = os.environ | {"TMPDIR": str(scratch), "TERM": "xterm"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, env=environment) as demo:
        os.close(slave)
        screen = b""
        with contextlib.suppress(OSError):  # Linux: the other end is closed
            while seen := os.read(master, 4096):
                screen += seen
        os.close(master)
        stdout, _ = demo.communicate(timeout=50)
    assert demo.returncode == 0
    assert (b"Versions submitted and checked" in screen and b"2/2" in screen) is shown
    assert bool(screen) is shown
    assert b"submitted and checked" not in stdout


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_demo_leaves_no_files(scratch: Path, number: int, status: int) -> None:
    command = [*COMMAND, "--versions", "1000", "--size-kb", "500"]
    environment = os.environ | {"TMPDIR": str(scratch)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as demo:
        try:
            with selectors.DefaultSelector() as ended:
                assert demo.stdout is not None
                ended.register(demo.stdout, selectors.EVENT_READ)
                while not any(scratch.glob("*/1/*")):
                    assert ended.select(timeout=0.02) == []
            demo.send_signal(number)
            stdout, stderr = demo.communicate(timeout=30)
        finally:
            demo.kill()
    assert (demo.returncode, stdout, stderr) == (status, "", "")
    assert list(scratch.iterdir()) == []


def test_a_file_that_cannot_be_written_is_one_line(scratch: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = run([*COMMAND, "--versions", "3", "--size-kb", "64"], scratch, limit)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"The demo's files cannot be kept in {scratch}: File too large. "
        "Set TMPDIR to another folder, or ask for fewer or smaller files.\n"
    )
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value"), [("--versions", "0"), ("--size-kb", "0"), ("--versions", "many")]
)
def test_options_are_checked(scratch: Path, option: str, value: str) -> None:
    done = run([*COMMAND, option, value], scratch)
    assert (done.returncode, done.stdout) == (2, "")
    assert option in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["typer", "rich"])
def test_without_the_extra_it_says_how_to_install_it(scratch: Path, name: str) -> None:
    done = run([sys.executable, "-c", BLOCKED.format(name=name), "demo"], scratch)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The command line is an extra: pip install 'alipay-mini-audit[cli]'\n"


def test_another_missing_module_is_no_missing_extra(scratch: Path) -> None:
    done = run(
        [sys.executable, "-c", BLOCKED.format(name="alipay_mini_audit.cli.demo.run"), "demo"],
        scratch,
    )
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


# From here on in this process, with a client that errs.

Alter = Callable[[AuditApply, dict[str, Path]], tuple[AuditApply, dict[str, Path]]]


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, material: Material) -> Callable[..., int | str | None]:
    """Run the command line here with the session's keys, and return its exit status."""
    monkeypatch.setattr(Material, "generate", lambda: material)
    monkeypatch.setenv("COLUMNS", "100")

    def main(*arguments: str) -> int | str | None:
        monkeypatch.setattr(sys, "argv", ["alipay-mini-audit", *arguments])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        return ended.value.code

    return main


@pytest.fixture
def client_errs(monkeypatch: pytest.MonkeyPatch) -> Callable[[Alter], None]:
    """Let the client send other things than the demo asked for."""
    apply = AuditClient.apply

    def errs(alter: Alter) -> None:
        async def erring(self: AuditClient, request: AuditApply, files: dict[str, Path]) -> object:
            return await apply(self, *alter(request, dict(files)))

        monkeypatch.setattr(AuditClient, "apply", erring)

    return errs


def test_all_of_it_holds_in_this_process(
    main: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main("demo", "--versions", "2", "--size-kb", "2") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 versions, 32 files, 0.1 MB")


def test_a_mix_up_of_files_is_found(
    main: Callable[..., object],
    client_errs: Callable[[Alter], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def swap(request: AuditApply, files: dict[str, Path]) -> tuple[AuditApply, dict[str, Path]]:
        if request.app_version == "0.0.1":
            files["app_logo"] = files["out_door_pic"]
            del files["first_screen_shot"]
        return request, files

    client_errs(swap)
    assert main("demo", "--versions", "2", "--size-kb", "2", "--json") == 1
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["ok"] is False
    assert told["problems"] == [
        "0.0.1: first_screen_shot did not arrive",
        "0.0.1: app_logo is not what was sent",
    ]
    assert [(result["files"], result["checked"]) for result in told["results"]] == [
        (14, False),
        (16, True),
    ]
    assert printed.err == "The demo failed. 0.0.1: first_screen_shot did not arrive (and 1 more)\n"


def test_a_version_that_is_sent_as_another_is_found(
    main: Callable[..., object],
    client_errs: Callable[[Alter], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    client_errs(lambda _, files: (AuditApply(app_version="9.9.9", version_desc="Another."), files))
    assert main("demo", "--versions", "1", "--size-kb", "2", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["cancelled"] is None
    first, second = told["problems"]
    assert first == "0.0.1: the gateway accepted it 0 times"
    assert second.startswith("0.0.1: withdrawing: AUDITING_VERSION_NOT_EXIST")


def test_a_refused_version_shows_its_code_and_trace_id(
    main: Callable[..., object],
    client_errs: Callable[[Alter], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def blank(request: AuditApply, files: dict[str, Path]) -> tuple[AuditApply, dict[str, Path]]:
        blank = AuditApply(app_version="0.0.1", version_desc="  ")
        return (blank if request.app_version == "0.0.1" else request), files

    client_errs(blank)
    assert main("demo", "--versions", "2", "--size-kb", "2") == 1
    printed = capsys.readouterr()
    assert re.search(
        r"^ 0\.0\.1 +0 +0\.00 +0\.00 +[0-9a-f]{32} +VERSION_DESC_", printed.out, re.MULTILINE
    )
    assert printed.err.startswith("The demo failed. 0.0.1: VERSION_DESC_IS_BLANK")
    assert printed.err.count("\n") == 1


def test_a_withdrawal_that_changes_nothing_is_found(
    main: Callable[..., object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def idle(_: AuditClient, app_version: str) -> None:
        assert app_version == "0.0.1"

    monkeypatch.setattr(AuditClient, "cancel", idle)
    assert main("demo", "--versions", "1", "--size-kb", "2") == 1
    assert capsys.readouterr().err == (
        "The demo failed. 0.0.1: withdrawing took it from AUDITING to AUDITING, not from AUDITING to INIT\n"
    )


def test_a_mistake_in_the_program_is_not_hidden(
    main: Callable[..., object], client_errs: Callable[[Alter], None]
) -> None:
    def fail(*_: object) -> tuple[AuditApply, dict[str, Path]]:
        raise TypeError("a mistake")

    client_errs(fail)
    with pytest.raises(ExceptionGroup) as raised:
        main("demo", "--versions", "1", "--size-kb", "2")
    assert raised.group_contains(TypeError)


def test_a_missing_extra_is_told_in_this_process(
    main: Callable[..., object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "alipay_mini_audit.cli.app", raising=False)
    monkeypatch.setitem(sys.modules, "typer", None)
    assert main("demo") == 2
    assert "alipay-mini-audit[cli]" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "alipay_mini_audit.cli.app", None)
    with pytest.raises(ModuleNotFoundError):
        __main__.main()


def test_a_full_disk_is_one_line(
    main: Callable[..., object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fill(*_: object, **__: object) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("alipay_mini_audit.cli.demo.files.png", fill)
    assert main("demo", "--versions", "3", "--json") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(
        r"The demo's files cannot be kept in \S+: No space left on device\. .*\n", printed.err
    )
