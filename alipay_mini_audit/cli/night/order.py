"""`NightOrder`: what `batch run` was asked for, and who asks back."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import final

import attrs

from alipay_mini_audit.batch import BatchPolicy
from alipay_mini_audit.cli.calls.confirmation import expect_an_answer
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.console import print_text
from alipay_mini_audit.cli.night.hooks import Hook, parse_hooks

__all__ = ["NightOrder", "is_confirmed", "parse_hooks"]


@final
@attrs.frozen(kw_only=True)
class NightOrder:
    """What `batch run` was asked for.

    Attributes:
        journal: where everything is written down.
        connection: whom to call, and as whom.
        policy: how to go about it.
        retries_refused: what was refused is sent again unchanged.
        take_over: own the journal though another process does.
        all_or_nothing: send nothing if anything is wrong.
        report: where a page goes at its end; `None` for none.
        hooks: who is told of its end.
        asks: whether a person has to agree.
        as_json: a program reads stdout.
        language: "zh" or "en".
    """

    journal: Path
    connection: Connection
    policy: BatchPolicy
    retries_refused: bool = False
    take_over: bool = False
    all_or_nothing: bool = False
    report: Path | None = None
    hooks: Sequence[Hook] = ()
    asks: bool = True
    as_json: bool = False
    language: str = "en"


def is_confirmed(question: str) -> bool:
    """Ask a person on the terminal; whatever is not a clear yes is a no.

    Raises:
        ConfigurationError: there is no person.
    """
    expect_an_answer(yes=False)
    print_text(question, err=True)
    sys.stderr.write("[y/N] ")
    sys.stderr.flush()
    answer = ""
    with contextlib.suppress(EOFError):
        answer = input().strip().lower()
    return answer in ("y", "yes", "是", "好")
