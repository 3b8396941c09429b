"""`online`: put a version online, for everybody or for a share of the users."""

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

__all__ = ["online"]

_Gray: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--gray",
        metavar="p10|p30|p50",
        help=said(
            "For that many percent of the users only; the share may grow, not shrink.",
            "只对该百分比的用户灰度；比例只能增大，不能减小。",
        ),
    ),
]


@documented(
    "上架已通过审核的版本；加 --gray 则先对部分用户灰度。\n\n"
    "执行前会询问；在脚本中请加上 --yes。用户的客户端大约每半小时检查一次新版本。"
    "退出状态：0 已上架，1 参数或设置有误，2 平台拒绝，3 结果未知，4 未送达。"
)
def online(
    app_version: Version,
    gray: _Gray = None,
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
    """Put a version online that passed the audit; with --gray, for some users first.

    It asks before; in scripts give --yes. Clients look for a new version about every half hour. The
    exit status is 0 if it is online, 1 if arguments or settings are wrong, 2 if the platform
    refused, 3 if nobody knows, 4 if nothing was sent.
    """
    with failures_in_one_line():
        language = chosen(lang)
    from alipay_mini_audit.cli.calls.asked import AskedCall
    from alipay_mini_audit.cli.calls.confirmation import confirm, expect_an_answer
    from alipay_mini_audit.cli.calls.failures import call_failures
    from alipay_mini_audit.cli.calls.printing import print_reply
    from alipay_mini_audit.cli.calls.release import question, release, whose_share
    from alipay_mini_audit.cli.calls.running import run_call
    from alipay_mini_audit.cli.calls.submission import host_of
    from alipay_mini_audit.cli.calls.watch import CallWatch
    from alipay_mini_audit.cli.connection import Connection

    connection = Connection(
        credentials=credentials,
        profile=profile,
        base_url=base_url,
        allow_plain_http=allow_plain_http,
        app_auth_token=app_auth_token,
    )
    asked = AskedCall(
        operation="online" if gray is None else "gray_online",
        connection=connection,
        app_version=app_version,
        bundle_id=bundle_id,
    )
    watch = CallWatch()
    with call_failures(asked, watch, language, as_json=as_json):
        expect_an_answer(yes=yes)
        keys, config = connection.load()
        if not yes:
            has_token = app_auth_token is not None
            told = question(app_version, gray, keys.app_id, host_of(config), has_token=has_token)
            confirm(said(*told, language), language)
        reply = run_call(
            keys,
            config,
            app_auth_token,
            (watch,),
            lambda client: release(client, app_version, gray, bundle_id),
        )
        english, chinese = whose_share(gray)
        done = said(f"online {english}", f"已{chinese}", language)
        print_reply(app_version, done, reply, language, as_json_object=as_json)
