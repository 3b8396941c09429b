"""`alipay-mini-audit demo`.

As a program with real files, and in this process with a client that errs.
"""

import contextlib
import errno
import functools
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.full_disk import largest_file

from alipay_mini_audit import AuditApply, AuditClient, ClientConfig, Preflight, __main__
from alipay_mini_audit.sandbox import Material
from alipay_mini_audit.sandbox.samples import png

COMMAND = [sys.executable, "-W", "error", "-m", "alipay_mini_audit", "demo"]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The folder for temporary files, empty."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


# As a program.


class OnTerminal(NamedTuple):
    """What a demo did whose stderr was a terminal."""

    status: int
    stdout: str
    screen: bytes
    left_over: list[Path]


def run_on_terminal(folder: Path, *options: str) -> OnTerminal:
    master, slave = os.openpty()
    environment = os.environ | {"TMPDIR": str(folder), "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=slave, text=True, env=environment
    ) as demo:
        os.close(slave)
        screen = b""
        with contextlib.suppress(OSError):  # Linux: the other end is closed
            while seen := os.read(master, 4096):
                screen += seen
        os.close(master)
        stdout, _ = demo.communicate(timeout=50)
    return OnTerminal(demo.returncode, stdout, screen, list(folder.iterdir()))


@pytest.fixture(scope="module")
def as_json(tmp_path_factory: pytest.TempPathFactory) -> OnTerminal:
    """A run that prints JSON."""
    options = ("--versions", "2", "--size-kb", "8", "--json")
    return run_on_terminal(tmp_path_factory.mktemp("json"), *options)


@pytest.fixture(scope="module")
def as_table(tmp_path_factory: pytest.TempPathFactory) -> OnTerminal:
    """A run that prints a table."""
    options = ("--versions", "3", "--size-kb", "4")
    return run_on_terminal(tmp_path_factory.mktemp("table"), *options)


def test_json_is_one_object_that_tells_what_arrived(as_json: OnTerminal) -> None:
    assert as_json.status == 0
    told = json.loads(as_json.stdout)
    assert told["ok"] is True
    assert (told["versions"], told["files"]) == (2, 32)
    assert (told["cancelled"], told["problems"]) == ("0.0.2", [])
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


def test_the_table_has_a_row_for_each_version_and_a_summary(as_table: OnTerminal) -> None:
    assert as_table.status == 0
    rows = re.findall(
        r"^ 0\.0\.(\d) +16 +0\.06 +\d+\.\d\d +[0-9a-f]{32} +all equal *$",
        as_table.stdout,
        re.MULTILINE,
    )
    assert rows == ["1", "2", "3"]
    summary = as_table.stdout.splitlines()[-1]
    assert re.fullmatch(
        r"3 versions, 48 files, 0\.2 MB, \d+\.\d s, \d+\.\d MB/s, 0\.0\.3 withdrawn", summary
    )


def test_a_bar_is_shown_on_a_terminal(as_table: OnTerminal) -> None:
    assert b"Versions submitted and checked" in as_table.screen
    assert b"3/3" in as_table.screen
    assert "submitted and checked" not in as_table.stdout


def test_no_bar_is_shown_for_json(as_json: OnTerminal) -> None:
    assert as_json.screen == b""
    assert "submitted and checked" not in as_json.stdout


def test_no_files_are_left(as_json: OnTerminal, as_table: OnTerminal) -> None:
    assert (as_json.left_over, as_table.left_over) == ([], [])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_demo_that_is_stopped_leaves_no_files(
    scratch: Path, number: signal.Signals, status: int
) -> None:
    command = [*COMMAND, "--versions", "1000", "--size-kb", "100"]
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


TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(2, termios.TIOCSCTTY, 0)  # it is the controlling terminal from now on
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_a_terminal_that_is_closed_leaves_no_files(scratch: Path) -> None:
    """It sends SIGHUP when it goes away, and every further write to it is an error."""
    master, slave = os.openpty()
    options = ("--versions", "1000", "--size-kb", "100")
    with subprocess.Popen(
        [sys.executable, "-c", TAKE_TERMINAL, *COMMAND, *options],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(scratch), "TERM": "xterm"},
    ) as demo:
        try:
            os.close(slave)
            while not any(scratch.glob("*/1/*")):
                assert os.read(master, 4096)  # the bars
            os.close(master)
            demo.wait(timeout=30)
        finally:
            demo.kill()
    assert demo.returncode == 129
    assert list(scratch.iterdir()) == []


