"""What Linux can do without waiting."""

import os
import sys
import time
from pathlib import Path

import pytest

from alipay_mini_audit.files import kernel as kernel_module
from alipay_mini_audit.files.kernel import KERNEL, Kernel

PATH_ONLY = getattr(os, "O_PATH", 0)


@pytest.fixture
def kernel() -> Kernel:
    if KERNEL is None:
        pytest.skip("this system does not have it")
    return KERNEL


@pytest.fixture
def file(tmp_path: Path, kernel: Kernel) -> Path:
    path = tmp_path / "logo.png"
    path.write_bytes(bytes(range(256)) * 1024)
    fd = kernel.open(os.fsencode(path), os.O_RDONLY)
    if fd < 0:
        pytest.skip("this system, or its file system, cannot open a file without waiting")
    os.close(fd)
    return path


def test_a_file_is_opened(kernel: Kernel, file: Path) -> None:
    fd = kernel.open(os.fsencode(file), os.O_RDONLY | os.O_CLOEXEC)
    assert not os.get_inheritable(fd)
    assert os.pread(fd, 5, 250) == bytes([250, 251, 252, 253, 254])
    os.close(fd)


def test_what_is_not_there_or_may_wait_is_not_opened(kernel: Kernel, file: Path) -> None:
    assert kernel.open(os.fsencode(file.with_name("missing.png")), os.O_RDONLY) < 0
    with file.open("rb") as opened:  # a link that only the kernel can follow
        assert kernel.open(b"/proc/self/fd/%d" % opened.fileno(), os.O_RDONLY) < 0


def test_the_mount_of_a_file_is_known_by_its_path_alone(kernel: Kernel, file: Path) -> None:
    with file.open("rb") as opened:
        mount = kernel.mount_of(opened.fileno())
    path_only = kernel.open(os.fsencode(file), PATH_ONLY)
    folder = kernel.open(os.fsencode(file.parent), PATH_ONLY)
    assert mount == kernel.mount_of(path_only) == kernel.mount_of(folder)
    os.close(path_only)
    os.close(folder)
    device = file.stat().st_dev
    assert mount is not None
    assert mount[1:] == (os.major(device), os.minor(device))
    assert mount[0]


def test_mounts_of_one_device_or_of_none_have_numbers_of_their_own(
    kernel: Kernel, file: Path
) -> None:
    seen = set()
    for path in (file, Path("/proc/self/status"), Path("/sys/kernel/mm")):
        fd = os.open(path, PATH_ONLY)
        seen.add(kernel.mount_of(fd))
        os.close(fd)
    assert len(seen) == 3
    assert None not in seen
    assert kernel.mount_of(fd) is None, "it is closed"


def test_a_thread_that_sleeps_is_counted(kernel: Kernel) -> None:
    before = kernel.waits()
    time.sleep(0.001)
    assert kernel.waits()[0] > before[0]


def test_a_disk_that_is_read_is_counted(kernel: Kernel, file: Path) -> None:
    fd = os.open(file, os.O_RDONLY)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)  # nothing is read ahead
    before = kernel.waits()
    is_in_memory = True
    try:
        os.preadv(fd, [bytearray(4096)], 0, kernel.nowait)
    except BlockingIOError:
        is_in_memory = False
    except OSError:
        pass
    if is_in_memory:
        os.close(fd)
        pytest.skip("this file system keeps everything in memory")
    middle = kernel.waits()
    assert os.pread(fd, 4096, 131_072)
    after = kernel.waits()
    assert os.pread(fd, 4096, 131_072)
    assert kernel.waits()[1] == after[1] > middle[1] >= before[1], "from memory it costs none"
    os.close(fd)


@pytest.mark.parametrize(
    "lacking", ["Linux", "reads that do not wait", "64 bits", "a machine we know", "ctypes"]
)
def test_there_is_none_where_something_is_lacking(
    lacking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    match lacking:
        case "Linux":
            monkeypatch.setattr(sys, "platform", "darwin")
        case "reads that do not wait":
            monkeypatch.delattr(os, "RWF_NOWAIT", raising=False)
        case "64 bits":  # on a machine that has them, where system calls have other numbers
            monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
        case "a machine we know":
            machine = os.uname_result(("Linux", "here", "6.8", "#1", "sparc64"))
            monkeypatch.setattr(os, "uname", lambda: machine)
        case _:
            monkeypatch.setitem(sys.modules, "ctypes", None)
    assert kernel_module._find_kernel() is None
