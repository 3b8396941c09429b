"""`StreamSource`: an open file or an upload that can be read again. No I/O here."""

from __future__ import annotations

import inspect
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import PurePath
from typing import Final, Protocol, final

import attrs

from alipay_mini_audit.problems import Problem, told

__all__ = ["SeekableFile", "StreamSource", "Upload", "stream_problem"]

_WAY_OUT: Final = (
    "Give a path, the content as bytes, an open file that can seek, or an object of the Source "
    "protocol (filename, size, open)."
)
_CHINESE_WAY_OUT: Final = (
    "请传入路径、bytes 内容、可定位（seek）的已打开文件，"
    "或实现了 Source 协议（filename、size、open）的对象。"
)
_TEXT: Final = (
    ("the {given} is open as text, and a file is bytes.", 'Open it with mode "rb".'),
    ("该 {given} 以文本模式打开，而文件内容必须是字节。", '请以 "rb" 模式打开。'),
)
_READ_OTHERWISE: Final = (
    ("the {given} is read in a way of its own, asynchronously or as no file is.", _WAY_OUT),
    ("该 {given} 的读取方式与普通文件不同，例如只能异步读取。", _CHINESE_WAY_OUT),
)
_READ_ONCE: Final = (
    (
        (
            "a stream ({given}) that cannot seek can be read only once, but a failed attempt is "
            "sent again."
        ),
        _WAY_OUT,
    ),
    (
        "不可定位（seek）的流（{given}）只能读取一次，而请求失败后需要重发。",
        _CHINESE_WAY_OUT,
    ),
)
_NO_FILE: Final = (
    ("{given} is not a file.", _WAY_OUT),
    ("{given} 不是文件。", _CHINESE_WAY_OUT),
)


class SeekableFile(Protocol):
    """An open binary file, or what behaves like one: `BytesIO`, `SpooledTemporaryFile`."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        ...

    def seek(self, offset: int, whence: int, /) -> object:
        """Go to a position."""
        ...

    def tell(self) -> int:
        """Return the position."""
        ...


class Upload(Protocol):
    """What web frameworks make of an uploaded file: FastAPI's and Starlette's `UploadFile`, say."""

    @property
    def file(self) -> SeekableFile:
        """The file that holds its content."""
        ...

    @property
    def filename(self) -> str | None:
        """What the client called it."""
        ...


@final
@attrs.frozen(eq=False)
class StreamSource:
    """An open binary file, a `BytesIO`, or an upload of a web framework: anything that can seek.

    All of it is sent, from its first byte on, wherever it stands, for each attempt anew. It is read
    in worker threads, never closed, and stands anywhere afterwards. Keep it open and leave it alone
    until the call is over; calls at the same time need a stream each.
    """

    file: SeekableFile | Upload = attrs.field(repr=lambda file: f"<{type(file).__name__}>")
    _filename: str | None = attrs.field(default=None, repr=False)
    """Its name with the extension of its format; `None` takes the file's own name, if it has one.
    """

    @property
    def filename(self) -> str | None:
        """The name that was given, or the file's own.

        `None`: it has none, and is named after its part and the format of its content.
        """
        return self._filename or _own_name(self.file)

    @property
    def stream(self) -> SeekableFile:
        """What is read: the file itself, or the one in an upload.

        Raises:
            TypeError: there is no such thing.
        """
        stream = _stream_in(self.file)
        if stream is None:
            raise TypeError(f"{type(self.file).__name__} is not a binary file that can seek")
        return stream


def stream_problem(value: object, path: str) -> Problem | None:
    """Return why something is no stream that can be sent; `None` if it is one.

    Args:
        value: what was given.
        path: where, for the problem.
    """
    given = {"given": type(value).__name__}
    stream = _stream_in(value)
    if stream is not None and _is_text(stream):
        return told(path, "text_stream", *_TEXT, values=given)
    if stream is not None and _can_seek(stream):
        return None
    if hasattr(value, "seek") and stream is None:
        return told(path, "unsupported_source", *_READ_OTHERWISE, values=given)
    if hasattr(value, "read") or isinstance(value, Iterator | AsyncIterator):
        return told(path, "one_shot_source", *_READ_ONCE, values=given)
    return told(path, "unsupported_source", *_NO_FILE, values=given)


def _stream_in(value: object) -> SeekableFile | None:
    for candidate in (value, getattr(value, "file", None)):
        methods = [getattr(candidate, name, None) for name in ("read", "seek", "tell")]
        if all(callable(each) and not inspect.iscoroutinefunction(each) for each in methods):
            return candidate  # type: ignore[return-value]  # it has what the protocol asks for
    return None


def _is_text(stream: object) -> bool:
    has_encoding = isinstance(getattr(stream, "encoding", None), str)
    return has_encoding or isinstance(stream, io.TextIOBase)


def _can_seek(stream: object) -> bool:
    seekable = getattr(stream, "seekable", None)
    try:
        return seekable is None or bool(seekable())
    except Exception:  # noqa: BLE001  # it is closed, say, which is told when it is looked at
        return True


def _own_name(file: object) -> str | None:
    for attribute in ("filename", "name"):
        name = getattr(file, attribute, None)
        if isinstance(name, str) and name:  # the name of a descriptor is a number
            return PurePath(name).name
    return None
