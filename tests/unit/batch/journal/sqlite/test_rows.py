import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.journal.sqlite.rows import COLUMNS, from_columns, to_columns
from alipay_mini_audit.errors import Outcome
from alipay_mini_audit.models import AuditRecord, Memo, Verdict, VerdictKind

FULL = Row(
    identity=Identity("key", "0.0.1", "com.example"),
    mini_app="m",
    template="t",
    state=EntryState.UNKNOWN,
    epoch=1,
    stamp="s",
    digest="d",
    attempts=2,
    tries=3,
    sending_at=4.5,
    alive_until=5.5,
    asked_at=6.5,
    landed=False,
    outcome=Outcome.ACCEPTED_UNREADABLE,
    is_repeatable=True,
    code="C",
    retry_at=7.5,
    reason="r",
    reply={"a": [1, {"二": None}]},
    request_id="q",
    trace_id="x",
    quota_day="2027-01-15",
    accepted_at=11.5,
    audit_since=9.5,
    verdict=Verdict(
        app_version="0.0.1",
        kind=VerdictKind.REJECTED,
        status="AUDIT_REJECT_OF_TOMORROW",
        promote_audit_record=AuditRecord(memos=[Memo(memo="m", memo_image_list=["https://a/1"])]),
    ),
    verdict_at=10.5,
    caller="token:c",
    updated_at=8.5,
    owner="o",
)


def test_a_row_comes_back_as_it_was() -> None:
    empty = Row(identity=Identity("key", "0.0.1"))
    again = attrs.evolve(FULL, state=EntryState.SENDING, former=FULL)
    for row in (FULL, empty, attrs.evolve(FULL, landed=True), again):
        columns = to_columns(row, 9)
        assert len(columns) == len(COLUMNS)
        assert from_columns(columns) == (row, 9)


def test_every_attribute_has_a_column_and_none_is_like_another() -> None:
    names = {field.name for field in attrs.fields(Row)} - {"identity"}
    assert set(COLUMNS) == names | {"key", "app_version", "bundle_id", "run"}
    row = attrs.evolve(FULL, former=FULL)
    assert len({repr(column) for column in to_columns(row, 9)}) == len(COLUMNS)
