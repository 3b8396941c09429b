"""Files that a command writes: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said

__all__ = ["keep_others", "written_whole"]


def keep_others(path: Path, beginning: str, language: str) -> None:
    """Return if a file may go there: nothing is there, or an earlier file of its kind.

    What begins in another way is a manifest, a journal or a picture whose name was mistyped. What
    is no regular file may be written to.

    Args:
        path: where it shall go.
        beginning: what a file of its kind begins with.
        language: "zh" or "en".

    Raises:
        CommandFailed: another file is there.
        OSError: the file there cannot be read.
    """
    if not path.is_file():
        return
    expected = beginning.encode()
    with path.open("rb") as file:
        found = file.read(len(expected))
    if found and found != expected:
        english = f"{path} is there already and holds something else; it stays as it is."
        raise CommandFailed(said(english, f"{path} 已存在且不是此类文件，未作改动。", language))


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """Write a file in UTF-8 beside its place, and put it there at the end of the block.

    If the block raises, whatever was there stays, and nothing of the new file does. What is no
    regular file, `/dev/stdout` for one, is written to as it is.

    Args:
        path: where it goes; a link is followed.

    Raises:
        OSError: it cannot be written there.
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    place = path.resolve()
    beside = place.with_name(f".{place.name[:60]}.{secrets.token_hex(4)}.part")
    try:
        beside.touch(exist_ok=False)
    except OSError as error:  # it is called as the user has called it
        error.filename = str(path)
        raise
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
