"""`fetch_pictures`: what `batch report --pictures` does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import typer

from alipay_mini_audit.cli.console import print_json, printable
from alipay_mini_audit.cli.exits import until_stopped
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.snapshot import rows_of
from alipay_mini_audit.cli.verdict_pictures import save_pictures

__all__ = ["fetch_pictures"]


def fetch_pictures(journal: Path, folder: Path, language: str, *, as_json: bool) -> None:
    """Download the pictures of the verdicts in a journal, and say how many; failures too.

    Args:
        journal: its file.
        folder: where they go.
        language: "zh" or "en".
        as_json: print a JSON object in place of sentences.

    Raises:
        BatchError: the journal cannot be read.
        OSError: a picture cannot be written.
    """
    saved = asyncio.run(until_stopped(save_pictures(rows_of(journal), folder, language)))
    if as_json:
        failed = [{"key": key, "url": url, "why": why} for key, url, why in saved.failed]
        files = [str(file) for file in saved.files]
        print_json({"pictures": {"folder": str(folder), "files": files, "failed": failed}})
        return
    name, count = printable(str(folder)), len(saved.files)
    typer.echo(said(f"Pictures in {name}: {count}", f"{name} 中的图片：{count}", language))
    for key, url, why in saved.failed:
        line = said(f"No picture of {key}: {url}: {why}", f"{key} 缺少图片：{url}：{why}", language)
        sys.stderr.write(f"{printable(line)}\n")
