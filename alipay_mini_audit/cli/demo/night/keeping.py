"""The folder in which a demo leaves something; nothing that was there before is touched."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import reason_of, said

__all__ = ["keep_files", "kept_folder"]


@contextlib.contextmanager
def kept_folder(wanted: Path | None, language: str) -> Iterator[Path]:
    """Make a folder that stays if the block ends well, and else is gone again.

    Args:
        wanted: a new folder, or an empty one; `None` makes one below that for temporary files.
        language: of the error.

    Raises:
        CommandFailed: it cannot be made, or is not empty.
        OSError: there is no place for temporary files.
    """
    if wanted is None:
        folder, is_new = Path(tempfile.mkdtemp(prefix="alipay-mini-audit-night-")), True
    else:
        folder, is_new = wanted, not wanted.exists()
        if is_new:
            _make(folder, language)
        elif not folder.is_dir() or any(folder.iterdir()):
            english = f"--keep: {folder} is there already and no empty folder. Name a new one."
            chinese = f"--keep：{folder} 已存在且不是空目录，请另选一个。"
            raise CommandFailed(said(english, chinese, language))
    try:
        yield folder
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):  # somebody else has put something into it
                folder.rmdir()
        raise


def _make(folder: Path, language: str) -> None:
    try:
        folder.mkdir()
    except OSError as error:
        reason = reason_of(error, language)
        english = f"--keep: {folder} cannot be made: {reason}."
        chinese = f"--keep：无法创建 {folder}：{reason}。"
        raise CommandFailed(said(english, chinese, language)) from error


def keep_files(files: Sequence[Path], folder: Path) -> None:
    """Copy all of some files into a folder, or none.

    Raises:
        OSError: one cannot be written, or is there already.
    """
    with contextlib.ExitStack() as undo:
        for file in files:
            place = folder / file.name
            with file.open("rb") as source, place.open("xb") as target:
                undo.callback(place.unlink)
                shutil.copyfileobj(source, target)
        undo.pop_all()
