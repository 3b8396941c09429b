"""`Attachments`: which file becomes which part, and what is refused at construction."""

import io
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from alipay_mini_audit.attachments import Attachments, BytesSource, PathSource, StreamSource
from alipay_mini_audit.errors import Problem, ValidationError

WIRE_NAMES = [
    "app_logo",
    "first_screen_shot",
    "second_screen_shot",
    "third_screen_shot",
    "fourth_screen_shot",
    "fifth_screen_shot",
    "first_license_pic",
    "second_license_pic",
    "third_license_pic",
    "fourth_license_pic",
    "fifth_license_pic",
    "first_special_license_pic",
    "second_special_license_pic",
    "third_special_license_pic",
    "fourth_special_license_pic",
    "fifth_special_license_pic",
    "sixth_special_license_pic",
    "seventh_special_license_pic",
    "eighth_special_license_pic",
    "ninth_special_license_pic",
    "tenth_special_license_pic",
    "out_door_pic",
    "test_file_name",
]


class Touchy:
    """A source that must not be touched before its turn."""

    filename = "touchy.png"

    @property
    def size(self) -> int:
        raise AssertionError("the size was asked for")

    def open(self) -> object:
        raise AssertionError("it was opened")


def paths(attachments: Attachments) -> dict[str, str]:
    return {name: str(source.path) for name, source in attachments.parts.items()}  # type: ignore[attr-defined]


def problems(make: Callable[[], Attachments]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        make()
    assert all(
        isinstance(problem, Problem) and problem.message for problem in caught.value.problems
    )
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_every_position_has_its_wire_name_and_its_order() -> None:
    attachments = Attachments(
        app_logo="logo.png",
        screen_shots=[f"s{i}" for i in range(5)],
        license_pics=[f"l{i}" for i in range(5)],
        special_license_pics=[f"x{i}" for i in range(10)],
        out_door_pic="door.png",
        test_file="test.zip",
    )
    given = ["logo.png", *(f"s{i}" for i in range(5)), *(f"l{i}" for i in range(5))]
    given += [*(f"x{i}" for i in range(10)), "door.png", "test.zip"]
    assert list(paths(attachments).items()) == list(zip(WIRE_NAMES, given, strict=True))


def test_none_leaves_a_gap() -> None:
    attachments = Attachments(
        screen_shots=["1.png", None, "3.png"], special_license_pics=[None, None, "s.png"]
    )
    assert paths(attachments) == {
        "first_screen_shot": "1.png",
        "third_screen_shot": "3.png",
        "third_special_license_pic": "s.png",
    }


def test_nothing_given_is_nothing_sent() -> None:
    assert Attachments().parts == {}
    assert Attachments(screen_shots=None, license_pics=[None]).parts == {}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", WIRE_NAMES)
def test_from_parts_takes_every_wire_name(name: str) -> None:
    assert paths(Attachments.from_parts({name: "file.bin"})) == {name: "file.bin"}


def test_from_parts_takes_all_of_them_in_any_order_and_sends_them_in_one() -> None:
    attachments = Attachments.from_parts({name: f"{name}.bin" for name in reversed(WIRE_NAMES)})
    assert list(paths(attachments).items()) == [(name, f"{name}.bin") for name in WIRE_NAMES]


def test_from_parts_leaves_out_none() -> None:
    assert paths(Attachments.from_parts({"app_logo": None, "fifth_license_pic": "5.png"})) == {
        "fifth_license_pic": "5.png"
    }


def test_unknown_names_are_all_named_with_what_is_known() -> None:
    with pytest.raises(ValidationError) as caught:
        Attachments.from_parts({"logo": "a.png", "app_logo": "b.png", "sixth_screen_shot": "c.png"})
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("attachments['logo']", "unknown_part"),
        ("attachments['sixth_screen_shot']", "unknown_part"),
    ]
    assert all(name in str(caught.value) for name in WIRE_NAMES)
    assert "Attachments.from_parts(files, allow_unknown=True)" in str(caught.value)


