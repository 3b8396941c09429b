"""`check`: everything that is wrong with submissions, in folders, TOML files and manifests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from alipay_mini_audit.attachments import PARTS, Attachments, PathSource, SourceLike
from alipay_mini_audit.batch.manifest import Manifest
from alipay_mini_audit.cli.drafts import problems_of
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.client import check
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.folder import fields_file_of, read_draft
from alipay_mini_audit.files.toml import read_toml
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.problems import Problem, Severity

if TYPE_CHECKING:
    from alipay_mini_audit.cli.folders.repair import Repaired

__all__ = ["Checked", "check_path", "fix_path"]

_ENTRIES: Final = "submission"
"""The table of a TOML file that makes it a manifest."""


@attrs.frozen(kw_only=True)
class Checked:
    """What is wrong with one submission.

    Attributes:
        name: what the user calls it.
        problems: in the language that was chosen.
        base: the folder that it lies in; absolute.
        files: where they are, by location, e.g. `attachments.app_logo`.
        is_entry: it is one of the many of a manifest.
        submissions: how many it counts for; a manifest by itself is none.
        is_left_alone: a copy was asked for, and its errors are not about pictures.
        is_repairable: `--fix` takes it, and would make a copy of all of it.
        repaired: the copy that this is about; `None` if none was asked for.
    """

    name: str
    problems: tuple[Problem, ...]
    base: Path
    files: Mapping[str, Path] = attrs.field(factory=dict)
    is_entry: bool = False
    submissions: int = 1
    is_left_alone: bool = False
    is_repairable: bool = False
    repaired: Repaired | None = None

    @property
    def errors(self) -> int:
        """How many problems stop it."""
        return sum(each.severity is Severity.ERROR for each in self.problems)


async def check_path(path: Path, language: str) -> AsyncIterator[Checked]:
    """Yield what is wrong with what lies at a path; a manifest has many submissions.

    Args:
        path: a folder, a TOML file or a manifest.
        language: of the texts, "zh" or "en".
    """
    if not await asyncio.to_thread(_is_manifest, path):
        yield await _check_folder(path, str(path), language)
        return
    async for checked in _check_manifest(path, language):
        yield checked


async def fix_path(path: Path, out: Path | None, language: str) -> AsyncIterator[Checked]:
    """Make a copy with repaired pictures, and yield what is still wrong with it.

    Args:
        path: a folder or a TOML file.
        out: where the copy goes; `None` for a folder beside the original.
        language: of the texts, "zh" or "en".

    Raises:
        CommandFailed: the extra is not installed, or something is in the way.
        OSError: the copy cannot be written.
    """
    try:
        from alipay_mini_audit.cli.folders.repair import out_of, repair
    except ModuleNotFoundError as error:
        raise CommandFailed(
            said(
                "--fix needs an extra: pip install 'alipay-mini-audit[images]'",
                "--fix 需要另外安装：pip install 'alipay-mini-audit[images]'",
                language,
            )
        ) from error

    if await asyncio.to_thread(_is_manifest, path):
        raise CommandFailed(
            said(
                f"{path}: --fix takes folders and TOML files of one submission, no manifests.",
                f"{path}：--fix 只接受单个提交的目录或 TOML 文件，不接受清单。",
                language,
            )
        )
    target = await asyncio.to_thread(out_of, path, out, language)
    draft, errors = await asyncio.to_thread(read_draft, path)
    if errors:  # they are not about pictures, and a copy would have lost them
        checked = await _check_folder(path, str(path), language)
        yield attrs.evolve(checked, is_left_alone=True)
        return
    fields = await asyncio.to_thread(fields_file_of, path)
    stop = threading.Event()
    try:
        repaired = await asyncio.to_thread(repair, draft, fields, target, language, stop)
    except asyncio.CancelledError:  # the thread goes on, and is waited for
        stop.set()
        raise
    about = path if repaired.folder is None else repaired.folder
    checked = await _check_folder(about, str(about), language)
    if repaired.folder is not None:
        left_out = tuple(each.in_language(language) for each in repaired.problems)
        checked = attrs.evolve(checked, problems=left_out + checked.problems)
    yield attrs.evolve(checked, repaired=repaired)


def _base_of(path: Path) -> Path:
    try:
        return fields_file_of(path).parent
    except (OSError, ValueError):  # what is wrong with it is among the problems
        return path.parent


def _is_manifest(path: Path) -> bool:
    """Say whether a file names many submissions. One that cannot be read does not."""
    try:
        if path.is_dir() or not path.suffix:
            return False
        return path.suffix.lower() != ".toml" or isinstance(read_toml(path).get(_ENTRIES), list)
    except (OSError, ValueError, ValidationError):
        return False


async def _check_manifest(path: Path, language: str) -> AsyncIterator[Checked]:
    manifest = Manifest.read(path)
    base = await asyncio.to_thread(_base_of, path)
    problems = [each.in_language(language) for each in await manifest.problems()]
    if problems:
        yield Checked(name=str(path), problems=tuple(problems), base=base, submissions=0)
    try:
        async for submission in manifest:
            files = _files_of(submission.attachments)
            found = await check(submission.request, submission.attachments, language=language)
            name = f"{path}: {submission.key}"
            yield Checked(name=name, problems=found, base=base, files=files, is_entry=True)
    except ValidationError:  # it cannot be read, and that is among the problems
        if not problems:
            raise


def _files_of(attachments: Attachments | Mapping[str, SourceLike | None] | None) -> dict[str, Path]:
    if attachments is None:
        return {}
    if not isinstance(attachments, Attachments):
        attachments = Attachments.from_parts(attachments)
    return {
        PARTS[name].location: source.path
        for name, source in attachments.parts.items()
        if name in PARTS and isinstance(source, PathSource)
    }


async def _check_folder(path: Path, name: str, language: str) -> Checked:
    draft, errors = await asyncio.to_thread(read_draft, path)
    base = await asyncio.to_thread(_base_of, path)
    return Checked(
        name=name,
        problems=await problems_of(draft, errors, Preflight(), language),
        base=base,
        files={PARTS[part].location: file for part, file in draft.parts.items()},
        is_repairable=not errors,
    )
