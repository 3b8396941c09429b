import asyncio

import pytest

from alipay_mini_audit.batch import BatchEntry, EntryState
from alipay_mini_audit.cli.night.show import shown
from alipay_mini_audit.cli.night.tally import Phase, Tally

REFUSED = BatchEntry(key="k", app_version="1", state=EntryState.REFUSED, reason="R")


async def test_where_no_terminal_is_there_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(total=2, began=0.0)
    async with shown(tally, "en", is_quiet=False) as tell:
        tell(REFUSED)
        tally.phase = Phase.ENDING
        said = ""
        async with asyncio.timeout(5):
            while "stopping" not in said:
                await asyncio.sleep(0.02)
                said += capsys.readouterr().err
    assert said.startswith("k 1: refused, R\n")


async def test_beside_a_program_that_reads_there_is_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with shown(Tally(total=2, began=0.0, phase=Phase.ENDING), "en", is_quiet=True) as tell:
        tell(REFUSED)
        await asyncio.sleep(0)
    assert capsys.readouterr() == ("", "")


async def test_a_terminal_shows_a_view_and_leaves_nothing_of_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    tally = Tally(total=2, began=0.0)
    async with shown(tally, "en", is_quiet=False) as tell:
        tell(REFUSED)
        async with asyncio.timeout(5):
            said = ""
            while "0/2" not in said:
                await asyncio.sleep(0.02)
                said += capsys.readouterr().err
    assert "refused" not in said
    rest = capsys.readouterr().err
    lines = said.count("\n") + rest.count("\n")
    assert rest.count("\x1b[1A\x1b[2K") >= min(lines, 3)  # each line is taken back
