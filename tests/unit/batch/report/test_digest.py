from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.report.digest import Digest, moment_of

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
        "intervals": [
            {"begins": 1, "seconds": 1, "accepted": 1, "refused": 0, "unknown": 0},
            {"begins": 3, "seconds": 1, "accepted": 0, "refused": 1, "unknown": 0},
        ],
    }


def test_an_empty_journal_has_nothing_to_tell() -> None:
    digest = digest_of()
    assert (digest.total, digest.groups(), digest.begins) == (0, (), None)


def test_the_time_of_an_entry_is_that_of_its_attempt() -> None:
    assert moment_of(row("a", DONE, "", 5.0)) == 5.0
    assert moment_of(row("a", INVALID)) == 900.0
