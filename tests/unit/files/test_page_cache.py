"""The way to a file that never waits for the disk, and says so where it would."""

import errno
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest
from support.mounts import fuse_mounted, mounted

from alipay_mini_audit.files import PageCache, WouldBlock, page_cache
from alipay_mini_audit.files.kernel import KERNEL, Kernel, Mount, Waits

CONTENT = bytes(range(256)) * 40
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # a mount of its own on most systems


def file_in(folder: Path) -> Path:
    path = folder / "logo.png"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return file_in(tmp_path)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDONLY)
    try:
        yield fd
    finally:
        os.close(fd)


@pytest.fixture
def kernel(file: Path) -> Kernel:
    """The kernel, where it can tell of the file system of `file` what would block."""
    if KERNEL is None:
        pytest.skip("this system cannot tell what would block")
    with opened(file) as fd:
        try:
            os.preadv(fd, [bytearray(1)], 0, KERNEL.nowait)
        except OSError:
            pytest.skip("this file system cannot tell what would block")
    return KERNEL


def learn(cache: PageCache, path: Path) -> None:
    with opened(path) as fd:
        cache.learn(fd)


def is_opened(cache: PageCache, path: Path) -> bool:
    """Whether a file is opened at once."""
    try:
        os.close(cache.open(path))
    except WouldBlock:
        return False
    return True


def is_read(cache: PageCache, fd: int) -> bool:
    """Whether a file is read at once."""
    try:
        return cache.read(fd, memoryview(bytearray(10)), 0) == 10
    except WouldBlock:
        return False


@pytest.fixture
def knowing(file: Path, kernel: Kernel) -> PageCache:
    """A page cache that knows the mount of `file`."""
    cache = PageCache(time.perf_counter, kernel)
    learn(cache, file)
    return cache


@attrs.define
class Machine:
    """What the clock shows, and what the kernel has counted.

    Attributes:
        now: seconds.
        is_slow: each operation takes half a second.
        waits: of the thread, so far.
        waits_each: what each operation waits for.
    """

    now: float = 0.0
    is_slow: bool = False
    waits: Waits = (0, 0)
    waits_each: Waits = (0, 0)

    def clock(self) -> float:
        if self.is_slow:
            self.now += 0.5
        return self.now

    def counted(self) -> Waits:
        self.waits = (self.waits[0] + self.waits_each[0], self.waits[1] + self.waits_each[1])
        return self.waits

    def cache(self, kernel: Kernel) -> PageCache:
        return PageCache(self.clock, attrs.evolve(kernel, waits=self.counted))

    @contextmanager
    def slow(self, slept: int = 0, blocks: int = 0) -> Iterator[None]:
        """Make what is done meanwhile take long, and wait."""
        self.is_slow, self.waits_each = True, (slept, blocks)
        yield
        self.is_slow, self.waits_each = False, (0, 0)


