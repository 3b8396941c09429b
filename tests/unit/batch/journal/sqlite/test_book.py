import sqlite3

import pytest

from alipay_mini_audit.batch.journal.sqlite import book, owner, reading
from alipay_mini_audit.batch.journal.sqlite.file import JournalFile

STATEMENTS = (*book.STATEMENTS, *owner.STATEMENTS, *reading.STATEMENTS)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_statement_uses_an_index(file: JournalFile, statement: str) -> None:
    count = max(statement.count("?"), 1)
    for parameters in range(count + 1):
        try:
            plan = file.db.execute(
                f"EXPLAIN QUERY PLAN {statement}", ("x",) * parameters
            ).fetchall()
        except sqlite3.ProgrammingError:  # another number of them
            continue
        steps = [step for *_, step in plan]
        searched = [step for step in steps if step != "SCAN CONSTANT ROW"]
        assert not [step for step in searched if step.startswith("SCAN") and "INDEX" not in step]
        if "GROUP BY" not in statement:
            assert not [step for step in steps if "TEMP B-TREE" in step]
        return
    pytest.fail("it was not planned")


def test_many_rows_at_once_are_found_by_their_index(file: JournalFile) -> None:
    statement = book._put_many(16)
    values = ("x",) * statement.count("?")
    plan = file.db.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    assert [step.split(" USING")[0] for *_, step in plan if "entries" in step] == ["SEARCH entries"]
