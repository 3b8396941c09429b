"""From a record to a `Submission`, or to all that is wrong with it. For worker threads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.batch.journal.names import made_key
from alipay_mini_audit.batch.journal.row import Claim, Identity
from alipay_mini_audit.batch.manifest.attached import attachments_of
from alipay_mini_audit.batch.manifest.columns import COLUMNS, FIELD_NAMES, NOTES, unknown_column
from alipay_mini_audit.batch.manifest.record import Record
from alipay_mini_audit.batch.manifest.tokens import Tokens
from alipay_mini_audit.batch.manifest.values import (
    moment_of,
    number_of,
    spreadsheet_problem,
    tidied,
)
from alipay_mini_audit.batch.submission import Submission, claim_of, mini_app_of
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.folder import SubmissionDraft, read_submission
from alipay_mini_audit.models import AuditApply, BundleId, text_problems
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.models.text import kind_of
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["Builder", "Outcome"]

_NAMES: Final = {spec.attribute: spec.wire_name for spec in FIELDS.values()}

_NO_VERSION: Final = (
    ("the version is missing.", "Give the version that is in development, e.g. 0.0.1."),
    ("缺少版本号。", "请填写处于开发中状态的版本号，例如 0.0.1。"),
)
_NO_TEXT: Final = (
    ("expected a text, not {given}.", "Write it in quotes."),
    ("应为文本，而不是{chinese_given}。", "请写成带引号的文本。"),
)


@final
@attrs.frozen(kw_only=True)
class Outcome:
    """What has become of a record.

    Attributes:
        record: what the line says.
        submission: made of it; `None` if it is not right.
        identity: which entry it is, right or not; `None` if it does not say.
        claim: what a journal is asked for it; `None` if it does not say which entry it is.
        problems: what is wrong with it, and what a person should look at.
    """

    record: Record
    submission: Submission | None = None
    identity: Identity | None = None
    claim: Claim | None = None
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
        if not record.is_usable and not record.values:
            return Outcome(record=record, problems=record.problems)
        work = _Work(record, self._folder)
        submission = work.submission(self._tokens)
        return Outcome(
            record=record,
            submission=submission,
            identity=work.identity,
            claim=work.claim,
            problems=tuple(work.problems),
        )


@final
class _Work:
    """The work on one record; its problems are added as they are found."""

    def __init__(self, record: Record, folder: Path) -> None:
        self.problems = list(record.problems)
        self.identity: Identity | None = None
        self.claim: Claim | None = None
        self._record = record
        self._folder = folder
        self._values = {name: self._read(name, value) for name, value in record.values.items()}

    def submission(self, tokens: Tokens) -> Submission | None:
        """Return the submission; `None` if anything is wrong, all of which is told."""
        values, record = self._values, self._record
        draft = self._draft()
        fields = {**draft.fields, **self._given()}
        request = self._request(fields, draft)
        attachments, problems = attachments_of(record, values, self._folder, draft.parts)
        self.problems += problems
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
        key = own["key"]
        if key is None and (own["mini_app"] or not problems):  # no token, no digest of it
            whose = mini_app_of(own["mini_app"], token)
            key = made_key(whose, str(fields.get("app_version", "")))
        self.identity = _identity_of(key, fields) if key else None
        if self.identity is not None:
            self.claim = claim_of(self.identity, own["mini_app"], token)
        is_wrong = any(each.severity is Severity.ERROR for each in self.problems)
        if is_wrong or not record.is_usable:
            return None
        assert request is not None  # noqa: S101  # these narrow types
        assert not isinstance(priority, Problem)  # noqa: S101
        assert not isinstance(moment, Problem)  # noqa: S101
        assert key  # noqa: S101
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
        if name in NOTES:
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
            self.problems.append(told(path, "wrong_type", *_NO_TEXT, values=kind_of(value)))
            return None
        self.problems += text_problems(path, value.strip())
        return value.strip()

    def _draft(self) -> SubmissionDraft:
        """Return what the folder of the line says; nothing if it names none."""
        nothing = SubmissionDraft(fields={}, parts={})
        given = self._text("folder")
        if given is None:
            return nothing
        try:
            draft = read_submission(self._folder / given)
        except ValidationError as error:
            self._tell_of_folder(error.problems)
            return nothing
        self._tell_of_folder(draft.warnings)
        return draft

    def _tell_of_folder(self, problems: Iterable[Problem]) -> None:
        where = self._record.at("folder")
        self.problems += [attrs.evolve(each, path=f"{where}:{each.path}") for each in problems]

    def _given(self) -> dict[str, object]:
        return {name: self._values[name] for name in FIELD_NAMES if name in self._values}

    def _request(self, fields: Mapping[str, object], draft: SubmissionDraft) -> AuditApply | None:
        may_lack = "folder" in self._values and not draft.fields
        if not fields.get("app_version") and self._record.is_usable and not may_lack:
            path = self._record.at("app_version")
            self.problems.append(told(path, "version_missing", *_NO_VERSION))
        try:
            return AuditApply.from_wire(fields)
        except ValidationError as error:
            self.problems += [self._placed(each, draft) for each in error.problems]
            return None

    def _placed(self, problem: Problem, draft: SubmissionDraft) -> Problem:
        """Say where a field was given: by the line, or by its folder."""
        attribute = re.split(r"[.\[]", problem.path, maxsplit=1)[0]
        name = _NAMES.get(attribute, attribute)
        if name in draft.fields and name not in self._values:
            return attrs.evolve(problem, path=f"{self._record.at('folder')}:{problem.path}")
        rest = problem.path[len(attribute) :]
        return attrs.evolve(problem, path=self._record.at(name) + rest)


def _identity_of(key: str, fields: Mapping[str, object]) -> Identity | None:
    version, bundle_id = fields.get("app_version", ""), fields.get("bundle_id", "")
    if not isinstance(version, str) or not isinstance(bundle_id, str):
        return None
    return Identity(key, version, "" if bundle_id == BundleId.WALLET else bundle_id)
