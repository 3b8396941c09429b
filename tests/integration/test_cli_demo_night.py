"""`alipay-mini-audit demo --night`: killed in the middle, run again, counted at the gateway."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
from support.command_line import CommandLine
from support.languages import CHINESE

from alipay_mini_audit import AuditApply, AuditClient, ClientConfig
from alipay_mini_audit.batch import EntryState
from alipay_mini_audit.cli.demo.night.counting import Count, count_at_gateway
from alipay_mini_audit.cli.demo.night.keeping import keep_files, kept_folder
from alipay_mini_audit.cli.demo.night.printing import Story, print_night
from alipay_mini_audit.cli.demo.night.program import Ended, summary_of
from alipay_mini_audit.cli.demo.night.result import Killed, NightResult, ReasonRow
from alipay_mini_audit.cli.demo.night.scene import Entry, make_scene
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.sandbox import Material, SandboxGateway

COMMAND = [sys.executable, "-W", "error", "-m", "alipay_mini_audit", "demo", "--night"]


@contextlib.contextmanager
def started(scratch: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run it as a program that shall leave nothing in a folder."""
    elsewhere = {"ALIPAY_BASE_URL": "http://127.0.0.1:9", "ALIPAY_APP_AUTH_TOKEN": "another"}
    environment = os.environ | elsewhere | {"TMPDIR": str(scratch)}
    with subprocess.Popen(
        [*COMMAND, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as demo:
        try:
            yield demo
        finally:
            demo.kill()


def states_in(journal: Path) -> Counter[str]:
    with contextlib.closing(sqlite3.connect(journal)) as db:
        return Counter(state for (state,) in db.execute("SELECT state FROM entries"))


class Night(NamedTuple):
    """A night of twelve entries."""

    told: dict[str, Any]
    scratch: Path
    kept: Path


def assert_told_of_each_once(night: Night) -> None:
    told = night.told
    assert told["ok"] is True
    assert (told["entries"], told["good"], told["accepted_once"]) == (12, 7, 7)
    assert (told["arrived"], told["not_once"]) == (7, [])
    killed = told["killed"]
    assert 3 <= killed["accepted"] < 7, "not in the middle"
    assert killed["done"] <= killed["accepted"] <= killed["done"] + killed["under_way"]
    assert [(row["count"], row["state"], row["code"], row["first"]) for row in told["rows"]] == [
        (7, "done", "", ""),
        (1, "invalid", "INVALID_VERSION_DESC_LENGTH", "shop-004"),
        (1, "invalid", "LOGO_HEIGHT_NOT_EQUAL_WIDTH", "shop-002"),
        (1, "invalid", "file_not_found", "shop-006"),
        (1, None, "unknown_column", "night.jsonl:7:app_sloagn"),
        (1, None, "same_entry", "night.jsonl:10:app_version"),
    ]
    assert [row["meaning"] for row in told["rows"] if not CHINESE.search(row["meaning"])] == [""]


def assert_left_alone(night: Night) -> None:
    journal, report = night.kept / "night.journal", night.kept / "night.html"
    assert (night.told["journal"], night.told["report"]) == (str(journal), str(report))
    assert sorted(night.kept.iterdir()) == [report, journal]
    assert list(night.scratch.iterdir()) == []
    assert states_in(journal) == {"done": 7, "invalid": 3}
    page = report.read_text("utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "图标不是正方形" in page


def test_each_good_entry_is_accepted_once_and_the_report_is_left(tmp_path: Path) -> None:
    scratch, kept = tmp_path / "scratch", tmp_path / "kept"
    scratch.mkdir()
    with started(scratch, "12", "--json", "--lang", "zh", "--keep", str(kept)) as demo:
        out, err = demo.communicate(timeout=50)
    assert (demo.returncode, err) == (0, "")
    night = Night(json.loads(out), scratch, kept)
    assert_told_of_each_once(night)
    assert_left_alone(night)


def test_a_signal_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    with started(tmp_path, "60") as demo:
        assert demo.stdout is not None
        while "batch run" not in demo.stdout.readline():
            pass
        while not (programs := psutil.Process(demo.pid).children()) and demo.poll() is None:
            pass
        demo.send_signal(signal.SIGHUP)
        _, err = demo.communicate(timeout=30)
    assert (demo.returncode, err) == (129, "")
    assert programs
    assert [program for program in programs if program.is_running()] == []
    assert list(tmp_path.iterdir()) == []


# In this process.


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "en")
    return CommandLine(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--keep", "new"], "--keep: only together with --night.\n"),
        (["--night", 12, "--versions", 20], "--versions: not together with --night.\n"),
        (["--night", 12, "--size-kb", 1], "--size-kb: not together with --night.\n"),
        (
            ["--night", 12, "--lang", "zh", "--versions", 2],
            "--versions：不能与 --night 一起使用。\n",
        ),
    ],
)
def test_options_that_do_not_go_together(run: CommandLine, options: list[Any], said: str) -> None:
    assert run("demo", *options) == (1, "", said)


def test_there_are_enough_entries_for_the_mistakes(run: CommandLine) -> None:
    ended = run("demo", "--night", 9)
    assert (ended.status, ended.out) == (1, "")
    assert "--night" in ended.err


def test_nothing_is_overwritten(run: CommandLine, tmp_path: Path) -> None:
    mine = tmp_path / "night.html"
    mine.write_text("mine")
    for place in (tmp_path, mine):
        ended = run("demo", "--night", 12, "--keep", place)
        told = f"--keep: {place} is there already and no empty folder. Name a new one.\n"
        assert ended == (1, "", told)
    nowhere = tmp_path / "no" / "where"
    ended = run("demo", "--night", 12, "--keep", nowhere)
    assert ended == (1, "", f"--keep: {nowhere} cannot be made: No such file or directory.\n")
    assert (list(tmp_path.iterdir()), mine.read_text()) == ([mine], "mine")


def test_either_all_files_are_kept_or_none(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("1")
    with pytest.raises(FileNotFoundError), kept_folder(kept, "en") as folder:
        keep_files([first, second], folder)
    assert not kept.exists()
    second.write_text("2")
    kept.mkdir()
    with kept_folder(kept, "en") as folder:
        keep_files([first, second], folder)
    assert {file.name: file.read_text() for file in kept.iterdir()} == {"first": "1", "second": "2"}
    with pytest.raises(FileExistsError):
        keep_files([first, second], kept)
    assert len(list(kept.iterdir())) == 2


def test_without_a_wish_it_is_a_new_folder_below_that_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with kept_folder(None, "en") as folder:
        assert list(tmp_path.iterdir()) == [folder]
    assert folder.is_dir()


async def test_what_the_gateway_accepted_otherwise_than_once_is_found(material: Material) -> None:
    text = "Orders can be filtered by shop, and refunds are right."
    good = [Entry(f"shop-{number}", f"token-{number}", f"0.0.{number}") for number in range(1, 4)]
    async with (
        SandboxGateway(material=material) as gateway,
        AuditClient(gateway.credentials, ClientConfig(base_url=gateway.base_url)) as client,
    ):
        for token, version in (("token-1", "0.0.1"), ("token-2", "0.0.2"), ("token-3", "0.0.9")):
            request = AuditApply(app_version=version, version_desc=text)
            merchant = client.with_options(app_auth_token=token)
            await merchant.apply(request)
            if token == "token-2":
                await merchant.cancel(version)
                await merchant.apply(request)
    found = count_at_gateway(good, gateway)
    wrong = (("shop-2", 2), ("shop-3", 0), ("0.0.9", 1))
    assert found == Count(once=1, wrong=wrong, arrived=4)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The demo failed. `batch run` ended with status 1. Why not."),
        ("zh", "演示失败。`batch run` 的退出状态为 1。Why not."),
    ],
)
def test_a_program_that_cannot_do_its_work_says_why(language: str, said: str) -> None:
    with pytest.raises(CommandFailed) as raised:
        summary_of(Ended(1, b"", b"Something.\nWhy not.\n"), language)
    assert str(raised.value) == said


