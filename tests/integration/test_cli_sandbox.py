"""`alipay-mini-audit sandbox`: as a program that other clients use, and in this process."""

import asyncio
import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import attrs
import pytest
import typer
from support.notified import receiving
from support.scripted_server import ONCE

from alipay_mini_audit import (
    ApiError,
    AuditApply,
    AuditClient,
    AuditError,
    ClientConfig,
    Credentials,
    Preflight,
    __main__,
)
from alipay_mini_audit.cli.sandbox.run import Served, serve
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

TOKEN, PASSWORD, LICENCE = "c4TOKENn4ry", "c4PASSWORDn4ry", "c4LICENCEn4ry"
AES_KEY = "AAECAwQFBgcICQoLDA0ODw=="

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


@pytest.fixture
def keys(tmp_path: Path, material: Material) -> Path:
    """A folder with keys; making new ones takes longer than the start of the program."""
    material.write(tmp_path / "keys")
    return tmp_path / "keys"


def stop(program: "subprocess.Popen[str]", number: signal.Signals) -> list[str]:
    """Stop the program, and return the lines of its requests."""
    program.send_signal(number)
    stdout, stderr = program.communicate(timeout=20)
    assert (program.returncode, stderr) == (0, "")
    return stdout.splitlines()


async def test_any_client_can_be_pointed_at_its_folder(start: Start, tmp_path: Path) -> None:
    keys = tmp_path / "some" / "keys"
    program, base_url = await asyncio.to_thread(start, "--port", "0", "--keys", str(keys))
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
    lines = await answers_until_it_is_stopped(program, base_url, signal.SIGINT)
    assert [re.sub(r"^\d\d:\d\d:\d\dZ  |  \d+\.\d{3} s$", "", line) for line in lines] == [
        "apply  0.0.1  200  1 file, 1968 bytes",
        "detail  0.0.1  200",
        "GET /  404  invalid-method",
    ]

    # A second start keeps the keys.
    program, base_url = await asyncio.to_thread(start, "--port", "0", "--keys", str(keys))
    await answers_until_it_is_stopped(program, base_url, signal.SIGTERM)
    assert contents(keys) == made


