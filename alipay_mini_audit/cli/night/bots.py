"""The bots of DingTalk, Feishu and WeCom: what they are sent, signed how, and what they answer.

No I/O here. Where it is documented (looked up in November 2026):

- DingTalk: https://open.dingtalk.com/document/robots/custom-robot-access and, of the signature,
  https://open.dingtalk.com/document/robots/customize-robot-security-settings; the international one
  https://help.dingtalk.io/open/development/custom-robots-send-group-messages
- Feishu: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
- WeCom: https://developer.work.weixin.qq.com/document/path/99110 (91770 before); it signs nothing.
"""

from __future__ import annotations

import base64
import enum
import hmac
from collections.abc import Mapping
from typing import Final, final
from urllib.parse import urlencode, urlsplit

import attrs

__all__ = [
    "HOSTS",
    "Bot",
    "Draft",
    "Refusal",
    "dingtalk_signature",
    "draft",
    "feishu_signature",
    "refusal_of",
]


class Bot(enum.StrEnum):
    """Whose bot it is."""

    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WECOM = "wecom"


HOSTS: Final[Mapping[str, Bot]] = {
    "oapi.dingtalk.com": Bot.DINGTALK,
    "oapi.dingtalk.io": Bot.DINGTALK,
    "open.feishu.cn": Bot.FEISHU,
    "open.larksuite.com": Bot.FEISHU,
    "qyapi.weixin.qq.com": Bot.WECOM,
}
"""Where they listen."""
_CODES: Final[Mapping[Bot, tuple[tuple[str, str], ...]]] = {
    Bot.DINGTALK: (("errcode", "errmsg"),),
    Bot.FEISHU: (("code", "msg"), ("StatusCode", "StatusMessage")),  # the latter of old bots
    Bot.WECOM: (("errcode", "errmsg"),),
}
"""Which members of an answer hold its code, 0 for success, and its text; the first that is there.

The HTTP status is 200 in either case, but for Feishu, which has others for some failures.
"""
_NO_MARKUP: Final = "\N{FULLWIDTH LESS-THAN SIGN}"
"""For `<`: `<at user_id="all">` in a path would call everybody of a chat of Feishu's."""
_MOST_BYTES: Final = 2000
"""Of a text: WeCom takes 2,048, DingTalk and Feishu 20,000."""


@final
@attrs.frozen
class Draft:
    """A message as it is posted.

    Attributes:
        url: where to, with the signature, if that belongs there; a secret.
        body: the JSON object.
    """

    url: str = attrs.field(repr=False)
    body: Mapping[str, object] = attrs.field(repr=False)


@final
@attrs.frozen
class Refusal:
    """What a bot answers if it does not take a message; its text came from outside.

    Attributes:
        code: other than 0.
        text: why, in the bot's own words; may be empty.
    """

    code: int
    text: str


def draft(bot: Bot, url: str, text: str, *, secret: str | None, now: float) -> Draft:
    """Return a text message for a bot.

    Args:
        bot: whose bot it is.
        url: its address, with its key.
        text: what the message says; what is more than 2,000 bytes of it is cut off.
        secret: what its messages are signed with; `None` if they are not. WeCom has none.
        now: seconds since 1970; a bot takes what is not older than an hour.
    """
    text = _cut(text.replace("<", _NO_MARKUP))
    if bot is Bot.FEISHU:
        body: dict[str, object] = {"msg_type": "text", "content": {"text": text}}
        if secret is not None:
            timestamp = int(now)
            signature = feishu_signature(secret, timestamp)
            body |= {"timestamp": str(timestamp), "sign": signature}
        return Draft(url, body)
    body = {"msgtype": "text", "text": {"content": text}}
    if bot is Bot.DINGTALK and secret is not None:
        milliseconds = int(now * 1000)
        signature = dingtalk_signature(secret, milliseconds)
        query = urlencode({"timestamp": milliseconds, "sign": signature})
        parts = urlsplit(url)
        joined = f"{parts.query}&{query}" if parts.query else query
        return Draft(parts._replace(query=joined).geturl(), body)
    return Draft(url, body)


def _cut(text: str) -> str:
    encoded = text.encode("utf-8", "backslashreplace")
    if len(encoded) <= _MOST_BYTES:
        return text
    end = "…"
    return encoded[: _MOST_BYTES - len(end.encode())].decode("utf-8", "ignore") + end


def dingtalk_signature(secret: str, milliseconds: int) -> str:
    """Return the signature of a moment, in base64; the secret is the key of the HMAC.

    Args:
        secret: as the page of the bot shows it, with its `SEC`.
        milliseconds: since 1970.
    """
    return _hmac(secret, f"{milliseconds}\n{secret}")


def feishu_signature(secret: str, seconds: int) -> str:
    """Return the signature of a moment, in base64; what others would sign is the key of the HMAC.

    Args:
        secret: as the page of the bot shows it.
        seconds: since 1970.
    """
    return _hmac(f"{seconds}\n{secret}", "")


def _hmac(key: str, message: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), "sha256")).decode("ascii")


def refusal_of(bot: Bot, answer: object) -> Refusal | None:
    """Return why a bot has not taken a message; `None` if it has.

    Args:
        bot: whose bot it is.
        answer: the JSON value that it answered.

    Raises:
        ValueError: this is not an answer of such a bot.
    """
    for code_name, text_name in _CODES[bot]:
        if isinstance(answer, dict) and code_name in answer:
            code = answer[code_name]
            if type(code) is not int:  # False is an int that equals 0
                break
            return None if code == 0 else Refusal(code, str(answer.get(text_name, "")))
    raise ValueError("no answer of a bot")