def a_result(*wrong: tuple[str, int]) -> NightResult:
    count = Count(once=7 - len(wrong), wrong=wrong, arrived=7)
    rows = (
        ReasonRow(count=7, state=EntryState.DONE),
        ReasonRow(
            count=1, state=None, code="unknown_column", meaning="No `such` column.", first="n:7:x"
        ),
    )
    return NightResult(
        total=12,
        good=7,
        killed=Killed(accepted=4, done=3, under_way=1),
        rows=rows,
        count=count,
        journal=Path("k/night.journal"),
        report=Path("k/night.html"),
        seconds=3.2,
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The demo failed. The gateway accepted shop-2 2 times (1 more)."),
        ("zh", "演示失败。网关受理了 shop-2 2 次（另有 1 个）。"),
    ],
)
def test_a_count_that_does_not_hold_is_a_failure(
    capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    result = a_result(("shop-2", 2), ("shop-3", 0))
    print_night(result, language)
    out = capsys.readouterr().out
    assert "exactly once" not in out
    assert "恰好一次" not in out
    with pytest.raises(CommandFailed) as raised:
        result.raise_for_wrong(language)
    assert str(raised.value) == said


STORY = {
    "en": (
        "a manifest of 12 entries",
        "so 7 are good.",
        "alipay-mini-audit batch run\n",
        "Killed (SIGKILL) after 4 of 12",
        "The journal says: 3 done, 1 being sent.",
        "sent again after 2 seconds at the earliest (120 unless",
        "no entry  No such column.",
        "The gateway accepted each of the 7 exactly once, and nothing else (3.2 s).",
        "Report: k/night.html\nJournal: k/night.journal\n",
    ),
    "zh": (
        "已生成清单：12 个条目",
        "因此 7 个没有问题。",
        "alipay-mini-audit batch run\n",
        "已强行终止（SIGKILL）：12 个中，网关已受理 4 个",
        "3 个已提交，1 个正在提交。",
        "至少等 2 秒才重发（默认 120 秒，",
        "不成条目  No such column.",
        "网关对这 7 个条目各受理恰好一次，此外没有受理任何内容（3.2 秒）。",
        "报告：k/night.html\n日志：k/night.journal\n",
    ),
}


@pytest.mark.parametrize("language", STORY)
async def test_the_story_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, material: Material, language: str
) -> None:
    result, story = a_result(), Story(language=language)
    scene = await make_scene(tmp_path, 12, material, "http://127.0.0.1:9")
    story.tell_gateway("http://127.0.0.1:9")
    story.tell_made(scene)
    story.tell_started(["batch", "run"])
    story.tell_killed(result.killed, 12)
    story.tell_resumed(2.0)
    print_night(result, language)
    result.raise_for_wrong(language)
    out = capsys.readouterr().out
    assert bool(CHINESE.search(out)) is (language == "zh")
    assert [text for text in STORY[language] if text not in out] == []
