"""A look at all files of a submission before it begins.

Are they there, how large, of which format?
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import math
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import attrs

from alipay_mini_audit.attachments.file_part import FilePart, FileState
from alipay_mini_audit.attachments.formats import HEAD_BYTES, content_type, sniff, upload_name
from alipay_mini_audit.attachments.parts import PARTS
from alipay_mini_audit.attachments.sources import AnySource, BytesSource, PathSource
from alipay_mini_audit.attachments.streams import StreamSource
from alipay_mini_audit.errors import Outcome, Problem, SendInterrupted, ValidationError, printable
from alipay_mini_audit.files.access import BLOCKING, FileAccess, PageCache, WouldBlock
from alipay_mini_audit.files.job import WorkerJob
from alipay_mini_audit.files.resources import UploadResources
from alipay_mini_audit.files.streams import look_into, streams_reserved

__all__ = ["inspect", "inspect_blocking", "inspect_nowait", "state_of"]


@attrs.define
class _Look:
    """A look in a worker thread, as seen by who waits for it.

    Attributes:
        location: where the source was given that is looked at; `None` before the first one.
        is_over: nobody waits any more.
    """

    location: str | None = None
    is_over: bool = False


async def inspect(
    sources: Mapping[str, AnySource], resources: UploadResources, deadline: float = math.inf
) -> tuple[FilePart, ...]:
    """Look at every source, at once where nothing would wait, else in one worker thread.

    Args:
        sources: what to look at, by wire name.
        resources: of the client.
        deadline: when it must be over, in the time of the event loop; without a limit by default.
            A thread that is in the middle of it then is waited for half a second more.

    Raises:
        ValidationError: as for `inspect_blocking`; also if another call uses a stream.
        SendInterrupted: it was not over in time; nothing was sent.
    """
    look = _Look()
    limit = asyncio.timeout_at(None if deadline == math.inf else deadline)
    try:
        streams = {n: each for n, each in sources.items() if isinstance(each, StreamSource)}
        with streams_reserved({_location_of(name): each for name, each in streams.items()}):
            async with limit:
                async with resources.steps:
                    files = inspect_nowait(sources, resources.page_cache)
                if files is None:
                    files = await _inspect_in_thread(sources, resources.page_cache, look)
    except TimeoutError as error:
        raise _too_late(look.location) from error
    finally:
        look.is_over = True
    return files


def inspect_nowait(
    sources: Mapping[str, AnySource], page_cache: PageCache
) -> tuple[FilePart, ...] | None:
    """Look at every source without waiting for a disk.

    Returns:
        What was found; `None` if it would have to wait: then look in a worker thread.

    Raises:
        ValidationError: as for `inspect_blocking`.
    """
    if not all(isinstance(source, PathSource | BytesSource) for source in sources.values()):
        return None  # nobody knows what a source of the user's does
    try:
        return _inspect(sources, page_cache)
    except WouldBlock:
        return None


def inspect_blocking(
    sources: Mapping[str, AnySource],
    page_cache: PageCache | None = None,
    look: _Look | None = None,
) -> tuple[FilePart, ...]:
    """Look at every source; blocks for as long as the disk does.

    Args:
        sources: what to look at, by wire name.
        page_cache: learns of the folders that the files are in.
        look: is told where it stands, and ends it; `None` if nobody gives it up.

    Raises:
        ValidationError: files are missing, unreadable or empty; all problems at once.
    """
    return _inspect(sources, BLOCKING, page_cache, look)


def state_of(status: os.stat_result) -> FileState:
    """Return what must not change while a file is sent.

    The time of its last write can be put back, as tools that copy files do; that of its last change
    cannot. A file that is moved, linked or given other rights meanwhile counts as changed, too.
    """
    return (
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_nlink > 0,
    )


async def _inspect_in_thread(
    sources: Mapping[str, AnySource], page_cache: PageCache, look: _Look
) -> tuple[FilePart, ...]:
    # A source of the user's may ask for the variables of the task that it was given in.
    run = contextvars.copy_context().run
    in_context = functools.partial(run, inspect_blocking, sources, page_cache, look)
    # Each look closes what it has opened, so nothing is left to be closed by whoever abandons it.
    return await WorkerJob(in_context, close=lambda: None).run()


def _too_late(location: str | None) -> SendInterrupted:
    """Return the error for a look that took too long at a source, or had no thread."""
    if location is None:
        what = "No worker thread was free in time to look at the files; nothing was sent."
    else:
        what = f"{location}: its size and name were not known in time; nothing was sent."
    advice = "Timeouts.total is the limit."
    return SendInterrupted(what, path=location, outcome=Outcome.NOT_SENT, advice=advice)


def _inspect(
    sources: Mapping[str, AnySource],
    access: FileAccess,
    learner: PageCache | None = None,
    look: _Look | None = None,
) -> tuple[FilePart, ...]:
    looked: list[FilePart | Problem] = []
    for name, source in sources.items():
        location = _location_of(name)
        if look is not None:
            if look.is_over:
                break  # nobody waits for it any more, and files of the caller's are left alone
            look.location = location
        looked.append(_look(name, location, source, access, learner))
    problems = [found for found in looked if isinstance(found, Problem)]
    if problems:
        raise ValidationError(problems)
    return tuple(found for found in looked if isinstance(found, FilePart))


def _location_of(name: str) -> str:
    return PARTS[name].location if name in PARTS else f"attachments.extra[{name!r}]"


def _look(
    name: str, path: str, source: AnySource, access: FileAccess, learner: PageCache | None
) -> FilePart | Problem:
    state: FileState | None = None
    head: bytes | None = None
    try:
        match source:
            case PathSource():
                status, head = _look_inside(source.path, access, learner)
                if head is None:
                    return Problem(path, "not_a_file", f"{_called(source)} is not a regular file.")
                size = status.st_size
                state = state_of(status)
            case BytesSource():
                head = source.content[:HEAD_BYTES]
                size = source.size
            case StreamSource():
                size, head = look_into(source)
            case _:
                size = source.size
        filename = source.filename
    except WouldBlock:
        raise
    except Exception as error:  # noqa: BLE001  # a source of the user's may raise anything
        return _unreadable(path, source, error)
    if not _is_usable(size, "" if filename is None else filename):
        return Problem(
            path,
            "unsupported_source",
            "its size is not a number of bytes, or its filename is not a string.",
        )
    if size == 0:
        advice = "The platform does not take empty files."
        return Problem(path, "empty_file", f"{_called(source)} is empty.", advice)
    if filename is None and (head is None or sniff(head) is None):
        return _nameless(path, source)
    sent_as = upload_name(name, filename or "", head)
    return FilePart(name, path, source, sent_as, content_type(sent_as), size, state)


def _look_inside(
    path: Path, access: FileAccess, learner: PageCache | None
) -> tuple[os.stat_result, bytes | None]:
    """Return the status of a file and its first bytes, `None` if it is not a regular file."""
    fd = access.open(path)
    try:
        status = os.fstat(fd)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(status.st_mode):
            return status, None
        head = bytearray(HEAD_BYTES)
        count = access.read(fd, memoryview(head), 0) if status.st_size else 0
        if learner is not None:
            learner.learn(path, fd)
    finally:
        os.close(fd)
    return status, bytes(head[:count])


def _is_usable(size: object, filename: object) -> bool:
    return isinstance(size, int) and size >= 0 and isinstance(filename, str)


def _nameless(path: str, source: AnySource) -> Problem:
    message = f"{_called(source)} has no filename, by whose extension the platform tells a format."
    advice = "Give it one with an extension, e.g. logo.png"
    if isinstance(source, StreamSource):
        advice += ': StreamSource(file, filename="logo.png")'
    return Problem(path, "filename_missing", message, f"{advice}.")


def _unreadable(path: str, source: AnySource, error: Exception) -> Problem:
    called = _called(source)
    if isinstance(source, StreamSource) and getattr(source.stream, "closed", False):
        advice = "Keep it open until the call is over; a framework may close it after the request."
        return Problem(path, "stream_closed", f"{called} is closed.", advice)
    match error:
        case FileNotFoundError():
            return Problem(path, "file_not_found", f"there is no file {called}.")
        case IsADirectoryError():
            return Problem(path, "is_a_directory", f"{called} is a directory.", "Give a file.")
        case PermissionError():
            message = f"{called} is not readable by this process."
            return Problem(path, "permission_denied", message)
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Problem(path, "unreadable", f"{called} cannot be read: {printable(reason)}.")


def _called(source: AnySource) -> str:
    if isinstance(source, PathSource):
        return printable(str(source.path))
    given = source.file if isinstance(source, StreamSource) else source
    return f"the {type(given).__name__}"
