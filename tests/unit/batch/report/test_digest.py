import datetime

import attrs

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.report.digest import Digest, Verdicts, moment_of
from alipay_mini_audit.models import AuditRecord, Memo, Verdict, VerdictKind

NOON = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.UTC)
DONE, INVALID, REFUSED = EntryState.DONE, EntryState.INVALID, EntryState.REFUSED


def row(key: str, state: EntryState, reason: str = "", sent: float | None = None) -> Row:
    identity = Identity(key, "1.0")
    return Row(identity=identity, state=state, reason=reason, sending_at=sent, updated_at=900.0)


def digest_of(*rows: Row) -> Digest:
    digest = Digest("en")
    for each in rows:
        digest.add(each)
    return digest


def test_reasons_are_grouped_and_the_largest_group_is_first() -> None:
    digest = digest_of(
        row("a", REFUSED, "SUBMIT_REPEAT", 200.0),
        row("b", INVALID, "LOGO_HEIGHT_NOT_EQUAL_WIDTH"),
        row("c", INVALID, "LOGO_HEIGHT_NOT_EQUAL_WIDTH, file_not_found"),
        row("d", DONE, "", 100.0),
    )
    assert [(each.count, each.reason.code, each.keys) for each in digest.groups()] == [
        (2, "LOGO_HEIGHT_NOT_EQUAL_WIDTH", ("b", "c")),
        (1, "file_not_found", ("c",)),
        (1, "SUBMIT_REPEAT", ("a",)),
    ]
    assert dict(digest.counts) == {REFUSED: 1, INVALID: 2, DONE: 1}
    assert (digest.total, digest.begins, digest.ends) == (4, 100.0, 200.0)


def test_a_group_names_ten_keys_at_most() -> None:
    digest = digest_of(*(row(f"{number}", REFUSED, "x") for number in range(12)))
    (group,) = digest.groups()
    assert (group.count, group.keys) == (12, tuple(str(number) for number in range(10)))


def test_the_document_holds_all_of_it() -> None:
    digest = digest_of(row("a", REFUSED, "no_such_code", 3.0), row("b", DONE, "", 1.0))
    document = dict(digest.document())
    assert document.pop("counts") == {
        **dict.fromkeys(map(str, EntryState), 0),
        "refused": 1,
        "done": 1,
    }
    (group,) = document.pop("groups")  # type: ignore[misc]
    assert group["state"] == "refused"
    assert (group["code"], group["count"], group["keys"]) == ("no_such_code", 1, ["a"])
    assert document == {
        "total": 2,
        "begins": 1.0,
        "ends": 3.0,
        "verdicts": {"known": 0, "awaited": 1, "half": None, "longest": None},
        "intervals": [
            {"begins": 1, "seconds": 1, "accepted": 1, "refused": 0, "unknown": 0},
            {"begins": 3, "seconds": 1, "accepted": 0, "refused": 1, "unknown": 0},
        ],
    }


def test_verdicts_are_counted_with_the_time_that_they_took() -> None:
    def judged(hours: float | None, learnt: float = 0.0) -> Row:
        decided = None if hours is None else NOON + datetime.timedelta(hours=hours)
        verdict = Verdict(
            app_version="1",
            kind=VerdictKind.PASSED,
            status="WAIT_RELEASE",
            submitted_at=NOON,
            decided_at=decided,
        )
        passed = row("a", EntryState.PASSED, "", 100.0)
        return attrs.evolve(passed, verdict=verdict, verdict_at=learnt)

    hours = [judged(each) for each in (3, 1, 2)]
    digest = digest_of(*hours, judged(None, 100.0 + 7200), row("b", DONE, "", 1.0))
    assert digest.verdicts() == Verdicts(known=4, awaited=1, half=7200.0, longest=10_800.0)
    assert digest.left == 0


def test_the_auditors_remarks_are_groups() -> None:
    def rejected(*memos: str) -> Row:
        record = AuditRecord(memos=[Memo(memo=memo) for memo in memos])
        verdict = Verdict(
            app_version="1",
            kind=VerdictKind.REJECTED,
            status="AUDIT_REJECT",
            base_audit_record=record,
        )
        return attrs.evolve(row("a", EntryState.REJECTED, "; ".join(memos), 1.0), verdict=verdict)

    digest = digest_of(rejected("Logo", "Phone"), rejected("Logo"), rejected())
    found = [(group.reason.meaning, group.count) for group in digest.groups()]
    unsaid = "The auditors rejected it and gave no reason."
    assert found == [("Logo", 2), (unsaid, 1), ("Phone", 1)]
    assert digest.left == 3


def test_an_empty_journal_has_nothing_to_tell() -> None:
    digest = digest_of()
    assert (digest.total, digest.groups(), digest.begins) == (0, (), None)


def test_the_time_of_an_entry_is_that_of_its_attempt() -> None:
    assert moment_of(row("a", DONE, "", 5.0)) == 5.0
    assert moment_of(row("a", INVALID)) == 900.0
