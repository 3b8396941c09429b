"""What is written of a request: a line for a person, and a line of JSON for a program."""

from __future__ import annotations

import datetime
import json
from typing import Final

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.sandbox import RequestRecord

__all__ = ["json_line", "plain_line"]

_LONGEST: Final = 64
"""Characters of a text that a stranger chose: a path, a version."""


def json_line(record: RequestRecord) -> str:
    """Return one JSON object in ASCII, without the end of the line.

    Args:
        record: the request.
    """
    return json.dumps(record.as_json())


def plain_line(record: RequestRecord, language: str | None = None) -> str:
    """Return one line of printable characters, without its end.

    It tells the time (UTC), what was called for which version, the answer, its error code and the
    fault if there are any, the number of files and their bytes, and the time that it took.

    Args:
        record: the request.
        language: "zh" or "en"; `None` takes what the environment says.
    """
    moment = datetime.datetime.fromtimestamp(record.time, datetime.UTC)
    words = [
        f"{moment:%H:%M:%S}Z",
        record.operation or f"{record.method} {_short(record.path)}",
        _short(record.app_version or ""),
        said("no answer", "无应答", language) if record.status is None else str(record.status),
        record.code or "",
    ]
    if record.fault is not None:
        words.append(f"[{record.fault}]")
    if record.parts:
        count, size = len(record.parts), sum(part.size for part in record.parts)
        files = f"{count} file{'s' if count > 1 else ''}, {size} bytes"
        words.append(said(files, f"{count} 个文件，{size} 字节", language))
    words.append(said(f"{record.seconds:.3f} s", f"{record.seconds:.3f} 秒", language))
    return printable("  ".join(word for word in words if word))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
