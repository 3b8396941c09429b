"""The order of a dry run on a wide and on a narrow terminal."""

import datetime
import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from alipay_mini_audit.batch import Submission
from alipay_mini_audit.cli.night.dry_table import order_table
from alipay_mini_audit.cli.night.plan import Action, PlannedEntry
from alipay_mini_audit.models import AuditApply

NOW = datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC)


def shown(columns: int, language: str, **facts: object) -> str:
    moment = facts.pop("not_before", None)
    submission = Submission(
        "shop-17",
        AuditApply(app_version="1.2.3"),
        template_id="2021005000012345",
        not_before=moment,  # type: ignore[arg-type]  # a moment or None
    )
    values: dict[str, object] = {"mini_app": "2021004000000017", "has_token": True}
    entry = PlannedEntry(
        submission=submission,
        action=Action.SEND,
        files=3,
        size=5_120,
        **values | facts,  # type: ignore[arg-type]  # as each test says
    )
    table = order_table([entry], NOW.timestamp(), language, columns)
    output = io.StringIO()
    Console(file=output, width=columns).print(table)
    assert max(map(cell_len, output.getvalue().splitlines())) <= columns
    return output.getvalue()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [50, 120])
def test_nothing_is_broken_or_left_out(columns: int, language: str) -> None:
    text = shown(columns, language)
    for word in ("shop-17", "1.2.3", "2021004000000017", "2021005000012345", "5.0 KB"):
        assert word in text


@pytest.mark.parametrize(
    ("language", "word"), [("en", "no token: to the app itself"), ("zh", "无令牌，提交到应用自身")]
)
def test_whom_it_is_for_without_a_token(language: str, word: str) -> None:
    assert word in shown(50, language, has_token=False)
    assert word not in shown(50, language)
    itself = {"en": "for the app itself", "zh": "小程序：应用自身"}[language]
    assert itself in shown(50, language, has_token=False, mini_app="")


@pytest.mark.parametrize(("year", "shown_year"), [(2026, ""), (2027, "2027-")])
def test_another_year_is_shown(year: int, shown_year: str) -> None:
    moment = datetime.datetime(year, 12, 31, 12, tzinfo=datetime.UTC)
    day = f"{moment.astimezone():%m-%d %H:%M}"
    assert f"from {shown_year}{day} on" in shown(50, "en", not_before=moment)
