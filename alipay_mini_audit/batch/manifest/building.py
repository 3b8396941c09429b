"""From a record to a `Submission`, or to all that is wrong with it. For worker threads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.attachments import PARTS, Attachments
from alipay_mini_audit.attachments.parts import parts_of
from alipay_mini_audit.batch.manifest.columns import (
    COLUMNS,
    FIELD_NAMES,
    LISTS,
    PART_NAMES,
    unknown_column,
)
from alipay_mini_audit.batch.manifest.record import Record
from alipay_mini_audit.batch.manifest.tokens import Tokens
from alipay_mini_audit.batch.manifest.values import (
    moment_of,
    number_of,
    spreadsheet_problem,
    tidied,
)
from alipay_mini_audit.batch.submission import Submission, mini_app_of
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.models import AuditApply, text_problems
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["Builder", "Outcome"]

_SEPARATORS: Final = re.compile(r"[;；\r\n]")
_NAMES: Final = {spec.attribute: spec.wire_name for spec in FIELDS.values()}

_NO_VERSION: Final = (
    ("the version is missing.", "Give the version that is in development, e.g. 0.0.1."),
    ("缺少版本号。", "请填写处于开发中状态的版本号，例如 0.0.1。"),
)
_NO_TEXT: Final = (
    ("expected a text, not {given}.", "Write it in quotes."),
    ("应为文本，而不是 {given}。", "请写成带引号的文本。"),
)
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


@final
@attrs.frozen(kw_only=True)
class Outcome:
    """What has become of a record.

    Attributes:
        record: what the line says.
        submission: made of it; `None` if it is not right.
        problems: what is wrong with it, and what a person should look at.
    """

    record: Record
    submission: Submission | None = None
    problems: tuple[Problem, ...] = ()


@final
class Builder:
    """Makes submissions of records.

    Args:
        folder: what relative paths begin at.
        tokens: of the merchants.
    """

    def __init__(self, folder: Path, tokens: Tokens) -> None:
        self._folder = folder
        self._tokens = tokens

    def build(self, record: Record) -> Outcome:
        """Return the submission that a record asks for, or all that is wrong with it."""
        if not record.is_usable:
            return Outcome(record=record, problems=record.problems)
        work = _Work(record, self._folder)
        submission = work.submission(self._tokens)
        return Outcome(record=record, submission=submission, problems=tuple(work.problems))


@final
class _Work:
    """The work on one record; its problems are added as they are found."""

    def __init__(self, record: Record, folder: Path) -> None:
        self.problems = list(record.problems)
        self._record = record
        self._folder = folder
        self._values = {name: self._read(name, value) for name, value in record.values.items()}

    def submission(self, tokens: Tokens) -> Submission | None:
        """Return the submission; `None` if anything is wrong."""
        values, record = self._values, self._record
        draft_fields, draft_parts = self._draft()
        request = self._request(draft_fields)
        attachments = self._attachments(draft_parts)
        own = {name: self._text(name) for name in ("key", "mini_app", "template_id")}
        token, problems = tokens.token_of(record, own["mini_app"])
        self.problems += problems
        priority: int | Problem = 0
        if "priority" in values:
            priority = number_of(record.at("priority"), values["priority"])
        moment = None
        if "not_before" in values:
            moment = moment_of(record.at("not_before"), values["not_before"])
        self.problems += [each for each in (priority, moment) if isinstance(each, Problem)]
        if any(each.severity is Severity.ERROR for each in self.problems):
            return None
        assert request is not None  # noqa: S101  # these three narrow types
        assert not isinstance(priority, Problem)  # noqa: S101
        assert not isinstance(moment, Problem)  # noqa: S101
        key = own["key"] or _made_key(own["mini_app"], token, request.app_version or "")
        return Submission(
            key=key,
            request=request,
            attachments=attachments,
            app_auth_token=token,
            mini_app=own["mini_app"],
            template_id=own["template_id"],
            priority=priority,
            not_before=moment,
        )

    def _read(self, name: str, value: object) -> object:
        """Return a value as the wire has it; all values of a table are texts."""
        record = self._record
        if record.is_typed or not isinstance(value, str):
            if name not in COLUMNS:
                self.problems.append(unknown_column(record.at(name), name))
            return value
        problem = spreadsheet_problem(record.at(name), name, value)
        if problem is not None:
            self.problems.append(problem)
        return tidied(name, value)

    def _text(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        path = self._record.at(name)
        if not isinstance(value, str):
            given = {"given": type(value).__name__}
            self.problems.append(told(path, "wrong_type", *_NO_TEXT, values=given))
            return None
        self.problems += text_problems(path, value.strip())
        return value.strip()

    def _draft(self) -> tuple[Mapping[str, object], Mapping[str, Path]]:
        """Return what the folder of the line says: fields and files by wire name."""
        return {}, {}

    def _request(self, draft: Mapping[str, object]) -> AuditApply | None:
        given = {name: self._values[name] for name in FIELD_NAMES if name in self._values}
        fields = {**draft, **given}
        if not fields.get("app_version"):
            self.problems.append(
                told(self._record.at("app_version"), "version_missing", *_NO_VERSION)
            )
        try:
            return AuditApply.from_wire(fields)
        except ValidationError as error:
            for each in error.problems:
                attribute = re.split(r"[.\[]", each.path, maxsplit=1)[0]
                name = _NAMES.get(attribute, attribute)
                where = self._record.at(name if name in given or name not in draft else "folder")
                rest = each.path if where.endswith(":folder") else each.path[len(attribute) :]
                path = f"{where}:{rest}" if where.endswith(":folder") else where + rest
                self.problems.append(attrs.evolve(each, path=path))
            return None

    def _attachments(self, draft: Mapping[str, Path]) -> Attachments | None:
        files: dict[str, Path] = {}
        givers: dict[str, str] = {}
        for name in (*LISTS, *PART_NAMES):
            if name not in self._values:
                continue
            for part, path in self._paths(name, self._values[name]).items():
                if part in files:
                    other = {"other": givers[part]}
                    path_of = self._record.at(name)
                    self.problems.append(told(path_of, "duplicate_part", *_TWICE, values=other))
                files[part], givers[part] = self._folder / path, name
        replaced = {PARTS[part].field for part, giver in givers.items() if giver in LISTS}
        kept = {name: path for name, path in draft.items() if PARTS[name].field not in replaced}
        try:
            return Attachments.from_parts({**kept, **files}) if kept or files else None
        except ValidationError as error:
            self.problems += [
                attrs.evolve(each, path=self._record.at(each.path)) for each in error.problems
            ]
            return None

    def _paths(self, name: str, value: object) -> dict[str, str]:
        """Return the paths of a column by the parts that they are for."""
        parts = [part.name for part in parts_of(name)] if name in LISTS else [name]
        paths = value
        if isinstance(value, str):
            paths = _SEPARATORS.split(value) if name in LISTS else [value]
        elif name not in LISTS:
            paths = None
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            self.problems.append(told(self._record.at(name), "wrong_type", *_NO_PATHS))
            return {}
        given = [path.strip() for path in paths if path.strip()]
        if len(given) > len(parts):
            counts = {"count": len(given), "limit": len(parts)}
            self.problems.append(told(self._record.at(name), "too_many", *_TOO_MANY, values=counts))
        return dict(zip(parts, given, strict=False))


def _made_key(mini_app: str | None, token: str | None, version: str) -> str:
    whose = mini_app_of(mini_app, token)
    return f"{whose}@{version}" if whose else version
