"""What must not change while a file is sent."""

import os
from pathlib import Path

from alipay_mini_audit.files.state import state_of


def test_a_write_a_move_and_a_removal_change_it(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"1")
    with path.open("rb") as file:
        states = [state_of(os.fstat(file.fileno()))]
        path.write_bytes(b"12")
        states.append(state_of(os.fstat(file.fileno())))
        path.unlink()
        states.append(state_of(os.fstat(file.fileno())))
    assert len(set(states)) == 3
    assert states[0][0] == 1
    assert states[2][-1] is False
