"""What people and programs are told at the end of a night."""

import json
from pathlib import Path

import attrs
import pytest

from alipay_mini_audit.cli.night.facts import NightFacts

NIGHT = NightFacts(
    counts={"done": 4873, "refused": 100, "unknown": 2, "invalid": 25, "held": 0},
    seconds=6724.9,
    journal=Path("/nights/tuesday.journal"),
    report=Path("/nights/tuesday.html"),
    exit_status=5,
)


def test_the_text_says_what_is_left_and_where_to_look() -> None:
    assert NIGHT.as_text("en").splitlines() == [
        "alipay-mini-audit: 4873 of 5000 done after 1 h 52 min.",
        "invalid: 25",
        "refused: 100",
        "unknown: 2",
        "exit status: 5",
        "report: /nights/tuesday.html",
        "journal: /nights/tuesday.journal",
    ]
    assert NIGHT.as_text("zh").splitlines() == [
        "alipay-mini-audit：5000 个条目中已提交 4873 个，用时 1 小时 52 分。",
        "不合格：25",
        "被拒绝：100",
        "结果未知：2",
        "退出状态：5",
        "报告：/nights/tuesday.html",
        "日志文件：/nights/tuesday.journal",
    ]


def test_a_good_night_is_told_in_two_lines() -> None:
    night = attrs.evolve(NIGHT, counts={"done": 3}, seconds=61, report=None, exit_status=0)
    assert night.as_text("en").splitlines() == [
        "alipay-mini-audit: 3 of 3 done after 1 min 01 s.",
        "journal: /nights/tuesday.journal",
    ]


@pytest.mark.parametrize(
    ("status", "english", "chinese"),
    [(143, "stopped by SIGTERM, ", "被信号 SIGTERM 停止，"), (5, "", ""), (128, "", "")],
)
def test_a_signal_is_named(status: int, english: str, chinese: str) -> None:
    night = attrs.evolve(NIGHT, counts={"planned": 1}, seconds=2, exit_status=status)
    first = night.as_text("en").splitlines()[0]
    assert first == f"alipay-mini-audit: {english}0 of 1 done after 2 s."
    first = night.as_text("zh").splitlines()[0]
    assert first == f"alipay-mini-audit：{chinese}1 个条目中已提交 0 个，用时 2 秒。"


def test_names_of_files_do_not_make_lines_of_their_own() -> None:
    night = attrs.evolve(NIGHT, report=Path("/nights/a\nall done.html"))
    assert "report: /nights/a\\nall done.html" in night.as_text("en").splitlines()


def test_programs_get_the_same_in_json_and_in_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    night = attrs.evolve(NIGHT, journal=Path("tuesday.journal"), report=None)
    states = {"planned": 0, "sending": 0, "deferred": 0, "held": 0, "skipped": 0}
    states |= {"passed": 0, "rejected": 0, "online": 0}
    counts = states | {"done": 4873, "refused": 100, "unknown": 2, "invalid": 25}
    assert json.loads(night.as_json()) == {
        "total": 5000,
        "counts": counts,
        "seconds": 6724.9,
        "journal": str(tmp_path / "tuesday.journal"),
        "report": None,
        "exit_status": 5,
        "left_out": 0,
    }
    assert night.as_variables("en") == {
        **{f"AUDIT_NIGHT_{state.upper()}": str(count) for state, count in counts.items()},
        "AUDIT_NIGHT_TOTAL": "5000",
        "AUDIT_NIGHT_SECONDS": "6725",
        "AUDIT_NIGHT_JOURNAL": str(tmp_path / "tuesday.journal"),
        "AUDIT_NIGHT_REPORT": "",
        "AUDIT_NIGHT_EXIT_STATUS": "5",
        "AUDIT_NIGHT_LEFT_OUT": "0",
        "AUDIT_NIGHT_TEXT": night.as_text("en"),
    }
