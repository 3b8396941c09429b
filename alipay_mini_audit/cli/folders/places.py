"""`place_of`: what is wrong, called as the user knows it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.files.layout import PLACES
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.problems import Problem

__all__ = ["place_of"]


def place_of(problem: Problem, files: Mapping[str, Path], base: Path) -> str:
    """Return a place as the user knows it: a file, or a key of the TOML file.

    Args:
        problem: what is wrong.
        files: where they are, by location, e.g. `attachments.app_logo`.
        base: the folder of the submission; what lies in it is named from there.
    """
    file = files.get(problem.path)
    if file is not None:
        return _shortened(str(file), base)
    field = problem.path.removeprefix("attachments.")
    if field in PLACES:
        return PLACES[field]
    if field in FIELDS and problem.code != "unknown_field":
        return FIELDS[field].wire_name
    return _shortened(problem.path, base)


def _shortened(path: str, base: Path) -> str:
    return printable(path.removeprefix(f"{base}{os.sep}"))
