"""Codes of this package about settings and arguments of every sort."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["TEXTS"]

TEXTS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "bad_number": (
        ("a number is out of its range, or is none.", "Look at the range in the message."),
        ("数值超出范围，或不是数字。", "请查看提示中的范围。"),
    ),
    "bad_value": (
        ("a value is none of those that may stand here.", "Look at the list in the message."),
        ("该取值不在允许的范围内。", "请查看提示中的可选值。"),
    ),
    "cannot_send": (
        ("a session that was lent to the client cannot send.", "Look at its settings."),
        ("借给客户端的会话无法发送请求。", "请检查该会话的设置。"),
    ),
    "clock_differs": (
        ("the clock of this computer differs from the platform's.", "Set the clock."),
        ("本机时钟与平台时钟不一致。", "请校准本机时钟。"),
    ),
    "closed": (
        ("a client or its session is closed.", "Make a new one."),
        ("客户端或会话已关闭。", "请新建一个。"),
    ),
    "contradiction": (
        ("two settings contradict each other.", "Give one of them."),
        ("两项设置互相矛盾。", "请只保留其中一项。"),
    ),
    "missing": (
        ("something that is needed is missing.", "Give it."),
        ("缺少必需的内容。", "请补充。"),
    ),
    "more_than_an_origin": (
        ("`base_url` holds more than scheme, host and port.", "Leave the rest out."),
        ("`base_url` 含有协议、主机和端口以外的内容。", "请删除多余部分。"),
    ),
    "no_answer": (
        ("the platform could not be asked.", "Look at `base_url`, proxy and network."),
        ("无法向平台查询。", "请检查 `base_url`、代理和网络。"),
    ),
    "no_profile": (
        ("a file of settings has several profiles, and none was chosen.", "Choose one."),
        ("设置文件中有多个配置（profile），但没有选择其中之一。", "请选择一个。"),
    ),
    "not_a_command": (
        ("a command cannot be started.", "Look at its spelling, and whether it is installed."),
        ("命令无法启动。", "请检查拼写，以及是否已安装。"),
    ),
    "not_a_url": (
        ("this is no URL.", "Give one such as `https://openapi.alipay.com`."),
        ("这不是有效的 URL。", "请填写例如 `https://openapi.alipay.com`。"),
    ),
    "not_installed": (
        ("a package is not installed.", "Install the extra that the message names."),
        ("缺少所需的软件包。", "请安装提示中列出的附加组件。"),
    ),
    "not_toml": (
        ("a file is not TOML.", "Look at the line that the message names."),
        ("文件不是有效的 TOML。", "请查看提示中的行号。"),
    ),
    "old_protocol": (
        ("`base_url` is that of the old gateway.", "Give the one of OpenAPI v3."),
        ("`base_url` 指向旧版网关。", "请使用 OpenAPI v3 的地址。"),
    ),
    "open_already": (
        ("a journal is opened again before it is closed.", "Open it once, or make another one."),
        ("日志在关闭之前被再次打开。", "请只打开一次，或另建一个对象。"),
    ),
    "other_event_loop": (
        ("a client or its session belongs to another event loop.", "Make one in this loop."),
        ("客户端或会话属于另一个事件循环。", "请在当前事件循环中新建。"),
    ),
    "plain_http": (
        (
            "`base_url` is plain http to another machine.",
            "Give https, or `allow_plain_http` in a network of your own.",
        ),
        (
            "`base_url` 以明文 http 访问其他主机。",
            "请使用 https；在自有网络中可设置 `allow_plain_http`。",
        ),
    ),
    "plain_webhook": (
        ("the URL of a bot is plain http to another machine.", "Give https."),
        ("机器人的 URL 以明文 http 访问其他主机。", "请使用 https。"),
    ),
    "retired_host": (
        ("`base_url` names a host that Alipay has retired.", "Give the present one."),
        ("`base_url` 指向支付宝已停用的主机。", "请使用现行地址。"),
    ),
    "too_large": (
        ("a file of keys or certificates is too large to be one.", "Give the right file."),
        ("文件过大，不可能是密钥或证书。", "请提供正确的文件。"),
    ),
    "unknown_bot": (
        (
            "whose bot it is cannot be told from its URL.",
            "Give `dingtalk=URL`, `feishu=URL` or `wecom=URL`.",
        ),
        (
            "无法从 URL 判断是哪家的机器人。",
            "请写成 `dingtalk=URL`、`feishu=URL` 或 `wecom=URL`。",
        ),
    ),
    "unknown_code": (
        ("no rule of preflight finds this code.", "Look for its spelling."),
        ("预检没有规则会给出该代码。", "请检查拼写。"),
    ),
    "unknown_language": (
        ("there are no texts in this language.", "Ask for `zh` or `en`."),
        ("没有该语言的文本。", "请使用 `zh` 或 `en`。"),
    ),
    "unknown_profile": (
        ("a file of settings has no profile of this name.", "Look for its spelling."),
        ("设置文件中没有这个名称的配置（profile）。", "请检查拼写。"),
    ),
    "unknown_setting": (
        ("there is no setting of this name.", "Look for its spelling."),
        ("没有这个名称的设置。", "请检查拼写。"),
    ),
    "unreadable": (
        ("a file cannot be read.", "Look at the reason in the message."),
        ("文件无法读取。", "请查看提示中的原因。"),
    ),
    "untrusted_answer": (
        (
            "the platform's reply is not signed with the key that was given as Alipay's.",
            "Copy Alipay's public key or certificate from the console again.",
        ),
        ("平台应答的签名与所给的支付宝公钥不符。", "请从控制台重新复制支付宝公钥或证书。"),
    ),
    "wrong_type": (
        ("a value is of another type.", "Look at what the message expects."),
        ("值的类型不对。", "请查看提示中要求的类型。"),
    ),
}
"""Code -> (meaning, advice) in English, then in Chinese."""
