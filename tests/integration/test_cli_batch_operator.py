"""`alipay-mini-audit batch`: what an operator does to a night between two runs of it."""

import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.night_folder import night_folder, run_options

from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway
from alipay_mini_audit.sandbox.thread import SandboxThread


@pytest.fixture(scope="module")
def sandbox(material: Material) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        yield sandbox


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "en")
    return CommandLine(monkeypatch, capsys)


def rewrite(manifest: Path, **columns: object) -> None:
    """Change columns of all lines, one that is called with its number if it can be called."""
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    for number, line in enumerate(lines, 1):
        line |= {name: each(number) if callable(each) else each for name, each in columns.items()}
    manifest.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def test_a_column_mini_app_between_two_runs_sends_nothing_twice(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    manifest = night_folder(tmp_path, sandbox.base_url, 3, key=None, app_version="4.0.1")
    night = ("batch", "run", manifest, *run_options(tmp_path), "--yes", "--json")
    journal = tmp_path / "journal"
    assert run(*night).status == 0
    arrived = len(sandbox.arrivals)
    rewrite(manifest, mini_app=lambda number: f"2021{number}")
    planned = run(*night, "--dry-run").lines_of_json
    assert planned[-1]["summary"]["actions"] == {"done": 3}
    out = tmp_path / "left.jsonl"
    assert not run("batch", "export", journal, "--manifest", manifest, "--out", out).status
    assert not out.exists()
    again = run(*night)
    assert again.status == 0
    assert again.lines_of_json[-1]["summary"]["counts"] == {"done": 3}
    assert len(sandbox.arrivals) == arrived
    facts = run("batch", "report", journal, "--json").lines_of_json
    assert [each["key"] for each in facts[:-1]] == [f"2021{n}@4.0.1" for n in (1, 2, 3)]


def test_a_column_mini_app_that_goes_between_two_runs_sends_nothing_twice(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    manifest = night_folder(
        tmp_path,
        sandbox.base_url,
        3,
        key=None,
        app_version="4.3.1",
        mini_app=lambda number: f"2021{number}",
    )
    night = ("batch", "run", manifest, *run_options(tmp_path), "--yes", "--json")
    assert run(*night).status == 0
    arrived = len(sandbox.arrivals)
    for name, keys in (
        (None, r"token:\w{16}@4.3.1"),
        (lambda number: f"M {number}", r"M \d@4.3.1"),
    ):
        rewrite(manifest, mini_app=name)
        planned = run(*night, "--dry-run").lines_of_json
        assert planned[-1]["summary"]["actions"] == {"done": 3}
        again = run(*night)
        assert again.status == 0
        assert again.lines_of_json[-1]["summary"]["counts"] == {"done": 3}
        *rows, _ = run("batch", "report", tmp_path / "journal", "--json").lines_of_json
        assert len(rows) == 3
        assert all(re.fullmatch(keys, each["key"]) for each in rows)
    assert len(sandbox.arrivals) == arrived


def test_what_was_refused_goes_again_under_the_name_of_now(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    manifest = night_folder(
        tmp_path, sandbox.base_url, 1, key=None, app_version="4.4.1", mini_app="2021"
    )
    night = ("batch", "run", manifest, *run_options(tmp_path), "--yes", "--json")
    sandbox.faults.add(Fault.answer("APP_NAME_IS_ILLEGAL", 400), operation="apply", times=1)
    assert run(*night).status == 5
    rewrite(manifest, mini_app=None)
    assert run(*night).lines_of_json[-1]["summary"]["counts"] == {"refused": 1}
    rewrite(manifest, mini_app="2022")
    assert run(*night, "--retry", "refused").lines_of_json[-1]["summary"]["counts"] == {"done": 1}


def test_new_keys_and_a_mini_app_at_once_are_told(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    manifest = night_folder(tmp_path, sandbox.base_url, 1, app_version="4.1.1")
    night = ("batch", "run", manifest, *run_options(tmp_path), "--yes", "--json")
    assert run(*night).status == 0
    arrived = len(sandbox.arrivals)
    rewrite(manifest, mini_app="2021", key="another")
    again = run(*night)
    assert again.status == 5
    entry, _ = again.lines_of_json
    assert entry["state"] == "invalid"
    assert "shop-1 submits the same version" in json.dumps(entry["problems"])
    assert len(sandbox.arrivals) == arrived


def test_what_is_on_hold_is_seen_before_a_run_has_met_it(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    manifest = night_folder(
        tmp_path, sandbox.base_url, 4, app_version=lambda number: f"4.2.{number}", mini_app="M"
    )
    sandbox.faults.add(Fault.answer("APP_NAME_IS_ILLEGAL", 400), operation="apply", times=1)
    night = ("batch", "run", manifest, *run_options(tmp_path), "--yes", "--json")
    one_by_one = ("--stop-after", 1, "--concurrency", 1)
    assert run(*night, *one_by_one).status == 5  # one is refused, and the others are not begun
    journal = tmp_path / "journal"
    assert run("batch", "hold", journal, "--key", "shop-3").status == 0
    assert (
        run("batch", "skip", journal, "--key", "shop-4").out == "Skipped: key shop-4 (planned 1)\n"
    )
    assert run("batch", "hold", journal, "--mini-app", "N").status == 0
    (facts,) = run("batch", "status", journal, "--json").lines_of_json
    assert (facts["counts"], facts["open"]) == ({"planned": 3, "refused": 1}, 1)
    assert facts["stopped"] == 2
    assert facts["stops"] == [
        {"action": "hold", "kind": "key", "value": "shop-3", "entries": 1},
        {"action": "skip", "kind": "key", "value": "shop-4", "entries": 1},
        {"action": "hold", "kind": "mini_app", "value": "N", "entries": 0},
    ]
    text = run("batch", "status", journal).out
    assert "on hold: key shop-3 (1), mini_app N (0)" in text
    assert "skipped: key shop-4 (1)" in text
    assert "2 of those planned are on hold or skipped" in text
    assert "1 to do" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("no entry of key shpo-1 yet", "Did you mean shop-1?")),
        ("zh", ("目前没有", "shop-1")),
    ],
)
def test_a_name_that_the_journal_does_not_know_is_told(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path, language: str, words: tuple[str, str]
) -> None:
    manifest = night_folder(tmp_path, sandbox.base_url, 1, app_version=f"4.3.{language == 'zh':d}")
    assert run("batch", "run", manifest, *run_options(tmp_path), "--yes").status == 0
    journal = tmp_path / "journal"
    for action in ("hold", "skip", "release"):
        said = run("batch", action, journal, "--key", "shpo-1", "--lang", language)
        assert said.status == 0
        assert all(word in said.err for word in words)
    said = run("batch", "release", journal, "--key", "shop-1")
    assert said.out.startswith("Nothing to release: key shop-1 (done 1) is neither")
    assert said.err == ""
    said = run("batch", "skip", journal, "--key", "shop-1", "--lang", language)
    expected = {
        "en": "Nothing changes for key shop-1 (done 1)",
        "zh": "key shop-1（已提交 1）不受影响",
    }
    assert said.out.startswith(expected[language])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "2 lines of the manifest are no entries, and not counted."),
        ("zh", "清单中另有 2 行无法成为条目，不计在内。"),
    ],
)
def test_lines_that_are_no_entries_are_told_to_the_end(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path, language: str, words: str
) -> None:
    version = f"4.4.{language == 'zh':d}"
    manifest = night_folder(tmp_path, sandbox.base_url, 1, app_version=version)
    with manifest.open("a") as lines:
        lines.write('{\n{"key": "no version"}\n')
    page = tmp_path / "night.html"
    wanted = ("--yes", "--lang", language, "--report", page)
    ended = run("batch", "run", manifest, *run_options(tmp_path), *wanted)
    assert ended.status == 5
    assert words in ended.out
    assert words in page.read_text()
    again = run("batch", "run", manifest, *run_options(tmp_path), "--yes", "--json")
    assert again.lines_of_json[-1]["summary"]["left_out"] == 2
    # The journal does not know of them, so what reads it alone has nothing to say of its own.
    no_entry = {"en": "no entries", "zh": "无法成为条目的行"}[language]
    for command in ("status", "report"):
        said = run("batch", command, tmp_path / "journal", "--lang", language)
        assert no_entry not in said.out
    run("batch", "report", tmp_path / "journal", "--html", page, "--lang", language)
    assert no_entry in page.read_text()


