"""`alipay-mini-audit sandbox`: as a program that other clients use, and how a command ends."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
import typer

from alipay_mini_audit import AuditApply, AuditClient, ClientConfig, Credentials, __main__
from alipay_mini_audit.cli.commands.sandbox import serve
from alipay_mini_audit.cli.exits import Stopped, failures_in_one_line, until_stopped
from alipay_mini_audit.errors import AuditError, ConfigurationError, Problem, ValidationError
from alipay_mini_audit.sandbox import Material

COMMAND = [sys.executable, "-W", "error", "-m", "alipay_mini_audit", "sandbox"]
LINE = r"Sandbox gateway: (http://127\.0\.0\.1:(\d+)) \(Ctrl-C stops it\)\n"
FILES = {
    "app_id",
    "app_private_key.pem",
    "alipay_public_key.pem",
    "app_cert.crt",
    "alipay_cert.crt",
    "alipay_root_cert.crt",
    "alipay_private_key.pem",
    "alipay_root_private_key.pem",
}

Start = Callable[..., tuple["subprocess.Popen[str]", str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the program and wait for its line; return it and the base URL in it."""
    with contextlib.ExitStack() as running:

        def start(*options: str) -> tuple["subprocess.Popen[str]", str]:
            program = running.enter_context(
                subprocess.Popen(
                    [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
                )
            )
            running.callback(program.kill)
            assert program.stdout is not None
            line = program.stdout.readline()  # ended by the limit of the test
            found = re.fullmatch(LINE, line)
            assert found, line
            return program, found[1]

        yield start


def stop(program: "subprocess.Popen[str]", number: signal.Signals = signal.SIGINT) -> None:
    program.send_signal(number)
    stdout, stderr = program.communicate(timeout=20)
    assert (program.returncode, stdout, stderr) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_answers_until_it_is_stopped(start: Start, number: signal.Signals) -> None:
    program, base_url = await asyncio.to_thread(start, "--port", "0")
    async with aiohttp.ClientSession() as session:  # its connection is still open at the end
        async with session.get(base_url) as answer:
            assert answer.content_type == "application/json"
            assert answer.status >= 400
        await asyncio.to_thread(stop, program, number)


async def test_any_client_can_be_pointed_at_its_folder(start: Start, tmp_path: Path) -> None:
    keys = tmp_path / "some" / "keys"
    program, base_url = await asyncio.to_thread(start, "--port", "0", "--material", str(keys))
    assert {path.name for path in keys.iterdir()} == FILES
    credentials = Credentials.from_keys(
        (keys / "app_id").read_text().strip(),
        keys / "app_private_key.pem",
        keys / "alipay_public_key.pem",
    )
    async with AuditClient(credentials, ClientConfig(base_url=base_url)) as client:
        request = AuditApply(app_version="0.0.1", version_desc="The first version.")
        reply = await client.apply(request, {"app_logo": b"\x89PNG\r\n\x1a\n"})
        assert re.fullmatch("[0-9a-f]{32}", reply.meta.trace_id or "")
        assert (await client.version_detail("0.0.1")).status == "AUDITING"
    await asyncio.to_thread(stop, program)


def test_a_second_start_keeps_the_keys(start: Start, tmp_path: Path) -> None:
    contents = []
    for _ in range(2):
        program, _ = start("--port", "0", "--material", str(tmp_path))
        stop(program)
        contents.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    assert set(contents[0]) == FILES
    assert contents[0] == contents[1]


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "--port", str(port)], capture_output=True, text=True, check=False, timeout=50
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"Cannot listen on 127\.0\.0\.1:{port}: .*in use.*\n", done.stderr)


def test_a_half_filled_folder_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "app_id").write_text("2021000000000001")
    done = subprocess.run(
        [*COMMAND, "--port", "0", "--material", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "app_private_key.pem" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["app_id"]


@pytest.mark.parametrize(
    "options", [["--port", "65536"], ["--port", "-1"], ["--material", __file__]]
)
def test_options_are_checked(options: list[str]) -> None:
    done = subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, check=False, timeout=50
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert options[0] in done.stderr
    assert "Traceback" not in done.stderr


def test_it_ends_with_0_in_this_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], material: Material
) -> None:
    monkeypatch.setattr(Material, "generate", lambda: material)
    monkeypatch.setattr(sys, "argv", ["alipay-mini-audit", "sandbox", "--port", "0"])
    echo = typer.echo

    def echo_and_interrupt(text: str) -> None:
        echo(text)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(typer, "echo", echo_and_interrupt)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 0
    printed = capsys.readouterr()
    assert re.fullmatch(LINE, printed.out)
    assert printed.err == ""


async def test_it_announces_itself_when_it_answers(tmp_path: Path, material: Material) -> None:
    material.write(tmp_path)
    announced: asyncio.Queue[str] = asyncio.Queue()
    serving = asyncio.create_task(serve(0, tmp_path, announce=announced.put_nowait))
    base_url = await announced.get()
    async with aiohttp.ClientSession() as session, session.get(base_url) as answer:
        assert answer.status >= 400
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving


# How a command ends.


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_cancels_the_work_and_waits_for_it(
    number: signal.Signals, status: int
) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    steps = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("cleaned up")

    with pytest.raises(Stopped) as stopped:
        await until_stopped(work())
    assert (stopped.value.status, steps) == (status, ["cleaned up"])
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == [
        signal.default_int_handler,
        handlers[1],
    ]


async def test_a_cancellation_without_a_signal_stays_one() -> None:
    working = asyncio.create_task(until_stopped(asyncio.sleep(60)))
    await asyncio.sleep(0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_work_that_ends_gives_its_result() -> None:
    assert await until_stopped(asyncio.sleep(0, "done")) == "done"


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (KeyboardInterrupt(), 130, ""),
        (Stopped(signal.SIGTERM), 143, ""),
        (
            ConfigurationError("private_key", "this is empty.", "Copy it again."),
            1,
            "private_key: this is empty. Copy it again.\n",
        ),
        (
            ValidationError([Problem("a", "x", "is bad."), Problem("b", "x", "is worse.")]),
            1,
            "a: is bad.; b: is worse.\n",
        ),
        (
            OSError(28, "No space left on device", "x"),
            1,
            "[Errno 28] No space left on device: 'x'\n",
        ),
        (AuditError(), 1, "AuditError\n"),
    ],
)
def test_a_failure_is_one_line_and_a_status(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, failures_in_one_line():
        raise error
    assert ended.value.exit_code == status
    assert capsys.readouterr().err == line


def test_ctrl_c_before_the_command_begins_has_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("alipay_mini_audit.cli.app.app", interrupt)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 130
