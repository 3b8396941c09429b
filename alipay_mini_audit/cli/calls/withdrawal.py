"""What `cancel` does: withdraws a version from audit, or takes back one that has been audited."""

from __future__ import annotations

import contextlib
from typing import Final, final

import attrs

from alipay_mini_audit.cli.calls.asked import AskedCall, OperationName
from alipay_mini_audit.cli.calls.confirmation import confirm, expect_an_answer
from alipay_mini_audit.cli.calls.failures import call_failures
from alipay_mini_audit.cli.calls.printing import print_reply
from alipay_mini_audit.cli.calls.running import run_call
from alipay_mini_audit.cli.calls.statuses import is_approved, is_rejected, status_text
from alipay_mini_audit.cli.calls.submission import host_of
from alipay_mini_audit.cli.calls.watch import CallWatch
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.console import say
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.errors import CallError, SigningError, StateConflict
from alipay_mini_audit.models import CancelReply, VersionDetail, VersionStatus

__all__ = ["Withdrawal", "take_back", "withdraw"]

_ASKED_ABOUT: Final = ("status", "can_release", "gmt_apply_audit")
_NOT_IN_AUDIT: Final = frozenset({"AUDITING_VERSION_NOT_EXIST", "INVALID_VERSION_STATUS"})


@final
@attrs.frozen(kw_only=True)
class Withdrawal:
    """What was asked for.

    Attributes:
        connection: who calls whom.
        app_version: the version.
        bundle_id: the application that it runs in; `None` for the Alipay wallet.
        yes: do not ask.
        language: "zh" or "en".
        as_json: a program reads stdout.
    """

    connection: Connection
    app_version: str
    bundle_id: str | None
    yes: bool
    language: str
    as_json: bool

    def asked(self, operation: OperationName) -> AskedCall:
        """Return one of the calls that it takes."""
        return AskedCall(
            operation=operation,
            connection=self.connection,
            app_version=self.app_version,
            bundle_id=self.bundle_id,
        )

    def whose(self, app_id: str, config: ClientConfig) -> tuple[str, str]:
        """Return in English and Chinese which version that is, and where."""
        host = host_of(config)
        if self.connection.app_auth_token is not None:
            return (
                (
                    f"version {self.app_version} of the merchant of the token, as app {app_id}, "
                    f"at {host}"
                ),
                f"令牌所属商家的版本 {self.app_version}（代调用应用 {app_id}）在 {host} ",
            )
        return (
            f"version {self.app_version} of app {app_id} at {host}",
            f"应用 {app_id} 的版本 {self.app_version} 在 {host} ",
        )


def withdraw(order: Withdrawal) -> None:
    """Ask, and withdraw a version that is in audit.

    Raises:
        SystemExit: it failed, or a signal came; with the exit status.
        BrokenPipeError: nobody reads the output any more.
    """
    asked, watch, language = order.asked("cancel"), CallWatch(), order.language
    with call_failures(asked, watch, language, as_json=order.as_json):
        expect_an_answer(yes=order.yes)
        keys, config = order.connection.load()
        if not order.yes:
            which, chinese = order.whose(keys.app_id, config)
            question = said(f"Withdraw {which} from audit?", f"撤销{chinese}的审核？", language)
            confirm(question, language)

        async def work(client: AuditClient) -> CancelReply:
            """Withdraw it; if it is not in audit, find out what can be done instead."""
            try:
                return await client.cancel(order.app_version, bundle_id=order.bundle_id)
            except StateConflict as error:
                if error.code in _NOT_IN_AUDIT:
                    watch.way_on = await _way_on(client, order, asked)
                raise

        reply = run_call(keys, config, order.connection.app_auth_token, (watch,), work)
        done = said("withdrawn from audit", "已撤销审核", language)
        print_reply(order.app_version, done, reply, language, as_json_object=order.as_json)