BLOCKED = """
import os, sys
import alipay_mini_audit.client  # shared by the children, and needs no extra
assert not {"typer", "rich", "alipay_mini_audit.cli"} & set(sys.modules)
for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        for number, stream in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(f"{name}.{stream}", os.O_WRONLY | os.O_CREAT), number)
        sys.modules[name] = None
        sys.argv = ["alipay-mini-audit", "demo"]
        from alipay_mini_audit.__main__ import main
        main()
        os._exit(99)  # never: the command line ends the program
    print(name, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
OURS = "alipay_mini_audit.cli.demo.run"


def test_a_missing_module_is_a_missing_extra_unless_it_is_ours(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCKED, "typer", "rich", OURS],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert (done.stdout, done.stderr) == (f"typer 1\nrich 1\n{OURS} 1\n", "")
    for name in ("typer", "rich"):
        assert (tmp_path / f"{name}.stdout").read_text() == ""
        assert (tmp_path / f"{name}.stderr").read_text() == (
            "The command line is an extra: pip install 'alipay-mini-audit[cli]'\n"
        )
    assert "ModuleNotFoundError" in (tmp_path / f"{OURS}.stderr").read_text()


# In this process.

Alter = Callable[[AuditApply, dict[str, Path]], tuple[AuditApply, dict[str, Path]]]


@pytest.fixture
def main(
    monkeypatch: pytest.MonkeyPatch, material: Material, scratch: Path
) -> Callable[..., int | str | None]:
    """Run the command line here with the session's keys, and return its exit status."""
    monkeypatch.setattr(Material, "generate", lambda: material)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
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


def test_all_of_it_holds_in_this_process_and_a_pipe_shows_no_bar(
    main: Callable[..., object], capsys: pytest.CaptureFixture[str], scratch: Path
) -> None:
    assert main("demo", "--versions", "2", "--size-kb", "2") == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1].startswith("2 versions, 32 files, 0.1 MB")
    assert printed.err == ""
    assert list(scratch.iterdir()) == []


def test_more_versions_than_may_be_on_disk_at_once(
    main: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main("demo", "--versions", "40", "--size-kb", "1", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["versions"], told["files"], told["cancelled"]) == (40, 640, "0.0.40")


@pytest.mark.parametrize(
    ("option", "value"), [("--versions", "0"), ("--size-kb", "0"), ("--versions", "many")]
)
def test_options_are_checked(
    main: Callable[..., object], capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert main("demo", option, value) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert option in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_leaves_no_files_in_this_process(
    main: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    scratch: Path,
    number: int,
    status: int,
) -> None:
    written: list[int] = []
    once = threading.Lock()  # files are drawn in several threads; a second signal would end us

    def draw_and_stop(size: int, **options: Any) -> bytes:
        if any(scratch.glob("*/1/*")) and once.acquire(blocking=False):
            written.append(len(list(scratch.glob("*/1/*"))))
            os.kill(os.getpid(), number)
        return png(size, **options)

    monkeypatch.setattr("alipay_mini_audit.cli.demo.files.png", draw_and_stop)
    assert main("demo", "--versions", "1000", "--size-kb", "1") == status
    assert written
    assert capsys.readouterr() == ("", "")
    assert list(scratch.iterdir()) == []


def test_a_file_that_cannot_be_written_is_one_line(
    main: Callable[..., object], capsys: pytest.CaptureFixture[str], scratch: Path
) -> None:
    with largest_file(4096):
        status = main("demo", "--versions", "3", "--size-kb", "64")
    printed = capsys.readouterr()
    assert (status, printed.out) == (1, "")
    assert printed.err == (
        f"The demo's files cannot be kept in {scratch}: File too large. "
        "Set TMPDIR to another folder, or ask for fewer or smaller files.\n"
    )
    assert list(scratch.iterdir()) == []


def test_a_mix_up_of_files_is_found(
    main: Callable[..., object],
    client_errs: Callable[[Alter], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def swap(request: AuditApply, files: dict[str, Path]) -> tuple[AuditApply, dict[str, Path]]:
        if request.app_version == "0.0.1":
            files["second_screen_shot"] = files["out_door_pic"]
            del files["first_screen_shot"]
        return request, files

    client_errs(swap)
    assert main("demo", "--versions", "2", "--size-kb", "2", "--json") == 1
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["ok"] is False
    assert told["problems"] == [
        "0.0.1: first_screen_shot did not arrive",
        "0.0.1: second_screen_shot is not what was sent",
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
    another = AuditApply(app_version="9.9.9", version_desc="Another version than was meant.")
    client_errs(lambda _, files: (another, files))
    assert main("demo", "--versions", "1", "--size-kb", "2", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["cancelled"] is None
    first, second = told["problems"]
    assert first == "0.0.1: the gateway accepted it 0 times"
    assert second.startswith("0.0.1: withdrawing: AUDITING_VERSION_NOT_EXIST")


def test_a_refused_version_shows_its_code_and_trace_id(
    main: Callable[..., object],
    client_errs: Callable[[Alter], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def blank(request: AuditApply, files: dict[str, Path]) -> tuple[AuditApply, dict[str, Path]]:
        blank = AuditApply(app_version="0.0.1", version_desc="  ")
        return (blank if request.app_version == "0.0.1" else request), files

    client_errs(blank)
    # The client would find it first.
    config = functools.partial(ClientConfig, preflight=Preflight.OFF)
    monkeypatch.setattr("alipay_mini_audit.cli.demo.run.ClientConfig", config)
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
        "The demo failed. 0.0.1: withdrawing took it from AUDITING to AUDITING, "
        "not from AUDITING to INIT\n"
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
    assert main("demo") == 1
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