def test_a_moment_that_is_far_away_is_told(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    ahead = [datetime.timedelta(days=days) for days in (29, 31)]
    moments = [f"{datetime.datetime.now(datetime.UTC) + each:%Y-%m-%d %H:%M}Z" for each in ahead]
    manifest = night_folder(
        tmp_path, sandbox.base_url, 2, not_before=lambda number: moments[number - 1]
    )
    night = ("batch", "run", manifest, *run_options(tmp_path), "--dry-run")
    problems = run(*night, "--json").lines_of_json[-1]["summary"]["problems"]
    assert [(each["key"], each["code"]) for each in problems] == [("shop-2", "not_before_far")]
    assert "30 天以后" in run(*night, "--lang", "zh").out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_missing_journal_is_called_as_it_was_given(
    run: CommandLine, tmp_path: Path, language: str
) -> None:
    missing = tmp_path / "night.journal"
    files = ("--manifest", tmp_path / "m.csv", "--out", tmp_path / "out.csv")
    commands: dict[str, tuple[object, ...]] = {
        **dict.fromkeys(("status", "report", "quota"), ()),
        "hold": ("--key", "k"),
        "export": files,
    }
    for command, options in commands.items():
        ended = run("batch", command, missing, *options, "--lang", language)
        assert (ended.status, ended.out) == (1, "")
        assert f"batch run MANIFEST --journal {missing}" in ended.err
    assert list(tmp_path.iterdir()) == []
