"""The demo's files: real pictures and an archive, made in worker threads."""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from alipay_mini_audit.attachments import PARTS, PartSpec
from alipay_mini_audit.sandbox.samples import archive, png

__all__ = ["make_file", "make_files", "measure_blocking"]

_SIXTEEN: Final = [
    part
    for part in PARTS.values()
    if part.field != "special_license_pics" or part.position in range(3)
]
"""The parts that every version of the API has."""
_SHARE_OF_LIMIT: Final = 0.9
"""The platform takes no larger files, however large they were asked for."""


async def make_files(folder: Path, number: int, size: int, writers: Executor) -> dict[str, Path]:
    """Write sixteen files that no other version has, and return them by wire name.

    Args:
        folder: where to write them; it is made.
        number: the version's; another number gives other files.
        size: the bytes of each file; the files come close to it.
        writers: the threads that write. One that has begun ends its file, even if this is
            cancelled.

    Raises:
        OSError: a file cannot be written.
    """
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(writers, folder.mkdir)
    files = {part.name: folder / f"{part.name}.{part.formats[0]}" for part in _SIXTEEN}
    for position, part in enumerate(_SIXTEEN):
        seed = number * len(_SIXTEEN) + position
        await loop.run_in_executor(writers, make_file, files[part.name], part, size, seed)
    return files


def make_file(path: Path, part: PartSpec, size: int, seed: int) -> None:
    """Write a file as a part takes it: a square logo, a picture, or an archive.

    Args:
        path: where; its ending says what it is.
        part: what it is for.
        size: wanted bytes; the file comes close to them, or to the limit of the part.
        seed: another one gives another file.

    Raises:
        OSError: it cannot be written.
    """
    size = min(size, int(part.max_bytes * _SHARE_OF_LIMIT))
    if path.suffix == ".zip":
        path.write_bytes(archive(size, seed))
    else:
        path.write_bytes(png(size, seed=seed, square=part.field == "app_logo"))


def measure_blocking(path: Path) -> tuple[int, str]:
    """Return a file's size in bytes and its SHA-256 in hexadecimal, as the gateway tells them.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()
