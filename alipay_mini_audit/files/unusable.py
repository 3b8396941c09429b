"""What is wrong with a file that cannot be sent, in both languages. No I/O here."""

from __future__ import annotations

import errno
from typing import Final

from alipay_mini_audit.attachments.sources import AnySource, PathSource
from alipay_mini_audit.attachments.streams import StreamSource
from alipay_mini_audit.problems import Problem, printable, told
from alipay_mini_audit.system_reasons import chinese_reason

__all__ = ["empty", "nameless", "not_a_file", "unreadable", "unsupported"]

_NOT_REGULAR: Final = (
    ("{called} is not a regular file.", "Give a file, no pipe or device."),
    ("{chinese_called} 不是普通文件。", "请传入普通文件，而不是管道或设备。"),
)
_UNSUPPORTED: Final = (
    (
        "its size is not a number of bytes, or its filename is not a string.",
        "Let the source say both.",
    ),
    ("size 不是字节数，或 filename 不是字符串。", "请让该对象给出正确的值。"),
)
_EMPTY: Final = (
    ("{called} is empty.", "The platform does not take empty files."),
    ("{chinese_called} 的内容为空。", "平台不接受空文件。"),
)
_NAMELESS: Final = (
    (
        "{called} has no filename, by whose extension the platform tells a format.",
        "Give it one with an extension, e.g. logo.png{example}.",
    ),
    (
        "{chinese_called} 没有文件名，而平台按文件扩展名判断格式。",
        "请指定带扩展名的文件名，例如 logo.png{chinese_example}。",
    ),
)
_AS_A_STREAM: Final = 'StreamSource(file, filename="logo.png")'
_CLOSED: Final = (
    (
        "{called} is closed.",
        "Keep it open until the call is over; a framework may close it after the request.",
    ),
    (
        "{chinese_called} 已关闭。",
        "请在调用结束前保持打开；Web 框架可能在请求结束后将其关闭。",
    ),
)
_NOT_FOUND: Final = (
    ("there is no file {called}.", "Check the path."),
    ("{chinese_called} 不存在。", "请检查路径。"),
)
_DIRECTORY: Final = (
    ("{called} is a directory.", "Give a file."),
    ("{chinese_called} 是目录。", "请传入文件。"),
)
_NO_PERMISSION: Final = (
    ("{called} is not readable by this process.", "Let it read the file and its folders."),
    ("{chinese_called} 无法读取：当前进程没有读取权限。", "请授予文件及其目录的读取权限。"),
)
_UNREADABLE: Final = (
    ("{called} cannot be read: {reason}.", "Mend that, or give another file."),
    ("{chinese_called} 无法读取：{chinese_reason}。", "请排除该问题，或更换文件。"),
)


def not_a_file(path: str, source: AnySource) -> Problem:
    """Return the problem of what is a pipe or a device, say."""
    return told(path, "not_a_file", *_NOT_REGULAR, values=_called(source))


def unsupported(path: str) -> Problem:
    """Return the problem of a source whose size or name is none."""
    return told(path, "unsupported_source", *_UNSUPPORTED)


def empty(path: str, source: AnySource) -> Problem:
    """Return the problem of a file without content."""
    return told(path, "empty_file", *_EMPTY, values=_called(source))


def nameless(path: str, source: AnySource) -> Problem:
    """Return the problem of content that has no filename and is of no known format."""
    is_stream = isinstance(source, StreamSource)
    examples = {
        "example": f": {_AS_A_STREAM}" if is_stream else "",
        "chinese_example": f"：{_AS_A_STREAM}" if is_stream else "",
    }
    return told(path, "filename_missing", *_NAMELESS, values=_called(source) | examples)


def unreadable(path: str, source: AnySource, error: Exception) -> Problem:
    """Return the problem of a source that raised an error when it was looked at."""
    values = _called(source)
    if isinstance(source, StreamSource) and _is_closed(source):
        return told(path, "stream_closed", *_CLOSED, values=values)
    match error:
        case FileNotFoundError():
            return told(path, "file_not_found", *_NOT_FOUND, values=values)
        case IsADirectoryError():
            return told(path, "is_a_directory", *_DIRECTORY, values=values)
        case PermissionError():
            return told(path, "permission_denied", *_NO_PERMISSION, values=values)
    reason = getattr(error, "strerror", None)
    if not isinstance(reason, str):
        reason = _text_of(error)
    reasons = {
        "reason": printable(reason),
        "chinese_reason": printable(_chinese_reason_of(source, error)),
    }
    return told(path, "unreadable", *_UNREADABLE, values=values | reasons)


def _chinese_reason_of(source: AnySource, error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(number, int):
        symbol = errno.errorcode.get(number, str(number))
        return f"{chinese_reason(error) or '系统错误'}（{symbol}）"
    if isinstance(source, PathSource) and isinstance(error, ValueError):
        return "路径含有系统不支持的字符"
    return f"抛出了 {type(error).__name__}（{_text_of(error)}）"


def _is_closed(source: StreamSource) -> bool:
    try:
        return bool(getattr(source.stream, "closed", False))
    except Exception:  # noqa: BLE001  # it is the user's
        return False


def _text_of(error: Exception) -> str:
    try:
        return str(error) or type(error).__name__
    except Exception:  # noqa: BLE001  # it is the user's, too
        return type(error).__name__


def _called(source: AnySource) -> dict[str, str]:
    """Return what both languages call a source."""
    if isinstance(source, PathSource):
        name = printable(str(source.path))
        return {"called": name, "chinese_called": name}
    given = type(source.file if isinstance(source, StreamSource) else source).__name__
    return {"called": f"the {given}", "chinese_called": f"该 {given}"}