@pytest.mark.parametrize("name", [5, None, 10**5000, ("app_logo",)], ids=type)
def test_a_name_that_is_no_text_is_refused(name: object) -> None:
    parts: Any = {name: "x.png"}
    assert problems(lambda: Attachments.from_parts(parts)) == [("attachments", "unknown_part")]
    expected = [("attachments.extra", "bad_part_name")]
    assert problems(lambda: Attachments.from_parts(parts, allow_unknown=True)) == expected
    assert problems(lambda: Attachments(extra=parts)) == expected


def test_unknown_names_are_sent_when_they_are_allowed() -> None:
    attachments = Attachments.from_parts(
        {"newer_pic": "n.png", "app_logo": "l.png"}, allow_unknown=True
    )
    assert paths(attachments) == {"app_logo": "l.png", "newer_pic": "n.png"}
    assert paths(Attachments(extra={"newer_pic": "n.png"})) == {"newer_pic": "n.png"}


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\r\nX: y", "图", "a" * 101, "a.b"])
def test_a_name_that_no_part_can_have_is_refused(name: str) -> None:
    expected = [(f"attachments.extra[{name!r}]", "bad_part_name")]
    assert problems(lambda: Attachments.from_parts({name: "x.png"}, allow_unknown=True)) == expected


def test_a_part_given_twice_is_refused() -> None:
    expected = [("attachments.extra['app_logo']", "duplicate_part")]
    assert problems(lambda: Attachments(app_logo="a.png", extra={"app_logo": "b.png"})) == expected


def test_the_part_that_holds_the_fields_is_not_a_file() -> None:
    found = problems(lambda: Attachments(extra={"data": b"{}"}))
    assert [path for path, _ in found] == ["attachments.extra['data']"]


def test_six_screenshots_are_too_many() -> None:
    found = problems(lambda: Attachments(screen_shots=[f"{i}.png" for i in range(6)]))
    assert found == [("attachments.screen_shots[5]", "too_many")]


def test_eleven_special_licences_are_too_many() -> None:
    with pytest.raises(ValidationError, match="11 files are given, but the platform takes 10"):
        Attachments(special_license_pics=[b"x"] * 11)


def test_gaps_after_the_last_place_do_no_harm() -> None:
    assert paths(Attachments(screen_shots=["1.png", *[None] * 7])) == {"first_screen_shot": "1.png"}


def stream() -> Iterator[bytes]:
    yield b"piece"


async def asynchronous_stream() -> AsyncIterator[bytes]:
    yield b"piece"


@pytest.mark.parametrize(
    "make",
    [
        stream,
        asynchronous_stream,
        lambda: iter([b"x"]),
    ],
)
def test_a_stream_that_can_be_read_once_is_refused_and_told_why(make: Callable[[], object]) -> None:
    with pytest.raises(ValidationError) as caught:
        Attachments(app_logo=make())  # type: ignore[arg-type]
    assert [problem.code for problem in caught.value.problems] == ["one_shot_source"]
    assert "once" in str(caught.value)
    assert "path" in str(caught.value)


def test_an_open_file_is_taken_and_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"x\ny\n")
    with file.open("rb") as opened:
        for attachments in (
            Attachments(app_logo=opened),
            Attachments.from_parts({"app_logo": opened}),
            Attachments(app_logo=StreamSource(opened)),
        ):
            (source,) = attachments.parts.values()
            assert isinstance(source, StreamSource)
            assert source.stream is opened
        assert opened.tell() == 0


def test_a_stream_that_is_given_twice_is_refused() -> None:
    file, other = io.BytesIO(b"x"), io.BytesIO(b"x")
    found = problems(
        lambda: Attachments(
            app_logo=file, screen_shots=[other, file], out_door_pic=StreamSource(file, "a.png")
        )
    )
    assert found == [
        ("attachments.screen_shots[1]", "stream_in_use"),
        ("attachments.out_door_pic", "stream_in_use"),
    ]


def test_a_stream_is_not_a_list_of_files() -> None:
    for single in (io.BytesIO(b"x"), StreamSource(io.BytesIO(b"x"))):
        found = problems(lambda value=single: Attachments(screen_shots=value))  # type: ignore[misc]
        assert found == [("attachments.screen_shots", "not_a_list")]


