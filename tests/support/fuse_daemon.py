"""A file system of this process's own: one file, `logo.png`, whose name the kernel may keep.

`python -m support.fuse_daemon FOLDER` mounts it, prints a line, and serves until it is unmounted;
it ends at once where it may not mount.
"""

import ctypes
import errno
import os
import struct
import sys
from enum import IntEnum
from typing import Final

CONTENT: Final = b"from a daemon"
_ROOT: Final = 1
_FILE: Final = 2
_LONG: Final = 3600


class Asked(IntEnum):
    """Operations of linux/fuse.h."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    OPEN = 14
    READ = 15
    RELEASE = 18
    FLUSH = 25
    INIT = 26
    BATCH_FORGET = 42


def _attributes(node: int) -> bytes:
    mode, size = (0o40755, 0) if node == _ROOT else (0o100644, len(CONTENT))
    return struct.pack("=6Q10I", node, size, 1, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def _answer(asked: int, node: int, told: bytes) -> bytes | None:
    answer: bytes | None = None
    match asked:
        case Asked.INIT:
            answer = struct.pack("=4I2H2I2H8I", 7, 31, 65536, 0, 1, 1, 4096, 1, 1, 0, *bytes(8))
        case Asked.LOOKUP if told == b"logo.png\0":
            answer = struct.pack("=4Q2I", _FILE, 0, _LONG, _LONG, 0, 0) + _attributes(_FILE)
        case Asked.GETATTR:
            answer = struct.pack("=Q2I", _LONG, 0, 0) + _attributes(node)
        case Asked.OPEN:
            answer = bytes(16)
        case Asked.READ:
            _, offset, size = struct.unpack_from("=2QI", told)
            answer = CONTENT[offset : offset + size]
        case Asked.RELEASE | Asked.FLUSH:
            answer = b""
    return answer


def _serve(folder: str) -> None:
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
    if ctypes.CDLL(None).mount(b"none", os.fsencode(folder), b"fuse", 0, options.encode()):
        sys.exit("it may not be mounted")
    print("mounted", flush=True)  # noqa: T201  # what the test waits for
    while True:
        try:
            message = os.read(device, 1 << 17)
        except OSError:  # it was unmounted
            return
        _, asked, unique, node = struct.unpack_from("=2I2Q", message)
        if asked in (Asked.FORGET, Asked.BATCH_FORGET):
            continue
        answer = _answer(asked, node, message[40:])
        content, error = (b"", -errno.ENOSYS) if answer is None else (answer, 0)
        os.write(device, struct.pack("=IiQ", 16 + len(content), error, unique) + content)


if __name__ == "__main__":
    _serve(sys.argv[1])
