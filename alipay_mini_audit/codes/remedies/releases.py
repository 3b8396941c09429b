"""What to do about codes of the calls around an audit: a line of English and of Chinese each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["RELEASES"]

RELEASES: Final[Mapping[str, tuple[str, str]]] = {
    "ask_if_audited": (
        (
            "Ask `version_detail`: a version in audit is for `cancel`, one in gray release for "
            "gray.cancel first. If it is in INIT, it is back already."
        ),
        (
            "用 `version_detail` 查询：审核中的版本用 `cancel` 撤销，灰度中的版本先调用 "
            "gray.cancel。状态为 INIT 则已经退回。"
        ),
    ),
    "pass_audit_first": (
        "Ask `version_detail` for the state: a version goes online once it has passed the audit.",
        "用 `version_detail` 查询状态：版本通过审核后才能上架。",
    ),
    "ask_if_releasable": (
        (
            "Ask `version_detail`: the version does not wait to be released, and an earlier "
            "attempt of yours may have put it online."
        ),
        "用 `version_detail` 查询：该版本不是待上架状态，之前的某次调用可能已经使其上架。",
    ),
    "go_gray_first": (
        "Put the version online for a share of the users first, by gray.online.",
        "请先调用 gray.online，让该版本对部分用户灰度。",
    ),
    "look_at_can_release": (
        "Ask `version_detail` for `can_release`: only if it is true may the version go online.",
        "用 `version_detail` 查看 `can_release`：为 true 时才能上架。",
    ),
    "ask_if_online": (
        (
            "Ask `version_detail`: the version is not online, and an earlier attempt of yours "
            "may have taken it offline."
        ),
        "用 `version_detail` 查询：该版本未上架，之前的某次调用可能已经使其下架。",
    ),
    "end_gray_first": (
        "End the gray release first: by gray.cancel, or by going online for everybody.",
        "请先结束灰度：调用 gray.cancel，或全量上架。",
    ),
    "ask_what_is_online": (
        (
            "Ask for the list of versions: name the one that is online. An earlier rollback of "
            "yours may have taken effect."
        ),
        "请查询版本列表，并传当前已上架的版本号。之前的某次回滚可能已经生效。",
    ),
    "release_new_version": (
        "Ask for the list of versions to see what is online; to replace that, submit a new one.",
        "请查询版本列表，确认当前上架的版本；如需更换，请提交新版本。",
    ),
    "ask_if_passed": (
        "Ask `version_detail` for the state: a gray release begins once the audit is passed.",
        "用 `version_detail` 查询状态：通过审核后才能开始灰度。",
    ),
    "give_larger_share": (
        (
            "Ask `version_detail` for `gray_strategy` and give a larger one; to begin anew, "
            "call gray.cancel first."
        ),
        (
            "用 `version_detail` 查看 `gray_strategy` 并传更大的比例；如需重新开始，请先调用 "
            "gray.cancel。"
        ),
    ),
    "ask_if_gray": (
        (
            "Ask `version_detail`: the version is not in gray release, and an earlier attempt "
            "of yours may have ended it."
        ),
        "用 `version_detail` 查询：该版本不在灰度中，之前的某次调用可能已经结束灰度。",
    ),
    "return_to_development": (
        (
            "Only a version in INIT can be deleted: ask `version_detail`, and take it back "
            "with `cancel`, or with `cancel --audited` once it was audited."
        ),
        (
            "用 `version_detail` 查询：只有 INIT 状态的版本可以删除。审核中的用 `cancel` 撤销，"
            "已有审核结果的用 `cancel --audited` 退回。"
        ),
    ),
    "wait_for_scan": (
        "Wait until `scan_result` of `version_detail` is no longer NAN, and delete it then.",
        "等 `version_detail` 的 `scan_result` 不再是 NAN，再删除。",
    ),
    "cancel_experience_first": (
        "Let it be the trial version no longer, by experience.cancel, and delete it then.",
        "请先调用 experience.cancel 取消体验版，再删除。",
    ),
    "file_app_first": (
        (
            "Have the app filed (ICP), or go online with `permit_registration_limit_release`, "
            "which has narrow limits."
        ),
        "请先完成备案；或用 `permit_registration_limit_release` 受限上架。",
    ),
    "keep_template_online": (
        "Leave the template online, or ask Alipay support: no call takes it offline.",
        "模板不能通过接口下架，如有需要请联系支付宝客服。",
    ),
    "have_merchant_grant": (
        "Let the merchant grant the authorisation again, and use the `app_auth_token` of that.",
        "请让商家重新授权，并使用新的 `app_auth_token`。",
    ),
    "check_template_of_app": (
        "Check that the app was made of a template of yours, and that the template still exists.",
        "请确认该小程序由您的模板实例化，且模板仍然存在。",
    ),
    "call_as_third_party": (
        "Call as the third-party app: its `app_id` must be the one of the credentials.",
        "请以第三方应用的身份调用：凭证中的 `app_id` 应是第三方应用。",
    ),
    "use_app_of_token": (
        (
            "Call with the `app_id` that the `app_auth_token` was granted to, or with a token "
            "for this one."
        ),
        "请用 `app_auth_token` 所授权的 `app_id` 调用，或换用授权给当前应用的令牌。",
    ),
    "ask_build_again": (
        "Ask for the build again a little later.",
        "请稍后再次查询构建进度。",
    ),
    "correct_build": (
        "Correct `app_version`, or upload it first: there is no build of it.",
        "请更正 `app_version`，或先上传该版本：没有对应的构建。",
    ),
    "give_a_share": (
        "Give `gray_strategy` as p10, p30 or p50.",
        "请将 `gray_strategy` 设为 p10、p30 或 p50。",
    ),
}
"""Remedy -> its text in English and in Chinese."""
