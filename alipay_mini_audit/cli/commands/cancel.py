"""`cancel`: withdraw a version from audit, or take back one that has been audited."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import (
    AllowPlainHttp,
    AppAuthToken,
    AsJson,
    BaseUrl,
    BundleId,
    CredentialsFile,
    Lang,
    Profile,
    Version,
    Yes,
)

__all__ = ["cancel"]

_Audited: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--audited",
        help=said(
            "Take back a version that was rejected or has passed, and is not online.",
            "退回已被驳回、或已通过但尚未上架的版本。",
        ),
    ),
]


@documented(
    "撤销某个版本的审核，使其回到开发中；加 --audited 则退回已有审核结果的版本。\n\n"
    "执行前会询问；在脚本中请加上 --yes。退出状态：0 已撤销或已退回，1 参数或设置有误，2 平台拒绝，"
    "3 结果未知，4 未送达。\n\n"
    "被驳回的版本须先退回，才能提交下一个版本。退回已通过的版本会使审核结果作废，执行前会明确提示。"
    "一批被驳回的版本请用 `batch take-back`。"
)
def cancel(
    app_version: Version,
    *,
    audited: _Audited = False,
    yes: Yes = False,
    bundle_id: BundleId = None,
    credentials: CredentialsFile = None,
    profile: Profile = None,
    app_auth_token: AppAuthToken = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw a version from audit; with --audited, take back one that has its verdict.

    It asks before; in scripts give --yes. The exit status is 0 if it is in development again, 1 if
    arguments or settings are wrong, 2 if the platform refused, 3 if nobody knows, 4 if nothing was
    sent.

    A rejected version has to be taken back before the next one is submitted. To take back one that
    has passed gives its approval away, which is said before. `batch take-back` does it for a batch.
    """
    with failures_in_one_line():
        language = chosen(lang)
    from alipay_mini_audit.cli.calls.withdrawal import Withdrawal, take_back, withdraw
    from alipay_mini_audit.cli.connection import Connection

    order = Withdrawal(
        connection=Connection(
            credentials=credentials,
            profile=profile,
            base_url=base_url,
            allow_plain_http=allow_plain_http,
            app_auth_token=app_auth_token,
        ),
        app_version=app_version,
        bundle_id=bundle_id,
        yes=yes,
        language=language,
        as_json=as_json,
    )
    (take_back if audited else withdraw)(order)
