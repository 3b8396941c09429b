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
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from alipay_mini_audit.attachments.file_part import FilePart, FileState
from alipay_mini_audit.attachments.formats import HEAD_BYTES, content_type, sniff, upload_name
from alipay_mini_audit.attachments.parts import PARTS
from alipay_mini_audit.attachments.sources import AnySource, BytesSource, PathSource
from alipay_mini_audit.attachments.streams import StreamSource
from alipay_mini_audit.errors import Outcome, SendInterrupted, ValidationError
from alipay_mini_audit.files.access import BLOCKING, FileAccess, WouldBlock
from alipay_mini_audit.files.heads import (
    Content,
    ContentCache,
    head_of,
    look_at_bytes,
    look_at_file,
    look_at_stream,
    start_of_source,
)
from alipay_mini_audit.files.job import WorkerJob
from alipay_mini_audit.files.page_cache import PageCache
from alipay_mini_audit.files.resources import UploadResources
from alipay_mini_audit.files.state import state_of
from alipay_mini_audit.files.streams import look_into, streams_reserved
from alipay_mini_audit.files.unusable import empty, nameless, not_a_file, unreadable, unsupported
from alipay_mini_audit.preflight.probing import Details, probe_head
from alipay_mini_audit.problems import Problem

_LARGEST: Final = 2**63
"""No file system has larger files, and Python does not write out any number."""

__all__ = ["UnusableFiles", "inspect", "inspect_blocking", "inspect_nowait"]


class UnusableFiles(ValidationError):
    """Some files cannot be used.

    Attributes:
        usable: the others, as they were looked at.
    """

    def __init__(self, problems: list[Problem], usable: tuple[FilePart, ...]) -> None:
        super().__init__(problems)
        self.usable = usable


@attrs.define
class _Look:
    """A look in a worker thread, as seen by who waits for it.

    Attributes:
        location: where the source was given that is looked at; `None` before the first one.
        is_over: nobody waits any more.
    """

    location: str | None = None
    is_over: bool = False


@attrs.frozen
class _Seen:
    """What a look at a source shows; `None` for what nobody looked at."""

    size: int
    first: bytes | None = None
    details: Details | None = None
    state: FileState | None = None


async def inspect(
    sources: Mapping[str, AnySource],
    resources: UploadResources,
    deadline: float = math.inf,
    *,
    probe: bool = False,
) -> tuple[FilePart, ...]:
    """Look at every source, at once where nothing would wait, else in one worker thread.

    Args:
        sources: what to look at, by wire name.
        resources: of the client.
        deadline: when it must be over, in the time of the event loop; without a limit by default.
            A thread that is in the middle of it then is waited for half a second more.
        probe: look at the content as well, so that each part has a `head`. A source of the user's
            is opened once more for that, and its first 64 KiB are read.

    Raises:
        ValidationError: as for `inspect_blocking`; also if another call uses a stream.
        SendInterrupted: it was not over in time; nothing was sent.
    """
    look = _Look()
    limit = asyncio.timeout_at(None if deadline == math.inf else deadline)
    try:
        with streams_reserved((_location_of(name), each) for name, each in sources.items()):
            async with limit:
                contents = resources.contents if probe else None
                async with resources.steps:
                    files = inspect_nowait(sources, resources.page_cache, contents)
                if files is None:
                    files = await _inspect_in_thread(sources, resources, look, contents)
                if probe:
                    files = await _with_heads_of_sources(files, look)
    except TimeoutError as error:
        raise _too_late(look.location) from error
    finally:
        look.is_over = True
    return files