@pytest.mark.parametrize("present", [None, "notes.txt"])
async def test_several_are_started_on_one_fresh_folder(tmp_path: Path, present: str | None) -> None:
    keys = tmp_path / "keys"
    if present is not None:
        keys.mkdir()
        (keys / present).write_text("kept")
    options = ["--port", "0", "--keys", str(keys)]
    programs = [
        await asyncio.create_subprocess_exec(
            *COMMAND, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    firsts = [await each.stdout.readline() for each in programs if each.stdout is not None]
    for program in programs:
        with contextlib.suppress(ProcessLookupError):
            program.send_signal(signal.SIGTERM)
    ends = [(await each.communicate())[1] for each in programs]
    assert ends == [b""] * 4
    assert all(re.fullmatch(LINE, first.decode()) for first in firsts), firsts
    assert set(contents(keys)) == FILES | ({present} - {None})
    assert Material.read(keys).app_id == (keys / "app_id").read_text().strip()


async def answers_until_it_is_stopped(
    program: "subprocess.Popen[str]", base_url: str, number: signal.Signals
) -> list[str]:
    async with aiohttp.ClientSession() as session:  # its connection is still open at the end
        async with session.get(base_url) as answer:
            assert answer.content_type == "application/json"
            assert answer.status >= 400
        return await asyncio.to_thread(stop, program, number)


def client_of(
    base_url: str,
    keys: Path,
    encrypt_key: str | None = None,
    preflight: Preflight = Preflight.OFF,
) -> AuditClient:
    credentials = Credentials.from_keys(
        (keys / "app_id").read_text().strip(),
        keys / "app_private_key.pem",
        keys / "alipay_public_key.pem",
        encrypt_key=encrypt_key,
    )
    return AuditClient(
        credentials, ClientConfig(base_url=base_url, retry=ONCE, preflight=preflight)
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_log_is_whole_and_holds_no_secret(
    start: Start, tmp_path: Path, material: Material, number: signal.Signals
) -> None:
    log, keys = tmp_path / "log.jsonl", tmp_path / "keys"
    material.write(keys)
    log.write_text('{"earlier": "run"}\n')
    options = [
        "--lenient",
        "--port",
        "0",
        "--keys",
        str(keys),
        "--log",
        str(log),
        "--encrypt-key",
        AES_KEY,
    ]
    program, base_url = await asyncio.to_thread(start, *options)
    picture = b"\x89PNG\r\n\x1a\n"
    async with client_of(base_url, keys, AES_KEY) as own:
        client = own.with_options(app_auth_token=TOKEN)
        requests = [
            AuditApply(
                app_version=f"0.0.{number}",
                version_desc="The first version.",
                test_account="somebody",
                test_password=PASSWORD,
                license_no=LICENCE,
            )
            for number in range(50)
        ]
        replies = [await client.apply(each, {"app_logo": picture}) for each in requests]
        with pytest.raises(AuditError):
            await client.apply(requests[0])
    lines = await asyncio.to_thread(stop, program, number)
    assert len(lines) == 51
    text = log.read_text()
    for secret in (TOKEN, PASSWORD, LICENCE, AES_KEY, "somebody"):
        assert secret not in text
        assert secret not in "".join(lines)
    assert text.endswith("\n")
    earlier, *told = [json.loads(line) for line in text.splitlines()]
    assert earlier == {"earlier": "run"}
    assert [each["app_version"] for each in told] == [
        *(each.app_version for each in requests),
        "0.0.0",
    ]
    assert [each["trace_id"] for each in told[:-1]] == [each.meta.trace_id for each in replies]
    assert (told[-1]["status"], told[-1]["code"]) == (400, "SUBMIT_REPEAT")
    digest = hashlib.sha256(picture).hexdigest()
    for each in told[:-1]:
        assert (each["status"], each["code"]) == (200, None)
        assert each["token_digest"] == hashlib.sha256(TOKEN.encode()).hexdigest()[:12]
        (part,) = each["parts"]
        assert (part["name"], part["size"], part["sha256"]) == ("app_logo", 8, digest)


async def test_a_lenient_one_takes_what_a_strict_one_refuses(
    start: Start, tmp_path: Path, material: Material
) -> None:
    material.write(tmp_path)
    request = AuditApply(
        app_version="0.0.1",
        version_desc="The first version, in four languages.",
        service_phone="0571 88888888",
    )
    answers = []
    for options in ((), ("--lenient",)):
        program, base_url = await asyncio.to_thread(
            start, "--port", "0", "--keys", str(tmp_path), *options
        )
        async with client_of(base_url, tmp_path) as client:
            try:
                await client.apply(request)
                answers.append("accepted")
            except ApiError as error:
                answers.append(error.code)
        await asyncio.to_thread(stop, program, signal.SIGINT)
    assert answers == ["INVALID_MINI_APP_SERVICE_TEL", "accepted"]


async def test_another_program_decides_and_looks(
    start: Start, tmp_path: Path, material: Material
) -> None:
    material.write(tmp_path)
    program, base_url = await asyncio.to_thread(start, "--port", "0", "--keys", str(tmp_path))
    door = f"{base_url}/_sandbox"
    async with client_of(base_url, tmp_path) as own, aiohttp.ClientSession() as session:
        client = own.with_options(app_auth_token=TOKEN)
        await client.apply(
            AuditApply(app_version="0.0.1", version_desc="The first version, in four languages.")
        )
        async with session.get(f"{door}/submissions") as answer:
            (submission,) = await answer.json()
        assert submission["fields"]["version_desc"] == "The first version, in four languages."
        decision = {"app_version": "0.0.1", "status": "WAIT_RELEASE", "app_auth_token": TOKEN}
        async with session.post(f"{door}/versions/decide", json=decision) as answer:
            assert answer.status == 200
        assert (await client.version_detail("0.0.1")).status == "WAIT_RELEASE"
        fault = {"name": "BAD_GATEWAY", "operation": "detail"}
        async with session.post(f"{door}/faults", json=fault) as answer:
            assert answer.status == 200
        with pytest.raises(AuditError):
            await client.version_detail("0.0.1")
    lines = await asyncio.to_thread(stop, program, signal.SIGINT)
    assert len(lines) == 3
    assert re.search(r"  detail  .*502.*\[BAD_GATEWAY\]", lines[-1])


async def test_verdicts_are_told_to_a_url(start: Start, keys: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    async with receiving() as receiver, aiohttp.ClientSession() as session:
        options = ("--port", "0", "--keys", str(keys), "--notify", receiver.url, "--log", str(log))
        program, base_url = await asyncio.to_thread(start, *options)
        door = f"{base_url}/_sandbox/"
        for status in ("AUDITING", "WAIT_RELEASE"):
            decision = {"app_version": "0.0.1", "status": status, "app_auth_token": TOKEN}
            async with session.post(f"{door}versions/decide", json=decision) as answer:
                assert answer.status == 200
        await asyncio.wait_for(receiver.arrived.wait(), 10)
        deliveries: list[object] = []
        async with asyncio.timeout(10):
            while not deliveries:
                async with session.get(f"{door}notifications") as answer:
                    deliveries = (await answer.json())["deliveries"]
        (line,) = await asyncio.to_thread(stop, program, signal.SIGINT)
    assert re.fullmatch(
        r"\d\d:\d\d:\d\dZ  told  audit\.passed  0\.0\.1  attempt 1  200  arrived", line
    )
    assert [json.loads(each) for each in log.read_text().splitlines()] == deliveries
    assert receiver.posts[0].text("app_id") == (keys / "app_id").read_text().strip()
    assert TOKEN not in line + log.read_text()


async def test_a_reader_of_the_first_line_alone_stops_nobody(
    start: Start, keys: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    options = ("--port", "0", "--keys", str(keys), "--log", str(log))
    program, base_url = await asyncio.to_thread(start, *options)
    path = "/" + "x" * 60
    async with aiohttp.ClientSession() as session:
        for _ in range(1500):  # more lines than fit into a pipe
            async with session.get(base_url + path) as answer:
                assert answer.status == 404
    program.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(program.wait, 20) == 0
    assert len(log.read_text().splitlines()) == 1500


async def test_a_full_disk_is_one_line(start: Start, keys: Path) -> None:
    options = ("--port", "0", "--keys", str(keys), "--log", "/dev/full")
    program, base_url = await asyncio.to_thread(start, *options)
    async with aiohttp.ClientSession() as session, session.get(base_url):
        pass
    _, stderr = await asyncio.to_thread(program.communicate, timeout=20)
    assert program.returncode == 1
    assert re.fullmatch(r"/dev/full: No space left on device\.\n", stderr)


async def test_a_reader_that_leaves_ends_it(start: Start, keys: Path) -> None:
    program, base_url = await asyncio.to_thread(start, "--port", "0", "--keys", str(keys))
    assert program.stdout is not None
    program.stdout.close()
    async with aiohttp.ClientSession() as session, session.get(base_url):
        pass
    assert await asyncio.to_thread(program.wait, 20) == 141
    assert program.stderr is not None
    assert program.stderr.read() == ""


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


def test_a_log_that_cannot_be_opened_is_told_of_the_option(
    run: Callable[..., tuple[object, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "none" / "log.jsonl"
    told = f"--log: cannot open {path}: No such file or directory.\n"
    assert run("--port", "0", "--log", str(path)) == (1, "", told)


def test_a_key_that_cannot_be_used_is_told_of_the_option(
    run: Callable[..., tuple[object, str, str]],
) -> None:
    status, stdout, stderr = run("--port", "0", "--encrypt-key", "BAD")
    assert (status, stdout) == (1, "")
    assert re.fullmatch(r"--encrypt-key: expected .*\n", stderr)


def test_a_url_that_is_none_is_told_of_the_option(
    run: Callable[..., tuple[object, str, str]],
) -> None:
    told = "--notify: expected an absolute URL of http or https.\n"
    assert run("--port", "0", "--notify", "localhost:8000") == (1, "", told)


def test_a_key_of_the_folder_is_not_told_of_an_option(
    run: Callable[..., tuple[object, str, str]], tmp_path: Path, material: Material
) -> None:
    attrs.evolve(material, encrypt_key="BAD").write(tmp_path)
    status, _, stderr = run("--port", "0", "--keys", str(tmp_path))
    assert status == 1
    assert "--encrypt-key" not in stderr


def test_a_half_filled_folder_is_not_touched(
    run: Callable[..., tuple[object, str, str]], tmp_path: Path
) -> None:
    (tmp_path / "app_id").write_text("2021000000000001")
    status, stdout, stderr = run("--port", "0", "--keys", str(tmp_path))
    assert (status, stdout) == (1, "")
    assert "app_private_key.pem" in stderr
    assert stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["app_id"]


@pytest.mark.parametrize("options", [["--port", "65536"], ["--port", "-1"], ["--keys", __file__]])
def test_options_are_checked(
    run: Callable[..., tuple[object, str, str]], options: list[str]
) -> None:
    status, stdout, stderr = run(*options)
    assert (status, stdout) == (1, "")
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
    serving = asyncio.create_task(serve(Served(keys=tmp_path), announce=announced.put_nowait))
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