def refusing(number: int) -> Callable[..., int]:
    def preadv(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    return preadv


# What is known, and of what.


def test_a_file_on_a_known_mount_is_opened_and_read_at_once(knowing: PageCache, file: Path) -> None:
    fd, buffer = knowing.open(file), memoryview(bytearray(300))
    assert not os.get_inheritable(fd)
    assert knowing.read(fd, buffer, 5) == 300
    assert buffer == CONTENT[5:305]
    os.close(fd)


def test_a_mount_is_known_in_every_folder(knowing: PageCache, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert is_opened(knowing, file_in(tmp_path / "a" / "b"))


def test_a_mount_that_nobody_knows_would_wait(file: Path, kernel: Kernel) -> None:
    assert not is_opened(PageCache(time.perf_counter, kernel), file)


def test_another_mount_is_known_once_it_was_learnt(knowing: PageCache, file: Path) -> None:
    folder = file.parent / "disk"
    folder.mkdir()
    hidden = file_in(folder)
    assert is_opened(knowing, hidden)
    with mounted(folder):
        assert not is_opened(knowing, file_in(folder)), "what is mounted over it is another one"
    assert is_opened(knowing, hidden)
    with mounted(folder, "--bind", str(file.parent)):
        other = folder / file.name
        assert not is_opened(knowing, other), "so is another view of a known one"
        learn(knowing, other)
        assert is_opened(knowing, other)


def test_a_mount_in_memory_is_another_one(knowing: PageCache, file: Path) -> None:
    if not SHARED_MEMORY.is_dir() or SHARED_MEMORY.stat().st_dev == file.stat().st_dev:
        pytest.skip("there is no other mount")
    other = SHARED_MEMORY / f"alipay-mini-audit-{os.getpid()}"
    other.write_bytes(CONTENT)
    try:
        link = file.parent / "link"
        link.symlink_to(SHARED_MEMORY)
        for path in (other, link / other.name, link / ".." / SHARED_MEMORY.name / other.name):
            assert not is_opened(knowing, path)
    finally:
        other.unlink()


def test_a_file_system_that_cannot_tell_stays_with_worker_threads(
    knowing: PageCache, tmp_path: Path
) -> None:
    folder = tmp_path / "fuse"
    folder.mkdir()
    with fuse_mounted(folder):
        path = folder / "logo.png"
        learn(knowing, path)
        assert not is_opened(knowing, path)
        with opened(path) as fd, pytest.raises(WouldBlock):
            knowing.read(fd, memoryview(bytearray(10)), 0)


@pytest.mark.parametrize(
    ("number", "then"),
    [
        (errno.EAGAIN, "it is opened"),
        (errno.EOPNOTSUPP, "it is not"),
        (errno.EIO, "it may be learnt from another file"),
    ],
)
def test_a_file_system_that_says_that_a_read_would_wait_is_one_to_trust(
    file: Path, kernel: Kernel, number: int, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = PageCache(time.perf_counter, kernel)
    with monkeypatch.context() as patch:
        patch.setattr(page_cache.os, "preadv", refusing(number))
        learn(cache, file)
    assert is_opened(cache, file) is (then == "it is opened")
    learn(cache, file)
    assert is_opened(cache, file) is (then != "it is not")


def test_a_mount_that_cannot_tell_any_more_is_learnt_again(
    knowing: PageCache, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Linux 6.8 the number of a mount that has gone is given to the next one."""
    with opened(file) as fd:
        monkeypatch.setattr(page_cache.os, "preadv", refusing(errno.EOPNOTSUPP))
        assert not is_read(knowing, fd)
        assert not is_opened(knowing, file)
        monkeypatch.undo()
        learn(knowing, file)
        assert is_opened(knowing, file)


def test_few_mounts_are_remembered(file: Path, kernel: Kernel) -> None:
    numbers = itertools.count()
    machine = Machine()
    cache = machine.cache(attrs.evolve(kernel, mount_of=lambda _: (next(numbers), 0, 0)))
    with opened(file) as fd:
        for _ in range(200):
            cache.learn(fd)
            with machine.slow(blocks=1):
                is_read(cache, fd)
    assert 0 < len(cache._can_tell) <= 64
    assert 0 < len(cache._avoided_until) <= 64


@pytest.mark.parametrize("name", ["missing.png", "link.png", "logo.png\0.png"])
def test_what_is_not_a_file_by_its_own_name_would_wait(
    knowing: PageCache, file: Path, name: str
) -> None:
    (file.parent / "link.png").symlink_to(file)
    assert not is_opened(knowing, file.parent / name)


def test_a_relative_path_is_looked_up_from_where_the_process_is(
    knowing: PageCache, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    assert is_opened(knowing, Path(file.name))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert not is_opened(knowing, Path(file.name))
    Path.cwd().rmdir()
    assert not is_opened(knowing, Path(file.name))
    assert is_opened(knowing, file)


AUDITED = """
import os, sys, time
from pathlib import Path
from alipay_mini_audit.files import PageCache
from alipay_mini_audit.files.kernel import KERNEL
file, page_cache, seen = Path(sys.argv[1]), PageCache(time.perf_counter, KERNEL), []
fd = os.open(file, os.O_RDONLY)
page_cache.learn(fd)
sys.addaudithook(lambda event, args: seen.append(args[0]) if event == "open" else None)
page_cache.open(file)
print(seen)
"""


@pytest.mark.usefixtures("kernel")  # skips where nothing can be opened at once
def test_audit_hooks_see_what_is_opened_at_once(file: Path) -> None:
    """In a process of its own, since a hook cannot be taken away again."""
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, str(file)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str([str(file)])


def test_files_of_the_root_and_of_other_mounts_may_take_turns(
    knowing: PageCache, file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What is taken to be on the mount of `/` is looked for elsewhere if it is not."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with mounted(folder, "--bind", str(file.parent)):
        other = folder / file.name
        learn(knowing, other)
        for _ in range(3):
            assert is_opened(knowing, file)
            assert is_opened(knowing, other)


# What is read.


def test_the_end_of_a_file_is_left_to_the_disk_since_some_kernels_see_it_elsewhere(
    knowing: PageCache, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(file) as fd:
        with pytest.raises(WouldBlock):
            knowing.read(fd, memoryview(bytearray(10)), len(CONTENT))
        monkeypatch.setattr(page_cache.os, "preadv", lambda *_: 0)  # Linux 5.9 and 5.10, at times
        assert not is_read(knowing, fd)


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EOPNOTSUPP, errno.EIO])
def test_what_is_not_in_memory_would_wait(
    knowing: PageCache, file: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache.os, "preadv", refusing(number))
    with opened(file) as fd, pytest.raises(WouldBlock):
        knowing.read(fd, memoryview(bytearray(10)), 0)


def test_without_reads_that_do_not_wait_everything_would(file: Path) -> None:
    cache = PageCache(time.perf_counter, None)
    with opened(file) as fd:
        cache.learn(fd)
        assert not is_read(cache, fd)
    assert not is_opened(cache, file)


# What takes long, and what waits.


@attrs.frozen
class Scene:
    """A page cache on a machine of which everything can be set, and two ways to use it."""

    machine: Machine
    cache: PageCache
    file: Path
    fd: int

    def does(self, what: str) -> bool:
        return is_opened(self.cache, self.file) if what == "open" else is_read(self.cache, self.fd)

    @property
    def is_quick(self) -> bool:
        done = {self.does("open"), self.does("read")}
        assert len(done) == 1, "both or none"
        return done.pop()


@pytest.fixture
def scene(file: Path, kernel: Kernel) -> Iterator[Scene]:
    machine = Machine()
    cache = machine.cache(kernel)
    learn(cache, file)
    with opened(file) as fd:
        yield Scene(machine, cache, file, fd)


@pytest.mark.parametrize("what", ["open", "read"])
def test_what_takes_long_and_does_not_wait_changes_nothing(scene: Scene, what: str) -> None:
    for _ in range(5):  # the processor was taken away
        with scene.machine.slow():
            assert scene.does(what)
        assert scene.is_quick


@pytest.mark.parametrize(
    ("what", "waits"),
    [("open", {"slept": 1}), ("open", {"blocks": 8}), ("read", {"slept": 1, "blocks": 8})],
)
def test_what_waits_a_second_time_leaves_its_mount_to_worker_threads_for_8_s(
    scene: Scene, what: str, waits: dict[str, int]
) -> None:
    with scene.machine.slow(**waits):  # a virus scanner, say
        assert scene.does(what)
    assert scene.is_quick, "nobody has counted yet"
    scene.machine.now += 58
    with scene.machine.slow(**waits):
        assert scene.does(what)
    assert not scene.is_quick
    scene.machine.now += 7.9
    assert not scene.is_quick
    scene.machine.now += 0.2
    assert scene.is_quick
    with scene.machine.slow(**waits):
        assert scene.does(what)
    assert not scene.is_quick, "it still waits"


def test_a_read_may_sleep_for_the_interpreter(scene: Scene) -> None:
    for _ in range(5):
        with scene.machine.slow(slept=1):
            assert scene.does("read")
    assert scene.is_quick


@pytest.mark.parametrize("what", ["open", "read"])
def test_a_minute_later_a_long_one_is_a_first_one_again(scene: Scene, what: str) -> None:
    for _ in range(3):
        with scene.machine.slow(slept=1, blocks=8):
            assert scene.does(what)
        scene.machine.now += 61
    assert scene.is_quick


@pytest.mark.parametrize("what", ["open", "read"])
def test_what_waits_little_at_a_time_changes_nothing(scene: Scene, what: str) -> None:
    with scene.machine.slow():
        assert scene.does(what)
    scene.machine.waits_each = (1, 8)
    for _ in range(20):
        assert scene.does(what)


@pytest.mark.parametrize("what", ["open", "read"])
def test_what_waits_to_fail_waits_as_well(
    scene: Scene, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        if what == "open":
            scene.file.rename(scene.file.with_name("other.png"))
            scene.file.symlink_to("other.png")  # on a known mount, and not opened
        else:
            patch.setattr(page_cache.os, "preadv", refusing(errno.EPERM))
        for _ in range(2):
            with scene.machine.slow(slept=1, blocks=8):
                assert not scene.does(what)
    if what == "open":
        scene.file.unlink()
        scene.file.with_name("other.png").rename(scene.file)
    assert not scene.is_quick


def test_only_the_mount_that_waits_is_left_to_worker_threads(
    file: Path, tmp_path: Path, kernel: Kernel
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    machine = Machine()
    cache = machine.cache(kernel)
    with mounted(folder, "--bind", str(tmp_path)):
        other = folder / file.name
        learn(cache, file)
        learn(cache, other)
        for _ in range(2):
            with machine.slow(slept=1):
                assert is_opened(cache, other)
        assert not is_opened(cache, other)
        with opened(other) as fd:
            assert not is_read(cache, fd)
        assert is_opened(cache, file)
        with opened(file) as fd:
            assert is_read(cache, fd)


def test_mounts_may_be_forgotten_while_one_of_them_is_looked_up(file: Path, kernel: Kernel) -> None:
    """Worker threads learn while the event loop opens."""
    machine, number = Machine(), 0
    is_crowded = False

    def mount_of(_: int) -> Mount:
        return number, 0, 0

    def clock() -> float:
        nonlocal number
        if is_crowded:
            for number in range(100):  # noqa: B007  # other mounts
                learn(cache, file)
            number = 0
        return machine.clock()

    cache = PageCache(clock, attrs.evolve(kernel, mount_of=mount_of, waits=machine.counted))
    learn(cache, file)
    for _ in range(2):
        with machine.slow(slept=1):
            is_opened(cache, file)
    machine.now += 9
    is_crowded = True
    is_opened(cache, file)  # or not, but it fails in no other way
