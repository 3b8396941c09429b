"""`batch run --notify --webhook`: who is told at the end of a night; it changes nothing."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from support.forked_nights import Program
from support.forked_programs import ForkedPrograms
from support.night_folder import night_folder, run_options

from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway

KEY = "5d41402abc4b2a76b9719d911017c592"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    asyncio.get_running_loop().set_debug(False)
    async with SandboxGateway(material=material) as gateway:
        yield gateway


class Chat:
    """A group chat with bots of every maker, which refuse whatever their path says."""

    def __init__(self) -> None:
        self.base_url = ""
        self.said: list[dict[str, object]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.said.append(await request.json())
        return web.json_response({"errcode": int(request.path[1:]), "errmsg": f"no {KEY}"})


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    chat, app = Chat(), web.Application()
    app.router.add_post("/{code}", chat.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    chat.base_url = "http://{}:{}".format(*runner.addresses[0])
    yield chat
    await runner.cleanup()


async def test_hooks_are_told_and_what_fails_there_changes_nothing(
    gateway: SandboxGateway, chat: Chat, programs: ForkedPrograms, tmp_path: Path
) -> None:
    facts = tmp_path / "facts"
    manifest = night_folder(tmp_path, gateway.base_url, 3)
    ended = await asyncio.to_thread(
        programs.run,
        *("batch", "run", str(manifest), "--yes", "--json", "--lang", "zh"),
        *run_options(tmp_path),
        *("--notify", f"sh -c 'echo hello; cat >{facts}'", "--notify", "false"),
        *("--report", str(tmp_path / "night.html")),
        environment=dict(os.environ),
        ALIPAY_MINI_AUDIT_WEBHOOK=(
            f"wecom={chat.base_url}/0?key={KEY} dingtalk={chat.base_url}/310000?access_token={KEY}"
        ),
    )
    assert ended.status == 0, ended
    *entries, last = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [each["state"] for each in entries] == ["done"] * 3
    assert last["summary"]["exit_status"] == 0
    assert sorted(ended.stderr.splitlines()) == [
        "--notify false：退出状态为 1。",
        "--webhook dingtalk (127.0.0.1)：消息未被接受：310000 no ***",
        "hello",
    ]
    told = json.loads(facts.read_text())
    assert (told["total"], told["counts"]["done"], told["exit_status"]) == (3, 3, 0)
    assert told["journal"] == str(tmp_path / "journal")
    assert told["report"] == str(tmp_path / "night.html")
    assert (tmp_path / "night.html").read_text().startswith("<!doctype html>")
    assert len(chat.said) == 2
    assert "3 个条目中已提交 3 个" in json.dumps(chat.said[0], ensure_ascii=False)


async def test_a_hook_that_cannot_be_used_is_told_before_anything_is_sent(
    gateway: SandboxGateway, programs: ForkedPrograms, tmp_path: Path
) -> None:
    manifest = night_folder(tmp_path, gateway.base_url, 1)
    ended = await asyncio.to_thread(
        programs.run,
        *("batch", "run", str(manifest), "--yes", *run_options(tmp_path)),
        *("--webhook", f"https://hooks.example/{KEY}"),
        environment=dict(os.environ),
    )
    assert (ended.status, ended.stdout) == (1, "")
    assert ended.stderr.startswith("--webhook: ")
    assert KEY not in ended.stderr
    assert gateway.arrivals == ()


async def test_a_night_without_stdout_and_stderr_ends_as_any_other(
    gateway: SandboxGateway, tmp_path: Path
) -> None:
    manifest = night_folder(tmp_path, gateway.base_url, 1)
    command = [sys.executable, "-m", "alipay_mini_audit", "batch", "run", str(manifest), "--yes"]
    notify = ["--notify", f"sh -c 'echo to nobody && touch {tmp_path}/told'", "--notify", "false"]
    program = await asyncio.create_subprocess_exec(
        *("sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command, *run_options(tmp_path), *notify)
    )
    async with asyncio.timeout(30):
        assert await program.wait() == 0
    assert (tmp_path / "told").exists()
    assert len(gateway.submissions) == 1


@pytest.mark.parametrize("place", ["pipe", "folder", "none/night.html"])
async def test_a_page_that_can_go_nowhere_is_told_before_anything_is_sent(
    gateway: SandboxGateway, programs: ForkedPrograms, tmp_path: Path, place: str
) -> None:
    manifest = night_folder(tmp_path, gateway.base_url, 1)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    ended = await asyncio.to_thread(
        programs.run,
        *("batch", "run", str(manifest), "--yes", *run_options(tmp_path)),
        *("--report", str(tmp_path / place)),
        environment=dict(os.environ),
    )
    assert (ended.status, ended.stdout) == (1, "")
    assert str(tmp_path / place) in ended.stderr
    assert gateway.arrivals == ()


async def test_a_night_that_is_stopped_is_told_with_what_is_left(
    gateway: SandboxGateway, tmp_path: Path
) -> None:
    facts = tmp_path / "facts"
    manifest = night_folder(tmp_path, gateway.base_url, 9)
    gateway.faults.add(Fault.slow_answer(0.3), operation="apply", times=None)
    options = ["--yes", "--json", "--concurrency", "2", *run_options(tmp_path)]
    notify = ["--notify", f"sh -c 'cat >{facts}'"]
    program = await Program.start(
        "support.night_command", "batch", "run", str(manifest), *options, *notify
    )
    async with asyncio.timeout(20):
        while len(gateway.arrivals) < 2:  # noqa: ASYNC110  # of another process
            await asyncio.sleep(0.005)
    program.send_signal(signal.SIGTERM)
    await program.rest()
    assert program.returncode == 143
    told = json.loads(facts.read_text())
    assert (told["total"], told["exit_status"]) == (9, 143)
    done = told["counts"]["done"]
    assert done == len(gateway.arrivals)
    assert told["counts"]["planned"] == 9 - done > 0
