"""Programs that are told of the end of a night: real processes, good ones and bad ones."""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import psutil
import pytest

from alipay_mini_audit.cli.night import notify
from alipay_mini_audit.cli.night.hooks import NightFacts, parse_hooks, tell
from alipay_mini_audit.cli.night.notify import NotifyCommand

SOON = 0.3
"""Seconds that a program has which will not end by itself."""
NIGHT = NightFacts(
    counts={"done": 4, "refused": 1},
    seconds=61,
    journal=Path("/nights/tuesday.journal"),
    report=None,
    exit_status=5,
)


def command(line: str, limit: float = 30.0) -> NotifyCommand:
    (hook,) = parse_hooks([line], [])
    assert isinstance(hook, NotifyCommand)
    return attrs.evolve(hook, limit=limit)


def shell(script: str, limit: float = 30.0) -> NotifyCommand:
    return NotifyCommand(words=("sh", "-c", script), limit=limit)


@contextlib.contextmanager
def deaf_stderr() -> Iterator[int]:
    """Make stderr a pipe that nobody reads; yield its other end."""
    kept, (reading, writing) = os.dup(2), os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    try:
        yield reading
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(reading)


def is_written(path: Path) -> bool:
    return path.exists() and path.read_text().endswith("\n")


def pid_in(path: Path) -> int:
    """Wait for a program to write down the number of a process."""
    for _ in range(2000):
        if is_written(path):
            return int(path.read_text())
        time.sleep(0.01)
    raise AssertionError("nothing was written")


async def told_too_late(script: str, pid: Path, language: str) -> list[str]:
    """Return what is said of a program that has too little time, and has begun all the same."""
    for limit in (SOON, 1, 3, 9):
        lines = await tell([shell(script, limit)], NIGHT, language)
        if is_written(pid):
            return [line.replace(f" {limit:g} ", " LIMIT ") for line in lines]
    raise AssertionError("it did not begin")


def is_gone(pid: int) -> bool:
    """Say whether a process has ended, or does within seconds."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for _ in range(500):
            if process.status() == psutil.STATUS_ZOMBIE:
                break
            time.sleep(0.01)
        else:
            return False
    return True


async def test_a_program_gets_the_facts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "tell me.sh"
    script.write_text(
        '#!/bin/sh\ncat >"$1"\nenv | grep ^AUDIT_NIGHT_ >"$2"\necho told; echo "$PATH" >&2\n'
    )
    script.chmod(0o700)
    facts, variables = tmp_path / "facts", tmp_path / "variables"
    assert await tell([command(f"'{script}' {facts} {variables}")], NIGHT, "en") == []
    assert json.loads(facts.read_text())["counts"]["refused"] == 1
    lines = variables.read_text().splitlines()
    assert "AUDIT_NIGHT_DONE=4" in lines
    assert "AUDIT_NIGHT_REPORT=" in lines
    assert "AUDIT_NIGHT_TEXT=alipay-mini-audit: 4 of 5 done after 1 min 01 s." in lines
    stdout, stderr = capfd.readouterr()
    assert stdout == ""
    assert stderr == f"told\n{os.environ['PATH']}\n"


async def test_a_shell_is_there_for_who_asks_for_it(tmp_path: Path) -> None:
    path = tmp_path / "text"
    line = f'sh -c "echo \\"$AUDIT_NIGHT_TEXT\\" | cat >{path}"'
    assert await tell([command(line)], NIGHT, "zh") == []
    assert path.read_text("utf-8").startswith("alipay-mini-audit：5 个条目中已提交 4 个")


@pytest.mark.parametrize(
    ("script", "english", "chinese"),
    [
        ("exit 3", "its exit status is 3.", "退出状态为 3。"),
        ("kill -9 $$", "SIGKILL ended it.", "被信号 SIGKILL 终止。"),
    ],
)
async def test_a_program_that_fails_is_a_warning(script: str, english: str, chinese: str) -> None:
    assert await tell([shell(script)], NIGHT, "en") == [f"--notify sh: {english}"]
    assert await tell([shell(script)], NIGHT, "zh") == [f"--notify sh：{chinese}"]


async def test_a_program_that_does_not_start_is_a_warning(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o700)
    assert await tell([command(str(broken))], NIGHT, "en") == [
        "--notify broken: it did not start: No such file or directory."
    ]
    assert await tell([command(str(broken))], NIGHT, "zh") == [
        "--notify broken：无法启动：文件或目录不存在。"
    ]


async def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    lines = await told_too_late(f"sleep 60 & echo $! >{pid}; wait", pid, "en")
    assert lines == ["--notify sh: it was ended, since it took more than LIMIT seconds."]
    assert is_gone(pid_in(pid))


async def test_a_program_that_ignores_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "_GRACE", 0.2)
    pid = tmp_path / "pid"
    script = f"trap '' TERM; echo $$ >{pid}; while :; do sleep 60; done"
    lines = await told_too_late(script, pid, "zh")
    assert lines == ["--notify sh：运行超过 LIMIT 秒，已被终止。"]
    assert is_gone(pid_in(pid))


async def test_a_program_may_leave_its_input_unread_and_leave_others_behind(
    tmp_path: Path,
) -> None:
    pid = tmp_path / "pid"
    hook = shell(f"exec <&-; sleep 60 & echo $! >{pid}")
    try:
        async with asyncio.timeout(10):
            assert await tell([hook], NIGHT, "en") == []
    finally:
        left_behind = psutil.Process(pid_in(pid))
        assert left_behind.is_running()
        left_behind.kill()


async def test_a_program_that_prints_without_end_is_ended(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    with deaf_stderr() as reading:
        script = f"while :; do echo yes; echo >>{begun}; done"
        (line,) = await told_too_late(script, begun, "en")
        assert os.read(reading, 4) == b"yes\n"
    assert "it was ended" in line


async def test_what_is_cancelled_ends_its_programs(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    telling = asyncio.ensure_future(tell([shell(f"sleep 60 & echo $! >{pid}; wait")], NIGHT, "en"))
    child = await asyncio.to_thread(pid_in, pid)
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling
    assert is_gone(child)


async def test_what_is_cancelled_while_it_starts_leaves_no_program(tmp_path: Path) -> None:
    for rounds in range(8):
        pid = tmp_path / str(rounds)
        script = shell(f"sleep 60 & echo $! >{pid}.new; mv {pid}.new {pid}; wait")
        telling = asyncio.ensure_future(tell([script], NIGHT, "en"))
        for _ in range(rounds):
            await asyncio.sleep(0)
        deadline = time.monotonic() + 0.2
        while not pid.exists() and time.monotonic() < deadline:
            time.sleep(0.005)  # noqa: ASYNC251  # the program goes on, and the loop does not
        telling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await telling
        assert not pid.exists() or is_gone(pid_in(pid))


async def test_programs_run_at_once_and_ctrl_c_does_not_reach_them(tmp_path: Path) -> None:
    fifo = tmp_path / "meeting"
    os.mkfifo(fifo)
    session = tmp_path / "session"
    hooks = [
        shell(f"echo here >{fifo}; ps -o sid= -p $$ >{session}"),
        shell(f"read word <{fifo}; test $word = here"),
    ]
    async with asyncio.timeout(20):
        assert await tell(hooks, NIGHT, "en") == []
    assert int(session.read_text()) != os.getsid(0)
