"""`FilePart` is a value: it compares, prints without content, and opens nothing."""

from pathlib import Path

import attrs
import pytest

from alipay_mini_audit.attachments import BytesSource, FilePart, PathSource

PART = FilePart(
    name="app_logo",
    location="attachments.app_logo",
    source=PathSource(Path("there/is/none.png")),
    filename="none.png",
    content_type="image/png",
    size=3,
)


def test_a_part_is_compared_by_value_and_not_changed() -> None:
    assert attrs.evolve(PART) == PART
    assert attrs.evolve(PART, size=4) != PART
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        PART.size = 4  # type: ignore[misc]


def test_a_part_that_is_no_file_has_no_state() -> None:
    assert PART.state is None


def test_content_is_not_printed() -> None:
    shown = repr(attrs.evolve(PART, source=BytesSource(b"canary")))
    assert "canary" not in shown
    assert "<6 bytes>" in shown
