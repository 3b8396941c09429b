"""`watch`, `apply --wait`, and what `batch report` and `batch export` say of verdicts."""

import asyncio
import csv
import json
import os
import re
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.judged_nights import decide, later, submitted, token
from support.night_folder import DESCRIPTION, night_folder, run_options
from support.sandbox_material import KEYS

from alipay_mini_audit.crypto import RSASigner
from alipay_mini_audit.notifications import AuditRejected, OtherNotification, sign_notification
from alipay_mini_audit.sandbox import Material, SandboxGateway
from alipay_mini_audit.sandbox.samples import png
from alipay_mini_audit.sandbox.thread import SandboxThread

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}


@pytest.fixture
def sandbox(material: Material) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        yield sandbox


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


def test_a_night_is_watched_to_its_verdicts(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = submitted(run, sandbox, tmp_path, 4)
    decide(sandbox, tmp_path, "WAIT_RELEASE", "AUDIT_REJECT", "RELEASE")
    first = run("watch", *options, "--timeout", "0.5", "--poll", "0.1")
    assert first.status == 5
    assert sorted(first.out.splitlines()[:-1]) == [
        "shop-1 0.0.1: passed",
        "shop-2 0.0.2: rejected: The logo is blurred.",
        "shop-3 0.0.3: passed",
    ]
    assert first.out.splitlines()[-1] == "passed 1, rejected 1, online 1, not known yet 1"
    assert "`batch take-back` takes the rejected back." in first.err
    sandbox.decide("0.0.4", "WAIT_RELEASE", app_auth_token=token(tmp_path, 4))
    again = run("watch", *options, "--json")
    entry, last = again.lines_of_json
    assert (entry["key"], entry["state"]) == ("shop-4", "passed")
    assert entry["verdict"]["status"] == "WAIT_RELEASE"
    assert last["summary"]["counts"] == {"passed": 2, "rejected": 1, "online": 1}
    assert (again.status, last["summary"]["exit_status"]) == (5, 5)
    for said in (first.out + first.err, again.out + again.err):
        assert "token-" not in said


def test_a_file_of_tokens_may_call_mini_programs_otherwise_than_the_night(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = submitted(run, sandbox, tmp_path, 1)
    decide(sandbox, tmp_path, "WAIT_RELEASE")
    (tmp_path / "tokens.toml").write_text(f'shop = "{token(tmp_path, 1)}"\n')
    watched = run("watch", *options, "--timeout", "10", "--poll", "0.1")
    assert watched.status == 0, watched.err
    assert watched.out.splitlines()[0] == "shop-1 0.0.1: passed"


def test_a_signal_ends_the_wait_and_nothing_is_lost(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = submitted(run, sandbox, tmp_path, 1)
    calls = sandbox.calls
    beside = later(lambda: sandbox.calls > calls, lambda: os.kill(os.getpid(), signal.SIGTERM))
    ended = run("watch", *options)
    beside.join()
    assert ended.status == 128 + signal.SIGTERM
    assert "Stopped by SIGTERM." in ended.err
    decide(sandbox, tmp_path, "WAIT_RELEASE")
    assert run("watch", *options).status == 0


def test_a_night_that_passed_is_done_and_nothing_of_it_is_sent_again(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = submitted(run, sandbox, tmp_path, 3)
    decide(sandbox, tmp_path, "WAIT_RELEASE", "GRAY", "RELEASE")
    assert run("watch", *options, "--lang", "zh").status == 0
    before = len(sandbox.submissions)
    again = run("batch", "run", tmp_path / "night.jsonl", *run_options(tmp_path), "--yes", "--json")
    assert again.status == 0
    *entries, last = again.lines_of_json
    assert {each["reason"] for each in entries} == {"already done"}
    assert last["summary"]["counts"] == {"passed": 2, "online": 1}
    assert len(sandbox.submissions) == before


def test_rejections_are_grouped_and_go_into_the_next_manifest(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = submitted(run, sandbox, tmp_path, 5)
    decide(sandbox, tmp_path, *["AUDIT_REJECT"] * 3, "WAIT_RELEASE")
    assert run("watch", *options, "--timeout", "0.3").status == 5
    told = run("batch", "report", tmp_path / "journal")
    assert re.search(r"3 +rejected +The logo is blurred\.", told.out)
    assert "Verdicts: 4 of 5; half of them within" in told.out
    files = [tmp_path / name for name in ("page.html", "table.csv", "cases.xml")]
    options = [f"--{each.suffix[1:]}" for each in files]
    options[2] = "--junit"
    pairs = [word for pair in zip(options, map(str, files), strict=True) for word in pair]
    assert run("batch", "report", tmp_path / "journal", *pairs, "--lang", "zh").status == 0
    page = files[0].read_text(encoding="utf-8")
    assert "The logo is blurred." in page
    assert "审核结果：5 个中已有 4 个" in page
    rows = list(csv.DictReader(files[1].read_text(encoding="utf-8-sig").splitlines()))
    assert [row["verdict"] for row in rows] == [
        *["rejected (AUDIT_REJECT)"] * 3,
        "passed (WAIT_RELEASE)",
        "",
    ]
    assert '<testsuites tests="5" failures="3"' in files[2].read_text(encoding="utf-8")
    lines = run("batch", "report", tmp_path / "journal", "--json").lines_of_json
    assert lines[0]["verdict"]["reject_reason"] == "The logo is blurred."
    assert lines[-1]["summary"]["verdicts"]["awaited"] == 1
    out = tmp_path / "next.jsonl"
    manifest = tmp_path / "night.jsonl"
    where = ("--manifest", manifest, "--out", out, "--state", "rejected")
    assert run("batch", "export", tmp_path / "journal", *where).status == 0
    left = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(line["key"], line["reason"]) for line in left] == [
        (f"shop-{number}", "The logo is blurred.") for number in (1, 2, 3)
    ]


def test_pictures_that_cannot_be_had_are_told_and_end_nothing(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    night_folder(tmp_path, sandbox.base_url, 1, mini_app="mini-1", audit_rule="BASE_PROMOTE")
    done = run("batch", "run", tmp_path / "night.jsonl", *run_options(tmp_path), "--yes")
    assert done.status == 0, done.err
    picture = f"{sandbox.base_url}/a/picture.png"  # where there is none
    record = {"audit_images": [picture], "memos": [{"memo": "Blurred.", "memo_image_list": []}]}
    own = token(tmp_path, 1)
    sandbox.decide("0.0.1", "AUDIT_REJECT", app_auth_token=own, base_audit_record=record)
    where = (tmp_path / "journal", "--credentials", tmp_path / "alipay.toml")
    ended = run("watch", *where, "--app-auth-token", own)
    assert ended.out.splitlines()[0] == "shop-1 0.0.1: rejected: Blurred."
    report = ("batch", "report", tmp_path / "journal", "--pictures", tmp_path / "pictures")
    told = run(*report)
    assert told.status == 0
    assert "Pictures in " in told.out
    assert f"No picture of shop-1: {picture}: HTTP status 404" in told.err
    *_, last = run(*report, "--json").lines_of_json
    failed = last["pictures"]["failed"]
    assert [each["key"] for each in failed] == ["shop-1"]


def test_a_token_that_is_missing_is_told_before_anything_is_asked(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    options = submitted(run, sandbox, tmp_path, 3)
    (tmp_path / "tokens.toml").write_text(f'"mini-1" = "{token(tmp_path, 1)}"\n')
    before = sandbox.calls
    ended = run("watch", *options)
    assert ended.status == 1
    assert "mini-2" in ended.err
    assert "mini-3" in ended.err
    assert sandbox.calls == before


def test_a_notification_ends_the_wait_and_others_are_left_to_others(
    run: CommandLine,
    sandbox: SandboxThread,
    tmp_path: Path,
) -> None:
    options = submitted(run, sandbox, tmp_path, 1)
    signer = RSASigner((KEYS / "alipay.pkcs8.pem").read_text())
    app_id = sandbox.material.app_id
    answers: list[tuple[int, bytes]] = []

    def deliver(body: bytes) -> None:
        address = f"http://127.0.0.1:{port}/notify"
        request = urllib.request.Request(address, body, FORM)  # http
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # http
                answers.append((answer.status, answer.read()))
        except urllib.error.HTTPError as error:
            answers.append((error.code, error.read()))

    def tell() -> None:
        about = {"app_id": app_id, "mini_app_id": "mini-1"}
        fields = {"msg_method": "x", "app_id": app_id, "notify_id": "n0"}
        other = OtherNotification(app_id=app_id, notify_id="n0", fields=fields)
        for message in (other, AuditRejected(notify_id="n1", app_version="0.0.1", **about)):
            body = asyncio.run(sign_notification(message, signer=signer))
            if message is not other:
                deliver(body.replace(b"n1", b"n2"))  # forged: nothing is asked for it
                decide(sandbox, tmp_path, "AUDIT_REJECT")
            deliver(body)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    calls = sandbox.calls
    beside = later(lambda: sandbox.calls > calls, tell)
    ended = run("watch", *options, "--listen", str(port), "--timeout", "20")
    beside.join()
    assert "rejected: The logo is blurred." in ended.out
    assert f"Listening at http://127.0.0.1:{port}/" in ended.err
    assert [status for status, _ in answers] == [500, 400, 200]
    assert answers[-1][1] == b"success"


@pytest.mark.parametrize("place", ["x", "127.0.0.1:70000", "8080/path"])
def test_a_place_to_listen_is_checked(run: CommandLine, tmp_path: Path, place: str) -> None:
    ended = run("watch", tmp_path / "journal", "--listen", place)
    assert ended.status == 1
    assert "--listen" in ended.err


@pytest.fixture
def shop(sandbox: SandboxThread, tmp_path: Path) -> list[str]:
    """A folder to submit, and the options of `apply`."""
    night_folder(tmp_path, sandbox.base_url, 1)
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "logo.png").write_bytes(png(50_000, seed=1, square=True))
    (folder / "submission.toml").write_text(
        f'app_version = "1.0.0"\nversion_desc = "{DESCRIPTION}"\n'
    )
    return [str(folder), "--yes", "--credentials", str(tmp_path / "alipay.toml"), "--poll", "0.1"]


@pytest.mark.parametrize(
    ("status", "exit_status", "word"),
    [
        ("WAIT_RELEASE", 0, "verdict: passed"),
        ("AUDIT_REJECT", 2, "because: No licence."),
        ("INIT", 3, "verdict: withdrawn"),
    ],
)
def test_apply_waits_for_the_verdict(
    run: CommandLine,
    sandbox: SandboxThread,
    shop: list[str],
    status: str,
    exit_status: int,
    word: str,
) -> None:
    reason = "No licence." if status == "AUDIT_REJECT" else None
    beside = later(
        lambda: sandbox.calls >= 2, lambda: sandbox.decide("1.0.0", status, reject_reason=reason)
    )
    ended = run("apply", *shop, "--wait")
    beside.join()
    assert ended.status == exit_status, ended.err
    assert "result: in audit" in ended.out
    assert word in ended.out
    way_on = "take this one back: alipay-mini-audit cancel 1.0.0 --audited --credentials "
    assert (way_on in ended.err) == (status == "AUDIT_REJECT")


def test_apply_does_not_wait_for_ever(
    run: CommandLine, sandbox: SandboxThread, shop: list[str]
) -> None:
    ended = run("apply", *shop, "--wait", "--timeout", "0.3", "--json")
    assert ended.status == 3
    decoder = json.JSONDecoder()
    first, end = decoder.raw_decode(ended.out)
    second, _ = decoder.raw_decode(ended.out[end:].lstrip())
    assert first["outcome"] == "done"
    assert (second["outcome"], second["verdict"]) == ("unknown", None)
    assert sandbox.status("1.0.0") == "AUDITING"
    assert "No verdict came in time. It stands at AUDITING (in audit)." in ended.err


def test_apply_says_in_chinese_that_there_is_no_verdict_yet(
    run: CommandLine, shop: list[str]
) -> None:
    ended = run("apply", *shop, "--wait", "--timeout", "0", "--lang", "zh")
    assert ended.status == 3
    assert "未在限定时间内得到审核结果。" in ended.err
