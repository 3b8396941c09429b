"""Whether an entry is still what was sent: cheaply by its stamp, surely by its digest."""

import io
import os
from pathlib import Path

import pytest
import xxhash
from support.file_parts import part_of

from alipay_mini_audit.attachments import BytesSource, FilePart, PathSource, StreamSource
from alipay_mini_audit.batch.content import Fingerprint, stamp_of
from alipay_mini_audit.files import FileDigests

BODY = '{"app_version":"1"}'
STATE = (1, 2, 3, 4, True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    return path


async def fingerprint_of(body: str, files: list[FilePart], digests: FileDigests) -> Fingerprint:
    elsewhere = [file for file in files if not isinstance(file.source, PathSource)]
    known = await digests.of(elsewhere) if elsewhere else {}
    return Fingerprint.of(body, files, known)


def test_a_stamp_changes_with_each_thing_that_it_is_of() -> None:
    base = {"app_logo": STATE, "test_file": "digest"}
    others = [
        stamp_of(BODY + " ", base),
        stamp_of(BODY, {}),
        stamp_of(BODY, {"app_logo": STATE}),
        stamp_of(BODY, {**base, "app_logo": (1, 2, 9, 4, True)}),
        stamp_of(BODY, {**base, "test_file": "other"}),
        stamp_of(BODY, {"app_logo": "digest", "test_file": STATE}),
    ]
    assert len({stamp_of(BODY, base), *others}) == 7
    assert stamp_of(BODY, dict(reversed(base.items()))) == stamp_of(BODY, base)


async def test_the_same_content_under_another_time_has_the_same_digest_and_another_stamp(
    path: Path,
) -> None:
    digests = FileDigests()
    before = await fingerprint_of(BODY, [part_of(path)], digests)
    digest = await before.digest(digests)
    os.utime(path, (1, 1))
    after = await fingerprint_of(BODY, [part_of(path)], digests)
    assert after.stamp != before.stamp
    assert await after.digest(digests) == digest != ""


async def test_another_place_of_the_same_content_has_the_same_digest(
    path: Path, tmp_path: Path
) -> None:
    (tmp_path / "copy.png").write_bytes(b"picture")
    digests = FileDigests()
    found = [
        await (await fingerprint_of(BODY, [part_of(each)], digests)).digest(digests)
        for each in (path, tmp_path / "copy.png")
    ]
    assert found[0] == found[1] != ""


async def test_it_makes_no_difference_to_the_digest_where_a_content_comes_from(path: Path) -> None:
    digests = FileDigests()
    found = [
        await (await fingerprint_of(BODY, [part_of(source, 7)], digests)).digest(digests)
        for source in (path, BytesSource(b"picture"), StreamSource(io.BytesIO(b"picture"), "a"))
    ]
    assert len(set(found)) == 1
    assert found[0] != ""


@pytest.mark.parametrize("change", ["body", "content", "name", "more"])
async def test_another_content_has_another_digest_and_another_stamp(
    path: Path, change: str
) -> None:
    digests = FileDigests()
    before = await fingerprint_of(BODY, [part_of(path)], digests)
    digest = await before.digest(digests)
    if change == "content":
        path.write_bytes(b"Picture")  # noqa: ASYNC240
    parts = [part_of(path, name="first_screen_shot" if change == "name" else "app_logo")]
    parts += [part_of(path, name="second_screen_shot")] if change == "more" else []
    after = await fingerprint_of(BODY + " " * (change == "body"), parts, digests)
    assert after.stamp != before.stamp
    assert await after.digest(digests) not in ("", digest)


async def test_what_is_not_on_disk_is_known_at_once() -> None:
    part = part_of(BytesSource(b"picture"), 7)
    found = await fingerprint_of(BODY, [part], FileDigests())
    assert found.known == {"app_logo": f"XXH3_128:{xxhash.xxh3_128_hexdigest(b'picture')}"}
    assert found.on_disk == ()
    assert found.stamp == await found.digest(FileDigests())


async def test_a_file_that_has_changed_since_has_no_digest(path: Path) -> None:
    found = await fingerprint_of(BODY, [part_of(path)], FileDigests())
    path.write_bytes(b"another")  # noqa: ASYNC240
    assert await found.digest(FileDigests()) == ""
    path.unlink()  # noqa: ASYNC240
    assert await found.digest(FileDigests()) == ""


async def test_a_body_is_not_shown() -> None:
    found = await fingerprint_of('{"test_password":"secret-7"}', [], FileDigests())
    assert "secret-7" not in repr(found)
