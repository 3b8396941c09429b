"""`run_night`: looks at all of a manifest, asks, and lets the night run."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from typing import Final

import typer

from alipay_mini_audit.batch.journal.names import Known
from alipay_mini_audit.cli.console import print_json
from alipay_mini_audit.cli.exits import CommandFailed, ExitStatus, until_stopped
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.night import Night
from alipay_mini_audit.cli.night.order import NightOrder, is_confirmed
from alipay_mini_audit.cli.night.output import print_findings, problem_facts
from alipay_mini_audit.cli.night.preflight import Findings, Source, look_at_all
from alipay_mini_audit.cli.night.snapshot import rows_of
from alipay_mini_audit.cli.night.stopping import until_stopped_twice
from alipay_mini_audit.cli.report import Wanted, keep_other_files
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials

__all__ = ["preflight_of", "run_night"]

_EACH: Final = 50
"""After so many entries it is shown how far the checks are."""


def run_night(order: NightOrder, source: Source) -> ExitStatus:
    """Submit a manifest, and return the exit status.

    Raises:
        AuditError: the credentials, the journal or the manifest cannot be used.
        CommandFailed: nobody can be asked.
        Stopped: a signal came, and what was being sent has ended.
    """
    credentials, config = order.connection.load()
    if order.report is not None:
        _expect_place_of(order.report, order.language)
    token = order.connection.app_auth_token
    findings = preflight_of(source, credentials, config, order.language, token=token)
    if not order.as_json:
        print_findings(findings, order.language)
    if not findings.good or (order.all_or_nothing and findings.has_errors):
        return _nothing_sent(order, findings)
    if order.asks:
        done = _done_before(order.journal, findings)
        question = _question(order, findings, done, (credentials.app_id, config.base_url))
        if not is_confirmed(question):
            return _nothing_sent(order, findings)
    night = Night(
        order=order, source=source, findings=findings, credentials=credentials, config=config
    )
    return asyncio.run(until_stopped_twice(night.run, night.on_stop))


def _expect_place_of(report: Path, language: str) -> None:
    """Return if the page of a night may go there; at its end it would be too late to say so.

    Raises:
        CommandFailed: another file is there, a folder, or a pipe, whose reader a night waits for.
        OSError: it cannot be written there.
    """
    if report.exists() and not report.is_file():
        english = f"--report: {report} is no file."
        raise CommandFailed(said(english, f"--report：{report} 不是文件。", language))
    if not report.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(report))
    keep_other_files(Wanted(html=report), language)


def preflight_of(
    source: Source,
    credentials: Credentials,
    config: ClientConfig,
    language: str,
    *,
    token: str | None,
) -> Findings:
    """Read a manifest and check all of its entries; nothing is sent.

    Args:
        source: the manifest.
        credentials: of the application.
        config: of the client.
        language: "zh" or "en".
        token: of the merchant that entries without a token of their own are for; `None` for none.

    Raises:
        AuditError: the manifest cannot be read.
        Stopped: a signal came.
    """
    from rich.console import Console

    async def look() -> Findings:
        """Check with one client, and show how far it is."""
        count = 0
        console = Console(stderr=True)
        async with AuditClient(credentials, config) as client:
            with console.status("") as status:

                def tell() -> None:
                    """Count one more."""
                    nonlocal count
                    count += 1
                    if count % _EACH == 1:
                        status.update(said(f"checked {count}", f"已检查 {count} 个", language))

                return await look_at_all(source, client, language, tell, token=token)

    return asyncio.run(until_stopped(look()))


def _nothing_sent(order: NightOrder, findings: Findings) -> ExitStatus:
    if order.as_json:
        lines = [{"key": None, **problem_facts(each, order.language)} for each in findings.lines]
        found = [
            {"key": key, **problem_facts(each, order.language)} for key, each in findings.found
        ]
        facts = {"total": findings.total, "counts": {}, "problems": lines + found}
        print_json({"summary": {**facts, "exit_status": int(ExitStatus.INVALID)}})
    else:
        typer.echo(said("Nothing was sent.", "没有发送任何内容。", order.language), err=True)
    return ExitStatus.INVALID


def _done_before(journal: Path, findings: Findings) -> int:
    """Count the entries that an earlier run has done, as far as their content is the same."""
    if not journal.exists():
        return 0
    known: Known[bool] = Known()
    for row in rows_of(journal):
        known.add(row, row.state.is_submitted)
    return sum(bool(known.find(each)) for each in findings.claims)


def _question(order: NightOrder, findings: Findings, done: int, whom: tuple[str, str]) -> str:
    language, until = order.language, order.policy.until
    app_id, base_url = whom
    known = left_out = ends = ""
    if done:
        known = said(f", {done} of them done already,", f"（其中 {done} 个此前已提交）", language)
    if findings.has_bad_lines:
        left_out = said(
            " (lines of the manifest that cannot be read are none)",
            "（清单中无法读取的行不计在内）",
            language,
        )
    if until is not None:
        ends = said(
            f" until {until:%Y-%m-%d %H:%M} (this machine's clock)",
            f"，截至本机时间 {until:%Y-%m-%d %H:%M}",
            language,
        )
    good, total = findings.good, findings.total
    return said(
        f"Submit {good} of {total} entries{left_out}{known} as app {app_id} to {base_url}{ends}?",
        f"以应用 {app_id} 向 {base_url} 提交 {total} 个条目{left_out}中的 {good} 个{known}{ends}？",
        language,
    )
