"""Streams of the caller's: a look at one, and who uses it at the moment.

A stream has one position, so it serves one call at a time. Which ones are in use is known to the
process and not to a client, since two clients may be given the same one. A worker thread that is
left to itself goes on using its stream, and nobody else gets it before that thread has ended.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final, final

from alipay_mini_audit.attachments import StreamSource
from alipay_mini_audit.attachments.formats import HEAD_BYTES
from alipay_mini_audit.attachments.streams import SeekableFile
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.problems import Problem, told

__all__ = ["look_into", "piece_of", "streams_reserved", "used_in_thread"]

_IN_USE: Final = (
    (
        "the stream is in use by another call, and it has one position only.",
        "Give each call a stream of its own, or the content as bytes.",
    ),
    (
        "该流正被另一个调用使用，而一个流只有一个读取位置。",
        "请为每个调用使用单独的流，或以 bytes 传入文件内容。",
    ),
)


@final
class _Users:
    """How many use each stream, by its identity; whoever uses one keeps it alive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[int] = Counter()
        self._turns: dict[int, threading.Lock] = {}

    @contextmanager
    def alone(self, streams: Mapping[str, SeekableFile]) -> Iterator[None]:
        """Use streams, by where they were given, that nobody else may use."""
        with self._lock:
            used = [location for location, stream in streams.items() if id(stream) in self._counts]
            if used:
                raise ValidationError([_in_use(location) for location in used])
            self._counts.update(map(id, streams.values()))
        try:
            yield
        finally:
            self._leave(streams.values())

    @contextmanager
    def one_more(self, stream: SeekableFile) -> Iterator[None]:
        """Use a stream in a worker thread for somebody who uses it alone.

        A thread that an earlier attempt has left to itself is waited for: both would move the
        position.
        """
        with self._lock:
            self._counts[id(stream)] += 1
            turn = self._turns.setdefault(id(stream), threading.Lock())
        try:
            with turn:
                yield
        finally:
            self._leave([stream])

    def _leave(self, streams: Iterable[SeekableFile]) -> None:
        with self._lock:
            for stream in streams:
                self._counts[id(stream)] -= 1
                if not self._counts[id(stream)]:
                    del self._counts[id(stream)]
                    self._turns.pop(id(stream), None)


_users: Final = _Users()


def _in_use(location: str) -> Problem:
    return told(location, "stream_in_use", *_IN_USE)


def streams_reserved(sources: Iterable[tuple[str, object]]) -> AbstractContextManager[None]:
    """Let nobody else use the streams among some sources for as long as the context lasts.

    Args:
        sources: each with where it was given, for the error.

    Raises:
        ValidationError: another call uses one of them; when the context is entered.
    """
    streams = {
        location: source.stream for location, source in sources if isinstance(source, StreamSource)
    }
    return _users.alone(streams) if streams else nullcontext()


def used_in_thread(stream: SeekableFile) -> AbstractContextManager[None]:
    """Keep a stream from others for as long as a worker thread uses it, whoever waits for that."""
    return _users.one_more(stream)


def look_into(source: StreamSource) -> tuple[int, bytes]:
    """Return the size of a stream in bytes and its first bytes; blocks. It stays where it stands.

    Raises:
        Exception: whatever the stream raises.
    """
    stream = source.stream
    with used_in_thread(stream):
        before = stream.tell()
        try:
            stream.seek(0, os.SEEK_END)
            size = stream.tell()
            stream.seek(0, os.SEEK_SET)
            return size, bytes(memoryview(stream.read(HEAD_BYTES)))
        finally:
            stream.seek(before, os.SEEK_SET)


def piece_of(source: StreamSource, offset: int, count: int) -> bytes:
    """Return a piece of a stream, which stays where it stands; blocks.

    Raises:
        Exception: whatever the stream raises.
    """
    stream = source.stream
    with used_in_thread(stream):
        before = stream.tell()
        try:
            stream.seek(offset, os.SEEK_SET)
            return bytes(memoryview(stream.read(count)))
        finally:
            stream.seek(before, os.SEEK_SET)
