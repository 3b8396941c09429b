"""The question before something is changed on the platform."""

from __future__ import annotations

import sys
from typing import Final

from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["confirm", "expect_an_answer"]

_YES: Final = frozenset({"y", "yes", "是"})
_NOBODY: Final = (
    ("nobody can be asked, since the input is no terminal.", "Give --yes to do it without asking."),
    ("输入不是终端，无法询问。", "如无需询问，请加上 --yes。"),
)


def expect_an_answer(*, yes: bool) -> None:
    """Return if somebody can be asked, or need not be.

    Args:
        yes: option `--yes`.

    Raises:
        ConfigurationError: nobody can.
    """
    if not yes and not (sys.stdin is not None and sys.stdin.isatty()):
        raise ConfigurationError.from_problem(told("--yes", "missing", *_NOBODY))


def confirm(question: str, language: str) -> None:
    """Ask on stderr, and return if the answer is yes.

    Args:
        question: a sentence.
        language: "zh" or "en"; either answer is taken in both.

    Raises:
        CommandFailed: it is anything else.
        KeyboardInterrupt: Ctrl-C was the answer.
    """
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    nothing = said("Nothing was sent.", "没有发送任何内容。", language)
    try:
        answer = sys.stdin.readline().strip().lower()
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{nothing}\n")
        raise
    except UnicodeDecodeError:  # the terminal speaks another encoding than it says
        answer = ""
    if answer not in _YES:
        raise CommandFailed(nothing)
