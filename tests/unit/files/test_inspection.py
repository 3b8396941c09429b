"""A look at the files before a submission.

Everything wrong with them at once, without waiting for any.
"""

import asyncio
import contextvars
import io
import os
import stat
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import attrs
import pytest
from support.rights import nobody

from alipay_mini_audit.attachments import (
    PARTS,
    AnySource,
    Attachments,
    BytesSource,
    FilePart,
    PathSource,
    Readable,
    StreamSource,
)
from alipay_mini_audit.errors import Outcome, Problem, SendInterrupted, ValidationError
from alipay_mini_audit.files import (
    BufferPool,
    PageCache,
    UploadResources,
    inspect,
    inspect_blocking,
    inspect_nowait,
    state_of,
)
from alipay_mini_audit.files.job import GRACE_SECONDS
from alipay_mini_audit.files.kernel import KERNEL

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 92
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 46


@attrs.define
class Stored:
    """A source of a user's own; what is an exception is raised."""

    filename_or_error: object = "stored.png"
    size_or_error: object = 7

    @property
    def filename(self) -> str:
        return self._give(self.filename_or_error)  # type: ignore[return-value]

    @property
    def size(self) -> int:
        return self._give(self.size_or_error)  # type: ignore[return-value]

    def open(self) -> AbstractAsyncContextManager[Readable]:
        raise AssertionError("it was opened")

    @staticmethod
    def _give(value: object) -> object:
        if isinstance(value, Exception):
            raise value
        return value


def look(**sources: AnySource) -> dict[str, FilePart]:
    return {part.name: part for part in inspect_blocking(sources)}


