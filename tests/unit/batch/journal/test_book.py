from alipay_mini_audit.batch.journal.book import stops_on
from alipay_mini_audit.batch.journal.row import HoldKind, Identity, Row


def test_a_row_is_stopped_by_its_key_mini_program_or_template() -> None:
    row = Row(identity=Identity("one", "1"), mini_app="m", template="t")
    assert stops_on(row) == {
        HoldKind.KEY: "one",
        HoldKind.MINI_APP: "m",
        HoldKind.TEMPLATE: "t",
    }
    assert list(stops_on(row)) == list(HoldKind)
