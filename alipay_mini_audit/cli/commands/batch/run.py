"""`batch run`: submit the versions of a manifest; run again, it goes on."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import (
    AllowPlainHttp,
    AppAuthToken,
    BaseUrl,
    CredentialsFile,
    Lang,
    Profile,
)

if TYPE_CHECKING:
    from alipay_mini_audit.cli.connection import Connection

__all__ = ["JournalFile", "JsonLines", "run"]


class _Retry(enum.StrEnum):
    REFUSED = "refused"
    UNKNOWN = "unknown"
    INVALID = "invalid"


class _Changed(enum.StrEnum):
    HOLD = "hold"
    SEND = "send"


_Manifest: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="MANIFEST",
        help=said(
            "What to submit: JSON Lines, CSV or TOML, a submission each.",
            "要提交的清单：JSON Lines、CSV 或 TOML，每条一个提交。",
        ),
    ),
]
JournalFile: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--journal",
        metavar="FILE",
        help=said(
            "Where everything is written down, and from where the next run goes on.",
            "记录全部进展的日志文件，再次运行时据此继续。",
        ),
    ),
]
JsonLines: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json",
        help=said(
            "Print JSON: an object a line for each entry, the last one sums up.",
            "输出 JSON：每个条目一行，最后一行为汇总。",
        ),
    ),
]
_Tokens: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=said(
            "The merchants' tokens: CSV with the columns mini_app and app_auth_token, or TOML, "
            "mini_app = token.",
            "商家令牌文件：CSV，含 mini_app 和 app_auth_token 两列；或 TOML，mini_app = 令牌。",
        ),
    ),
]
_Concurrency: TypeAlias = Annotated[
    int,
    typer.Option(metavar="N", min=1, help=said("How many are sent at once.", "同时提交的数量。")),
]
_Rate: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="N/s",
        help=said(
            "Calls at the most: 5/s, 300/min. Without it what the platform takes is found out.",
            "调用速度上限，如 5/s、300/min；不指定时自动探测平台的限制。",
        ),
    ),
]
_TemplateQuota: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="N/day",
        help=said(
            "Submissions per template and day in Beijing, 5/day of an ordinary one. "
            "Without it none are counted.",
            "每个模板每天（北京时间）的提交数，普通模板为 5/day；不指定时不计数。",
        ),
    ),
]
_Until: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="HH:MM",
        help=said(
            "Begin nothing more from the next such moment on, by this machine's clock.",
            "到本机时间的下一个该时刻后不再开始新的提交。",
        ),
    ),
]
_MaxBytes: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="N/s",
        help=said(
            "All uploads together: 2MB/s; 1 MB is 1024 KB.",
            "所有上传合计的速度上限，如 2MB/s（1 MB = 1024 KB）。",
        ),
    ),
]
_Retries: TypeAlias = Annotated[
    list[_Retry] | None,
    typer.Option(
        "--retry",
        metavar="refused|unknown|invalid",
        help=said(
            "refused: send again what was refused, unchanged; may be repeated. What was invalid is "
            "checked again, and what is unknown asked for, in each run anyway; an unknown one is "
            "never sent blindly.",
            "refused：原样重新提交被拒绝的条目；可多次给出。不合格的每次运行都会重新检查，"
            "结果未知的每次都会先查询，绝不盲目重发。",
        ),
    ),
]
_ChangedOption: TypeAlias = Annotated[
    _Changed,
    typer.Option(
        "--changed",
        metavar="hold|send",
        help=said(
            "What was sent and is another now: tell it, or send it again.",
            "已提交但内容有变化的条目：仅提示（hold），或重新提交（send）。",
        ),
    ),
]
_TakeOver: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--take-over",
        help=said(
            "Own the journal although another process does, for instance a frozen one.",
            "即使另一进程（如已冻结）占用日志，也接管它。",
        ),
    ),
]
_UnknownWindow: TypeAlias = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        min=0,
        help=said(
            "For so long what was sent may still arrive; only then is it sent again.",
            "已发出的内容在这段时间内仍可能到达，过后才会重发。",
        ),
    ),
]
_StopAfter: TypeAlias = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help=said("So many failures of one kind in a row stop it.", "连续多少个同类失败后停止。"),
    ),
]
_AllOrNothing: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--all-or-nothing",
        help=said("Send nothing if anything is wrong.", "只要有问题就一个也不提交。"),
    ),
]
_DryRun: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help=said(
            "Print what would be sent, to whom and in which order; touch neither journal nor "
            "network.",
            "只输出将提交什么、给谁、按何顺序；不动日志，也不访问网络。",
        ),
    ),
]
_Notify: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--notify",
        metavar="COMMAND",
        help=said(
            "Start a program at the end, without a shell; AUDIT_NIGHT_* in its environment and "
            "JSON on its stdin tell it what became of the night. May be repeated.",
            "结束时启动的程序，不经过 shell；结果见环境变量 AUDIT_NIGHT_* 和标准输入中的 JSON。"
            "可多次给出。",
        ),
    ),
]
_Webhook: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--webhook",
        metavar="URL",
        envvar="ALIPAY_MINI_AUDIT_WEBHOOK",
        show_envvar=False,
        help=said(
            "Tell a bot of DingTalk, Feishu or WeCom at the end; better "
            "ALIPAY_MINI_AUDIT_WEBHOOK, since the URL holds a key. May be repeated.",
            "结束时通知钉钉、飞书或企业微信的群机器人；可多次给出。"
            "URL 含密钥，建议用环境变量 ALIPAY_MINI_AUDIT_WEBHOOK。",
        ),
    ),
]
_Report: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=said(
            "At the end write a page of what became of all entries, as `batch report --html`.",
            "结束时将全部条目的结果写成网页，同 batch report --html。",
        ),
    ),
]
_Yes: TypeAlias = Annotated[
    bool, typer.Option("--yes", help=said("Do not ask.", "不询问，直接提交。"))
]


@documented(
    "提交清单中的各个版本；再次运行同一命令会从中断处继续。\n\n"
    "先检查全部内容，再询问，然后提交没有问题的条目。"
    "按一次 Ctrl-C 等待进行中的请求结束，再按一次立即停止。"
    "全部条目都已提交时退出状态为 0，否则为 5。"
)
def run(
    manifest: _Manifest,
    *,
    journal: JournalFile,
    tokens: _Tokens = None,
    concurrency: _Concurrency = 16,
    rate: _Rate = None,
    template_quota: _TemplateQuota = None,
    until: _Until = None,
    max_bytes_per_second: _MaxBytes = None,
    retry: _Retries = None,
    changed: _ChangedOption = _Changed.HOLD,
    unknown_window: _UnknownWindow = 120.0,
    take_over: _TakeOver = False,
    stop_after: _StopAfter = None,
    all_or_nothing: _AllOrNothing = False,
    report: _Report = None,
    notify: _Notify = None,
    webhook: _Webhook = None,
    dry_run: _DryRun = False,
    yes: _Yes = False,
    credentials: CredentialsFile = None,
    profile: Profile = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    app_auth_token: AppAuthToken = None,
    lang: Lang = None,
    as_json: JsonLines = False,
) -> None:
    """Submit the versions of a manifest; the same command, run again, goes on where it was.

    All of it is checked first, then you are asked, and what is good is submitted. Ctrl-C lets what
    is being sent end, a second one does not. The exit status is 0 if every entry is done, else 5.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.batch.manifest import Manifest
        from alipay_mini_audit.cli.night.amounts import policy_of
        from alipay_mini_audit.cli.night.dry_run import dry_run as print_plan
        from alipay_mini_audit.cli.night.order import NightOrder, parse_hooks
        from alipay_mini_audit.cli.night.run import run_night

        order = NightOrder(
            journal=journal,
            connection=_connection(
                credentials, profile, base_url, app_auth_token, allow_plain_http=allow_plain_http
            ),
            policy=policy_of(
                *(rate, template_quota, until, max_bytes_per_second),
                *(concurrency, unknown_window, stop_after, changed.value),
            ),
            retries_refused=_Retry.REFUSED in (retry or ()),
            take_over=take_over,
            all_or_nothing=all_or_nothing,
            report=report,
            hooks=parse_hooks(notify or (), webhook or ()),
            asks=not yes,
            as_json=as_json,
            language=language,
        )
        act = print_plan if dry_run else run_night
        raise typer.Exit(act(order, Manifest.read(manifest, tokens=tokens)))


def _connection(
    credentials: Path | None,
    profile: str | None,
    base_url: str | None,
    token: str | None,
    *,
    allow_plain_http: bool,
) -> Connection:
    from alipay_mini_audit.cli.connection import Connection

    return Connection(
        credentials=credentials,
        base_url=base_url,
        allow_plain_http=allow_plain_http,
        profile=profile,
        app_auth_token=token,
    )
