"""What `apply` does: read, check, show, ask, send, tell."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from alipay_mini_audit.attachments import PARTS, Attachments
from alipay_mini_audit.cli.calls.asked import AskedCall
from alipay_mini_audit.cli.calls.confirmation import confirm, expect_an_answer
from alipay_mini_audit.cli.calls.failures import call_failures, print_problems
from alipay_mini_audit.cli.calls.in_the_way import way_past
from alipay_mini_audit.cli.calls.printing import print_reply
from alipay_mini_audit.cli.calls.progress import upload_bar
from alipay_mini_audit.cli.calls.running import run_call
from alipay_mini_audit.cli.calls.submission import host_of, show_submission, size_of
from alipay_mini_audit.cli.calls.verdict import VerdictQuestion, VerdictWait, await_verdict
from alipay_mini_audit.cli.calls.watch import CallWatch
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.drafts import problems_of
from alipay_mini_audit.cli.exits import ExitStatus, failures_in_one_line, until_stopped
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.errors import Severity, StateConflict, ValidationError
from alipay_mini_audit.files.folder import read_draft
from alipay_mini_audit.models import ApplyReply, AuditApply

__all__ = ["submit"]


def submit(
    path: Path,
    connection: Connection,
    language: str,
    *,
    yes: bool,
    as_json: bool,
    wait: VerdictWait | None = None,
) -> None:
    """Submit the version that a folder or a file describes, and print what became of it.

    Args:
        path: the folder or the TOML file.
        connection: who calls whom.
        language: "zh" or "en".
        yes: do not ask.
        as_json: print a JSON object on stdout, and nothing about the way there.
        wait: how to wait for the verdict; `None` does not.

    Raises:
        SystemExit: the version was not accepted, or nobody knows, or the verdict is another than
            that it passed.
    """
    with failures_in_one_line(language):
        draft, errors = read_draft(path)
        request = AuditApply.from_wire(draft.fields)
        files = Attachments.from_parts(draft.parts)
    folder = path.absolute() if path.is_dir() else path.absolute().parent
    asked = AskedCall(
        operation="apply",
        connection=connection,
        app_version=request.app_version,
        bundle_id=None if request.bundle_id is None else str(request.bundle_id),
        files={PARTS[name].location: file for name, file in draft.parts.items()},
        folder=folder,
    )
    watch = CallWatch()
    with call_failures(asked, watch, language, as_json=as_json):
        keys, config = connection.load()
        work = problems_of(draft, errors, config.preflight, language)
        found = asyncio.run(until_stopped(work))
        if any(each.severity is Severity.ERROR for each in found):
            raise ValidationError(found)
        expect_an_answer(yes=yes)
        token = connection.app_auth_token
        if not (as_json and yes):  # nobody is asked about what was not shown
            print_problems(found, asked, language)
            what = keys.app_id, config, request, draft.parts, folder, language
            show_submission(*what, has_token=token is not None)
        if not yes:
            version, host = request.app_version, host_of(config)
            english = f"Submit version {version} for audit to {host}?"
            confirm(said(english, f"向 {host} 提交版本 {version} 的审核？", language), language)
        size = sum(map(size_of, draft.parts.values()))
        with upload_bar(language, size, shown=not as_json) as bars:
            observers = (watch, *bars)
            reply = run_call(
                *(keys, config, token, observers),
                lambda client: _send(client, request, files, asked, watch),
            )
        done = said("in audit", "审核中", language)
        print_reply(asked.app_version or "", done, reply, language, as_json_object=as_json)
        if not as_json:
            _say_how_to_ask(asked, language)
    if wait is not None:
        whose = asked.app_version or "", asked.bundle_id, keys, config, token
        asks = VerdictQuestion(*whose, reply.meta.platform_time)
        sys.exit(_verdict_of(asked, asks, wait, language, as_json=as_json))


async def _send(
    client: AuditClient,
    request: AuditApply,
    files: Attachments,
    asked: AskedCall,
    watch: CallWatch,
) -> ApplyReply:
    """Submit it; if another version is in the way, find out which."""
    try:
        return await client.apply(request, files)
    except StateConflict as error:
        watch.way_on = await way_past(client, error, asked)
        raise


def _verdict_of(
    asked: AskedCall, asks: VerdictQuestion, wait: VerdictWait, language: str, *, as_json: bool
) -> ExitStatus:
    """Wait for the verdict; after a rejection say what comes next."""
    with failures_in_one_line(language):
        status = await_verdict(asks, wait, language, as_json=as_json)
        if status is ExitStatus.REFUSED and not as_json:
            _say_how_to_go_on(asked, language)
    return status


def _say_how_to_go_on(asked: AskedCall, language: str) -> None:
    before = said(
        "Before the next version is submitted, take this one back: ",
        "提交下一个版本之前，请先退回该版本：",
        language,
    )
    sys.stderr.write(f"{before}{asked.command('cancel', '--audited')}\n")


def _say_how_to_ask(asked: AskedCall, language: str) -> None:
    if asked.question is not None:
        where = said("Where it stands: ", "查询进度：", language)
        sys.stderr.write(f"{where}{asked.question}\n")