def problem(source: AnySource, name: str = "app_logo") -> Problem:
    with pytest.raises(ValidationError) as caught:
        inspect_blocking({name: source})
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def test_a_file_is_ready_with_name_type_size_and_state(tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(PNG)
    status = file.stat()
    times = (status.st_mtime_ns, status.st_ctime_ns)
    expected = (100, *times, status.st_ino, True, status.st_dev)
    assert look(app_logo=PathSource(file)) == {
        "app_logo": FilePart(
            name="app_logo",
            location="attachments.app_logo",
            source=PathSource(file),
            filename="logo.png",
            content_type="image/png",
            size=100,
            state=expected,
        )
    }
    assert state_of(status) == expected


def test_content_is_ready_with_a_name_made_for_it() -> None:
    part = look(second_screen_shot=BytesSource(JPEG))["second_screen_shot"]
    assert (part.filename, part.content_type, part.size) == (
        "second_screen_shot.jpg",
        "image/jpeg",
        50,
    )
    assert (part.location, part.state) == ("attachments.screen_shots[1]", None)


def test_a_source_of_ones_own_is_taken_at_its_word() -> None:
    part = look(app_logo=Stored("shop.jpeg", 12345))["app_logo"]
    assert (part.filename, part.content_type, part.size) == ("shop.jpeg", "image/jpeg", 12345)
    assert part.state is None


def test_the_extension_is_that_of_the_real_format(tmp_path: Path) -> None:
    file = tmp_path / "logo.jpg"
    file.write_bytes(PNG)
    part = look(app_logo=PathSource(file))["app_logo"]
    assert (part.filename, part.content_type) == ("logo.png", "image/png")


def test_a_name_that_is_not_plain_is_replaced_and_the_extension_kept(tmp_path: Path) -> None:
    file = tmp_path / '图片 "1".JPG'
    file.write_bytes(JPEG)
    part = look(out_door_pic=PathSource(file))["out_door_pic"]
    assert (part.filename, part.content_type) == ("out_door_pic.jpg", "image/jpeg")


def test_parts_come_in_the_order_given() -> None:
    sources = {
        name: BytesSource(b"x") for name in ("test_file_name", "app_logo", "first_license_pic")
    }
    assert [part.name for part in inspect_blocking(sources)] == [*sources]
    assert inspect_blocking({}) == ()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    found = problem(PathSource(tmp_path / "missing.png"))
    assert (found.path, found.code) == ("attachments.app_logo", "file_not_found")
    assert str(tmp_path / "missing.png") in found.message


def test_a_file_below_a_file_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert problem(PathSource(tmp_path / "file" / "logo.png")).code == "unreadable"


def test_a_directory_is_named(tmp_path: Path) -> None:
    found = problem(PathSource(tmp_path))
    assert (found.path, found.code) == ("attachments.app_logo", "is_a_directory")


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "empty.png"
    file.touch()
    found = problem(PathSource(file))
    assert (found.path, found.code) == ("attachments.app_logo", "empty_file")
    assert str(file) in found.message


def test_empty_content_is_named() -> None:
    assert problem(BytesSource(b"")).code == "empty_file"
    assert problem(Stored("a.png", 0)).code == "empty_file"


@pytest.mark.timeout(5)
def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    found = problem(PathSource(pipe))
    assert (found.code, found.message) == ("not_a_file", f"{pipe} is not a regular file.")


def test_a_device_is_refused() -> None:
    assert stat.S_ISCHR(Path("/dev/zero").stat().st_mode)
    assert problem(PathSource(Path("/dev/zero"))).code == "not_a_file"


def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    file = tmp_path / "locked.png"
    file.write_bytes(PNG)
    file.chmod(0)
    with nobody():
        found = problem(PathSource(file))
    assert (found.path, found.code) == ("attachments.app_logo", "permission_denied")
    assert str(file) in found.message


def test_a_link_to_itself_is_unreadable(tmp_path: Path) -> None:
    link = tmp_path / "link.png"
    link.symlink_to(link)
    assert problem(PathSource(link)).code == "unreadable"


def test_a_path_that_no_system_can_have_is_unreadable() -> None:
    assert problem(PathSource(Path("a\0b.png"))).code == "unreadable"


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_bytes(PNG)
    (tmp_path / "link.png").symlink_to("real.png")
    assert look(app_logo=PathSource(tmp_path / "link.png"))["app_logo"].size == 100


@pytest.mark.parametrize("size", [-1, None, "7", 7.0])
def test_a_source_without_a_usable_size_is_named(size: object) -> None:
    assert problem(Stored(size_or_error=size)).code == "unsupported_source"


def test_a_source_whose_name_is_none_is_told_that_it_needs_one() -> None:
    found = problem(Stored(filename_or_error=None))
    assert (found.path, found.code) == ("attachments.app_logo", "filename_missing")
    assert "no filename" in found.message
    assert "logo.png" in found.advice


def test_a_stream_without_a_name_has_that_of_its_part_and_its_format() -> None:
    file = io.BytesIO(JPEG)
    file.seek(0, 2)
    part = look(second_screen_shot=StreamSource(file))["second_screen_shot"]
    assert (part.filename, part.content_type, part.size, part.state) == (
        "second_screen_shot.jpg",
        "image/jpeg",
        50,
        None,
    )
    assert file.tell() == 50, "it is left where it stood"


def test_a_stream_without_a_name_and_of_no_known_format_is_told_how_to_be_given_one() -> None:
    found = problem(StreamSource(io.BytesIO(b"what is this?")))
    assert (found.code, found.path) == ("filename_missing", "attachments.app_logo")
    assert 'StreamSource(file, filename="logo.png")' in found.advice
    part = look(app_logo=StreamSource(io.BytesIO(b"what is this?"), "a.webp"))["app_logo"]
    assert part.filename == "a.webp"


def test_an_empty_stream_is_named() -> None:
    found = problem(StreamSource(io.BytesIO()))
    assert (found.code, found.message) == ("empty_file", "the BytesIO is empty.")


def test_a_closed_stream_is_named_with_what_may_have_closed_it() -> None:
    file = io.BytesIO(PNG)
    file.close()
    found = problem(StreamSource(file))
    assert (found.code, found.message) == ("stream_closed", "the BytesIO is closed.")
    assert "Keep it open" in found.advice


@pytest.mark.parametrize("filename", [b"a.png", 5])
def test_a_source_without_a_usable_name_is_named(filename: object) -> None:
    assert problem(Stored(filename_or_error=filename)).code == "unsupported_source"


@pytest.mark.parametrize(
    "error", [OSError("store is away"), ValueError("v"), RuntimeError("r"), KeyError("k")]
)
def test_whatever_a_source_raises_becomes_a_problem(error: Exception) -> None:
    found = problem(Stored(size_or_error=error))
    assert (found.path, found.code) == ("attachments.app_logo", "unreadable")
    assert str(error) in found.message


@pytest.mark.parametrize("error", [OSError("store is away"), RuntimeError("r")])
def test_a_source_that_cannot_even_tell_its_name_becomes_a_problem(error: Exception) -> None:
    assert problem(Stored(filename_or_error=error)).code == "unreadable"


def test_all_problems_come_at_once_in_the_order_of_sending(tmp_path: Path) -> None:
    (tmp_path / "good.png").write_bytes(PNG)
    (tmp_path / "empty.png").touch()
    attachments = Attachments(
        app_logo=tmp_path / "missing.png",
        screen_shots=[tmp_path / "good.png", tmp_path, None, tmp_path / "empty.png"],
        extra={"newer": tmp_path / "missing.bin"},
    )
    with pytest.raises(ValidationError) as caught:
        inspect_blocking(attachments.parts)
    assert [(found.path, found.code) for found in caught.value.problems] == [
        ("attachments.app_logo", "file_not_found"),
        ("attachments.screen_shots[1]", "is_a_directory"),
        ("attachments.screen_shots[3]", "empty_file"),
        ("attachments.extra['newer']", "file_not_found"),
    ]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "good.png").write_bytes(PNG)
    os.mkfifo(tmp_path / "pipe.png")
    descriptors = Path("/proc/self/fd") if Path("/proc/self/fd").exists() else Path("/dev/fd")
    before = len(list(descriptors.iterdir()))
    for name in ("good.png", "pipe.png", ".", "missing.png"):
        try:
            inspect_blocking({"app_logo": PathSource(tmp_path / name)})
        except ValidationError:
            continue
    assert len(list(descriptors.iterdir())) == before


