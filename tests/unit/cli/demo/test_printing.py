"""What the demo prints."""

import json
import re

import pytest

from alipay_mini_audit.cli.demo.printing import print_report_as_json, print_report_as_table
from alipay_mini_audit.cli.demo.report import DemoReport, VersionResult

MB = 1_048_576
GOOD = VersionResult(version="0.0.1", files=16, size=3 * MB, seconds=0.5004, trace_id="t-1")
BAD = VersionResult(version="0.0.2", problems=("one is wrong", "two is wrong"))
REPORT = DemoReport(
    results=(GOOD, BAD), cancelled="0.0.1", seconds=1.5, problems=("0.0.2: one is wrong",)
)


def test_the_table_tells_every_version(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    print_report_as_table(REPORT, "en")
    printed = capsys.readouterr()
    lines = [line.strip() for line in printed.out.splitlines()]
    assert re.split(" {2,}", lines[1]) == [
        "version",
        "files",
        "MB",
        "seconds",
        "trace id",
        "checked",
    ]
    assert re.split(" {2,}", lines[3]) == ["0.0.1", "16", "3.00", "0.50", "t-1", "all equal"]
    assert re.split(" {2,}", lines[4]) == [
        "0.0.2",
        "0",
        "0.00",
        "0.00",
        "-",
        "one is wrong; two is wrong",
    ]
    assert lines[-1] == "2 versions, 16 files, 3.0 MB, 1.5 s, 2.0 MB/s, 0.0.1 withdrawn"
    assert printed.err == ""


def test_a_summary_without_a_withdrawal_says_nothing_of_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_report_as_table(
        DemoReport(results=(GOOD,), cancelled=None, seconds=3.0, problems=()), "en"
    )
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "1 versions, 16 files, 3.0 MB, 3.0 s, 1.0 MB/s"


def test_the_table_speaks_chinese_and_its_columns_are_straight(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    print_report_as_table(
        DemoReport(results=(GOOD,), cancelled="0.0.1", seconds=1.5, problems=()), "zh"
    )
    _, head, _, row, _, summary = capsys.readouterr().out.splitlines()
    assert re.split(" {2,}", head.strip()) == ["版本", "文件数", "MB", "秒", "trace id", "校验"]
    assert re.split(" {2,}", row.strip()) == ["0.0.1", "16", "3.00", "0.50", "t-1", "全部一致"]
    # A Chinese character is two columns wide, and six of them stand before "trace id".
    assert head.index("trace id") + 2 + 3 + 1 == row.index("t-1")
    assert summary == "1 个版本，16 个文件，3.0 MB，1.5 秒，2.0 MB/s，已撤销 0.0.1"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_json_tells_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", language)
    print_report_as_json(REPORT)
    printed = capsys.readouterr()
    assert printed.err == ""
    assert json.loads(printed.out) == {
        "ok": False,
        "versions": 2,
        "files": 16,
        "bytes": 3 * MB,
        "seconds": 1.5,
        "mb_per_second": 2.0,
        "cancelled": "0.0.1",
        "results": [
            {
                "version": "0.0.1",
                "files": 16,
                "bytes": 3 * MB,
                "seconds": 0.5,
                "trace_id": "t-1",
                "checked": True,
            },
            {
                "version": "0.0.2",
                "files": 0,
                "bytes": 0,
                "seconds": 0.0,
                "trace_id": None,
                "checked": False,
            },
        ],
        "problems": ["0.0.2: one is wrong"],
    }
