import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from alipay_mini_audit.batch import BatchEntry, EntryState
from alipay_mini_audit.cli.night.tally import Phase, Tally
from alipay_mini_audit.cli.night.view import plain_line, problem_line, screen
from alipay_mini_audit.problems import Severity, told

CHINESE = "键很长" * 30


def busy(language: str) -> Tally:
    """A tally that has something to say in every line."""
    tally = Tally(total=5000, began=0.0, rate=5.0, phase=Phase.ENDING)
    states = [state for state in EntryState for _ in range(37)]
    for number, state in enumerate(states):
        key = CHINESE if language == "zh" else "a key " * 30
        problem = told("app_logo", "LOGO", ("too " * 40, "mend it"), ("太大" * 40, "请修改"))
        problems = (problem,) if state is EntryState.INVALID else ()
        tally.add(
            BatchEntry(
                key=f"{number} {key}",
                app_version="1.0.0",
                state=state,
                reason="on hold",
                problems=problems,
            ),
            float(number),
        )
    return tally


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [50, 80, 200])
def test_nothing_wraps_and_all_of_it_fits_on_a_terminal(width: int, language: str) -> None:
    text = screen(busy(language), 400.0, 1_800_000_000.0, width, language)
    lines = text.plain.split("\n")
    assert len(lines) < 24
    assert max(cell_len(line) for line in lines) <= width - 5  # `^C^C` has room beside it
    console = Console(width=width, height=24, record=True, file=io.StringIO())
    console.print(text)
    assert len(console.export_text().rstrip("\n").split("\n")) == len(lines)


def test_it_says_how_far_it_is_and_why_it_is_no_faster() -> None:
    tally = Tally(total=40, began=0.0, rate=1.0)
    for number in range(10):
        tally.add(
            BatchEntry(
                key=str(number),
                app_version="1",
                state=EntryState.REFUSED,
                error=ValueError(),  # type: ignore[arg-type]
            ),
            1.0 + number,
        )
    shown = screen(tally, 10.0, 1_800_000_000.0, 80, "en").plain
    assert "10/40  25%" in shown
    assert "1.0 a second, limited by --rate" in shown
    assert "30 entries, about 30 s" in shown
    assert "refused 10" in shown
    assert "stopping" not in shown
    chinese = screen(tally, 10.0, 1_800_000_000.0, 80, "zh").plain
    assert "每秒 1.0 个，受 --rate 限制" in chinese
    assert "被拒绝 10" in chinese
    line = plain_line(tally, 10.0, 1_800_000_000.0, "en")
    assert line.startswith("10/40 | 1.0 a second, limited by --rate | 30 entries, about 30 s")
    assert "\n" not in line


def test_before_the_first_answer_it_says_so() -> None:
    shown = screen(Tally(total=0, began=0.0), 0.0, 1_800_000_000.0, 80, "en").plain
    assert "0/0 100%" in shown
    assert "not known yet" in shown


def test_an_entry_is_told_by_its_first_error_or_its_reason() -> None:
    warning = told("memo", "W", ("odd", ""), ("怪", ""), Severity.WARNING)
    error = told("memo", "E", ("wrong", ""), ("错", ""))
    invalid = BatchEntry(
        key="k", app_version="1", state=EntryState.INVALID, problems=(warning, error), reason="E"
    )
    assert problem_line(invalid, "en") == "k 1: E: wrong"
    assert problem_line(invalid, "zh") == "k 1：E：错"
    held = BatchEntry(key="k\x1b", app_version="1", state=EntryState.HELD, reason="on hold")
    assert problem_line(held, "zh") == "k\\x1b 1：已暂停，条目已暂停"
