"""Hooks at the end of a night: programs and bots that are told what it came to.

They change nothing: whatever becomes of them is a line on stderr.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.bots import HOSTS, Bot
from alipay_mini_audit.cli.night.facts import NightFacts
from alipay_mini_audit.cli.night.notify import NotifyCommand
from alipay_mini_audit.cli.night.webhook import Webhook
from alipay_mini_audit.codes.language import language_of
from alipay_mini_audit.config import is_loopback, not_a_url, split_url
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import printable, told

__all__ = ["Hook", "NightFacts", "parse_hooks", "tell"]

_NOTIFY: Final = "--notify"
_WEBHOOK: Final = "--webhook"
_SUCH_AS: Final = "https://oapi.dingtalk.com/robot/send?access_token=..."
_SECRETS: Final = {
    Bot.DINGTALK: "ALIPAY_MINI_AUDIT_DINGTALK_SECRET",
    Bot.FEISHU: "ALIPAY_MINI_AUDIT_FEISHU_SECRET",
}
"""Environment variables; no list of processes shows them."""

_UNCLOSED: Final = (
    ("a quotation mark is not closed, or nothing follows a backslash.", ""),
    ("引号没有成对，或反斜杠后没有内容。", ""),
)
_EMPTY: Final = ("no command is given.", ""), ("没有给出命令。", "")
_NO_PROGRAM: Final = (
    (
        "there is no program {program}.",
        "It is started without a shell; for variables, pipes and the like write sh -c '...'.",
    ),
    (
        "没有程序 {program}。",
        "命令不经过 shell 启动；需要变量、管道等时，请写成 sh -c '...'。",
    ),
)
_UNKNOWN_BOT: Final = (
    ("whose bot it is cannot be told from {name}.", "Give dingtalk=URL, feishu=URL or wecom=URL."),
    (
        "无法从 {name} 判断是哪家的机器人。",
        "请写成 dingtalk=URL、feishu=URL 或 wecom=URL。",
    ),
)
_PLAIN: Final = (
    ("its key would go to {host} in clear, since plain http is not encrypted.", "Give https."),
    ("http 未加密，其密钥会以明文发送到 {host}。", "请使用 https。"),
)


class Hook(Protocol):
    """Somebody who is told of the end of a night."""

    @property
    def name(self) -> str:
        """What warnings call it; without any secret."""
        ...

    async def run(self, night: NightFacts, language: str) -> str | None:
        """Tell it, within a limit of its own.

        Args:
            night: what the night came to.
            language: "zh" or "en".

        Returns:
            What went wrong, a sentence without any secret; `None` if nothing did.
        """
        ...


def parse_hooks(notify: Sequence[str], webhook: Sequence[str]) -> Sequence[Hook]:
    """Return the hooks that options ask for. Nothing is started or sent.

    Args:
        notify: command lines. Each is split into words as a POSIX shell would, and started without
            a shell: no variable, wildcard or pipe means anything in it.
        webhook: URLs of bots, known by their hosts, or `dingtalk=URL`, `feishu=URL`, `wecom=URL`
            for other hosts. What DingTalk's and Feishu's messages are signed with is read from
            `ALIPAY_MINI_AUDIT_DINGTALK_SECRET` and `ALIPAY_MINI_AUDIT_FEISHU_SECRET`.

    Raises:
        ConfigurationError: one of them cannot be used; `setting` is the option. A program has to be
            there, a URL may be plain http only if nothing leaves this machine.
    """
    return [*map(_command, notify), *map(_bot, webhook)]


def _command(line: str) -> NotifyCommand:
    try:
        words = shlex.split(line)
    except ValueError as error:
        problem = told(_NOTIFY, "not_a_command", *_UNCLOSED)
        raise ConfigurationError.from_problem(problem) from error
    if not words:
        raise ConfigurationError.from_problem(told(_NOTIFY, "not_a_command", *_EMPTY))
    if shutil.which(words[0]) is None:
        # Who is used to a shell may have written a secret there: KEY=VALUE program.
        name, assigned, _ = words[0].partition("=")
        values = {"program": printable(f"{name}{assigned}...") if assigned else printable(name)}
        problem = told(_NOTIFY, "not_a_command", *_NO_PROGRAM, values=values)
        raise ConfigurationError.from_problem(problem)
    return NotifyCommand(words=tuple(words))


def _bot(value: str) -> Webhook:
    kind, _, rest = value.partition("=")
    url = rest if kind.isalpha() else value
    parts = split_url(url)
    if parts is None or parts.hostname is None:
        raise ConfigurationError.from_problem(not_a_url(_WEBHOOK, _SUCH_AS))
    host = parts.hostname
    name, known = (kind, {str(each): each for each in Bot}) if url is rest else (host, HOSTS)
    if name not in known:
        problem = told(_WEBHOOK, "unknown_bot", *_UNKNOWN_BOT, values={"name": name})
        raise ConfigurationError.from_problem(problem)
    if parts.scheme == "http" and not is_loopback(host):
        problem = told(_WEBHOOK, "plain_webhook", *_PLAIN, values={"host": host})
        raise ConfigurationError.from_problem(problem)
    bot = known[name]
    secret = os.environ.get(_SECRETS[bot]) if bot in _SECRETS else None
    return Webhook(bot=bot, host=host, url=url, secret=secret or None)


async def tell(hooks: Sequence[Hook], night: NightFacts, language: str | None = None) -> list[str]:
    """Tell all hooks at once what a night came to, and wait for them.

    That takes 10 seconds for bots, 34 for programs at most; what is cancelled ends its programs.

    Args:
        hooks: who is told.
        night: what they are told.
        language: "zh" or "en"; `None` takes what the environment says.

    Returns:
        A line for each hook that failed.
    """
    spoken = language or language_of()
    running = (hook.run(night, spoken) for hook in hooks)
    ended = await asyncio.gather(*running, return_exceptions=True)
    return list(_warnings(hooks, ended, spoken))


def _warnings(
    hooks: Sequence[Hook], ended: Sequence[str | BaseException | None], language: str
) -> Iterator[str]:
    colon = said(": ", "：", language)
    for hook, what in zip(hooks, ended, strict=True):
        if isinstance(what, BaseException):  # its text may have a secret in it
            yield f"{hook.name}{colon}{type(what).__name__}"
        elif what is not None:
            yield f"{hook.name}{colon}{what}"
