"""The files that a line names: one a column, or several in one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from alipay_mini_audit.attachments import PARTS, Attachments
from alipay_mini_audit.attachments.parts import parts_of
from alipay_mini_audit.batch.manifest.columns import LISTS, PART_NAMES
from alipay_mini_audit.batch.manifest.record import Record
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.problems import Problem, told

__all__ = ["attachments_of"]

_SEPARATORS: Final = re.compile(r"[;；\r\n]")

_TOO_MANY: Final = (
    ("{count} files are given, but the platform takes {limit}.", ""),
    ("填写了 {count} 个文件，平台最多接受 {limit} 个。", ""),
)
_NO_PATHS: Final = (
    ("expected paths of files.", "Separate several by `;`."),
    ("应为文件路径。", "多个路径请用 ; 分隔。"),
)
_TWICE: Final = (
    ("this file is given by {other}, too.", "Leave one of them out."),
    ("该文件已由 {other} 给出。", "请去掉其中一个。"),
)


def attachments_of(
    record: Record, values: Mapping[str, object], folder: Path, draft: Mapping[str, Path]
) -> tuple[Attachments | None, list[Problem]]:
    """Return the files of a line, and what is wrong with what it says of them.

    Args:
        record: the line.
        values: what it says, by column.
        folder: what relative paths begin at.
        draft: files of its submission folder by part. A column of several files replaces all of
            them that are of its kind.
    """
    files: dict[str, Path] = {}
    givers: dict[str, str] = {}
    problems: list[Problem] = []
    for name in (*LISTS, *PART_NAMES):
        if name not in values:
            continue
        found = _paths(record.at(name), name, values[name], problems)
        for part, path in found.items():
            if part in files:
                other = {"other": givers[part]}
                problems.append(told(record.at(name), "duplicate_part", *_TWICE, values=other))
            files[part], givers[part] = folder / path, name
    replaced = {PARTS[part].field for part, giver in givers.items() if giver in LISTS}
    kept = {name: path for name, path in draft.items() if PARTS[name].field not in replaced}
    if problems or not (kept or files):
        return None, problems
    try:
        return Attachments.from_parts({**kept, **files}), []
    except ValidationError as error:
        return None, [attrs.evolve(each, path=record.at(each.path)) for each in error.problems]


def _paths(where: str, name: str, value: object, problems: list[Problem]) -> dict[str, str]:
    """Return the paths of a column by the parts that they are for."""
    parts = [part.name for part in parts_of(name)] if name in LISTS else [name]
    paths = value
    if isinstance(value, str):
        paths = _SEPARATORS.split(value) if name in LISTS else [value]
    elif name not in LISTS:
        paths = None
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        problems.append(told(where, "wrong_type", *_NO_PATHS))
        return {}
    given = [path.strip() for path in paths if path.strip()]
    if len(given) > len(parts):
        counts = {"count": len(given), "limit": len(parts)}
        problems.append(told(where, "too_many", *_TOO_MANY, values=counts))
    return dict(zip(parts, given, strict=False))