def test_content_is_not_printed() -> None:
    assert "xxxx" not in repr(look(app_logo=BytesSource(PNG)))


def test_a_look_at_once_finds_what_a_patient_one_has_found(tmp_path: Path) -> None:
    (tmp_path / "logo.jpg").write_bytes(PNG)
    sources = {
        "app_logo": PathSource(tmp_path / "logo.jpg"),
        "first_screen_shot": BytesSource(JPEG),
    }
    page_cache = PageCache(time.perf_counter, KERNEL)
    assert inspect_nowait(sources, page_cache) is None, "nothing is known of the mount yet"
    found = inspect_blocking(sources, page_cache)
    assert [(part.name, part.filename, part.size) for part in found] == [
        ("app_logo", "logo.png", 100),
        ("first_screen_shot", "first_screen_shot.jpg", 50),
    ]
    assert inspect_nowait(sources, page_cache) in (found, None), "None where the system cannot tell"


def test_content_is_looked_at_at_once_and_sources_of_ones_own_never_are() -> None:
    page_cache = PageCache(time.perf_counter, KERNEL)
    found = inspect_nowait({"app_logo": BytesSource(PNG)}, page_cache)
    assert found is not None
    assert [part.filename for part in found] == ["app_logo.png"]
    never = Stored(size_or_error=AssertionError("it was asked on the event loop"))
    assert (
        inspect_nowait({"app_logo": BytesSource(PNG), "first_screen_shot": never}, page_cache)
        is None
    )