def test_an_open_file_is_not_a_list_of_files(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"x\ny\n")
    with file.open("rb") as opened:
        found = problems(lambda: Attachments(screen_shots=opened))  # type: ignore[arg-type]
        assert found == [("attachments.screen_shots", "not_a_list")]
        assert opened.tell() == 0


@pytest.mark.parametrize(
    "value",
    [
        "1.png",
        Path("1.png"),
        b"content",
        bytearray(b"x"),
        memoryview(b"x"),
        5,
        Touchy(),
        BytesSource(b"x"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("field", ["screen_shots", "license_pics", "special_license_pics"])
def test_a_single_file_is_not_a_list_of_files(field: str, value: object) -> None:
    found = problems(lambda: Attachments(**{field: value}))  # type: ignore[arg-type]
    assert found == [(f"attachments.{field}", "not_a_list")]


@pytest.mark.parametrize(
    "value", [{"first_screen_shot": "1.png"}, {"1.png", "2.png"}], ids=["dict", "set"]
)
def test_a_collection_without_positions_is_not_a_list_of_files(value: object) -> None:
    found = problems(lambda: Attachments(screen_shots=value))  # type: ignore[arg-type]
    assert found == [("attachments.screen_shots", "not_a_list")]


def test_a_generator_of_files_is_taken_as_a_list() -> None:
    attachments = Attachments(screen_shots=(f"{i}.png" for i in range(2)))  # type: ignore[arg-type]
    assert paths(attachments) == {"first_screen_shot": "0.png", "second_screen_shot": "1.png"}


@pytest.mark.parametrize("value", [5, 1.5, object(), ["1.png"], {"a": 1}, True])
def test_what_is_not_a_file_is_refused(value: object) -> None:
    assert problems(lambda: Attachments(app_logo=value)) == [  # type: ignore[arg-type]
        ("attachments.app_logo", "unsupported_source")
    ]


def test_an_empty_path_is_refused() -> None:
    assert problems(lambda: Attachments(out_door_pic="")) == [
        ("attachments.out_door_pic", "empty_path")
    ]


def test_all_problems_of_all_fields_come_at_once() -> None:
    found = problems(
        lambda: Attachments(
            app_logo=5,  # type: ignore[arg-type]
            screen_shots="1.png",
            license_pics=["1.png", stream()],  # type: ignore[list-item]
            test_file="",
            extra={"a b": b"x"},
        )
    )
    assert sorted(found) == [
        ("attachments.app_logo", "unsupported_source"),
        ("attachments.extra['a b']", "bad_part_name"),
        ("attachments.license_pics[1]", "one_shot_source"),
        ("attachments.screen_shots", "not_a_list"),
        ("attachments.test_file", "empty_path"),
    ]


def test_content_is_not_printed() -> None:
    attachments = Attachments(
        app_logo=b"canary-1", screen_shots=[b"canary-2"], extra={"new": b"canary-3"}
    )
    assert "canary" not in repr(attachments)
    assert "<8 bytes>" in repr(attachments)


def test_a_source_of_ones_own_is_not_touched_at_construction() -> None:
    source = Touchy()
    assert Attachments(app_logo=source, screen_shots=[source]).parts == {  # type: ignore[arg-type,list-item]
        "app_logo": source,
        "first_screen_shot": source,
    }


def test_a_file_is_not_looked_at_at_construction(tmp_path: Path) -> None:
    assert Attachments(app_logo=tmp_path / "missing.png").parts == {
        "app_logo": PathSource(tmp_path / "missing.png")
    }


def test_content_is_copied_so_that_later_changes_do_not_reach_it() -> None:
    content = bytearray(b"before")
    attachments = Attachments(app_logo=content, out_door_pic=memoryview(content))
    content[:] = b"after!"
    assert set(attachments.parts.values()) == {BytesSource(b"before")}


@pytest.mark.parametrize("given", [None, ["app_logo"], "app_logo", 5])
def test_what_is_not_a_mapping_of_parts_is_named(given: object) -> None:
    for build in (Attachments.from_parts, lambda value: Attachments(extra=value)):
        with pytest.raises(ValidationError, match=r"attachments(\.extra)?: expected a mapping"):
            build(given)  # type: ignore[arg-type]
