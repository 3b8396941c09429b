"""Where the files of a submission lie in its folder, by convention. Blocking: for worker threads.

The names are ours; formats, limits and how many there may be are those of the table of parts.
"""

from __future__ import annotations

import difflib
import itertools
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from alipay_mini_audit.attachments.parts import PartSpec, parts_of
from alipay_mini_audit.attachments.sources import PathSource
from alipay_mini_audit.files.unusable import unreadable
from alipay_mini_audit.problems import Problem, Severity, printable, told

__all__ = [
    "FIELDS_FILE",
    "PLACES",
    "SCHEMA_FILE",
    "Found",
    "file_problems",
    "find_files",
    "place_of",
]

FIELDS_FILE: Final = "submission.toml"
"""The file that holds the fields, and may name files that lie elsewhere."""
SCHEMA_FILE: Final = "submission.schema.json"
"""The JSON Schema of that file, for editors."""
PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "app_logo": "logo",
        "screen_shots": "screenshots",
        "license_pics": "licenses",
        "special_license_pics": "special-licenses",
        "out_door_pic": "shop-front",
        "test_file": "test",
    }
)
"""Field of `Attachments` -> the name of its file without the extension, or of its folder."""

Found = dict[str, list[Path]]
"""What lies in a folder by field of `Attachments`, in the order of sending."""

_SINGLE: Final = {
    name: field for field, name in PLACES.items() if parts_of(field)[0].position is None
}
_LISTS: Final = {name: field for field, name in PLACES.items() if name not in _SINGLE}
_OWN: Final = frozenset({FIELDS_FILE, SCHEMA_FILE})
_LITTER: Final = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
"""What systems leave in folders, beside hidden files."""
_OTHER_PICTURES: Final = frozenset(
    {"avif", "bmp", "gif", "heic", "heif", "jfif", "tif", "tiff", "webp"}
)
"""No part takes them, but who puts one there means it: the check of its content says what is wrong.
"""
_NUMBER: Final = re.compile(r"([0-9]+)")

_TWO: Final = (
    ("{files}: there are several files, and one is sent.", "Leave one of them."),
    ("{chinese_files}：只能发送一个文件，这里却有多个。", "请只保留其中一个。"),
)
_SAME_NAME: Final = (
    ("{files} differ in their extension only, and both are sent.", "Check that this is meant."),
    ("{chinese_files} 只有扩展名不同，都会发送。", "请确认是否有意如此。"),
)
_TOO_MANY: Final = (
    ("{folder} holds {count} files, and the platform takes {limit}.", "Leave some out."),
    ("{folder} 中有 {count} 个文件，平台最多接受 {limit} 个。", "请减少文件。"),
)
_UNUSED: Final = (
    "it is none of the files of a submission, and is not sent.",
    "不是提交所需的文件，不会发送。",
)
_NEAR: Final = "Is it {close}?", "是否应为 {close}？"
_ELSEWHERE: Final = (
    "Name it in submission.toml, or keep it elsewhere.",
    "请在 submission.toml 中指明它，或移到别处。",
)


def place_of(part: PartSpec, extension: str) -> str:
    """Return where a part lies in a folder, e.g. `screenshots/2.png`.

    Args:
        part: which part.
        extension: of its name, without the dot.
    """
    name = PLACES[part.field]
    if part.position is None:
        return f"{name}.{extension}"
    return f"{name}/{part.position + 1}.{extension}"


