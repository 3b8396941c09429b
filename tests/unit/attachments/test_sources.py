"""Where the bytes come from: each source is read from its first byte on, again and again."""

import os
from pathlib import Path, PurePosixPath

import pytest

from alipay_mini_audit.attachments import BytesSource, PathSource, Source
from alipay_mini_audit.attachments.sources import is_source, to_source
from alipay_mini_audit.errors import Problem


async def read(source: Source, size: int) -> list[bytes]:
    pieces = []
    async with source.open() as opened:
        while piece := await opened.read(size):
            pieces.append(piece)
        assert await opened.read(size) == b""
    return pieces


async def test_content_is_read_in_pieces_and_again_from_its_start() -> None:
    source = BytesSource(b"abcdefgh")
    for _ in range(2):
        assert await read(source, 3) == [b"abc", b"def", b"gh"]


async def test_two_readers_of_one_content_do_not_disturb_each_other() -> None:
    source = BytesSource(b"abcd")
    async with source.open() as one, source.open() as other:
        assert await one.read(2) == b"ab"
        assert await other.read(3) == b"abc"
        assert await one.read(9) == b"cd"


def test_a_file_is_a_plain_value_that_does_not_look_at_the_disk(tmp_path: Path) -> None:
    source = PathSource(tmp_path / "missing.bin")
    assert source == PathSource(tmp_path / "missing.bin")
    assert source.filename == "missing.bin"
    assert not is_source(source), "it opens nothing itself"


def test_content_knows_its_size_and_no_name() -> None:
    assert BytesSource(b"abc").size == 3
    assert BytesSource(b"abc").filename == ""
    assert repr(BytesSource(b"abc")) == "BytesSource(content=<3 bytes>, filename='')"


@pytest.mark.parametrize("value", ["dir/a.png", Path("dir/a.png"), PurePosixPath("dir/a.png")])
def test_a_path_of_any_kind_is_a_file(value: object) -> None:
    assert to_source(value, "p") == PathSource(Path("dir/a.png"))


@pytest.mark.parametrize("value", [b"abc", bytearray(b"abc"), memoryview(b"abc")])
def test_bytes_of_any_kind_are_content(value: object) -> None:
    assert to_source(value, "p") == BytesSource(b"abc")


def test_what_has_the_three_names_of_a_source_is_one() -> None:
    class Whole:
        filename, size = "a.png", 3

        def open(self) -> object:
            return self

    class Halved:
        filename, size = "a.png", 3

    assert is_source(Whole())
    assert not is_source(Halved())
    whole = Whole()
    assert to_source(whole, "p") is whole


def test_attributes_of_an_instance_count_as_well() -> None:
    class Loose:
        def __init__(self) -> None:
            self.filename, self.size, self.open = "a.png", 3, object

    assert is_source(Loose())


@pytest.mark.parametrize("source", [PathSource(Path("a.png")), BytesSource(b"abc", "a.png")])
def test_a_source_of_this_package_is_taken_as_it_is(source: object) -> None:
    assert to_source(source, "p") is source


def test_a_problem_says_where_it_was_given() -> None:
    problem = to_source(5, "attachments.app_logo")
    assert isinstance(problem, Problem)
    assert problem.path == "attachments.app_logo"
    assert problem.code == "unsupported_source"
    assert problem.message == "int is not a file."


def test_an_entry_of_a_folder_that_is_named_in_bytes_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "logo.png").touch()
    with os.scandir(os.fsencode(tmp_path)) as folder:
        (entry,) = folder
        assert to_source(entry, "attachments.app_logo") == PathSource(tmp_path / "logo.png")
