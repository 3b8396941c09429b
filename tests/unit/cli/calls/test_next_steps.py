"""What to do after a call that failed or was interrupted."""

import datetime
from pathlib import Path
from typing import get_args

import pytest
from support.languages import CHINESE, ODD_BLANKS

from alipay_mini_audit.cli.calls.asked import AskedCall, OperationName
from alipay_mini_audit.cli.calls.next_steps import next_step, outcome_of
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.errors import Outcome

BEGAN = datetime.datetime(2026, 11, 26, 16, 30, 5, tzinfo=datetime.UTC)


def asked(operation: OperationName, version: str | None = "0.0.1") -> AskedCall:
    connection = Connection(credentials=Path("my keys.toml"), profile="live", app_auth_token="t0k")
    return AskedCall(operation=operation, connection=connection, app_version=version)


def step(call: AskedCall, outcome: Outcome | None, language: str = "en", *, again: bool) -> str:
    return next_step(call, outcome, BEGAN, language, is_repeatable=again)


def test_in_doubt_the_way_to_ask_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALIPAY_APP_AUTH_TOKEN", raising=False)
    warning, question, reading = step(asked("apply"), Outcome.UNKNOWN, again=False).splitlines()
    assert warning == "Do not send it again before you have asked."
    command = "detail 0.0.1 --credentials 'my keys.toml' --profile live --app-auth-token TOKEN"
    assert question == f"Ask with: alipay-mini-audit {command}"
    assert "AUDITING, submitted at 2026-11-27 00:30:05+0800 or later: it has arrived." in reading
    monkeypatch.setenv("ALIPAY_APP_AUTH_TOKEN", "t0k")
    assert "TOKEN" not in step(asked("cancel"), Outcome.UNKNOWN, again=False)


def test_what_is_not_known_is_never_sent_again_in_the_dark() -> None:
    for outcome in (Outcome.UNKNOWN, Outcome.ACCEPTED_UNREADABLE, None):
        for again in (True, False):
            assert step(asked("apply"), outcome, again=again).startswith("Do not send it again")


def test_a_version_without_a_name_cannot_be_asked_about() -> None:
    assert "console" in step(asked("apply", None), Outcome.UNKNOWN, again=False)


@pytest.mark.parametrize(
    ("outcome", "again", "told"),
    [
        (Outcome.NOT_SENT, True, "You may run the same command again."),
        (Outcome.NOT_SENT, False, "Correct that first, then run the command again."),
        (Outcome.REFUSED, True, "Run the same command again later."),
        (Outcome.REFUSED, False, "Correct that first, then run the command again."),
    ],
)
def test_what_has_changed_nothing(outcome: Outcome, again: bool, told: str) -> None:
    assert step(asked("cancel"), outcome, again=again) == told


def test_a_question_may_always_be_asked_again() -> None:
    assert step(asked("detail"), Outcome.UNKNOWN, again=False).endswith("ask again.")
    assert outcome_of(asked("detail"), Outcome.UNKNOWN, "en") == "there is no answer yet"


@pytest.mark.parametrize("operation", get_args(OperationName))
def test_all_of_it_is_there_in_chinese(operation: OperationName) -> None:
    for outcome in (*Outcome, None):
        assert CHINESE.search(outcome_of(asked(operation), outcome, "zh"))
        for again in (True, False):
            for line in step(asked(operation), outcome, "zh", again=again).splitlines():
                assert CHINESE.search(line)
                assert not ODD_BLANKS.search(line)
