"""What a file is, by little of it."""

import io
import zipfile

import pytest
from PIL import Image
from support.pictures import picture, saved
from support.seen import seen

from alipay_mini_audit.preflight.probing import probe, probe_head

PNG = saved(Image.effect_noise((200, 200), 90), "PNG")
JPEG = saved(Image.effect_noise((200, 200), 90), "JPEG")


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("a", b"x" * 9000)
    return file.getvalue()


@pytest.mark.parametrize("content", [PNG, JPEG])
def test_two_reads_are_enough_for_most_pictures(content: bytes) -> None:
    reads: list[tuple[int, int]] = []

    def read_at(offset: int, count: int) -> bytes:
        reads.append((offset, count))
        return content[offset : offset + count]

    assert probe(read_at, len(content)).width == 200
    assert reads == [(0, 4096), (len(content) - 256, 256)]


@pytest.mark.parametrize("content", [b"hello", b"%PDF-1.7" * 2000, bytes(100)])
def test_a_content_of_no_known_format_is_broken(content: bytes) -> None:
    found = seen(content)
    assert (found.format, found.is_broken) == (None, True)


def test_an_archive_may_begin_with_something_else() -> None:
    found = seen(b"MZ" + bytes(9000) + archive())
    assert (found.format, found.is_broken, found.is_encrypted) == ("zip", False, False)
    assert seen(b"PK00" + archive()).format == "zip"


@pytest.mark.parametrize("content", [PNG, JPEG, archive(), bytes(9), b"GIF89a" + bytes(9000)])
@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), LookupError("later")])
def test_what_a_read_raises_is_passed_on_wherever_it_happens(
    content: bytes, error: Exception
) -> None:
    allowed = -1
    raised = True
    while raised:
        allowed += 1
        left = allowed

        def read_at(offset: int, count: int) -> bytes:
            nonlocal left
            if not left:
                raise error
            left -= 1
            return content[offset : offset + count]

        try:
            probe(read_at, len(content))
        except type(error) as caught:
            assert caught is error  # noqa: PT017  # it is not raised each time
        else:
            raised = False
    assert allowed > 0


def test_a_file_that_shrinks_while_it_is_looked_at_raises_nothing() -> None:
    for content in (PNG, JPEG, archive()):
        for left in (0, 5, 20, 300, 5000):
            short = content[:left]
            probe(lambda offset, count: short[offset : offset + count], len(content))  # noqa: B023


def test_equal_files_have_one_fingerprint_and_others_have_others() -> None:
    middle = len(PNG) // 2
    prints = [seen(each).fingerprint for each in (PNG, PNG[:-1], b"\0" + PNG[1:], JPEG, archive())]
    assert len({*prints, None}) == 6
    assert seen(bytes(PNG)).fingerprint == prints[0]
    assert seen(PNG[:middle] + b"?" + PNG[middle + 1 :]).fingerprint == prints[0]


def test_of_a_content_with_its_beginning_only_nothing_is_said_that_the_rest_may_deny() -> None:
    for content, kind in ((PNG, "png"), (JPEG, "jpg"), (archive(), "zip")):
        for count in (16, 1000, 4096):
            found = probe_head(content[:count], len(content))
            assert (found.format, found.is_broken) == (kind, False)
            assert (found.is_truncated, found.is_encrypted) == (None, None)
            assert found.fingerprint is None
    assert probe_head(PNG[:100], len(PNG)).width == 200
    assert not probe_head(b"MZ, and an archive further on", 9000).is_broken


def test_a_beginning_that_is_the_whole_is_as_good_as_the_whole() -> None:
    for number in range(20):
        content = picture(number).content
        assert probe_head(content, len(content)) == seen(content)
