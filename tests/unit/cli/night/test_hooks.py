"""Which hooks the options ask for, and what is said of those that cannot be used."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from alipay_mini_audit.cli.night.bots import Bot
from alipay_mini_audit.cli.night.hooks import NightFacts, parse_hooks, tell
from alipay_mini_audit.cli.night.notify import NotifyCommand
from alipay_mini_audit.cli.night.webhook import Webhook
from alipay_mini_audit.errors import ConfigurationError

KEY = "5d41402abc4b2a76b9719d911017c592"
SECRET = "SECc0ffee0ddba11"


def webhook_of(value: str) -> Webhook:
    (hook,) = parse_hooks([], [value])
    assert isinstance(hook, Webhook)
    return hook


def command_of(line: str) -> NotifyCommand:
    (hook,) = parse_hooks([line], [])
    assert isinstance(hook, NotifyCommand)
    return hook


@pytest.mark.parametrize(
    ("value", "bot"),
    [
        (f"https://oapi.dingtalk.com/robot/send?access_token={KEY}", Bot.DINGTALK),
        (f"https://OAPI.dingtalk.io/robot/send?access_token={KEY}", Bot.DINGTALK),
        (f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}", Bot.FEISHU),
        (f"https://open.larksuite.com/open-apis/bot/v2/hook/{KEY}", Bot.FEISHU),
        (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}", Bot.WECOM),
        (f"wecom=https://proxy.example/send?key={KEY}", Bot.WECOM),
        (f"feishu=http://127.0.0.1:8080/{KEY}", Bot.FEISHU),
        (f"dingtalk=http://[::1]:8080/?access_token={KEY}", Bot.DINGTALK),
    ],
)
def test_a_bot_is_known_by_its_host_or_by_what_stands_before_its_url(value: str, bot: Bot) -> None:
    hook = webhook_of(value)
    assert hook.bot is bot
    assert hook.url == value[value.index("http") :]
    assert hook.secret is None
    assert hook.limit == 10
    assert KEY not in f"{hook!r} {hook.name}"


def test_what_messages_are_signed_with_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_DINGTALK_SECRET", SECRET)
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_FEISHU_SECRET", "")
    secrets = [webhook_of(f"{bot}=https://x.example/").secret for bot in Bot]
    assert secrets == [SECRET, None, None]
    assert SECRET not in repr(webhook_of("dingtalk=https://x.example/"))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "not_a_url"),
        (KEY, "not_a_url"),
        (f"wecom={KEY}", "not_a_url"),
        (f"wecom=https://x.example/ {KEY}", "not_a_url"),
        (f"wecom=ftp://x.example/{KEY}", "not_a_url"),
        (f"https://hooks.example/{KEY}", "unknown_bot"),
        (f"slack=https://hooks.example/{KEY}", "unknown_bot"),
        (f"http://oapi.dingtalk.com/robot/send?access_token={KEY}", "plain_webhook"),
        (f"wecom=http://192.168.0.7/{KEY}", "plain_webhook"),
    ],
)
def test_a_webhook_that_cannot_be_used_is_told_without_its_key(value: str, code: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_hooks([], [value])
    problem = raised.value.as_problem()
    assert (problem.path, problem.code) == ("--webhook", code)
    assert KEY not in f"{problem} {problem.in_language('zh')} {raised.value!r}"


def test_a_command_is_split_as_by_a_shell_and_nothing_more() -> None:
    hook = command_of(f"'{sys.executable}' -c 'a b' \"c d\" $HOME *.py | ~")
    assert hook.words == (sys.executable, "-c", "a b", "c d", "$HOME", "*.py", "|", "~")
    assert hook.limit == 30
    assert hook.name.startswith("--notify python")
    assert "a b" not in repr(hook)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "  ",
        "'sh",
        "sh \\",
        "no-such-program-at-all x",
        f"TOKEN={KEY} sh",
        "/",
        "./nothing-here",
    ],
)
def test_a_command_that_cannot_be_started_is_told_before_the_night(line: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_hooks([line], [])
    problem = raised.value.as_problem()
    assert (problem.path, problem.code) == ("--notify", "not_a_command")
    assert KEY not in f"{problem} {problem.in_language('zh')}"


@pytest.mark.parametrize(
    ("line", "named"), [("no-such-program x", "no-such-program."), ("A=b sh", "A=....")]
)
def test_a_program_is_named_without_what_may_be_a_secret(line: str, named: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_hooks([line], [])
    assert raised.value.problem == f"there is no program {named}"


class Told:
    """A hook of a test."""

    def __init__(self, name: str, ends: str | Exception | None) -> None:
        self.name, self.ends = name, ends

    async def run(self, night: NightFacts, language: str) -> str | None:
        assert (night, language) == (NIGHT, "zh")
        if isinstance(self.ends, Exception):
            raise self.ends
        return self.ends


NIGHT = NightFacts(counts={}, seconds=0, journal=Path("/j"), report=None, exit_status=0)


async def test_each_hook_that_fails_is_a_line_and_a_mistake_in_one_is_no_more() -> None:
    hooks: Sequence[Told] = [
        Told("a", "太慢。"),
        Told("b", None),
        Told("c", RuntimeError(KEY)),
    ]
    assert await tell(hooks, NIGHT, "zh") == ["a：太慢。", "c：RuntimeError"]
    assert await tell([], NIGHT, "zh") == []
