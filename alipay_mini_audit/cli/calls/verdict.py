"""`await_verdict`: what `apply --wait` does once the version is in audit."""

from __future__ import annotations

import datetime
import sys
from typing import TYPE_CHECKING, Final, final

import attrs

from alipay_mini_audit.cli.calls.printing import print_rows
from alipay_mini_audit.cli.calls.running import run_call
from alipay_mini_audit.cli.calls.statuses import status_text
from alipay_mini_audit.cli.console import print_json, say
from alipay_mini_audit.cli.exits import ExitStatus, Stopped, one_line
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import AuditError
from alipay_mini_audit.models import Verdict, VerdictKind

if TYPE_CHECKING:
    from alipay_mini_audit.verdicts import Poll

__all__ = [
    "VerdictQuestion",
    "VerdictWait",
    "await_verdict",
    "kind_said",
    "poll_of",
    "verdict_facts",
]

_KINDS: Final = {
    VerdictKind.PASSED: ("passed", "审核通过"),
    VerdictKind.REJECTED: ("rejected", "审核驳回"),
    VerdictKind.WITHDRAWN: ("withdrawn", "已撤回"),
    VerdictKind.TAKEN_OVER: ("submitted again, or taken offline", "此后又被提交，或已下架"),
}
_STATUSES: Final = {
    VerdictKind.PASSED: ExitStatus.DONE,
    VerdictKind.REJECTED: ExitStatus.REFUSED,
}


@final
@attrs.frozen
class VerdictWait:
    """How to wait.

    Attributes:
        seconds: how long; `None` for as long as it takes.
        poll: seconds from the first question to the second; `None` for those of `Poll`.
    """

    seconds: float | None = None
    poll: float | None = None


@final
@attrs.frozen
class VerdictQuestion:
    """Who asks about which version.

    Attributes:
        app_version: the version.
        bundle_id: the application it runs in; `None` is the Alipay wallet.
        credentials: who asks.
        config: settings of the client.
        app_auth_token: token of the merchant; `None` for none.
        submitted_at: when it was submitted, as the reply says.
    """

    app_version: str
    bundle_id: str | None
    credentials: Credentials
    config: ClientConfig
    app_auth_token: str | None = attrs.field(repr=False)
    submitted_at: datetime.datetime | None = None


def await_verdict(
    about: VerdictQuestion, wait: VerdictWait, language: str, *, as_json: bool
) -> ExitStatus:
    """Wait for the verdict of a version, print it, and return the exit status.

    Args:
        about: which version.
        wait: how to wait.
        language: "zh" or "en".
        as_json: print a JSON object, and nothing about the way there.

    Raises:
        Stopped: a signal came; the version stays in audit.
    """
    app_version = about.app_version
    if not as_json:
        say(said("Waiting for the verdict.", "正在等待审核结果。", language), sys.stderr)
    try:
        verdict = run_call(
            about.credentials,
            about.config,
            about.app_auth_token,
            (),
            lambda client: client.wait_for_verdict(
                app_version,
                bundle_id=about.bundle_id,
                timeout=wait.seconds,
                poll=poll_of(wait.poll),
                submitted_at=about.submitted_at,
            ),
        )
    except AuditError as error:
        if as_json:
            kind = type(error).__name__
            version = {"outcome": "unknown", "app_version": app_version}
            print_json({**version, "verdict": None, "error": kind})
        say(_why_not(error, language), sys.stderr)
        return ExitStatus.UNKNOWN
    except Stopped:
        stays = "The version stays in audit.", "该版本仍在审核中。"
        say(said(*stays, language), sys.stderr)
        raise
    if as_json:
        facts = {"app_version": app_version, "verdict": verdict_facts(verdict)}
        print_json({"outcome": "done", **facts})
    else:
        _print(verdict, language)
    return _STATUSES.get(verdict.kind, ExitStatus.UNKNOWN)


def _why_not(error: AuditError, language: str) -> str:
    from alipay_mini_audit.verdicts import VerdictPending

    if not isinstance(error, VerdictPending):
        return one_line(error, language)
    status = None if error.last is None else error.last.status
    stands = said(" It stands at {}.", "当前状态：{}。", language)
    known = "" if status is None else stands.format(status_text(str(status), language))
    last = said(" The last question failed: {}", "最近一次查询失败：{}", language)
    failed = "" if error.failure is None else last.format(one_line(error.failure, language))
    return (
        said("No verdict came in time.", "未在限定时间内得到审核结果。", language) + known + failed
    )


def poll_of(first: float | None) -> Poll:
    """Return how often to ask.

    Args:
        first: seconds from the first question to the second; `None` for those of `Poll`.
    """
    from alipay_mini_audit.verdicts import Poll

    return Poll() if first is None else Poll(first)


def kind_said(verdict: Verdict, language: str) -> str:
    """Return in words how an audit ended."""
    return said(*_KINDS[verdict.kind], language)


def verdict_facts(verdict: Verdict) -> dict[str, object]:
    """Return what a program reads of a verdict."""
    took = verdict.took
    return verdict.to_json() | {
        "reasons": list(verdict.reasons),
        "pictures": list(verdict.pictures),
        "seconds": None if took is None else took.total_seconds(),
    }


def _print(verdict: Verdict, language: str) -> None:
    rows = {
        said("verdict", "审核结果", language): [kind_said(verdict, language)],
        said("status", "状态", language): [status_text(str(verdict.status), language)],
        said("because", "原因", language): list(verdict.reasons),
        said("pictures", "图片", language): list(verdict.pictures),
    }
    print_rows(rows.items(), language)
