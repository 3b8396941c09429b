import pytest

from alipay_mini_audit.sandbox.business.walks import Skip, Take, Walk, Walker


@pytest.mark.parametrize("piece", [1, 2, 3, 100])
def test_a_parser_gets_what_it_asks_for_however_it_arrives(piece: int) -> None:
    seen = []

    def walk() -> Walk:
        seen.append((yield Take(2)))
        seen.append((yield Skip(3)))
        seen.append((yield Take(0)))
        seen.append((yield Take(1)))

    walker = Walker(walk())
    content = b"abcdefgh"
    for start in range(0, len(content), piece):
        walker.feed(content[start : start + piece])
    assert seen == [b"ab", b"", b"", b"f"]


def test_a_file_that_ends_early_leaves_what_was_noted() -> None:
    seen = []

    def walk() -> Walk:
        seen.append((yield Take(1)))
        seen.append((yield Take(9)))

    Walker(walk()).feed(b"abc")
    assert seen == [b"a"]


def test_a_parser_that_goes_on_for_ever_is_stopped() -> None:
    steps = 0

    def walk() -> Walk:
        nonlocal steps
        while True:
            steps += 1
            yield Take(0)

    Walker(walk()).feed(b"a")
    assert steps == 50_000
