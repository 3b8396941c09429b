"""`batch take-back`, and the way from a rejection to the next submission at a terminal."""

import io
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.judged_nights import decide, judged, later, statuses, token
from support.languages import CHINESE
from support.night_folder import DESCRIPTION, night_folder, run_options

from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway
from alipay_mini_audit.sandbox.thread import SandboxThread


@pytest.fixture
def sandbox(material: Material) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        yield sandbox


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


def rows_of(folder: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{folder / 'journal'}?mode=ro", uri=True) as db:
        return db.execute("SELECT * FROM entries ORDER BY 1").fetchall()


def test_from_a_rejection_to_the_next_submission_at_a_terminal_alone(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, "AUDIT_REJECT", "WAIT_RELEASE", "AUDIT_REJECT")
    mended = tmp_path / "mended.jsonl"
    manifest = tmp_path / "night.jsonl"
    export = (tmp_path / "journal", "--manifest", manifest, "--state", "rejected", "--out", mended)
    assert run("batch", "export", *export).status == 0
    lines = [json.loads(line) for line in mended.read_text().splitlines()]
    assert [line["reason"] for line in lines] == ["The logo is blurred."] * 2
    text = "The logo is sharp now; orders can be filtered by shop, and refunds are right."
    new = [line | {"app_version": "0.1.0", "version_desc": text} for line in lines]
    mended.write_text("".join(json.dumps(line) + "\n" for line in new))

    unchanged = run("batch", "run", manifest, *run_options(tmp_path), "--yes")
    assert unchanged.status == 0
    assert "Rejected before, and not sent again: 2." in unchanged.err + unchanged.out
    too_early = run("batch", "run", mended, *run_options(tmp_path), "--yes", "--json")
    assert too_early.status == 5
    *entries, _ = too_early.lines_of_json
    assert {each["reason"] for each in entries} == {"CAN_NOT_SUBMIT_WITH_AUDIT_GRAY"}

    still = run("batch", "run", mended, *run_options(tmp_path), "--yes", "--lang", "zh")
    assert still.status == 5
    assert "--retry refused" in still.out

    before = rows_of(tmp_path)
    taken = run("batch", "take-back", *options, "--yes")
    assert taken.status == 0, taken.err
    assert sorted(taken.out.splitlines()) == [
        "shop-1 0.0.1: taken back",
        "shop-3 0.0.3: taken back",
        "taken back 2",
    ]
    assert statuses(sandbox, tmp_path, 3) == ["INIT", "WAIT_RELEASE", "INIT"]
    assert rows_of(tmp_path) == before
    released = [*run_options(tmp_path), "--yes", "--json", "--retry", "refused"]
    again = run("batch", "run", mended, *released)
    assert again.status == 0, again.err
    for number in (1, 3):
        stands = sandbox.status("0.1.0", app_auth_token=token(tmp_path, number))
        assert stands == "AUDITING"
    for said in (taken, too_early, again):
        assert "token-" not in said.out + said.err


def test_what_has_moved_is_left_alone_and_told(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 4)
    decide(sandbox, tmp_path, "INIT", "AUDITING", "WAIT_RELEASE")
    taken = run("batch", "take-back", *options, "--yes")
    assert (taken.status, taken.err) == (0, "")
    assert sorted(taken.out.splitlines()) == [
        "shop-1 0.0.1: left alone, it is INIT (in development) now",
        "shop-2 0.0.2: left alone, it is AUDITING (in audit) now",
        "shop-3 0.0.3: left alone, it is WAIT_RELEASE (passed, to be released) now",
        "shop-4 0.0.4: taken back",
        "taken back 1, left alone 3",
    ]
    assert statuses(sandbox, tmp_path, 4) == ["INIT", "AUDITING", "WAIT_RELEASE", "INIT"]
    again = run("batch", "take-back", *options, "--yes", "--json", "--lang", "zh")
    *each, last = again.lines_of_json
    assert {entry["outcome"] for entry in each} == {"left_alone"}
    assert last["summary"] == {
        "total": 4,
        "counts": {"left_alone": 4},
        "not_begun": 0,
        "stopped_by": None,
        "error": None,
        "exit_status": 0,
    }


def test_each_outcome_is_told_as_far_as_it_is_known(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 3)
    refused = Fault.answer("MINI_APP_VERSION_ITERATION_EXIST")
    sandbox.faults.add(refused, operation="cancel_audited", times=1)
    taken = run("batch", "take-back", *options, "--yes")
    assert taken.status == 2
    assert taken.out.splitlines()[0].startswith(
        "shop-1 0.0.1: refused: MINI_APP_VERSION_ITERATION_EXIST"
    )
    assert taken.out.splitlines()[-1] == "taken back 2, refused 1"
    assert "It may be run again" in taken.err

    sandbox.faults.add(Fault.slow_answer(0.0), operation="detail")  # the look is answered
    sandbox.faults.add(Fault.answer("insufficient-isv-permissions", 403), operation="detail")
    sandbox.faults.add(Fault.CLOSE_AFTER_BODY, operation="cancel_audited", times=1)
    taken = run("batch", "take-back", *options, "--key", "shop-1", "--yes", "--lang", "zh")
    assert taken.status == 3
    assert taken.out.startswith("shop-1 0.0.1：结果未知：")
    assert "可以再次运行" in taken.err
    again = run("batch", "take-back", *options, "--yes", "--json")
    assert again.status == 0
    assert [each.get("outcome") for each in again.lines_of_json[:-1]].count("taken_back") == 1
    assert statuses(sandbox, tmp_path, 3) == ["INIT"] * 3


def test_a_lost_reply_is_asked_about(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, "AUDIT_REJECT")
    sandbox.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="cancel_audited")
    assert run("batch", "take-back", *options, "--yes").status == 0
    assert [each.operation for each in sandbox.arrivals].count("cancel_audited") == 1


