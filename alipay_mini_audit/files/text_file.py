"""`TextFile`: a text file that people made, read line by line. For worker threads: it blocks."""

from __future__ import annotations

import codecs
import io
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self, final

from alipay_mini_audit.attachments import FileState
from alipay_mini_audit.attachments.sources import PathSource
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.access import BLOCKING
from alipay_mini_audit.files.state import state_of
from alipay_mini_audit.files.unusable import not_a_file, unreadable
from alipay_mini_audit.problems import Problem, told

__all__ = ["GBK", "TextFile"]

GBK: Final = "gb18030"
"""What GBK is read and written as: the same bytes for every character of GBK."""

_PIECE: Final = 1 << 16
_LONGEST: Final = 1_000_000
_CHECKED: Final = 100
"""After so many lines it is looked whether the file is still what it was."""
_GBK_NAMES: Final = frozenset({"gbk", "gb2312", GBK, "cp936"})
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WITH_NULLS: Final = ("utf-16", "utf-32")
_SURELY_UTF8: Final = 3
"""So many characters of three bytes are no GBK that happens to decode."""
_WIDE: Final = re.compile("[\u0800-\uffff]")

_NO_SUCH_ENCODING: Final = (
    ("there is no such encoding of texts.", 'Give "utf-8" or "gbk", or leave it out.'),
    ("没有这种文本编码。", "请使用 utf-8 或 gbk，或不指定。"),
)
_UNDECODABLE: Final = (
    ("from here on the text is not {encoding}.", "Save the file as UTF-8, or say its encoding."),
    ("从此处起内容不是 {encoding} 编码。", "请将文件另存为 UTF-8，或指定其编码。"),
)
_BINARY: Final = (
    ("this is not a text file: it holds null bytes.", "Save it as text in UTF-8."),
    ("这不是文本文件：含有空字节。", "请另存为 UTF-8 编码的文本。"),
)
_WORKBOOK: Final = (
    ("this is a workbook of a spreadsheet program.", 'Save it there as "CSV UTF-8".'),
    ("这是电子表格的工作簿文件。", "请在表格软件中另存为“CSV UTF-8”。"),
)
_CHANGED: Final = (
    ("the file has changed since it was read.", "Read it again when nobody writes to it."),
    ("文件在读取之后发生了变化。", "请在无人写入时重新读取。"),
)
_TOO_LONG: Final = (
    ("the line has more than {limit} characters.", "Look whether line breaks are missing."),
    ("该行超过 {limit} 个字符。", "请检查是否缺少换行。"),
)


@final
class TextFile:
    """A text file, open for reading; use it as `with TextFile(path) as file:`.

    Args:
        path: of the file.
        encoding: as Python calls it; `None` takes UTF-8 or UTF-16 by its mark, otherwise UTF-8, and
            GBK if it cannot be that. A mark of UTF-8 wins over what is given.
        state: the state that it must have, as it was before; `None` takes any.

    Attributes:
        encoding: what it is read as: `utf-8`, `utf-8-sig` with a mark, `gb18030` for GBK.
        state: changes when somebody writes to it.
        mode: who may read and write it.

    Raises:
        ValidationError: it cannot be read, is no text, or not what it was.
    """

    def __init__(
        self,
        path: Path,
        *,
        encoding: str | None = None,
        state: FileState | None = None,
    ) -> None:
        self._path = path
        self._raw = _opened(path)
        try:
            status = os.fstat(self._raw.fileno())
            self.state = state_of(status)
            self.mode = stat.S_IMODE(status.st_mode)
            self._expect(state)
            self.encoding = _encoding_of(self._raw, path.name, encoding)
            self._raw.seek(0)
        except OSError as error:
            self._raw.close()
            raise ValidationError([unreadable(path.name, PathSource(path), error)]) from error
        except BaseException:
            self._raw.close()
            raise
        self._text = io.TextIOWrapper(self._raw, encoding=self.encoding, newline="")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._text.close()

    def lines(self) -> Iterator[str]:
        """Yield its lines, each with its line break, as a text editor counts them.

        Raises:
            ValidationError: it cannot be read, is being changed, or a line is endless.
        """
        number = 0
        while line := self._next():
            number += 1
            if number % _CHECKED == 0:
                self.check()
            if len(line) > _LONGEST:
                path, limit = f"{self._path.name}:{number}", {"limit": f"{_LONGEST:,}"}
                raise ValidationError([told(path, "line_too_long", *_TOO_LONG, values=limit)])
            yield line
        self.check()

    def check(self) -> None:
        """Return if it is what it was when it was opened.

        Raises:
            ValidationError: it was changed, replaced or removed.
        """
        try:
            self._expect(state_of(self._path.stat()))
        except OSError:
            raise ValidationError([self._changed()]) from None

    def _expect(self, state: FileState | None) -> None:
        if state is not None and state != self.state:
            raise ValidationError([self._changed()])

    def _next(self) -> str:
        try:
            return self._text.readline(_LONGEST + 1)
        except UnicodeDecodeError:  # it was whole when it was opened
            raise ValidationError([self._changed()]) from None
        except OSError as error:
            problem = unreadable(self._path.name, PathSource(self._path), error)
            raise ValidationError([problem]) from error

    def _changed(self) -> Problem:
        return told(self._path.name, "file_changed", *_CHANGED)


