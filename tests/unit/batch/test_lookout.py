"""`Lookout`: whether an entry is what was sent, and what it costs to know."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest
from support.scripted_platform import OPTIONS, ScriptedPlatform

from alipay_mini_audit import AuditApply, Outcome, Readable, Submission, Timeouts
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.lookout import Lookout
from alipay_mini_audit.errors import SendInterrupted
from alipay_mini_audit.files import FileDigests

REQUEST = AuditApply(app_version="1.0.0", version_desc="A version.")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    return path


async def sent(submission: Submission, *, with_digest: bool = True) -> Row:
    """Return the row of a submission that was sent."""
    _, fingerprint = await Lookout(ScriptedPlatform()).look(submission)
    digest = await fingerprint.digest(FileDigests()) if with_digest else ""
    return Row(identity=Identity("a", "1.0.0"), stamp=fingerprint.stamp, digest=digest)


async def test_what_nothing_has_touched_is_the_same_without_a_look_inside(path: Path) -> None:
    submission = Submission("a", REQUEST, {"app_logo": path})
    platform = ScriptedPlatform()
    row = await sent(submission, with_digest=False)
    assert await Lookout(platform).is_same(row, submission)
    assert platform.prepared == []


@pytest.mark.parametrize(("content", "same"), [(b"picture", True), (b"another", False)])
async def test_what_was_written_anew_is_judged_by_its_content(
    path: Path, content: bytes, same: bool
) -> None:
    submission = Submission("a", REQUEST, {"app_logo": path})
    row = await sent(submission)
    path.unlink()  # noqa: ASYNC240
    path.write_bytes(content)  # noqa: ASYNC240
    assert await Lookout(ScriptedPlatform()).is_same(row, submission) is same


async def test_without_a_digest_what_was_touched_counts_as_changed(path: Path) -> None:
    submission = Submission("a", REQUEST, {"app_logo": path})
    row = await sent(submission, with_digest=False)
    path.chmod(0o600)  # noqa: ASYNC240
    assert not await Lookout(ScriptedPlatform()).is_same(row, submission)


async def test_other_fields_are_another_content(path: Path) -> None:
    submission = Submission("a", REQUEST, {"app_logo": path})
    row = await sent(submission)
    other = attrs.evolve(submission, request=attrs.evolve(REQUEST, version_desc="Another."))
    assert not await Lookout(ScriptedPlatform()).is_same(row, other)


async def test_what_is_in_memory_is_judged_by_its_content() -> None:
    row = await sent(Submission("a", REQUEST, {"app_logo": b"picture"}))
    for content, same in ((b"picture", True), (b"another", False)):
        given = Submission("a", REQUEST, {"app_logo": content})
        assert await Lookout(ScriptedPlatform()).is_same(row, given) is same


@attrs.define
class Hanging:
    """A source of the user's that gives nothing."""

    size: int = 7
    filename: str = "logo.png"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Readable]:
        await asyncio.Event().wait()
        raise AssertionError
        yield


async def test_a_source_that_hangs_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    soon = attrs.evolve(OPTIONS, timeouts=Timeouts(total=0.1))
    monkeypatch.setattr("support.scripted_platform.OPTIONS", soon)
    with pytest.raises(SendInterrupted) as caught:
        await Lookout(ScriptedPlatform()).look(Submission("a", REQUEST, {"app_logo": Hanging()}))
    assert caught.value.outcome is Outcome.NOT_SENT


class Broken(Hanging):
    """One that cannot be opened."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Readable]:
        raise OSError(5, "Input/output error")
        yield


async def test_what_cannot_be_read_is_told_before_anything_is_sent() -> None:
    with pytest.raises(SendInterrupted) as caught:
        await Lookout(ScriptedPlatform()).look(Submission("a", REQUEST, {"app_logo": Broken()}))
    assert caught.value.outcome is Outcome.NOT_SENT
