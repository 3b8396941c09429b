"""What is written of a request or notification: a line for a person, one of JSON for a program."""

from __future__ import annotations

import datetime
import json
from typing import Final

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.sandbox import Delivery, RequestRecord

__all__ = ["delivery_line", "json_line", "plain_line"]

_LONGEST: Final = 64
"""Characters of a text that a stranger chose: a path, a version."""
_PREFIX: Final = "alipay.open.mini.version."


def json_line(record: RequestRecord | Delivery) -> str:
    """Return one JSON object in ASCII, without the end of the line.

    Args:
        record: the request, or the notification.
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


def delivery_line(delivery: Delivery, language: str | None = None) -> str:
    """Return one line of printable characters, without its end.

    It tells the time by the platform's clock (UTC), which message was sent for which version, which
    attempt it was, and whether it arrived: if not, what was answered.

    Args:
        delivery: the notification.
        language: "zh" or "en"; `None` takes what the environment says.
    """
    moment = datetime.datetime.fromtimestamp(delivery.time, datetime.UTC)
    words = [
        f"{moment:%H:%M:%S}Z",
        said("told", "通知", language),
        _short(delivery.name.removeprefix(_PREFIX)),
        _short(delivery.app_version or ""),
        said(f"attempt {delivery.attempt}", f"第 {delivery.attempt} 次", language),
        "" if delivery.status is None else str(delivery.status),
        _end_of(delivery, language),
    ]
    if delivery.mischief:
        words.append(f"[{', '.join(delivery.mischief)}]")
    return printable("  ".join(word for word in words if word))


def _end_of(delivery: Delivery, language: str | None) -> str:
    if delivery.counted:
        return said("arrived", "已送达", language)
    match delivery.problem:
        case "timeout":
            return said("no answer in time", "应答超时", language)
        case "closed":
            return said("the sandbox was closed", "沙箱已关闭", language)
        case None if delivery.status is None:
            return said("not sent", "未发送", language)
        case None:
            answer = delivery.answer.decode("utf-8", "replace").strip()
            return said(f"not success: {answer}", f"应答不是 success：{answer}", language)
    return said("no answer", "无应答", language)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
