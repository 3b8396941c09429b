"""Names and values of one reply: a table on a terminal, a line each in a pipe, or JSON."""

from __future__ import annotations

import datetime
import enum
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TextIO

import attrs

from alipay_mini_audit.cli.calls.statuses import status_text
from alipay_mini_audit.cli.console import new_table, print_json
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.models import ApplyReply, CancelReply, ReplyMeta, VersionReply
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.problems import printable

__all__ = ["as_json", "lines_of", "meta_as_json", "print_reply", "print_rows"]

_SECRETS: Final = frozenset(spec.wire_name for spec in FIELDS.values() if spec.is_secret)
_LINK: Final = re.compile(r"https?://[!-~]+")


def print_rows(
    rows: Iterable[tuple[str, Sequence[str]]], language: str, file: TextIO | None = None
) -> None:
    """Print names with their values, one below the other; what holds nothing is left out.

    Args:
        rows: each name, and the lines of its value.
        language: "zh" or "en".
        file: where to; `None` for stdout.
    """
    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    output = sys.stdout if file is None else file
    shown = [(name, [printable(line) for line in lines]) for name, lines in rows if lines]
    console = Console(file=output)
    if not console.is_terminal:  # nothing is folded there, least of all a link
        colon = said(": ", "：", language)
        for name, lines in shown:
            output.write("".join(f"{name}{colon}{line}\n" for line in lines))
        output.flush()
        return
    table = new_table()
    table.show_header = False
    table.box = None
    table.padding = (0, 2, 0, 0)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, lines in shown:
        for position, line in enumerate(lines):
            style = Style(link=line) if _LINK.fullmatch(line) else Style()
            table.add_row(Text("" if position else name), Text(line, style))
    console.print(table)


def print_reply(
    app_version: str,
    done: str,
    reply: ApplyReply | CancelReply | VersionReply,
    language: str,
    *,
    as_json_object: bool,
    was: str | None = None,
) -> None:
    """Print that a call was accepted, and what else the platform said.

    Args:
        app_version: the version that it was about.
        done: what has become of it, in words.
        reply: the platform's.
        language: "zh" or "en".
        as_json_object: print one for a program instead.
        was: the status of the version before, as the platform spells it; `None` if nobody asked.
    """
    fields = attrs.asdict(reply, recurse=False)
    meta, extra = reply.meta, fields.pop("extra")
    del fields["meta"]
    if as_json_object:
        facts = {"outcome": "done", "app_version": app_version} | fields
        facts |= {} if was is None else {"was": was}
        print_json(facts | {"extra": as_json(extra), "meta": meta_as_json(meta)})
        return
    resolved = said(
        "the reply was lost, the platform confirmed it", "应答丢失，已向平台确认", language
    )
    yes, no = said("yes", "是", language), said("no", "否", language)
    words = {True: yes, False: no, None: None}
    rows = {
        said("version", "版本号", language): [app_version],
        said("result", "结果", language): [done, *([resolved] if meta.resolved else [])],
        said("before", "此前状态", language): [] if was is None else [status_text(was, language)],
        said("expedited", "加急", language): lines_of(words[fields.get("speed_up")]),
        said("because", "加急说明", language): lines_of(fields.get("speed_up_memo")),
        said("further", "其他", language): lines_of(extra),
        said("attempts", "尝试次数", language): [str(meta.attempts)] if meta.attempts > 1 else [],
        said("seconds", "用时（秒）", language): [f"{meta.elapsed:.1f}"],
        "request id": [meta.request_id],
        "trace id": lines_of(meta.trace_id),
    }
    print_rows(rows.items(), language)


def lines_of(value: object) -> list[str]:
    """Return the lines that say a value: none for `None`, one for each part of a list."""
    lines: list[str] = []
    match value:
        case None:
            pass
        case enum.Enum():
            lines = [str(value.value)]
        case datetime.datetime():
            lines = [f"{value:%Y-%m-%d %H:%M:%S %z}"]
        case list() | tuple():
            lines = [line for each in value for line in lines_of(each)]
        case Mapping():
            lines = [f"{name}: {each}" for name, each in without_secrets(value).items()]
        case _ if attrs.has(type(value)):
            fields = attrs.asdict(value, recurse=False).values()  # type: ignore[arg-type]  # it is
            texts = [
                line for each in fields if not isinstance(each, list) for line in lines_of(each)
            ]
            lists = [line for each in fields if isinstance(each, list) for line in lines_of(each)]
            lines = [" · ".join(texts), *lists] if texts else lists
        case _:
            lines = str(value).splitlines()
    return lines


def as_json(value: object) -> object:
    """Return a value as JSON has it; times in ISO 8601."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if attrs.has(type(value)):
        fields = attrs.asdict(value, recurse=False)  # type: ignore[arg-type]  # it is one
        return {name: as_json(each) for name, each in fields.items()}
    if isinstance(value, Mapping):
        return {name: as_json(each) for name, each in without_secrets(value).items()}
    return value


def meta_as_json(meta: ReplyMeta) -> dict[str, object]:
    """Return how a reply came about, as JSON has it; what was warned of is not among it."""
    facts = attrs.asdict(meta, recurse=False)
    del facts["warnings"]
    time = None if meta.platform_time is None else meta.platform_time.isoformat()
    return facts | {"elapsed": round(meta.elapsed, 3), "platform_time": time}


def without_secrets(values: Mapping[str, object]) -> dict[str, object]:
    """Return what the platform says besides, without what nobody should read on a screen."""
    return {str(name): value for name, value in values.items() if name not in _SECRETS}
