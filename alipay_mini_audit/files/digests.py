"""`FileDigests`: digests of the files of submissions; what many share is read once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Final, final

from alipay_mini_audit.attachments import BytesSource, FilePart, FileState, PathSource, StreamSource
from alipay_mini_audit.files.access import BLOCKING
from alipay_mini_audit.files.failures import check_state, unreadable
from alipay_mini_audit.files.hashes import IS_FAST, new_hash, text_of
from alipay_mini_audit.files.job import WorkerJob
from alipay_mini_audit.files.passing import PassingHashes
from alipay_mini_audit.files.source_reader import SourceReader
from alipay_mini_audit.files.state import StateCache, state_of
from alipay_mini_audit.files.streams import piece_of

__all__ = ["FileDigests", "states_of"]

_PIECE: Final = 1024 * 1024


@final
class FileDigests:
    """Digests of files, for all submissions of a batch.

    Args:
        now_ns: returns the time of the system's clock in nanoseconds.
    """

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._known: StateCache[str] = StateCache(now_ns)

    def in_passing(self) -> PassingHashes | None:
        """Return what takes the digests of an attempt while it is sent; `None` if none is fast."""
        return PassingHashes(self._known) if IS_FAST else None

    async def of(self, files: Sequence[FilePart]) -> dict[str, str]:
        """Return the digest of each file by its wire name, with the name of the algorithm.

        A source of the user's and a stream are read once more.

        Raises:
            SendInterrupted: a file has changed since it was looked at, or cannot be read.
        """
        found: dict[str, str] = {}
        of_users = [file for file in files if not _is_ours(file)]
        ours = [file for file in files if _is_ours(file)]
        if ours:
            job = WorkerJob(lambda: self._of_ours(ours), close=lambda: None)
            found.update(await job.run())
        for file in of_users:
            found[file.name] = await _of_source(file)
        return found

    def _of_ours(self, files: Sequence[FilePart]) -> dict[str, str]:
        buffer = memoryview(bytearray(min(_PIECE, max(file.size for file in files))))
        return {file.name: self._of_one(file, buffer) for file in files}

    def _of_one(self, file: FilePart, buffer: memoryview) -> str:
        match file.source:
            case PathSource():
                return self._of_path(file, file.source, buffer)
            case BytesSource():
                content = new_hash()
                content.update(memoryview(file.source.content))
                return text_of(content)
            case _:
                assert isinstance(file.source, StreamSource)  # noqa: S101  # narrows the type
                return _of_stream(file, file.source)

    def _of_path(self, file: FilePart, source: PathSource, buffer: memoryview) -> str:
        try:
            fd = BLOCKING.open(source.path)
        except OSError as error:
            raise unreadable(file, error) from error
        try:
            status = os.fstat(fd)
            check_state(file, status)
            digest = self._known.get(state_of(status))
            if digest is None:
                digest = _of_descriptor(fd, file.size, buffer)
                check_state(file, os.fstat(fd))
                self._known.put(state_of(status), digest)
        except OSError as error:
            raise unreadable(file, error) from error
        finally:
            os.close(fd)
        return digest


async def states_of(sources: Sequence[PathSource]) -> list[FileState | None]:
    """Return the states of files without opening them; `None` for one that is not there."""
    job = WorkerJob(lambda: [_state_of(source) for source in sources], close=lambda: None)
    return await job.run()


def _state_of(source: PathSource) -> FileState | None:
    try:
        status = source.path.stat()
    except (OSError, ValueError):  # ValueError: a null byte in the name
        return None
    return state_of(status)


def _is_ours(file: FilePart) -> bool:
    return isinstance(file.source, PathSource | BytesSource | StreamSource)


def _of_descriptor(fd: int, size: int, buffer: memoryview) -> str:
    digest = new_hash()
    offset = 0
    while offset < size and (count := BLOCKING.read(fd, buffer, offset)):
        digest.update(buffer[:count])
        offset += count
    return text_of(digest)


def _of_stream(file: FilePart, source: StreamSource) -> str:
    digest = new_hash()
    offset = 0
    try:
        while piece := piece_of(source, offset, _PIECE):
            digest.update(memoryview(piece))
            offset += len(piece)
    except Exception as error:
        raise unreadable(file, error) from error
    return text_of(digest)


async def _of_source(file: FilePart) -> str:
    assert not isinstance(file.source, PathSource | BytesSource | StreamSource)  # noqa: S101
    digest = new_hash()
    reader = SourceReader(file, file.source)
    piece = memoryview(bytearray(min(file.size, 64 * 1024)))
    left = file.size
    try:
        while left:
            await reader.fetch(min(left, len(piece)))
            count = reader.fill(piece[:left], BLOCKING)
            digest.update(piece[:count])
            left -= count
    finally:
        await reader.aclose()
    return text_of(digest)