def find_files(folder: Path, named: Collection[Path]) -> tuple[Found, list[Problem]]:
    """Return the files of a folder by what they are, and what is wrong with them.

    Args:
        folder: where they lie; absolute.
        named: files that are used by their names, wherever they lie; absolute.
    """
    found: Found = {}
    problems: list[Problem] = []
    candidates: dict[str, list[Path]] = {}
    for entry in _entries(folder, problems):
        name = entry.name.casefold()
        stem = entry.stem.casefold()
        if _is_folder(entry):
            if name in _LISTS:
                pictures = _pictures(entry, parts_of(_LISTS[name]), named, problems)
                found.setdefault(_LISTS[name], []).extend(pictures)
            elif not any(entry in path.parents for path in named):
                problems.append(_unused(entry, name, _LISTS, Severity.ERROR))
        elif stem in _SINGLE and entry.suffix:
            candidates.setdefault(_SINGLE[stem], []).append(entry)
        elif name not in _OWN and entry not in named:
            problems.append(_unused(entry, stem, _SINGLE, Severity.WARNING))
    for field, files in candidates.items():
        found[field] = _taken(files, parts_of(field)[0], named, problems)
    return found, problems


def _entries(folder: Path, problems: list[Problem]) -> list[Path]:
    """Return what a folder shows, 2 before 10."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  # names are all that is wanted
    except OSError as error:
        problems.append(unreadable(printable(str(folder)), PathSource(folder), error))
        return []
    shown = (name for name in names if not _is_litter(name))
    return [folder / name for name in sorted(shown, key=_natural)]


def _is_litter(name: str) -> bool:
    return name.startswith((".", "~$")) or name.endswith("~") or name.casefold() in _LITTER


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    pieces = _NUMBER.split(name.casefold())
    return [(int(each), "") if at % 2 else (-1, each) for at, each in enumerate(pieces)], name


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # the look at the file says why


def _pictures(
    folder: Path, parts: Sequence[PartSpec], named: Collection[Path], problems: list[Problem]
) -> list[Path]:
    taken = {*parts[0].formats, *_OTHER_PICTURES}
    pictures: list[Path] = []
    for entry in _entries(folder, problems):
        if entry.suffix[1:].lower() in taken and not _is_folder(entry):
            pictures.append(entry)
        elif entry not in named:
            problems.append(_unused(entry, "", (), Severity.WARNING))
    for first, second in itertools.pairwise(pictures):
        if first.stem.casefold() == second.stem.casefold():
            path = f"attachments.{parts[0].field}"
            files = _listed([first, second])
            problems.append(
                told(path, "duplicate_part", *_SAME_NAME, severity=Severity.WARNING, values=files)
            )
    return pictures


def _taken(
    files: list[Path], part: PartSpec, named: Collection[Path], problems: list[Problem]
) -> list[Path]:
    """Return the file of a part that is a single one: those of a format that it takes go first."""
    right = [file for file in files if file.suffix[1:].lower() in part.formats]
    if not right:
        return files
    problems.extend(
        _unused(file, "", (), Severity.WARNING)
        for file in files
        if file not in right and file not in named
    )
    return right


def file_problems(found: Found) -> Iterator[Problem]:
    """Find fields for which more files lie there than can be sent."""
    for field, files in found.items():
        parts = parts_of(field)
        if len(files) <= len(parts):
            continue
        path = parts[0].location if len(parts) == 1 else f"attachments.{field}"
        if len(parts) == 1:
            yield told(path, "duplicate_part", *_TWO, values=_listed(files))
        else:
            counts = {"folder": PLACES[field], "count": len(files), "limit": len(parts)}
            yield told(path, "too_many", *_TOO_MANY, values=counts)


def _listed(files: Sequence[Path]) -> dict[str, str]:
    names = [printable(file.name) for file in files]
    return {"files": ", ".join(names), "chinese_files": "、".join(names)}


def _unused(entry: Path, name: str, known: Collection[str], near: Severity) -> Problem:
    """Return the problem of what is not used; a name that is nearly one of ours weighs `near`."""
    close = difflib.get_close_matches(name, known, 1, cutoff=0.75)
    english, chinese = zip(_UNUSED, _NEAR if close else _ELSEWHERE, strict=True)
    return told(
        printable(str(entry)),
        "unused_file",
        english,
        chinese,
        severity=near if close else Severity.WARNING,
        values={"close": close[0]} if close else {},
    )
