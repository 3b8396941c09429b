"""Hashes that are taken in passing: those of the files, whatever the pieces."""

import time
from pathlib import Path

import pytest
import xxhash
from support.file_parts import part_of

from alipay_mini_audit.files import PassingHashes
from alipay_mini_audit.files.digests import FileDigests
from alipay_mini_audit.files.state import StateCache

HOUR_NS = 3_600_000_000_000
CONTENT = bytes(range(256)) * 1024


def known() -> StateCache[str]:
    return StateCache(lambda: time.time_ns() + HOUR_NS)


def read(hashes: PassingHashes, name: str, path: Path, count: int, content: bytes) -> None:
    part = part_of(path, name=name)
    for start in range(0, len(content), count):
        hashes.read(part, memoryview(content)[start : start + count])


def expected(content: bytes) -> str:
    return f"XXH3_128:{xxhash.xxh3_128_hexdigest(content)}"


@pytest.mark.parametrize("count", [1000, 64 * 1024, 100_000, len(CONTENT)])
def test_they_are_those_of_the_content(tmp_path: Path, count: int) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    first.write_bytes(CONTENT)
    second.write_bytes(b"other")
    hashes = PassingHashes(known())
    read(hashes, "app_logo", first, count, CONTENT)
    read(hashes, "first_screen_shot", second, count, b"other")
    assert hashes.whole == {
        "app_logo": expected(CONTENT),
        "first_screen_shot": expected(b"other"),
    }


def test_a_file_of_which_a_part_was_read_has_none(tmp_path: Path) -> None:
    path = tmp_path / "1"
    path.write_bytes(CONTENT)
    hashes = PassingHashes(known())
    read(hashes, "app_logo", path, 1000, CONTENT[:-1])
    assert hashes.whole == {}


def test_what_is_read_once_more_is_hashed_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "1"
    path.write_bytes(CONTENT)
    cache = known()
    hashes = PassingHashes(cache)
    half = len(CONTENT) // 2
    for content in (CONTENT[:half], CONTENT):
        hashes.begin()
        read(hashes, "app_logo", path, half, content)
    assert hashes.whole == {"app_logo": expected(CONTENT)}
    assert cache.get(part_of(path).state or ()) == expected(CONTENT)  # type: ignore[arg-type]


def test_what_many_share_is_hashed_once(tmp_path: Path) -> None:
    path = tmp_path / "1"
    path.write_bytes(CONTENT)
    cache = known()
    read(PassingHashes(cache), "app_logo", path, 1000, CONTENT)
    hashes = PassingHashes(cache)
    read(hashes, "first_license_pic", path, len(CONTENT), bytes(len(CONTENT)))
    assert hashes.whole == {"first_license_pic": expected(CONTENT)}, "known by its state"


async def test_they_are_those_that_are_read_by_themselves(tmp_path: Path) -> None:
    path = tmp_path / "1"
    path.write_bytes(CONTENT)
    digests = FileDigests()
    hashes = digests.in_passing()
    assert hashes is not None
    read(hashes, "app_logo", path, 1000, CONTENT)
    assert hashes.whole == await digests.of([part_of(path)])
