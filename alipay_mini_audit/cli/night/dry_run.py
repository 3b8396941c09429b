"""`dry_run`: prints what a run would do. It asks the platform what tokens may do, no more."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import typer

from alipay_mini_audit.batch import Row
from alipay_mini_audit.batch.journal.names import Known
from alipay_mini_audit.batch.journal.row import HoldKind
from alipay_mini_audit.batch.quota import day_in_beijing
from alipay_mini_audit.cli.console import plain_console, print_json, print_table, print_text
from alipay_mini_audit.cli.exits import ExitStatus
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.dry_table import action_said, order_table
from alipay_mini_audit.cli.night.forecast import Forecast, forecast
from alipay_mini_audit.cli.night.order import NightOrder
from alipay_mini_audit.cli.night.output import print_findings, problem_facts
from alipay_mini_audit.cli.night.plan import SENDING, Action, PlannedEntry, in_order, plan_of
from alipay_mini_audit.cli.night.preflight import Findings, Source
from alipay_mini_audit.cli.night.run import preflight_of
from alipay_mini_audit.cli.night.snapshot import rows_of, stopped_in, take_snapshot
from alipay_mini_audit.cli.night.tokens import with_tokens
from alipay_mini_audit.cli.night.words import duration_said, left_out_said, moment_said, size_said

__all__ = ["dry_run", "forecast_said"]


def dry_run(order: NightOrder, source: Source) -> ExitStatus:
    """Print what a run would do.

    Raises:
        AuditError: the credentials, the journal or the manifest cannot be used.
        Stopped: a signal came.
    """
    credentials, config = order.connection.load()
    token = order.connection.app_auth_token
    findings = preflight_of(source, credentials, config, order.language, token=token)
    known: Known[Row] = Known()
    stopped: dict[HoldKind, frozenset[str]] = {}
    used: dict[str, int] = {}
    now = time.time()
    if order.journal.exists():
        for row in rows_of(order.journal):
            known.add(row, row)
        stopped = stopped_in(order.journal)
        snapshot = take_snapshot(order.journal, now)
        used = {each.template: each.used for each in snapshot.templates}
    planned = asyncio.run(
        plan_of(
            source,
            known,
            token=token,
            bad=findings.bad,
            stopped=stopped,
            retries_refused=order.retries_refused,
        )
    )
    ordered = list(in_order([each for each in planned if each.action in SENDING], now))
    until = order.policy.until
    ahead = forecast(
        Counter(each.submission.template_id or "" for each in ordered),
        used,
        now=now,
        quota=order.policy.template_quota,
        rate=order.policy.rate,
        until=None if until is None else until.timestamp(),
    )
    ends = max((each for each in (ahead.ends_at, ahead.last_day) if each is not None), default=None)
    findings = with_tokens(
        findings, [each.submission for each in ordered], ends, credentials, config, order.language
    )
    whom = (credentials.app_id, config.base_url)
    if order.as_json:
        _print_lines(ordered, planned, findings, ahead, whom, order.language)
    else:
        _print(ordered, planned, findings, ahead, whom, now, order.language)
    is_refused = order.all_or_nothing and findings.has_errors
    return ExitStatus.INVALID if is_refused or not findings.good else ExitStatus.DONE


def _print_lines(
    ordered: Sequence[PlannedEntry],
    planned: Sequence[PlannedEntry],
    findings: Findings,
    ahead: Forecast,
    whom: tuple[str, str],
    language: str,
) -> None:
    for number, entry in enumerate(ordered, start=1):
        print_json({"order": number, **_facts(entry)})
    for entry in planned:
        if entry.action not in SENDING:
            print_json({"order": None, **_facts(entry)})
    problems = [{"key": None, **problem_facts(each, language)} for each in findings.lines]
    problems += [{"key": key, **problem_facts(each, language)} for key, each in findings.found]
    summary = {
        "app_id": whom[0],
        "base_url": whom[1],
        "actions": _counts(planned),
        "left_out": findings.left_out,
        "bytes": sum(entry.size for entry in ordered),
        "today": ahead.today,
        "fits": ahead.fits,
        "later": ahead.later,
        "ends_at": ahead.ends_at,
        "last_day": ahead.last_day,
        "problems": problems,
    }
    print_json({"summary": summary})


def _facts(entry: PlannedEntry) -> dict[str, object]:
    submission = entry.submission
    moment = submission.not_before
    return {
        "action": entry.action.value,
        "key": submission.key,
        "app_version": submission.request.app_version,
        "bundle_id": submission.request.bundle_id,
        "mini_app": entry.mini_app,
        "has_token": entry.has_token,
        "template_id": submission.template_id,
        "priority": submission.priority,
        "not_before": None if moment is None else moment.isoformat(),
        "files": entry.files,
        "bytes": entry.size,
    }


def _counts(planned: Sequence[PlannedEntry]) -> dict[str, int]:
    counts = Counter(entry.action for entry in planned)
    return {action.value: counts[action] for action in Action if counts[action]}


def _print(
    ordered: Sequence[PlannedEntry],
    planned: Sequence[PlannedEntry],
    findings: Findings,
    ahead: Forecast,
    whom: tuple[str, str],
    now: float,
    language: str,
) -> None:
    print_findings(findings, language)
    print_text(
        said(
            f"To {whom[1]} as app {whom[0]}, in this order:",
            f"以应用 {whom[0]} 向 {whom[1]}，依次：",
            language,
        )
    )
    print_table(order_table(ordered, now, language, plain_console().width))
    counts = _counts(planned)
    for action in Action:
        if action.value in counts:
            typer.echo(f"{counts[action.value]:7} {action_said(action, language)}")
    if findings.left_out:
        print_text(left_out_said(findings.left_out, language))
    size = size_said(sum(entry.size for entry in ordered))
    print_text(
        said(f"{size} of files. ", f"文件共 {size}。", language)
        + forecast_said(ahead, now, language)
    )


def forecast_said(ahead: Forecast, now: float, language: str) -> str:
    """Return a forecast as sentences."""
    sentences = []
    if not ahead.today:
        sentences.append(
            said("Nothing is left to submit today.", "今天没有待提交的条目。", language)
        )
    elif ahead.ends_at is None:
        sentences.append(
            said(
                f"{ahead.today} today; without --rate nobody knows how long that takes.",
                f"今天 {ahead.today} 个；未给出 --rate，无法预计用时。",
                language,
            )
        )
    else:
        took = duration_said(ahead.ends_at - now, language)
        end = moment_said(ahead.ends_at, now)
        sentences.append(
            said(
                f"{ahead.fits} today in about {took}, over at {end}.",
                f"今天 {ahead.fits} 个，约 {took}，预计 {end} 结束。",
                language,
            )
        )
    if ahead.fits < ahead.today:
        left = ahead.today - ahead.fits
        sentences.append(said(f"There is no time for {left}.", f"另有 {left} 个来不及。", language))
    if ahead.last_day is not None:
        day = day_in_beijing(ahead.last_day)
        sentences.append(
            said(
                f"Quotas leave {ahead.later} for other days: a run a day in Beijing, the last on "
                f"{day}.",
                f"受配额限制，{ahead.later} 个留待以后：每天（北京时间）运行一次，最后为 {day}。",
                language,
            )
        )
    return said(" ", "", language).join(sentences)