def test_it_asks_and_takes_only_what_is_selected(
    run: CommandLine,
    sandbox: SandboxThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    templates = ["", "t-1", "t-2", "t-2"]
    options = judged(
        *(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 3), template_id=lambda n: templates[n]
    )
    nobody = run("batch", "take-back", *options)
    assert nobody.status == 1
    assert "--yes" in nobody.err
    both = run("batch", "take-back", *options, "--key", "shop-1", "--template", "t-2", "--yes")
    assert both.status == 1
    assert "exactly one" in both.err

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    calls = sandbox.calls
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    declined = run("batch", "take-back", *options, "--template", "t-2")
    assert (declined.status, declined.out) == (1, "")
    assert declined.err.startswith("Take 2 versions that were rejected back to development, ")
    assert sandbox.calls == calls
    monkeypatch.setattr(sys, "stdin", Terminal("是\n"))
    agreed = run("batch", "take-back", *options, "--mini-app", "mini-2", "--lang", "zh")
    assert agreed.status == 0
    assert agreed.out == "shop-2 0.0.2：已退回开发\n已退回开发 1\n"
    assert CHINESE.search(agreed.err)
    assert statuses(sandbox, tmp_path, 3) == ["AUDIT_REJECT", "INIT", "AUDIT_REJECT"]
    nothing = run("batch", "take-back", *options, "--key", "shop-9")
    assert (nothing.status, nothing.out) == (0, "no rejected entry\n")


def test_what_cannot_be_used_is_told_before_anything_is_asked(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 2)
    calls = sandbox.calls
    alone = [options[0], *options[3:], "--yes"]
    missing = run("batch", "take-back", *alone)
    assert missing.status == 1
    told = "no tokens are given; mini-programs that entries name: 2. Give --tokens FILE."
    assert missing.err == f"--tokens: {told}\n"
    (tmp_path / "others.toml").write_text('"mini-9" = "t0k-9"\n')
    others = run("batch", "take-back", *alone, "--tokens", str(tmp_path / "others.toml"))
    assert others.status == 1
    assert all(name in others.err for name in ("mini-1", "mini-2"))
    elsewhere = run("batch", "take-back", *options, "--yes", "--base-url", "http://127.0.0.1:1")
    assert elsewhere.status == 1
    assert "The journal belongs to app" in elsewhere.err
    none = run("batch", "take-back", tmp_path / "none", *options[1:], "--yes")
    assert none.status == 1
    assert not (tmp_path / "none").exists()
    assert sandbox.calls == calls


def test_what_stops_all_of_them_stops_at_the_first(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 3)
    sandbox.faults.add(Fault.answer("invalid-signature", 401), operation="detail", times=None)
    calls = sandbox.calls
    ended = run("batch", "take-back", *options, "--yes")
    assert ended.status == 2
    assert "invalid-signature" in ended.err
    assert sandbox.calls == calls + 1


def test_a_signal_lets_what_is_under_way_end(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = judged(run, sandbox, tmp_path, *["AUDIT_REJECT"] * 2)
    sandbox.faults.add(Fault.slow_answer(0.5), operation="cancel_audited", times=1)
    beside = later(
        lambda: any(each.operation == "cancel_audited" for each in sandbox.arrivals),
        lambda: os.kill(os.getpid(), signal.SIGTERM),
    )
    ended = run("batch", "take-back", *options, "--yes")
    beside.join()
    assert ended.status == 128 + signal.SIGTERM
    assert ended.out == "shop-1 0.0.1: taken back\ntaken back 1, not begun 1\n"
    assert "Stopped by SIGTERM: what is under way ends." in ended.err
    assert statuses(sandbox, tmp_path, 2) == ["INIT", "AUDIT_REJECT"]


def test_a_terminal_tells_other_content_from_what_was_accepted(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.batch.steps._APART_SECONDS", 0.0)
    columns = {"mini_app": lambda number: f"mini-{number}"}
    night_folder(tmp_path, sandbox.base_url, 2, **columns)
    again = ("batch", "run", tmp_path / "night.jsonl", *run_options(tmp_path), "--yes")
    assert run(*again).status == 0
    night_folder(tmp_path, sandbox.base_url, 2, **columns, version_desc=f"{DESCRIPTION} Really.")
    done = run(*again, "--changed", "send")
    assert done.status == 5
    advice = "Refused: 2, though accepted before with other content, which the journal goes on with"
    assert advice in done.out
    assert "--retry refused" not in done.out
    sandbox.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
    done = run(*again, "--changed", "send", "--unknown-window", "0.2")
    assert done.status == 5
    assert "Refused: 1, though" in done.out
    decide(sandbox, tmp_path, "WAIT_RELEASE", "WAIT_RELEASE")
    (tmp_path / "tokens.toml").write_text(
        "".join(f'"mini-{n}" = "{token(tmp_path, n)}"\n' for n in (1, 2))
    )
    where = ["--tokens", tmp_path / "tokens.toml", "--credentials", tmp_path / "alipay.toml"]
    watched = run("watch", tmp_path / "journal", *where)
    # One may be other content; whether that was accepted is not known.
    assert (watched.status, watched.out.splitlines()[-1]) == (5, "passed 1, not known yet 1")
