import os
from pathlib import Path

import pytest

from alipay_mini_audit.cli.writing import written_whole


def test_a_file_is_there_only_when_all_of_it_is(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    with written_whole(place) as file:
        file.write("half\r\n")
        assert not place.exists()
    assert place.read_bytes() == b"half\r\n"
    assert list(tmp_path.iterdir()) == [place]


def test_what_was_there_stays_if_something_fails(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    place.write_text("old")
    with pytest.raises(ZeroDivisionError), written_whole(place) as file:
        file.write(str(1 / len("")))
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_a_link_still_leads_to_the_file(tmp_path: Path) -> None:
    place, link = tmp_path / "page.html", tmp_path / "link.html"
    place.write_text("old")
    link.symlink_to(place)
    with written_whole(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert place.read_text() == "new"


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with written_whole(pipe) as file:
            file.write("through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), written_whole(tmp_path / "none" / "a"):
        pass
