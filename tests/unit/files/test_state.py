"""What must not change while a file is sent."""

import os
from pathlib import Path

from alipay_mini_audit.attachments import FileState
from alipay_mini_audit.files.state import StateCache, state_of

STATE: FileState = (10, 1, 1, 5, True, 9)
LATER_NS = 4_000_000_000_000_000_000


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
    assert states[2][4] is False


def test_what_was_learnt_is_kept_for_as_long_as_a_file_stays_as_it_was() -> None:
    cache = StateCache[str](lambda: LATER_NS)
    cache.put(STATE, "learnt")
    assert cache.get(STATE) == "learnt"
    for changed in (
        (11, 1, 1, 5, True, 9),
        (10, 2, 1, 5, True, 9),
        (10, 1, 2, 5, True, 9),
        (10, 1, 1, 6, True, 9),
        (10, 1, 1, 5, True, 8),
    ):
        assert cache.get(changed) is None


def test_4096_are_kept_and_the_one_that_was_not_asked_for_longest_goes() -> None:
    cache = StateCache[int](lambda: LATER_NS)
    states: list[FileState] = [(10, 1, 1, inode, True, 9) for inode in range(4097)]
    for number, state in enumerate(states[:-1]):
        cache.put(state, number + 1)
    assert cache.get(states[0]) == 1
    cache.put(states[-1], 1)
    assert cache.get(states[1]) is None
    assert cache.get(states[0]) == 1
    assert cache.get(states[-1]) == 1


def test_what_has_just_been_written_is_not_kept() -> None:
    """It may be written again without a change of its times."""
    second = 1_000_000_000
    cache = StateCache[str](lambda: 10 * second)
    for name, written, changed in (("a", 9, 1), ("b", 1, 9), ("c", 1, 20), ("d", 8, 8)):
        state = (10, written * second, changed * second, 5, True, 9)
        cache.put(state, name)
        assert (cache.get(state) is not None) is (name == "d")
