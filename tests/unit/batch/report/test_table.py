import base64
import json
import zlib

from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.report.table import PackedColumn, PackedTable


def unpacked(packed: str) -> list[object]:
    found: list[object] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return found


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])) | st.integers()))
def test_a_column_comes_back_as_it_was(values: list[str | int]) -> None:
    column = PackedColumn()
    for value in values:
        column.add(value)
    assert unpacked(column.close()) == values


def test_a_row_is_told_by_its_legend() -> None:
    table = PackedTable("en")
    table.add(
        Row(
            identity=Identity("a", "1.0"),
            mini_app="m",
            template="t",
            state=EntryState.INVALID,
            reason="LOGO_HEIGHT_NOT_EQUAL_WIDTH, file_not_found",
            updated_at=100.9,
        )
    )
    table.add(
        Row(
            identity=Identity("b", "2.0", "bundle"),
            state=EntryState.DONE,
            attempts=2,
            sending_at=90.0,
            updated_at=200.0,
            trace_id="trace",
        )
    )
    assert {name: unpacked(packed) for name, packed in table.close().items()} == {
        "key": ["a", "b"],
        "version": ["1.0", "2.0"],
        "bundle": ["", "bundle"],
        "mini": ["m", ""],
        "template": ["t", ""],
        "state": [3, 2],
        "reasons": [0, 1],
        "attempts": [0, 2],
        "time": [100, -10],
        "trace": ["", "trace"],
    }
    legend = table.legend()
    assert legend["count"] == 2
    assert legend["sets"] == [[0, 1], []]
    assert legend["reasons"] == [
        ["LOGO_HEIGHT_NOT_EQUAL_WIDTH", "The logo is not square.", "invalid"],
        ["file_not_found", "There is no such file.", "invalid"],
    ]
    assert table.number_of(EntryState.INVALID, "file_not_found") == 1
    assert table.number_of(EntryState.DONE, "file_not_found") is None
