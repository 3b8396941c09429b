"""Why a request is cut while its files are read: the place, the file, and what to do."""

import os
from pathlib import Path

import attrs
import pytest

from alipay_mini_audit.attachments import BytesSource, FilePart, PathSource
from alipay_mini_audit.errors import Outcome, SendInterrupted
from alipay_mini_audit.files.failures import check_state, too_long, too_short, unreadable
from alipay_mini_audit.files.state import state_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "logo.png"
    file.write_bytes(b"0123456789")
    return file


def part_of(file: Path) -> FilePart:
    status = file.stat()
    return FilePart(
        name="app_logo",
        location="attachments.app_logo",
        source=PathSource(file),
        filename="logo.png",
        content_type="image/png",
        size=status.st_size,
        state=state_of(status),
    )


def test_a_file_that_is_what_it_was_passes(file: Path) -> None:
    check_state(part_of(file), file.stat())


def test_a_source_of_the_users_has_no_state_to_compare(file: Path) -> None:
    check_state(attrs.evolve(part_of(file), state=None, size=1), file.stat())


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"0123456789abc", "has changed: it is longer than the 10 bytes that it had"),
        (b"0123456780", "has changed since it was looked at"),
        (b"012", "has changed since it was looked at"),
    ],
)
def test_a_file_that_was_written_to_cuts_the_request(file: Path, content: bytes, text: str) -> None:
    part = part_of(file)
    file.write_bytes(content)
    os.utime(file, ns=(1, 1))
    with pytest.raises(SendInterrupted) as caught:
        check_state(part, file.stat())
    assert caught.value.reason == (f"attachments.app_logo (app_logo): logo.png {text}.")
    assert caught.value.outcome is Outcome.UNKNOWN
    assert caught.value.advice == (
        "Submit it again when the file is there and nobody writes to it."
    )
    assert caught.value.path == "attachments.app_logo"


def test_a_write_that_puts_its_time_back_cuts_the_request(file: Path) -> None:
    part = part_of(file)
    before = file.stat()
    while file.stat().st_ctime_ns == before.st_ctime_ns:  # the clock of files ticks slowly
        file.write_bytes(b"9876543210")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    with pytest.raises(SendInterrupted, match="has changed since it was looked at"):
        check_state(part, file.stat())


def test_a_file_that_was_removed_cuts_the_request(file: Path) -> None:
    part = part_of(file)
    fd = os.open(file, os.O_RDONLY)
    file.unlink()
    with pytest.raises(SendInterrupted, match="was replaced or removed"):
        check_state(part, os.fstat(fd))
    os.close(fd)


def test_lengths_are_told_in_bytes(file: Path) -> None:
    part = part_of(file)
    assert "4 of 10 bytes were missing" in too_short(part, 4).reason
    assert "longer than the 10 bytes" in too_long(part).reason


def test_an_error_is_told_by_its_kind_or_the_systems_words_never_by_its_text(file: Path) -> None:
    part = attrs.evolve(part_of(file), source=BytesSource(b"x"))
    assert (
        "the content cannot be read any more: ValueError"
        in unreadable(part, ValueError("canary")).reason
    )
    system = unreadable(part, OSError(5, "Input/output error", "canary"))
    assert "Input/output error" in system.reason
    assert "canary" not in system.reason
