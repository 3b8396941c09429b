"""`check --fix`: a copy of a submission with pictures that the platform takes. Blocks.

The copy is made beside its place and put there when it is whole; the original is only read.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from alipay_mini_audit.attachments import PARTS, PartSpec
from alipay_mini_audit.attachments.parts import parts_of
from alipay_mini_audit.attachments.sources import PathSource
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.folders.pictures import Mended, Step, mend
from alipay_mini_audit.cli.folders.template import submission_text
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.files.folder import SubmissionDraft, fields_file_of
from alipay_mini_audit.files.layout import FIELDS_FILE, PLACES, SCHEMA_FILE, place_of
from alipay_mini_audit.files.toml import read_toml
from alipay_mini_audit.files.unusable import not_a_file, unreadable
from alipay_mini_audit.problems import Problem

__all__ = ["Repair", "Repaired", "out_of", "repair"]

_LARGEST: Final = 256 * 1024 * 1024
"""Bytes: no picture has more, and who knows what a decoder would do with it."""


@attrs.frozen(kw_only=True)
class Repair:
    """What was done to one file.

    Attributes:
        path: its location, e.g. `attachments.app_logo`.
        file: the original.
        original: its name as seen from its folder.
        name: the copy, relative to its folder.
        steps: in English and in Chinese; none for a file that was only copied.
    """

    path: str
    file: Path
    original: str
    name: str
    steps: tuple[Step, ...]


@attrs.frozen(kw_only=True)
class Repaired:
    """A copy of a submission.

    Attributes:
        folder: where it is; `None` if nothing had to be repaired, so that none was made.
        files: what was done to each.
        problems: files that could not be read, and are not in the copy.
    """

    folder: Path | None
    files: tuple[Repair, ...]
    problems: tuple[Problem, ...] = ()


def out_of(path: Path, out: Path | None, language: str) -> Path:
    """Return where the copy of a submission goes.

    Args:
        path: the submission: a folder, or a TOML file.
        out: what the user asked for; `None` for a folder beside it.
        language: of the error, "zh" or "en".

    Raises:
        CommandFailed: something is there already, and nothing is overwritten.
    """
    file = fields_file_of(path)
    original = file.parent if file.name == FIELDS_FILE else file.with_suffix("")
    chosen = original.with_name(f"{original.name}-fixed") if out is None else out
    if chosen.exists() or chosen.is_symlink():
        raise _in_the_way(chosen, language)
    if original.resolve() in chosen.resolve().parents:
        raise CommandFailed(
            said(
                f"{chosen} lies in the submission, which stays as it is: name another with --out.",
                f"{chosen} 位于原目录之内，而原目录不会改动：请用 --out 指定其他目录。",
                language,
            )
        )
    return chosen


def _in_the_way(out: Path, language: str) -> CommandFailed:
    return CommandFailed(
        said(
            f"{out} is there already, and nothing is overwritten: name a folder with --out.",
            f"{out} 已存在，不会覆盖：请用 --out 指定其他目录。",
            language,
        )
    )


def repair(
    draft: SubmissionDraft, fields: Path, out: Path, language: str, stop: threading.Event
) -> Repaired:
    """Make a copy of a submission in which every picture is as the platform takes it.

    Args:
        draft: the submission.
        fields: its TOML file, which need not be there.
        out: where; nothing is there yet.
        language: of comments in a TOML file that has to be written anew, "zh" or "en".
        stop: once it is set, it ends behind the picture at hand, and there is no copy.

    Raises:
        CommandFailed: something is there by now.
        InterruptedError: it was stopped.
        OSError: the copy cannot be written.
    """
    place = next(each for each in out.absolute().parents if each.is_dir())
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=place) as temporary:
        copy = Path(temporary) / "copy"
        copy.mkdir(mode=_mode_of(fields.parent))
        problems: list[Problem] = []
        files = tuple(_repaired(draft, fields.parent, copy, problems, stop))
        if not any(each.steps for each in files):
            return Repaired(folder=None, files=files, problems=tuple(problems))
        if fields.is_file():
            _copy_fields(draft, fields, copy, language)
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy.rename(out)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise _in_the_way(out, language) from error
            raise
    return Repaired(folder=out, files=files, problems=tuple(problems))


def _repaired(
    draft: SubmissionDraft,
    folder: Path,
    copy: Path,
    problems: list[Problem],
    stop: threading.Event,
) -> Iterator[Repair]:
    taken: dict[str, int] = {}
    for name, file in draft.parts.items():
        part = PARTS[name]
        try:
            content = _content_of(file)
        except (OSError, ValueError) as error:
            problems.append(unreadable(part.location, PathSource(file), error))
            continue
        if content is None:
            problems.append(not_a_file(part.location, PathSource(file)))
            continue
        place = parts_of(part.field)[taken.get(part.field, 0)]  # the copy has no gaps
        taken[part.field] = taken.get(part.field, 0) + 1
        mended = _mended(content, file.suffix[1:].lower(), part)
        target = place_of(place, mended.extension)
        (copy / target).parent.mkdir(exist_ok=True)
        _write(copy / target, mended.content, like=file)
        original = str(file).removeprefix(f"{folder}{os.sep}")
        steps = mended.steps
        if stop.is_set():
            raise InterruptedError
        yield Repair(path=part.location, file=file, original=original, name=target, steps=steps)


def _content_of(file: Path) -> bytes | None:
    """Return what a file holds; `None` if it is a pipe or a device, which may never end."""
    mode = file.stat().st_mode
    return file.read_bytes() if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else None


def _mended(content: bytes, extension: str, part: PartSpec) -> Mended:
    """Return the file as it should be; as it is if it is no picture, or none that can be read."""
    if part.field != "test_file" and len(content) <= _LARGEST:
        with contextlib.suppress(Exception):  # Pillow raises anything; the check says what is wrong
            return mend(content, extension, part)
    return Mended(content=content, extension=extension or part.formats[0], steps=())


def _copy_fields(draft: SubmissionDraft, fields: Path, copy: Path, language: str) -> None:
    """Copy the fields as they are written, unless they name files, which are elsewhere now."""
    if {*PARTS, *PLACES} & read_toml(fields).keys():
        content = submission_text(draft.fields, language).encode()
    else:
        content = fields.read_bytes()
    _write(copy / FIELDS_FILE, content, like=fields)
    schema = fields.parent / SCHEMA_FILE
    if os.path.isfile(schema):  # noqa: PTH113  # says no to what cannot be asked
        shutil.copyfile(schema, copy / SCHEMA_FILE)


def _write(file: Path, content: bytes, *, like: Path) -> None:
    """Write a new file that nobody may read who may not read another one."""
    mode = _mode_of(like)
    with open(file, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as opened:
        opened.write(content)


def _mode_of(path: Path) -> int:
    """Return who may do what; the owner may write, too."""
    return path.stat().st_mode & 0o777 | 0o200
