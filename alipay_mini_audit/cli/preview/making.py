"""Reads and checks one submission, and makes a page of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from alipay_mini_audit.cli.console import print_json, printable
from alipay_mini_audit.cli.drafts import problems_of
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.preview.page import Preview, preview_page
from alipay_mini_audit.cli.preview.pictures import read_files
from alipay_mini_audit.cli.resources import text_beside
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.folder import read_draft
from alipay_mini_audit.files.layout import FIELDS_FILE
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.problems import Problem

__all__ = ["default_place", "make_preview", "tell_preview"]

_PACKAGE: Final = "alipay_mini_audit.cli.preview"


def make_preview(path: Path, language: str) -> tuple[str, tuple[Problem, ...]]:
    """Return the page of a submission, and the problems that it tells of; blocking.

    Args:
        path: the folder, or the TOML file.
        language: "zh" or "en".

    Raises:
        ValidationError: nothing of it can be read.
    """
    draft, errors = read_draft(path)
    if errors and not draft.fields and not draft.parts:
        raise ValidationError(errors)
    problems = asyncio.run(problems_of(draft, errors, Preflight(), language))
    preview = Preview(
        name=_name_of(path),
        fields={name: draft.fields.get(spec.wire_name) for name, spec in FIELDS.items()},
        files=read_files(draft.parts),
        problems=problems,
        language=language,
        now=time.time(),
    )
    html, css = (text_beside(_PACKAGE, name) for name in ("page.html", "page.css"))
    return preview_page(preview, html, css), problems


def default_place(path: Path) -> Path:
    """Return where the page of a submission goes if nobody says: beside its folder or file."""
    whole = path.resolve()
    whole = whole.parent if whole.name == FIELDS_FILE else whole
    return whole.with_name(f"{_name_of(path)}.preview.html")


def tell_preview(place: Path, problems: Sequence[Problem], language: str, *, as_json: bool) -> None:
    """Print where the page is, and how many problems it tells of."""
    if as_json:
        facts = [
            {
                "path": problem.path,
                "code": problem.code,
                "severity": problem.severity.value,
                "message": problem.message,
                "advice": problem.advice,
            }
            for problem in problems
        ]
        print_json({"page": str(place), "problems": facts})
        return
    count = len(problems)
    found = "1 problem" if count == 1 else f"{count} problems"
    page = printable(str(place))
    english, chinese = f"Written: {page} ({found})", f"已写入：{page}（{count} 个问题）"
    typer.echo(said(english, chinese, language))


def _name_of(path: Path) -> str:
    whole = path.resolve()
    if whole.name == FIELDS_FILE:
        return whole.parent.name
    return whole.name if whole.is_dir() else whole.stem
