"""The command line in this process, for tests of what a command says and how it ends."""

import json
import sys
from typing import Any, NamedTuple

import pytest

from alipay_mini_audit import __main__


class Ended(NamedTuple):
    """What a command said until it ended."""

    status: int
    out: str
    err: str

    @property
    def lines_of_json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class CommandLine:
    """Runs commands, one after another."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *arguments: object) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["alipay-mini-audit", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        printed = self._capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Ended(code or 0, printed.out, printed.err)