def inspect_nowait(
    sources: Mapping[str, AnySource], page_cache: PageCache, contents: ContentCache | None = None
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
        return _inspect(sources, page_cache, contents=contents)
    except WouldBlock:
        return None


def inspect_blocking(
    sources: Mapping[str, AnySource],
    page_cache: PageCache | None = None,
    look: _Look | None = None,
    contents: ContentCache | None = None,
) -> tuple[FilePart, ...]:
    """Look at every source; blocks for as long as the disk does.

    Args:
        sources: what to look at, by wire name.
        page_cache: learns of the mounts that the files are on.
        look: is told where it stands, and ends it; `None` if nobody gives it up.
        contents: keeps what was seen of the content of files; `None` looks at none.

    Raises:
        ValidationError: files are missing, unreadable or empty; all problems at once.
    """
    return _inspect(sources, BLOCKING, page_cache, look, contents)


async def _inspect_in_thread(
    sources: Mapping[str, AnySource],
    resources: UploadResources,
    look: _Look,
    contents: ContentCache | None,
) -> tuple[FilePart, ...]:
    # A source of the user's may ask for the variables of the task that it was given in.
    run = contextvars.copy_context().run
    in_context = functools.partial(
        run, inspect_blocking, sources, resources.page_cache, look, contents
    )
    # Each look closes what it has opened, so nothing is left to be closed by whoever abandons it.
    async with resources.jobs:
        return await WorkerJob(in_context, close=lambda: None).run()


def _too_late(location: str | None) -> SendInterrupted:
    """Return the error for a look that took too long at a source, or had no thread."""
    if location is None:
        what = "No worker thread was free in time to look at the files; nothing was sent."
    else:
        what = f"{location}: the look at it was not over in time; nothing was sent."
    advice = "Timeouts.total is the limit."
    return SendInterrupted(what, path=location, outcome=Outcome.NOT_SENT, advice=advice)


def _inspect(
    sources: Mapping[str, AnySource],
    access: FileAccess,
    learner: PageCache | None = None,
    look: _Look | None = None,
    contents: ContentCache | None = None,
) -> tuple[FilePart, ...]:
    looked: list[FilePart | Problem] = []
    for name, source in sources.items():
        location = _location_of(name)
        if look is not None:
            if look.is_over:
                break  # nobody waits for it any more, and files of the caller's are left alone
            look.location = location
        looked.append(_look(name, location, source, access, learner, contents))
        if access is BLOCKING and not isinstance(source, PathSource):
            time.sleep(0)  # gives up the GIL: content in memory is looked at without a pause
    problems = [found for found in looked if isinstance(found, Problem)]
    files = tuple(found for found in looked if isinstance(found, FilePart))
    if problems:
        raise UnusableFiles(problems, files)
    return files


def _location_of(name: str) -> str:
    return PARTS[name].location if name in PARTS else f"attachments.extra[{name!r}]"


def _look(
    name: str,
    path: str,
    source: AnySource,
    access: FileAccess,
    learner: PageCache | None,
    contents: ContentCache | None,
) -> FilePart | Problem:
    try:
        seen = _seen(source, access, learner, contents)
        if seen is None:
            return not_a_file(path, source)
        filename = source.filename
    except WouldBlock:
        raise
    except Exception as error:  # noqa: BLE001  # a source of the user's may raise anything
        return unreadable(path, source, error)
    size, head = seen.size, seen.first
    if not _is_usable(size, "" if filename is None else filename):
        return unsupported(path)
    if size == 0:
        return empty(path, source)
    if filename is None and (head is None or sniff(head) is None):
        return nameless(path, source)
    sent_as = upload_name(name, filename or "", head)
    details = seen.details
    shown = None if details is None else head_of(name, path, filename or "", size, details)
    media_type = content_type(sent_as)
    return FilePart(name, path, source, sent_as, media_type, size, seen.state, shown)


def _seen(
    source: AnySource,
    access: FileAccess,
    learner: PageCache | None,
    contents: ContentCache | None,
) -> _Seen | None:
    """Return what a look at a source shows; `None` if it is a file that is not a regular one."""
    details: Details | None = None
    match source:
        case PathSource():
            state, content = _look_inside(source.path, access, learner, contents)
            if content is None:
                return None
            return _Seen(state[0], content.first, content.details, state)
        case BytesSource():
            if contents is not None and source.size:
                details = look_at_bytes(source.content, may_wait=access is BLOCKING)
            return _Seen(source.size, source.content[:HEAD_BYTES], details)
        case StreamSource():
            size, first = look_into(source)
            if contents is not None and size:
                details = look_at_stream(source, size, spent=len(first))
            return _Seen(size, first, details)
        case _:
            # Its own code is asked later, on the event loop.
            return _Seen(source.size, details=None if contents is None else Details())


def _look_inside(
    path: Path, access: FileAccess, learner: PageCache | None, contents: ContentCache | None
) -> tuple[FileState, Content | None]:
    """Return the state of a file and its content as seen, `None` if it is not a regular file."""
    fd = access.open(path)
    try:
        status = os.fstat(fd)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError
        state = state_of(status)
        if not stat.S_ISREG(status.st_mode):
            return state, None
        content = _content_of(fd, state, access, contents)
        if learner is not None:
            learner.learn(fd)
    finally:
        os.close(fd)
    return state, content


def _content_of(
    fd: int, state: FileState, access: FileAccess, contents: ContentCache | None
) -> Content:
    size = state[0]
    if contents is None or not size:
        first = bytearray(HEAD_BYTES)
        count = access.read(fd, memoryview(first), 0) if size else 0
        return Content(bytes(first[:count]), None)
    content = contents.get(state)
    if content is None:
        content = look_at_file(fd, size, access)
        contents.put(state, content)
    return content


async def _with_heads_of_sources(files: tuple[FilePart, ...], look: _Look) -> tuple[FilePart, ...]:
    """Open each source of the user's for its first bytes, one after another."""
    return tuple([await _with_head(file, look) for file in files])


async def _with_head(file: FilePart, look: _Look) -> FilePart:
    source, head = file.source, file.head
    if head is None or isinstance(source, PathSource | BytesSource | StreamSource):
        return file
    look.location = file.location
    start = await start_of_source(file, source)
    if start is None:
        return file
    sent_as = upload_name(file.name, head.filename, start[:HEAD_BYTES])
    details = probe_head(start, file.size)
    head = head_of(file.name, file.location, head.filename, file.size, details)
    return attrs.evolve(file, filename=sent_as, content_type=content_type(sent_as), head=head)


def _is_usable(size: object, filename: object) -> bool:
    return isinstance(size, int) and 0 <= size < _LARGEST and isinstance(filename, str)