def _opened(path: Path) -> io.BufferedReader:
    """Open a regular file; a pipe cannot be read twice."""
    source = PathSource(path)
    try:
        fd = BLOCKING.open(path)
        mode = os.fstat(fd).st_mode
        if stat.S_ISREG(mode):
            return os.fdopen(fd, "rb")
        os.close(fd)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise ValidationError([unreadable(path.name, source, error)]) from error
    raise ValidationError([not_a_file(path.name, source)])


def _encoding_of(raw: io.BufferedReader, name: str, given: str | None) -> str:
    """Return an encoding in which all of a file can be read, for it is read from its beginning."""
    head = raw.read(4)
    if head.startswith(_WORKBOOKS):
        raise ValidationError([told(name, "workbook", *_WORKBOOK)])
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    wanted = marked or _spelt(given)
    problem = _try(raw, name, wanted or "utf-8")
    if problem is not None and wanted is None and not problem.is_sure:
        wanted, problem = GBK, _try(raw, name, GBK)
    if problem is not None:
        raise ValidationError([problem.problem])
    return wanted or "utf-8"


def _spelt(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except (LookupError, ValueError):
        raise ValidationError([told("encoding", "bad_encoding", *_NO_SUCH_ENCODING)]) from None
    return GBK if name in _GBK_NAMES else name


class _Undecodable:
    """What is wrong with a text, and whether it can be in no other encoding."""

    def __init__(self, problem: Problem, *, is_sure: bool) -> None:
        self.problem = problem
        self.is_sure = is_sure


def _try(raw: io.BufferedReader, name: str, encoding: str) -> _Undecodable | None:
    """Say where a file cannot be read in an encoding; `None` if it can."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    line, wide = 1, 0
    raw.seek(0)
    while True:
        piece = raw.read(_PIECE)
        if b"\0" in piece and not encoding.startswith(_WITH_NULLS):
            line += piece.count(b"\n", 0, piece.index(b"\0"))
            return _Undecodable(told(f"{name}:{line}", "not_a_text", *_BINARY), is_sure=True)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(encoding, "ignore")
            line += good.replace("\r\n", "\n").replace("\r", "\n").count("\n")
            wide += len(_WIDE.findall(good))
            shown = {"encoding": "GBK" if encoding == GBK else encoding.removesuffix("-sig")}
            problem = told(f"{name}:{line}", "bad_encoding", *_UNDECODABLE, values=shown)
            return _Undecodable(problem, is_sure=wide >= _SURELY_UTF8)
        line += text.count("\n")
        if wide < _SURELY_UTF8:
            wide += len(_WIDE.findall(text))
        if not piece:
            return None