def take_back(order: Withdrawal) -> None:
    """Look where a version stands, ask, and take it back to development.

    Raises:
        SystemExit: it failed, or a signal came; with the exit status.
        BrokenPipeError: nobody reads the output any more.
    """
    language, token = order.language, order.connection.app_auth_token
    look, watch = order.asked("look"), CallWatch()
    with call_failures(look, watch, language, as_json=order.as_json):
        expect_an_answer(yes=order.yes)
        keys, config = order.connection.load()

        def ask() -> VersionDetail:
            """Ask where it stands."""
            return run_call(
                *(keys, config, token, (watch,)),
                lambda client: client.version_detail(order.app_version, bundle_id=order.bundle_id),
            )

        detail = ask()
        stands = _stands(detail)
        if not order.yes:
            which, chinese = order.whose(keys.app_id, config)
            english = f"Take {which} back to development?"
            chinese = f"将{chinese}退回开发？"
            confirm(f"{said(*stands, language)}\n{said(english, chinese, language)}", language)
            _expect_unmoved(detail, ask(), language)
        elif is_approved(detail) and not order.as_json:
            say(said(*stands, language))
    asked, watch = order.asked("cancel_audited"), CallWatch()
    with call_failures(asked, watch, language, as_json=order.as_json):
        if detail.status == VersionStatus.AUDITING:
            watch.way_on = _in_audit(asked)
        reply = run_call(
            *(keys, config, token, (watch,)),
            lambda client: client.versions.cancel_audited(
                order.app_version, bundle_id=order.bundle_id
            ),
        )
        print_reply(
            order.app_version,
            said("taken back, in development again", "已退回开发", language),
            reply,
            language,
            as_json_object=order.as_json,
            was=str(detail.status or ""),
        )


def _expect_unmoved(before: VersionDetail, now: VersionDetail, language: str) -> None:
    """Return if a version stands where it stood when somebody was asked, who may think for hours.

    Raises:
        CommandFailed: it has moved, and the answer was about something else.
    """
    if all(getattr(before, name) == getattr(now, name) for name in _ASKED_ABOUT):
        return
    stands = [status_text(str(each.status or ""), language) for each in (before, now)]
    raise CommandFailed(
        said(
            f"It has moved meanwhile, from {stands[0]} to {stands[1]}, or was submitted again. "
            "Nothing was sent; run it again.",
            f"版本状态在此期间已变化：由 {stands[0]} 变为 {stands[1]}，或又被提交。"
            "没有发送任何内容，请重新运行。",
            language,
        )
    )


def _stands(detail: VersionDetail) -> tuple[str, str]:
    """Return where a version stands, and what would be given away with it."""
    status = str(detail.status or "")
    english, chinese = status_text(status, "en"), status_text(status, "zh")
    if is_approved(detail):
        return (
            f"It is {english}: its approval is given away, and another one takes a new audit.",
            f"该版本为 {chinese}：退回后审核通过的结果作废，需要重新提交审核。",
        )
    return f"It is {english}.", f"该版本为 {chinese}。"


async def _way_on(
    client: AuditClient, order: Withdrawal, asked: AskedCall
) -> tuple[str, str] | None:
    """Return how a version that is not in audit is taken back; `None` if that is not the way."""
    with contextlib.suppress(CallError, SigningError):  # the refusal is what counts
        detail = await client.version_detail(order.app_version, bundle_id=order.bundle_id)
        if is_approved(detail) or is_rejected(detail):
            english, chinese = _stands(detail)
            command = asked.command("cancel", "--audited")
            return (
                f"{english}\nTake it back with: {command}",
                f"{chinese}\n退回开发的命令：{command}",
            )
    return None


def _in_audit(asked: AskedCall) -> tuple[str, str]:
    command = asked.command("cancel")
    return (
        f"It is in audit still.\nWithdraw it with: {command}",
        f"该版本仍在审核中。\n撤销审核的命令：{command}",
    )
