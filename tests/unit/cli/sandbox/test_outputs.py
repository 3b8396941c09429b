"""Lines to files and pipes of this process."""

import errno
import os
import re
import sys
import threading
from pathlib import Path

import pytest

from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.sandbox.outputs import LineOutput, log_file, terminal


def read_pipe(reading: int) -> bytes:
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read()


def test_a_log_is_whole_at_the_end_and_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    for start in (0, 5000):
        with log_file(path) as output:
            assert output is not None
            for number in range(start, start + 5000):
                output.write(f"line {number}")
    assert path.read_text() == "".join(f"line {number}\n" for number in range(10_000))


def test_no_log() -> None:
    with log_file(None) as output:
        assert output is None


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none" / "log.jsonl"
    with pytest.raises(CommandFailed) as failed, log_file(path):
        pytest.fail("the block began")
    assert str(failed.value) == f"--log: cannot open {path}: No such file or directory."


def test_a_missing_folder_is_told_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "zh")
    path = tmp_path / "none" / "log.jsonl"
    with pytest.raises(CommandFailed) as failed, log_file(path):
        pytest.fail("the block began")
    assert str(failed.value) == f"--log: 无法打开 {path}：文件或目录不存在。"


def test_a_full_disk_is_told_during_the_block_and_at_its_end() -> None:
    told = threading.Event()
    logging = log_file(Path("/dev/full"))
    output = logging.__enter__()
    assert output is not None
    output.on_failure(told.set)
    output.write("line")
    assert told.wait(20)
    for _ in range(20_000):  # more than may wait: a broken output must not stop its writer
        output.write("line")
    late = threading.Event()
    output.on_failure(late.set)
    assert late.is_set()
    with pytest.raises(OSError, match="/dev/full") as raised:
        logging.__exit__(None, None, None)
    assert raised.value.errno == errno.ENOSPC


def test_a_pipe_that_nobody_reads_stops_nobody() -> None:
    reading, writing = os.pipe()
    output = LineOutput(writing, "pipe", is_lossy=True)
    line = "x" * 100
    for _ in range(15_000):
        output.write(line)
    output.close(0.05)
    assert output.failure is None
    reader: list[bytes] = []
    thread = threading.Thread(target=lambda: reader.append(read_pipe(reading)))
    thread.start()
    output.close(20)
    os.close(writing)
    thread.join(20)
    assert 10_000 <= reader[0].decode().splitlines().count(line) < 15_000


def test_what_was_left_out_is_counted() -> None:
    reading, writing = os.pipe()
    output = LineOutput(writing, "pipe", is_lossy=True)
    for _ in range(15_000):
        output.write("x" * 100)
    thread_done = threading.Event()
    got = bytearray()

    def read() -> None:
        with os.fdopen(reading, "rb") as pipe:
            while chunk := pipe.read1():
                got.extend(chunk)
                if len(got) >= 101 * 10_000:
                    thread_done.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert thread_done.wait(20)
    output.write("the last")
    output.close(20)
    os.close(writing)
    thread.join(20)
    *lines, last = got.decode().splitlines()
    assert last == "the last"
    told = [re.fullmatch(r"\(lines left out: (\d+)\)", line) for line in lines]
    left_out = [int(found[1]) for found in told if found]
    assert lines.count("x" * 100) + sum(left_out) == 15_000
    assert left_out


def test_a_reader_that_is_gone_is_a_broken_pipe() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    output = LineOutput(writing, "pipe", is_lossy=True)
    output.write("line")
    output.close(20)
    os.close(writing)
    assert isinstance(output.failure, BrokenPipeError)


def test_a_non_blocking_pipe_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    output = LineOutput(writing, "pipe", is_lossy=False)
    for _ in range(3000):
        output.write("x" * 100)
    reader: list[bytes] = []
    thread = threading.Thread(target=lambda: reader.append(read_pipe(reading)))
    thread.start()
    output.close(20)
    os.close(writing)
    thread.join(20)
    assert (output.failure, reader[0]) == (None, b"x" * 100 + b"\n" + (b"x" * 100 + b"\n") * 2999)


def test_the_terminal_is_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    with terminal() as output:
        if output is not None:
            output.write("a line, \ud800 and 中文")
    assert capfd.readouterr().out == "a line, ? and 中文\n"


@pytest.mark.parametrize("stdout", [None, object()])
def test_stdout_may_be_no_file(monkeypatch: pytest.MonkeyPatch, stdout: object) -> None:
    monkeypatch.setattr(sys, "stdout", stdout)
    with terminal() as output:
        assert output is None
