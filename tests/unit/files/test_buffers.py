"""The memory that the uploads of a client share."""

import pytest

from alipay_mini_audit.files import BufferPool

LARGE, SMALL = 589_824, 73_728
"""512 and 64 KiB, each with an eighth to spare."""


def test_the_buffer_released_last_is_acquired_first() -> None:
    buffers = BufferPool(1000)
    first, second = buffers.acquire(), buffers.acquire()
    buffers.release(first)
    buffers.release(second)
    assert buffers.acquire() is second
    assert buffers.acquire() is first


def test_nobody_gets_a_buffer_that_somebody_else_holds() -> None:
    buffers = BufferPool(1000)
    taken = [buffers.acquire() for _ in range(40)]
    for number, buffer in enumerate(taken):
        buffer[:] = bytes([number]) * len(buffer)
    assert [set(buffer) for buffer in taken] == [{number} for number in range(40)]


def test_few_buffers_are_large_and_further_ones_are_small_and_not_kept() -> None:
    buffers = BufferPool(512 * 1024)
    taken = [buffers.acquire() for _ in range(20)]
    assert [len(buffer) for buffer in taken] == [LARGE] * 16 + [SMALL] * 4
    for buffer in taken:
        buffers.release(buffer)
    assert [len(buffers.acquire()) for _ in range(17)] == [LARGE] * 16 + [SMALL]


def test_a_buffer_that_is_discarded_makes_room_for_another_and_is_not_given_out_again() -> None:
    buffers = BufferPool(512 * 1024)
    taken = [buffers.acquire() for _ in range(16)]
    small = buffers.acquire()
    buffers.discard(taken[0])
    buffers.discard(small)
    taken[0][:4] = b"held"
    another = buffers.acquire()
    assert len(another) == LARGE
    assert bytes(another[:4]) == bytes(4)
    assert taken[0][:4] == b"held"
    assert len(buffers.acquire()) == SMALL


def test_a_small_size_is_the_size_of_all_buffers() -> None:
    buffers = BufferPool(10)
    assert {len(buffers.acquire()) for _ in range(20)} == {11}


@pytest.mark.parametrize("size", [*range(1, 200), 997, 65_536, 786_432])
def test_a_piece_has_the_size_that_was_asked_for_unless_a_little_more_is_all_that_is_left(
    size: int,
) -> None:
    buffers, spare = BufferPool(size), size // 8
    buffer = buffers.acquire()
    assert [len(buffers.room_in(buffer, size + more)) for more in (spare, spare + 1, 10**9)] == [
        size + spare,
        size,
        size,
    ]
