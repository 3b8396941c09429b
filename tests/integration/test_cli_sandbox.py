"""`alipay-mini-audit sandbox`: as a program that other clients use, and in this process."""

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
from alipay_mini_audit.sandbox import Material
from alipay_mini_audit.sandbox.samples import png

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


def stop(program: "subprocess.Popen[str]", number: signal.Signals) -> None:
    program.send_signal(number)
    stdout, stderr = program.communicate(timeout=20)
    assert (program.returncode, stdout, stderr) == (0, "", "")


async def test_any_client_can_be_pointed_at_its_folder(start: Start, tmp_path: Path) -> None:
    keys = tmp_path / "some" / "keys"
    program, base_url = await asyncio.to_thread(start, "--port", "0", "--material", str(keys))
    made = contents(keys)
    assert set(made) == FILES
    credentials = Credentials.from_keys(
        (keys / "app_id").read_text().strip(),
        keys / "app_private_key.pem",
        keys / "alipay_public_key.pem",
    )
    async with AuditClient(credentials, ClientConfig(base_url=base_url)) as client:
        request = AuditApply(
            app_version="0.0.1", version_desc="The first version, in four languages."
        )
        reply = await client.apply(request, {"app_logo": png(2_000, seed=1, square=True)})
        assert re.fullmatch("[0-9a-f]{32}", reply.meta.trace_id or "")
        assert (await client.version_detail("0.0.1")).status == "AUDITING"
    await answers_until_it_is_stopped(program, base_url, signal.SIGINT)

    # A second start keeps the keys.
    program, base_url = await asyncio.to_thread(start, "--port", "0", "--material", str(keys))
    await answers_until_it_is_stopped(program, base_url, signal.SIGTERM)
    assert contents(keys) == made


async def answers_until_it_is_stopped(
    program: "subprocess.Popen[str]", base_url: str, number: signal.Signals
) -> None:
    async with aiohttp.ClientSession() as session:  # its connection is still open at the end
        async with session.get(base_url) as answer:
            assert answer.content_type == "application/json"
            assert answer.status >= 400
        await asyncio.to_thread(stop, program, number)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# In this process.


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], material: Material
) -> Callable[..., tuple[object, str, str]]:
    """Run the command here with the session's keys; return status, stdout and stderr."""
    monkeypatch.setattr(Material, "generate", lambda: material)

    def run(*options: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["alipay-mini-audit", "sandbox", *options])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        return ended.value.code, *capsys.readouterr()

    return run


def test_a_port_in_use_is_one_line(run: Callable[..., tuple[object, str, str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, stdout, stderr = run("--port", str(port))
    assert (status, stdout) == (1, "")
    assert re.fullmatch(rf"127\.0\.0\.1:{port}: cannot listen here: .*in use\..*\n", stderr)


def test_a_half_filled_folder_is_not_touched(
    run: Callable[..., tuple[object, str, str]], tmp_path: Path
) -> None:
    (tmp_path / "app_id").write_text("2021000000000001")
    status, stdout, stderr = run("--port", "0", "--material", str(tmp_path))
    assert (status, stdout) == (1, "")
    assert "app_private_key.pem" in stderr
    assert stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["app_id"]


@pytest.mark.parametrize(
    "options", [["--port", "65536"], ["--port", "-1"], ["--material", __file__]]
)
def test_options_are_checked(
    run: Callable[..., tuple[object, str, str]], options: list[str]
) -> None:
    status, stdout, stderr = run(*options)
    assert (status, stdout) == (2, "")
    assert options[0] in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_0_in_this_process(
    run: Callable[..., tuple[object, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    echo = typer.echo

    def echo_and_interrupt(text: str) -> None:
        echo(text)
        os.kill(os.getpid(), number)

    monkeypatch.setattr(typer, "echo", echo_and_interrupt)
    status, stdout, stderr = run("--port", "0")
    assert (status, stderr) == (0, "")
    assert re.fullmatch(LINE, stdout)


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


def test_ctrl_c_before_the_command_begins_has_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("alipay_mini_audit.cli.app.app", interrupt)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 130
