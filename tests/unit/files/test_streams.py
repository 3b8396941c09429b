"""A look at a stream, and that one stream serves one call at a time."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from alipay_mini_audit.attachments import BytesSource, StreamSource
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.streams import look_into, streams_reserved, used_in_thread


def test_a_look_finds_size_and_first_bytes_and_leaves_the_stream_where_it_stands() -> None:
    file = io.BytesIO(b"0123456789" * 10)
    file.seek(37)
    assert look_into(StreamSource(file)) == (100, b"0123456789012345")
    assert file.tell() == 37


def test_a_look_that_fails_leaves_the_stream_where_it_stands_and_free() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error", size)

    file = Failing(b"abcdef")
    file.seek(3)
    source = StreamSource(file)
    with pytest.raises(OSError, match="Input/output"):
        look_into(source)
    assert file.tell() == 3
    with streams_reserved({"a": source}.items()):
        pass


def test_a_stream_that_is_reserved_is_refused_to_others_until_it_is_free() -> None:
    file = io.BytesIO(b"x")
    with streams_reserved({"a": StreamSource(file), "b": BytesSource(b"x")}.items()):
        with (
            pytest.raises(ValidationError) as caught,
            streams_reserved(
                {"free": StreamSource(io.BytesIO()), "used": StreamSource(file)}.items()
            ),
        ):
            pass
        assert [(each.path, each.code) for each in caught.value.problems] == [
            ("used", "stream_in_use")
        ]
        with streams_reserved({"b": BytesSource(b"x")}.items()):
            pass
    for _ in range(2):
        with streams_reserved({"a": StreamSource(file)}.items()):
            pass


def test_a_refused_reservation_reserves_nothing() -> None:
    used, free = io.BytesIO(b"x"), io.BytesIO(b"y")
    with (
        streams_reserved({"a": StreamSource(used)}.items()),
        pytest.raises(ValidationError),
        streams_reserved({"a": StreamSource(used), "b": StreamSource(free)}.items()),
    ):
        pass
    with streams_reserved({"b": StreamSource(free)}.items()):
        pass


def test_a_thread_that_outlives_its_call_keeps_its_stream_from_others() -> None:
    file = io.BytesIO(b"x")
    begun, may_end = threading.Event(), threading.Event()

    def use() -> None:
        with used_in_thread(file):
            begun.set()
            assert may_end.wait(5)

    with ThreadPoolExecutor(1) as threads:
        with streams_reserved({"a": StreamSource(file)}.items()):
            threads.submit(use)
            assert begun.wait(5)
        with pytest.raises(ValidationError), streams_reserved({"a": StreamSource(file)}.items()):
            pass
        may_end.set()
    with streams_reserved({"a": StreamSource(file)}.items()):
        pass


def test_a_thread_waits_for_the_one_that_an_earlier_attempt_left() -> None:
    stream, may_end, order = io.BytesIO(b"content"), threading.Event(), []

    def use(name: str) -> None:
        with used_in_thread(stream):
            order.append(name)
            if name == "first":
                may_end.wait(10)

    with streams_reserved({"attachments.app_logo": StreamSource(stream, "a.png")}.items()):
        first = threading.Thread(target=use, args=("first",))
        first.start()
        while not order:
            pass
        second = threading.Thread(target=use, args=("second",))
        second.start()
        second.join(0.05)
        assert order == ["first"]
        may_end.set()
        first.join()
        second.join()
    assert order == ["first", "second"]
