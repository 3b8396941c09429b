"""`detail`: what the platform knows of a version."""

from __future__ import annotations

from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented
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
)

__all__ = ["detail"]


@documented(
    "查询某个版本在平台上的状态和内容。\n\n"
    "输出平台返回的所有字段，包括图片链接和驳回原因。查询不改变任何状态。"
)
def detail(
    app_version: Version,
    bundle_id: BundleId = None,
    credentials: CredentialsFile = None,
    profile: Profile = None,
    app_auth_token: AppAuthToken = None,
    base_url: BaseUrl = None,
    allow_plain_http: AllowPlainHttp = False,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Ask the platform where a version stands, and what it knows of it.

    It prints every field of the answer, with links to pictures and the reason of a rejection. A
    question changes nothing.
    """
    with failures_in_one_line():
        language = chosen(lang)
    from alipay_mini_audit.cli.calls.asked import AskedCall
    from alipay_mini_audit.cli.calls.detail import print_detail, print_detail_as_json
    from alipay_mini_audit.cli.calls.failures import call_failures
    from alipay_mini_audit.cli.calls.running import run_call
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
        operation="detail", connection=connection, app_version=app_version, bundle_id=bundle_id
    )
    watch = CallWatch()
    with call_failures(asked, watch, language, as_json=as_json):
        reply = run_call(
            *connection.load(),
            app_auth_token,
            (watch,),
            lambda client: client.version_detail(app_version, bundle_id=bundle_id),
        )
        if as_json:
            print_detail_as_json(reply)
        else:
            print_detail(reply, language)
