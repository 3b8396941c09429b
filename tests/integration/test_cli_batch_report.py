"""`alipay-mini-audit batch report`."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len
from support.forked_programs import Ended, ForkedPrograms
from support.languages import CHINESE, ENGLISH_SENTENCE
from support.nights import night, write_journal

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    BatchPolicy,
    ClientConfig,
    EntryState,
    SqliteJournal,
    Submission,
)
from alipay_mini_audit.batch import Binding, Row
from alipay_mini_audit.batch.journal.row import Identity
from alipay_mini_audit.sandbox import Material, SandboxGateway

COUNT = 700
"""More than a page of the journal."""
CANARY = "202611BBcanary0123456789abcdefX99"
DESCRIPTION = "Orders can be filtered by shop now, and refunds are right again."

Run = Callable[..., Ended]


@pytest.fixture
def run(programs: ForkedPrograms) -> Run:
    """Run the command in a language, on a terminal of 80 columns unless said otherwise."""

    def run(*arguments: object, lang: str = "en", columns: str = "80", unread: str = "") -> Ended:
        environment = dict(os.environ) | {"ALIPAY_MINI_AUDIT_LANG": lang}
        command = ("batch", "report", *map(str, arguments))
        return programs.run(
            *command, environment=environment, unread=unread, COLUMNS=columns, NO_COLOR="1"
        )

    return run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_journal(tmp_path_factory.mktemp("night") / "night.journal", night(COUNT))


def test_each_file_is_written_whole_and_the_journal_is_left_alone(
    run: Run, finished: Path, tmp_path: Path
) -> None:
    before = finished.read_bytes()
    html, table, junit = (tmp_path / name for name in ("a.html", "a.csv", "a.xml"))
    done = run(finished, "--html", html, "--csv", table, "--junit", junit)
    assert done == (0, f"Written: {html}\nWritten: {table}\nWritten: {junit}\n", "")
    assert sorted(tmp_path.iterdir()) == sorted([html, table, junit])
    assert list(finished.parent.iterdir()) == [finished]
    assert finished.read_bytes() == before

    rows = list(night(COUNT))
    with table.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["key"] for line in lines] == [row.identity.key for row in rows]
    assert [line["state"] for line in lines] == [row.state.value for row in rows]

    counts = Counter(row.state.value for row in rows)
    (suite,) = ElementTree.parse(junit).getroot()  # noqa: S314  # our own
    assert len(suite) == int(suite.attrib["tests"]) == COUNT
    assert len(suite.findall("*/failure")) == counts["refused"] + counts["invalid"]
    assert suite.attrib["failures"] == str(counts["refused"] + counts["invalid"])
    assert suite.attrib["errors"] == str(counts["unknown"] + counts["sending"])

    assert f"<b>{COUNT}</b><span>entries</span>" in html.read_text(encoding="utf-8")
    assert html.stat().st_mode & 0o777 == 0o666 & ~_umask()


@pytest.mark.parametrize("option", ["--html", "--csv", "--junit"])
def test_a_report_replaces_only_a_report_of_its_kind(
    run: Run, finished: Path, tmp_path: Path, option: str
) -> None:
    """A mistyped name must cost neither the manifest nor the journal."""
    before = finished.read_bytes()
    status, stdout, stderr = run(finished, option, finished)
    message = f"{finished} is there already and holds something else; it stays as it is.\n"
    assert (status, stdout, stderr) == (1, "", message)
    manifest = tmp_path / "night.csv"
    manifest.write_bytes(b"key,app_version,version_desc\r\n")
    status, _, stderr = run(finished, option, manifest, lang="zh")
    assert (status, stderr) == (1, f"{manifest} 已存在且不是此类文件，未作改动。\n")
    assert manifest.read_bytes() == b"key,app_version,version_desc\r\n"
    assert finished.read_bytes() == before

    for beginning in ("<!doctype html>\n", '<?xml version="1.0" encoding="UTF-8"?>\n<project>'):
        manifest.write_text(beginning)  # the site of the shop, the settings of a build
        assert run(finished, option, manifest).status == 1

    report = tmp_path / "report"
    report.touch()
    for _ in range(2):
        assert run(finished, option, report) == (0, f"Written: {report}\n", "")


def test_a_folder_that_is_not_there_is_called_as_it_was_given(run: Run, finished: Path) -> None:
    status, _, stderr = run(finished, "--html", "/nowhere/a.html")
    assert (status, stderr) == (1, "/nowhere/a.html: No such file or directory.\n")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_file_may_be_a_pipe(finished: Path) -> None:
    """As in `batch report night.journal --csv /dev/stdout | sort`."""
    command = [sys.executable, "-m", "alipay_mini_audit", "batch", "report", str(finished)]
    done = subprocess.run(
        [*command, "--csv", "/dev/stdout", "--junit", os.devnull],
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.startswith(b"\xef\xbb\xbfkey,")
    assert done.stdout.count(b"\r\n") == COUNT + 1


def test_json_is_an_object_a_line_and_one_of_the_whole(run: Run, finished: Path) -> None:
    status, stdout, stderr = run(finished, "--json")
    assert (status, stderr) == (0, "")
    *entries, last = map(json.loads, stdout.splitlines())
    rows = list(night(COUNT))
    assert [each["key"] for each in entries] == [row.identity.key for row in rows]
    assert [each["reason"] for each in entries] == [row.reason for row in rows]
    counts = Counter(row.state.value for row in rows)
    found = {state: count for state, count in last["summary"]["counts"].items() if count}
    assert found == counts
    assert last["summary"]["total"] == COUNT


@pytest.mark.parametrize("columns", ["80", "50"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_summary_fits_the_terminal(run: Run, finished: Path, lang: str, columns: str) -> None:
    status, stdout, stderr = run(finished, lang=lang, columns=columns)
    assert (status, stderr) == (0, "")
    *table, last = stdout.splitlines()
    counts = Counter(row.state.value for row in night(COUNT))
    if lang == "en":
        assert last.startswith(f"{COUNT} entries  done {counts['done']}  refused")
        assert "The logo is not square." in re.sub(r"\s+", " ", stdout) or columns == "50"
    else:
        assert last.startswith(f"{COUNT} 个条目  已提交 {counts['done']}  被拒绝")
        assert CHINESE.search(stdout)
        assert not ENGLISH_SENTENCE.search(stdout)
    assert max(map(cell_len, table)) <= int(columns)


def test_a_code_is_printed_as_it_is(run: Run, tmp_path: Path) -> None:
    reasons = ["[/bold]", "[red]x", ":smile:", "a\x1b[31mb"]
    rows = [
        Row(identity=Identity(reason, "1.0"), state=EntryState.REFUSED, reason=reason)
        for reason in reasons
    ]
    status, stdout, stderr = run(write_journal(tmp_path / "night.journal", rows))
    assert (status, stderr) == (0, "")
    for shown in ("[/bold]", "[red]x", ":smile:", "a\\x1b[31mb"):
        assert f" {shown} " in stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_help_fits_the_terminal_in_both_languages(run: Run, lang: str) -> None:
    status, stdout, stderr = run("--help", lang=lang)
    assert (status, stderr) == (0, "")
    assert max(map(cell_len, stdout.splitlines())) < 80
    assert bool(CHINESE.search(stdout)) is (lang == "zh")
    options = set(re.findall(r"--[\w-]+", stdout))
    assert options == {"--html", "--csv", "--junit", "--pictures", "--json", "--lang", "--help"}


def test_what_is_no_journal_is_told_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"This is no journal at all." * 100)
    table = tmp_path / "a.csv"
    for journal in (foreign, tmp_path / "none"):
        done = run(journal, "--csv", table)
        assert (done.status, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert CHINESE.search(run(journal, lang="zh").stderr)
    assert list(tmp_path.iterdir()) == [foreign]


def test_a_file_that_cannot_be_written_leaves_the_others_as_they_were(
    run: Run, finished: Path, tmp_path: Path
) -> None:
    table = tmp_path / "a.csv"
    table.write_text("of yesterday")
    done = run(finished, "--csv", table, "--html", tmp_path / "none" / "a.html")
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert table.read_text() == "of yesterday"
    assert list(tmp_path.iterdir()) == [table]


def test_nobody_reads_it(run: Run, finished: Path) -> None:
    for more in ([], ["--json"]):
        done = run(finished, *more, unread="stdout")
        assert (done.status, done.stderr) == (141, "")


async def test_it_reads_while_a_run_owns_the_journal(run: Run, tmp_path: Path) -> None:
    path = write_journal(tmp_path / "night.journal", night(3))
    binding = Binding(app_id="2021000000000001", base_url="http://127.0.0.1:1")
    async with SqliteJournal(path) as journal, journal.run(binding):
        status, stdout, stderr = run(path, "--json")
        assert (status, len(stdout.splitlines()), stderr) == (0, 4, "")
    run(path, "--html", tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "2021000000000001 → http://127.0.0.1:1" in page


async def test_no_token_is_in_any_of_it(run: Run, material: Material, tmp_path: Path) -> None:
    path = tmp_path / "night.journal"
    good = AuditApply(app_version="1.0.0", version_desc=DESCRIPTION)
    bad = AuditApply(app_version="1.0.0", version_desc="short")
    async with SandboxGateway(material=material) as gateway, SqliteJournal(path) as journal:
        gateway.decide("0.9.0", "AUDITING", app_auth_token=f"{CANARY}3")
        config = ClientConfig(base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            entries = [
                Submission(f"s-{number}", request, app_auth_token=f"{CANARY}{number}")
                for number, request in enumerate([good, bad, good], 1)
            ]
            batch = client.submit_many(entries, journal=journal, policy=BatchPolicy())
            states = {entry.key: str(entry.state) async for entry in batch}
    assert states == {"s-1": "done", "s-2": "invalid", "s-3": "refused"}
    files = [tmp_path / name for name in ("a.html", "a.csv", "a.xml")]
    run(path, "--html", files[0], "--csv", files[1], "--junit", files[2])
    texts = [file.read_text(encoding="utf-8") for file in files]
    texts += [run(path, "--json").stdout, run(path).stdout]
    for text in texts:
        assert "s-3" in text or "refused" in text
        assert CANARY not in text
