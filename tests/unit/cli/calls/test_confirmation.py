"""The question before something is changed."""

import io
import sys

import pytest

from alipay_mini_audit.cli.calls.confirmation import confirm
from alipay_mini_audit.cli.exits import CommandFailed


class Interrupted(io.StringIO):
    def readline(self, _: int | None = -1, /) -> str:
        raise KeyboardInterrupt


def test_ctrl_c_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        confirm("Really?", "zh")
    assert capsys.readouterr().err == "Really? [y/N] \n没有发送任何内容。\n"


def test_what_cannot_be_read_is_no(monkeypatch: pytest.MonkeyPatch) -> None:
    gbk = io.TextIOWrapper(io.BytesIO("是\n".encode("gbk")), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", gbk)
    with pytest.raises(CommandFailed, match=r"Nothing was sent\."):
        confirm("Really?", "en")