def test_a_look_at_once_leaves_problems_with_files_to_a_patient_one(tmp_path: Path) -> None:
    (tmp_path / "good.png").write_bytes(PNG)
    page_cache = PageCache(time.perf_counter, KERNEL)
    inspect_blocking({"app_logo": PathSource(tmp_path / "good.png")}, page_cache)
    for name in ("missing.png", "good.png\0.png"):
        assert inspect_nowait({"app_logo": PathSource(tmp_path / name)}, page_cache) is None
    with pytest.raises(ValidationError, match="is empty"):
        inspect_nowait({"app_logo": BytesSource(b"")}, page_cache)


@pytest.fixture
async def hops(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is given to worker threads."""
    loop, hops = asyncio.get_running_loop(), list[object]()
    real = loop.run_in_executor

    def run_in_executor(executor: None, function: Callable[[], object]) -> asyncio.Future[object]:
        hops.append(function)
        return real(executor, function)

    monkeypatch.setattr(loop, "run_in_executor", run_in_executor)
    return hops


@pytest.fixture
def resources() -> UploadResources:
    return UploadResources(buffers=BufferPool(1000))


async def test_what_would_wait_is_looked_at_in_one_hop_and_known_from_then_on(
    tmp_path: Path, resources: UploadResources, hops: list[object]
) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    (tmp_path / "1.jpg").write_bytes(JPEG)
    sources: dict[str, AnySource] = {
        "app_logo": PathSource(tmp_path / "logo.png"),
        "first_screen_shot": PathSource(tmp_path / "1.jpg"),
    }
    found = await inspect(sources, resources)
    assert [(part.filename, part.size) for part in found] == [("logo.png", 100), ("1.jpg", 50)]
    assert len(hops) == 1
    is_known = inspect_nowait(sources, resources.page_cache) is not None
    assert await inspect(sources, resources) == found
    assert len(hops) == (1 if is_known else 2)


async def test_content_needs_no_worker_thread(
    resources: UploadResources, hops: list[object]
) -> None:
    (part,) = await inspect({"app_logo": BytesSource(PNG)}, resources)
    assert part.size == 100
    with pytest.raises(ValidationError, match="is empty"):
        await inspect({"app_logo": BytesSource(b"")}, resources)
    assert await inspect({}, resources) == ()
    assert hops == []


async def test_problems_that_a_worker_thread_finds_come_back(
    tmp_path: Path, resources: UploadResources
) -> None:
    with pytest.raises(ValidationError) as caught:
        await inspect({"app_logo": PathSource(tmp_path / "missing.png")}, resources)
    assert [found.code for found in caught.value.problems] == ["file_not_found"]


async def test_a_source_of_ones_own_is_asked_in_a_worker_thread_in_the_context_of_its_task(
    resources: UploadResources,
) -> None:
    tenant = contextvars.ContextVar("tenant", default="nobody")
    asked: list[object] = []

    class Asking(Stored):
        @property
        def size(self) -> int:
            asked.append((tenant.get(), threading.get_ident() == here))
            return 7

    here = threading.get_ident()
    tenant.set("shop-1")
    await inspect({"app_logo": Asking()}, resources)
    assert asked == [("shop-1", False)]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a\0b.png", r"a\x00b.png cannot be read: embedded null byte."),
        ("a\ud800.png", r"a\ud800.png cannot be read: "),
        ("a\x1b[2J\n.png", r"there is no file /none/a\x1b[2J\n.png."),
        (os.fsdecode(b"\xff.png"), r"there is no file /none/\udcff.png."),
    ],
)
def test_a_name_that_no_file_has_can_be_printed(name: str, told: str) -> None:
    found = problem(PathSource(Path("/none") / name))
    assert told in found.message
    assert str(found).isprintable()
    assert str(found).encode()


async def test_pictures_of_endless_headers_leave_the_loop_its_turns(
    resources: UploadResources,
) -> None:
    """They are looked at in a thread, which would keep the GIL for milliseconds."""
    asyncio.get_running_loop().set_debug(False)
    content = b"\xff\xd8" + b"\xff\xe2\0\x02" * 15_000 + b"\xff\xd9"
    names = [name for name, spec in PARTS.items() if "jpg" in spec.formats][:12]
    turns = [await turns_during(names, content + bytes([run]), resources) for run in range(5)]
    assert statistics.median(turns) > 100


async def turns_during(names: list[str], content: bytes, resources: UploadResources) -> int:
    """Return how many turns the loop has while files are looked at."""
    loop, count = asyncio.get_running_loop(), 0

    def turn() -> None:
        nonlocal count, handle
        count += 1
        handle = loop.call_soon(turn)

    handle = loop.call_soon(turn)
    await inspect({name: BytesSource(content, "a.jpg") for name in names}, resources, probe=True)
    handle.cancel()
    return count


async def test_a_look_that_hangs_ends_at_its_deadline_and_names_the_source(
    resources: UploadResources,
) -> None:
    may_go_on = threading.Event()

    class Hanging(Stored):
        @property
        def size(self) -> int:
            assert may_go_on.wait(10)
            return 7

    sources: dict[str, AnySource] = {"app_logo": Stored(), "out_door_pic": Hanging()}
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(SendInterrupted, match="not over in time") as caught:
        await inspect(sources, resources, began + 0.01)
    assert loop.time() - began < 2 * GRACE_SECONDS
    assert (caught.value.path, caught.value.outcome) == (
        "attachments.out_door_pic",
        Outcome.NOT_SENT,
    )
    may_go_on.set()


async def test_a_look_for_which_no_thread_is_free_ends_at_its_deadline_and_opens_nothing(
    tmp_path: Path, resources: UploadResources
) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    loop, may_go_on = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
    busy = loop.run_in_executor(None, may_go_on.wait)
    asked: list[object] = []

    class Asked(Stored):
        @property
        def size(self) -> int:
            asked.append(self)
            return 7

    began = loop.time()
    with pytest.raises(SendInterrupted, match="No worker thread was free") as caught:
        await inspect({"app_logo": Asked()}, resources, began + 0.01)
    assert loop.time() - began < GRACE_SECONDS, "nothing was under way"
    assert caught.value.path is None
    may_go_on.set()
    await busy
    await loop.run_in_executor(None, int)
    assert asked == []


async def test_streams_are_looked_at_in_a_worker_thread_and_by_one_call_at_a_time(
    resources: UploadResources, hops: list[object]
) -> None:
    source = StreamSource(io.BytesIO(PNG))
    first = asyncio.create_task(inspect({"app_logo": source}, resources))
    await asyncio.sleep(0)
    with pytest.raises(ValidationError) as caught:
        await inspect({"out_door_pic": source}, resources)
    assert [(each.path, each.code) for each in caught.value.problems] == [
        ("attachments.out_door_pic", "stream_in_use")
    ]
    (part,) = await first
    assert (part.size, len(hops)) == (100, 1)
    assert await inspect({"app_logo": source}, resources) == (part,)


async def test_a_look_that_nobody_waits_for_any_more_touches_no_further_stream(
    resources: UploadResources,
) -> None:
    may_go_on, asked = threading.Event(), list[object]()

    class Hanging(Stored):
        @property
        def size(self) -> int:
            assert may_go_on.wait(10)
            return 7

    class Asked(io.BytesIO):
        def tell(self) -> int:
            asked.append(self)
            return super().tell()

    sources = {"app_logo": Hanging(), "out_door_pic": StreamSource(Asked(PNG))}
    with pytest.raises(SendInterrupted):
        await inspect(sources, resources, asyncio.get_running_loop().time() + 0.01)
    may_go_on.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert asked == []
