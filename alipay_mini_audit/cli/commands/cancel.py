"""`cancel`: withdraw a version from audit."""

from __future__ import annotations

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


@documented(
    "撤销某个版本的审核，使其回到开发中。\n\n"
    "执行前会询问；在脚本中请加上 --yes。退出状态：0 已撤销，1 参数或设置有误，2 平台拒绝，"
    "3 结果未知，4 未送达。\n\n"
    "只用于审核中的版本；审核通过或被驳回的版本请在 Python 中退回：client.versions.cancel_audited。"
)
def cancel(
    app_version: Version,
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
    """Withdraw a version from audit; it is in development again.

    It asks before; in scripts give --yes. The exit status is 0 if it was withdrawn, 1 if arguments
    or settings are wrong, 2 if the platform refused, 3 if nobody knows, 4 if nothing was sent.

    It is for versions in audit. One that passed or was rejected is taken back from Python:
    client.versions.cancel_audited.
    """
    with failures_in_one_line():
        language = chosen(lang)
    from alipay_mini_audit.cli.calls.asked import AskedCall
    from alipay_mini_audit.cli.calls.confirmation import confirm, expect_an_answer
    from alipay_mini_audit.cli.calls.failures import call_failures
    from alipay_mini_audit.cli.calls.printing import print_reply
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
        operation="cancel", connection=connection, app_version=app_version, bundle_id=bundle_id
    )
    watch = CallWatch()
    with call_failures(asked, watch, language, as_json=as_json):
        expect_an_answer(yes=yes)
        keys, config = connection.load()
        if not yes:
            has_token = app_auth_token is not None
            question = _question(app_version, keys.app_id, host_of(config), has_token=has_token)
            confirm(said(*question, language), language)
        reply = run_call(
            keys,
            config,
            app_auth_token,
            (watch,),
            lambda client: client.cancel(app_version, bundle_id=bundle_id),
        )
        done = said("withdrawn from audit", "已撤销审核", language)
        print_reply(app_version, done, reply, language, as_json_object=as_json)


def _question(version: str, app_id: str, host: str, *, has_token: bool) -> tuple[str, str]:
    """Return in English and Chinese what a person has to agree to."""
    if has_token:
        whose = f"the merchant of the token, as app {app_id},"
        by = f"（代调用应用 {app_id}）"
        return (
            f"Withdraw version {version} of {whose} at {host} from audit?",
            f"撤销令牌所属商家的版本 {version}{by}在 {host} 的审核？",
        )
    return (
        f"Withdraw version {version} of app {app_id} at {host} from audit?",
        f"撤销应用 {app_id} 的版本 {version} 在 {host} 的审核？",
    )
