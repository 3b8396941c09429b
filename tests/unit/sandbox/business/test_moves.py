"""The state machine, cell by cell."""

from typing import get_args

import pytest
from support.state_table import CALLS, CELLS

from alipay_mini_audit.models.versions import VersionStatus
from alipay_mini_audit.sandbox.business.moves import ABSENT, MOVES, STATUSES, MoveName
from alipay_mini_audit.sandbox.protocol.refusals import Refusal


def test_the_table_has_every_call_and_every_state() -> None:
    assert CELLS.keys() == {ABSENT, *STATUSES}
    assert set(STATUSES) == set(VersionStatus)
    assert set(CALLS) == set(MOVES) == set(get_args(MoveName))
    assert all(len(cells) == len(CALLS) for cells in CELLS.values())


@pytest.mark.parametrize("standing", CELLS)
def test_each_call_leads_where_the_table_says(standing: str) -> None:
    found = []
    for call in CALLS:
        try:
            found.append(MOVES[call].next(standing))
        except Refusal as refusal:
            found.append(refusal.code)
    assert tuple(found) == CELLS[standing]
