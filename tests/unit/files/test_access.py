"""Two ways to a file: one waits for the disk, the other never waits and says so."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alipay_mini_audit.files import BLOCKING, PageCache, WouldBlock, access

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "logo.png"
    path.write_bytes(CONTENT)
    return path


@contextmanager
def opened(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDONLY)
    try:
        yield fd
    finally:
        os.close(fd)


@pytest.fixture
def knowing(file: Path) -> PageCache:
    """A page cache that knows the folder of `file`."""
    page_cache = PageCache(time.perf_counter)
    with opened(file) as fd:
        page_cache.learn(file, fd)
    try:
        os.close(page_cache.open(file))
    except WouldBlock:
        pytest.skip("this system, or its file system, cannot open a file without waiting")
    return page_cache


def refusing(number: int) -> Callable[..., int]:
    def preadv(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    return preadv


def test_the_disk_is_read_piece_by_piece_to_its_end(file: Path) -> None:
    fd, buffer = BLOCKING.open(file), memoryview(bytearray(6000))
    assert [BLOCKING.read(fd, buffer, offset) for offset in (0, 6000, len(CONTENT))] == [
        6000,
        4240,
        0,
    ]
    assert buffer[:4240] == CONTENT[6000:]
    os.close(fd)


def test_the_disk_is_read_where_there_is_no_preadv(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "preadv")
    fd, buffer = BLOCKING.open(file), memoryview(bytearray(100))
    assert BLOCKING.read(fd, buffer, 7) == 100
    assert buffer == CONTENT[7:107]
    assert BLOCKING.read(fd, buffer, len(CONTENT) - 3) == 3
    assert buffer[:3] == CONTENT[-3:]
    os.close(fd)


def test_opening_a_named_pipe_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.close(BLOCKING.open(tmp_path / "pipe"))


def test_a_file_in_a_known_folder_is_opened_and_read_at_once(
    knowing: PageCache, file: Path
) -> None:
    fd, buffer = knowing.open(file), memoryview(bytearray(300))
    assert not os.get_inheritable(fd)
    assert knowing.read(fd, buffer, 5) == 300
    assert buffer == CONTENT[5:305]
    os.close(fd)


def test_the_end_of_a_file_is_left_to_the_disk_since_some_kernels_see_it_elsewhere(
    knowing: PageCache, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(file) as fd:
        with pytest.raises(WouldBlock):
            knowing.read(fd, memoryview(bytearray(10)), len(CONTENT))
        monkeypatch.setattr(access.os, "preadv", lambda *_: 0)  # Linux 5.9 and 5.10, now and then
        with pytest.raises(WouldBlock):
            knowing.read(fd, memoryview(bytearray(10)), 0)


@pytest.mark.usefixtures("knowing")  # skips where nothing can be opened at once
@pytest.mark.parametrize("what", ["open", "read"])
def test_after_something_took_long_nothing_is_done_at_once_any_more(file: Path, what: str) -> None:
    now = 0.0
    step = 0.0

    def clock() -> float:
        nonlocal now
        now += step
        return now

    page_cache = PageCache(clock)
    with opened(file) as fd:
        page_cache.learn(file, fd)
        os.close(page_cache.open(file))
        assert page_cache.read(fd, memoryview(bytearray(10)), 0) == 10
        step = 0.5  # a virus scanner, say
        if what == "open":
            os.close(page_cache.open(file))
        else:
            assert page_cache.read(fd, memoryview(bytearray(10)), 0) == 10
        with pytest.raises(WouldBlock):
            page_cache.open(file)
        with pytest.raises(WouldBlock):
            page_cache.read(fd, memoryview(bytearray(10)), 0)


@pytest.mark.usefixtures("knowing")  # skips where nothing can be opened at once
@pytest.mark.parametrize("what", ["open", "read"])
def test_what_took_long_to_fail_took_long_as_well(
    file: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def refuse(*_: object) -> int:
        nonlocal now
        now += 0.5  # a virus scanner that says no
        raise WouldBlock if what == "open" else PermissionError(errno.EPERM, "no")

    page_cache = PageCache(lambda: now)
    with opened(file) as fd:
        page_cache.learn(file, fd)
        if what == "open":
            monkeypatch.setattr(access, "_open_cached", refuse)
            with pytest.raises(WouldBlock):
                page_cache.open(file)
        else:
            monkeypatch.setattr(access.os, "preadv", refuse)
            with pytest.raises(WouldBlock):
                page_cache.read(fd, memoryview(bytearray(10)), 0)
        monkeypatch.undo()
        with pytest.raises(WouldBlock):
            page_cache.open(file)
        with pytest.raises(WouldBlock):
            page_cache.read(fd, memoryview(bytearray(10)), 0)


def test_a_relative_path_is_known_only_where_it_was_learnt(
    knowing: PageCache,
    file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(file.parent)
    os.close(knowing.open(Path(file.name)))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / file.name).write_bytes(CONTENT)
    monkeypatch.chdir(elsewhere)
    with pytest.raises(WouldBlock):
        knowing.open(Path(file.name))


def test_a_folder_that_nobody_knows_would_wait(file: Path) -> None:
    with pytest.raises(WouldBlock):
        PageCache(time.perf_counter).open(file)


@pytest.mark.parametrize("name", ["missing.png", "link.png", "logo.png\0.png"])
def test_what_is_not_a_file_by_its_own_name_would_wait(
    knowing: PageCache, file: Path, name: str
) -> None:
    (file.parent / "link.png").symlink_to(file)
    with pytest.raises(WouldBlock):
        knowing.open(file.parent / name)


AUDITED = """
import os, sys, time
from pathlib import Path
from alipay_mini_audit.files import PageCache
file, page_cache, seen = Path(sys.argv[1]), PageCache(time.perf_counter), []
fd = os.open(file, os.O_RDONLY)
page_cache.learn(file, fd)
sys.addaudithook(lambda event, args: seen.append(args[0]) if event == "open" else None)
page_cache.open(file)
print(seen)
"""


@pytest.mark.usefixtures("knowing")  # skips where nothing can be opened at once
def test_audit_hooks_see_what_is_opened_at_once(file: Path) -> None:
    """In a process of its own, since a hook cannot be taken away again."""
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, str(file)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str([str(file)])


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EOPNOTSUPP, errno.EIO])
def test_what_is_not_in_memory_would_wait(
    knowing: PageCache, file: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access.os, "preadv", refusing(number))
    with opened(file) as fd, pytest.raises(WouldBlock):
        knowing.read(fd, memoryview(bytearray(10)), 0)


@pytest.mark.usefixtures("knowing")  # skips where nothing can be opened at once
@pytest.mark.parametrize(("number", "answers"), [(errno.EAGAIN, True), (errno.EOPNOTSUPP, False)])
def test_a_file_system_that_says_that_a_read_would_wait_is_one_to_trust(
    file: Path, number: int, answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_cache = PageCache(time.perf_counter)
    with opened(file) as fd:
        monkeypatch.setattr(access.os, "preadv", refusing(number))
        page_cache.learn(file, fd)
        monkeypatch.undo()
        page_cache.learn(file, fd)
    if answers:
        os.close(page_cache.open(file))
    else:
        with pytest.raises(WouldBlock):
            page_cache.open(file)


def test_few_folders_are_remembered(knowing: PageCache, file: Path) -> None:
    with opened(file) as fd:
        for number in range(2000):
            knowing.learn(Path(f"/folder/{number}/logo.png"), fd)
    assert len(knowing._answering) <= 1024


def test_without_reads_that_do_not_wait_everything_would(
    knowing: PageCache, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_NOWAIT", None)
    page_cache = PageCache(time.perf_counter)
    with opened(file) as fd:
        page_cache.learn(file, fd)
        with pytest.raises(WouldBlock):
            page_cache.read(fd, memoryview(bytearray(10)), 0)
        with pytest.raises(WouldBlock):
            knowing.read(fd, memoryview(bytearray(10)), 0)
    with pytest.raises(WouldBlock):
        page_cache.open(file)
