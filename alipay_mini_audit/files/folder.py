"""A submission as a person keeps it: a folder with `submission.toml` and files, or one TOML file.

Keys are the names of fields and of file parts on the wire, and lists of files. A
part that the TOML names wins over what lies in the folder by convention. Blocking: for worker
threads.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.attachments.parts import PARTS, parts_of
from alipay_mini_audit.attachments.sources import PathSource
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.layout import FIELDS_FILE, PLACES, file_problems, find_files
from alipay_mini_audit.files.toml import read_toml
from alipay_mini_audit.files.unusable import unreadable
from alipay_mini_audit.models.fields import FIELDS, ValueType
from alipay_mini_audit.models.forms import read_fields
from alipay_mini_audit.problems import Problem, Severity, printable, retold, told

__all__ = ["SubmissionDraft", "fields_file_of", "read_draft", "read_submission"]

_WIRE: Final = {spec.wire_name: spec for spec in FIELDS.values()}
_LISTS: Final = tuple(
    dict.fromkeys(part.field for part in PARTS.values() if part.position is not None)
)
"""Fields of `Attachments` that hold several files, which a list may give in their order."""
_KNOWN: Final = (*_WIRE, *PARTS, *_LISTS)

_UNKNOWN: Final = ("there is no field or file of this name.", "没有这个名称的字段或文件。")
_NEAR: Final = "Is it {close}?", "是否应为 {close}？"
_LISTED: Final = (
    "There are: {names}.",
    "可用的名称：{chinese_names}。",
)
_NO_PATH: Final = (
    ("expected the path of a file, in quotes.", ""),
    ("应为文件路径，并加引号。", ""),
)
_NO_LIST: Final = (
    ("expected a list of paths, each in quotes.", ""),
    ("应为文件路径的列表，每个路径都加引号。", ""),
)
_TOO_MANY: Final = (
    ("there are {count} files, and the platform takes {limit}.", "Leave some out."),
    ("有 {count} 个文件，平台最多接受 {limit} 个。", "请减少文件。"),
)
_TWICE: Final = (
    ("{name} is given as well.", "Give one of the two."),
    ("同时还给出了 {name}。", "请只保留其中之一。"),
)
_QUOTES: Final = ("{message}", "Put it in quotes."), ("{message}", "请加上引号。")
_OVERRIDDEN: Final = (
    ("it is not sent: {file} names other files for that.", "Remove one of the two."),
    ("不会发送：{file} 已指明了其他文件。", "请去掉其中之一。"),
)
_NO_FIELDS: Final = (
    ("it is not there, so no field is given.", "Write it; init does."),
    ("该文件不存在，因此没有任何字段。", "请创建它，可用 init 命令生成。"),
)
_NOTHING: Final = (
    ("there is no submission here: neither submission.toml nor files of one.", "Check the path."),
    ("这里没有提交内容：既没有 submission.toml，也没有相应的文件。", "请检查路径。"),
)


@final
@attrs.frozen(kw_only=True)
class SubmissionDraft:
    """What a folder or a TOML file says of a submission; its files are not looked at yet.

    Attributes:
        fields: values by wire name, as `AuditApply.from_wire` takes them.
        parts: absolute paths by the wire name of the part, in the order of sending.
        warnings: what a person should look at; nothing is wrong with the rest.
    """

    fields: Mapping[str, object] = attrs.field(repr=False)
    parts: Mapping[str, Path]
    warnings: tuple[Problem, ...] = ()


def read_submission(path: Path) -> SubmissionDraft:
    """Read a submission from a folder, or from a TOML file that names its files.

    Args:
        path: the folder; or the file: `submission.toml` stands for its folder, and any other name
            for what it names alone. Relative paths in it begin at its folder.

    Raises:
        ValidationError: a key is unknown, a value has another type, too many files are there, or
            nothing can be read; all problems at once. Whether files are there and are what the
            platform takes is found out by the check before sending.
    """
    draft, problems = read_draft(path)
    if problems:
        raise ValidationError(problems + list(draft.warnings))
    return draft


def fields_file_of(path: Path) -> Path:
    """Return the TOML file of a submission, there or not; it lies in the submission's folder.

    Args:
        path: the folder, or the file.

    Raises:
        OSError, ValueError: nobody can say what the path is.
    """
    given = _absolute(path)
    return given / FIELDS_FILE if given.is_dir() else given


def read_draft(path: Path) -> tuple[SubmissionDraft, list[Problem]]:
    """Return what can be used of a submission, and its errors: none, and all of it can be used.

    Args:
        path: as for `read_submission`.
    """
    try:
        file = fields_file_of(path)
        has_fields = path.is_file() or file.exists()
        if not has_fields:
            path.stat()
        held = read_toml(file) if has_fields else {}
    except (OSError, ValueError) as error:
        return _nothing(unreadable(printable(str(path)), PathSource(path), error))
    except ValidationError as error:
        return _nothing(*error.problems)
    folder = file.parent
    fields, problems = _fields_of(held)
    parts = _parts_of(held, folder, problems)
    if file.name == FIELDS_FILE:
        _add_files(file, parts, problems)
        if not has_fields:
            if not parts:
                return _nothing(told(printable(str(path)), "no_submission", *_NOTHING))
            code, named = "file_not_found", printable(str(file))
            problems.append(told(named, code, *_NO_FIELDS, severity=Severity.WARNING))
    errors = [each for each in problems if each.severity is Severity.ERROR]
    warnings = tuple(each for each in problems if each.severity is Severity.WARNING)
    ordered = {name: parts[name] for name in PARTS if name in parts}
    return SubmissionDraft(fields=fields, parts=ordered, warnings=warnings), errors


def _nothing(*problems: Problem) -> tuple[SubmissionDraft, list[Problem]]:
    return SubmissionDraft(fields={}, parts={}), list(problems)


def _fields_of(held: Mapping[str, object]) -> tuple[dict[str, object], list[Problem]]:
    """Return the fields that can be used, and what is wrong with the others and with the keys."""
    given = {name: value for name, value in held.items() if name in _WIRE}
    _, found = read_fields(given)
    wrong = {each.path.partition("[")[0].partition(".")[0] for each in found}
    usable = {name: value for name, value in given.items() if _WIRE[name].attribute not in wrong}
    problems = [_with_advice(each, held) for each in found]
    problems += [_unknown(name) for name in held if name not in _KNOWN]
    return usable, problems


def _with_advice(problem: Problem, held: Mapping[str, object]) -> Problem:
    """Add what mends a number, which most people write where a text belongs."""
    spec = FIELDS.get(problem.path)
    value = None if spec is None else held.get(spec.wire_name)
    is_text = spec is not None and spec.type in (ValueType.TEXT, ValueType.CHOICE)
    return retold(problem, *_QUOTES) if is_text and isinstance(value, int | float) else problem


def _unknown(name: str) -> Problem:
    of_field = [part.name for part in parts_of(name)]
    close = of_field or difflib.get_close_matches(name, _KNOWN, 1)
    english, chinese = zip(_UNKNOWN, _NEAR if close else _LISTED, strict=True)
    names = close or list(_KNOWN)
    values = {"close": names[0], "names": ", ".join(names), "chinese_names": "、".join(names)}
    shown = printable(name) if name.isidentifier() else repr(name)
    return told(shown, "unknown_field", english, chinese, values=values)


def _parts_of(held: Mapping[str, object], folder: Path, problems: list[Problem]) -> dict[str, Path]:
    """Return the files that are named; an empty text is none, as with fields."""
    parts = {}
    for name in PARTS:
        value = held.get(name, "")
        if not isinstance(value, str):
            problems.append(told(name, "wrong_type", *_NO_PATH))
        elif value:
            parts[name] = _absolute(folder / value)
    for field in _LISTS:
        if field in held:
            _add_list(field, held[field], folder, parts, problems)
    return parts


def _add_list(
    field: str, value: object, folder: Path, parts: dict[str, Path], problems: list[Problem]
) -> None:
    """Add the files of a list, in their order."""
    names = [part.name for part in parts_of(field)]
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        problems.append(told(field, "wrong_type", *_NO_LIST))
    elif len(value) > len(names):
        counts = {"count": len(value), "limit": len(names)}
        problems.append(told(field, "too_many", *_TOO_MANY, values=counts))
    elif twice := [name for name in names if name in parts]:
        problems.append(told(field, "duplicate_part", *_TWICE, values={"name": twice[0]}))
    else:
        files = (_absolute(folder / each) for each in value)
        parts.update(zip(names, files, strict=False))


def _absolute(path: Path) -> Path:
    """Return a path without `..`; no link is followed."""
    return Path(os.path.abspath(path))  # noqa: PTH100  # Path.absolute keeps them


def _add_files(file: Path, parts: dict[str, Path], problems: list[Problem]) -> None:
    """Add the files that lie there by convention, for fields of which none is named."""
    named = frozenset(parts.values())
    found, of_files = find_files(file.parent, named)
    problems += of_files
    explicit = {PARTS[name].field for name in parts}
    others = [each for field in PLACES if field in explicit for each in found.pop(field, [])]
    problems += [_overridden(each, file) for each in others if each not in named]
    problems += file_problems(found)
    for field, files in found.items():
        parts.update(zip((part.name for part in parts_of(field)), files, strict=False))


def _overridden(other: Path, file: Path) -> Problem:
    values = {"file": file.name}
    severity = Severity.WARNING
    path = printable(str(other))
    return told(path, "file_overridden", *_OVERRIDDEN, severity=severity, values=values)
