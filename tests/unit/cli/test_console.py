"""What any command may use to print."""

import contextlib
import io
import json
import os
from collections.abc import Iterator

import pytest

from alipay_mini_audit.cli.console import (
    new_table,
    print_json,
    print_table,
    print_text,
    printable,
    progress_bars,
)

LABELS = {"first": "First step", "second": "Second step"}


@contextlib.contextmanager
def terminal_on_stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Let stderr be a terminal for a while; what it has shown is in the list afterwards."""
    master, slave = os.openpty()
    screen: list[bytes] = []
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(slave, "w", encoding="utf-8") as stderr, monkeypatch.context() as patched:
        patched.setattr("sys.stderr", stderr)
        yield screen
        stderr.flush()
        os.set_blocking(master, False)
        with contextlib.suppress(BlockingIOError):
            while seen := os.read(master, 65536):
                screen.append(seen)
    os.close(master)


def work() -> None:
    with progress_bars(LABELS, 2, shown=True) as on_step:
        for _ in range(2):
            on_step("first")
        on_step("second")


def test_each_step_has_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal_on_stderr(monkeypatch) as screen:
        work()
    shown = b"".join(screen)
    for text in (b"First step", b"2/2", b"Second step", b"1/2"):
        assert text in shown


def test_nothing_is_shown_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        terminal_on_stderr(monkeypatch) as screen,
        progress_bars(LABELS, 1, shown=False) as on_step,
    ):
        on_step("first")
    assert screen == []


def test_nothing_is_shown_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    work()
    assert capsys.readouterr() == ("", "")


def test_a_table_has_a_line_under_its_head(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    table = new_table()
    table.add_column("version")
    table.add_column("files", justify="right")
    table.add_row("0.0.1", "16")
    print_table(table)
    printed = capsys.readouterr()
    lines = [line.rstrip() for line in printed.out.splitlines()]
    assert lines[1].split() == ["version", "files"]
    assert set(lines[2].strip()) == {"─"}
    assert lines[3].split() == ["0.0.1", "16"]
    assert printed.err == ""


def test_json_is_printed_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"ok": True, "name": "咖啡", "none": None})
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"ok": True, "name": "咖啡", "none": None}
    assert printed.out.endswith("}\n")
    assert printed.err == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("CN=咖啡, O=a b", "CN=咖啡, O=a b"),
        ("\x1b[31mred", "\N{REPLACEMENT CHARACTER}[31mred"),
        ("a\nb\x00\u202e", "a" + "\N{REPLACEMENT CHARACTER}b" + "\N{REPLACEMENT CHARACTER}" * 2),
    ],
)
def test_what_could_control_a_terminal_is_replaced(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_what_comes_from_outside_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table = new_table()
    table.add_column("key")
    table.add_row("[/x] [red]shop[/red] :smile:")
    print_table(table)
    print_text("[/x] :smile:")
    printed = capsys.readouterr().out
    assert "[/x] [red]shop[/red] :smile:" in printed
    assert printed.endswith("[/x] :smile:\n")


def test_json_is_one_line_with_chinese_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"reason": "图标不是正方形", "counts": [1, {"a": None}]}
    print_json(value)
    out = capsys.readouterr().out
    assert out == '{"reason": "图标不是正方形", "counts": [1, {"a": null}]}\n'


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\x9b2J", "\u202e", "\ud800", "\U000e0001", "a\u2028b"]
)
def test_json_steers_no_terminal(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"text": text})
    out = capsys.readouterr().out
    assert out.strip("\n").isprintable()
    assert json.loads(out) == {"text": text}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk", "utf-8"])
def test_json_can_be_read_in_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    monkeypatch.setattr("sys.stdout", output)
    value = {"text": "é 图标 😀"}
    print_json(value)
    output.flush()
    output.seek(0)
    assert json.loads(output.read()) == value
