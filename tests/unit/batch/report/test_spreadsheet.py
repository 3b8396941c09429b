import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.report.spreadsheet import beijing_time, csv_head, csv_line


def cells(key: str, version: str = "1.0", template: str = "", reason: str = "x") -> dict[str, str]:
    """What a reader of CSV finds of an entry."""
    identity, state = Identity(key, version), EntryState.REFUSED
    row = Row(identity=identity, template=template, state=state, reason=reason, updated_at=0.0)
    text = csv_head() + csv_line(row, "en")
    head, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    (line,) = lines
    return dict(zip(head, line, strict=True))


def test_the_head_says_that_it_is_utf_8() -> None:
    assert csv_head().encode().startswith(b"\xef\xbb\xbfkey,app_version,")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\uff1d"])
def test_a_formula_is_no_formula_any_more(begin: str) -> None:
    found = cells(f'{begin}HYPERLINK("http://x","y")', reason=f"{begin}1")
    assert found["key"].startswith("'")
    assert found["reason"].startswith("'")


def test_a_long_number_keeps_its_digits() -> None:
    assert cells("a", template="2021003141592653")["template_id"] == "'2021003141592653"
    assert cells("123456789012345")["key"] == "123456789012345"


def test_commas_and_quotes_stay_in_their_cell() -> None:
    assert cells('a,"b"', version="1;2")["key"] == 'a,"b"'


def test_a_reason_is_told_with_what_to_do() -> None:
    found = cells("a", reason="SUBMIT_REPEAT")
    assert "submitted already" in found["meaning"]
    assert "version_detail" in found["advice"]
    assert found["state"] == "refused"


@given(st.text(min_size=1))
def test_whatever_a_key_holds_it_is_one_cell_on_one_line(key: str) -> None:
    found = cells(key)
    assert found["state"] == "refused"
    assert not found["key"].startswith(("=", "+", "-", "@", "\t"))
    assert len(found["key"].splitlines()) == 1


def test_times_are_those_of_beijing() -> None:
    assert beijing_time(0) == "1970-01-01 08:00:00"
    assert beijing_time(1e18) == ""
