"""Each rule about files, by heads: where no file needs to be made the limits are seen best."""

import datetime

import attrs
import pytest
from support.languages import assert_told_in_chinese

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.attachments.heads import Colours, FileHead
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.preflight import Preflight, Subject
from alipay_mini_audit.preflight.pictures import PICTURE_RULES
from alipay_mini_audit.problems import Problem

CODES = {
    "app_logo": ("INVALID_LOGO_EXT", "LOGO_EXCEED_MAX_SIZE", "INVALID_LOGO"),
    "third_screen_shot": (
        "INVALID_SCREEN_SHOT_EXT",
        "SCREEN_SHOT_EXCEED_MAX_SIZE",
        "INVALID_SCREEN_SHOT_EXT",
    ),
    "first_license_pic": (
        "INVALID_LICENSE_PIC_EXT",
        "FILE_SIZE_EXCEED",
        "INVALID_LICENSE_PIC_EXT",
    ),
    "first_special_license_pic": ("INVALID_FILE_EXT", "FILE_SIZE_EXCEED", "INVALID_FILE_EXT"),
    "out_door_pic": ("out_door_pic_format", "out_door_pic_size", "out_door_pic_colours"),
}
MIB, MB = 2**20, 10**6


def head(part: str, **facts: object) -> FileHead:
    """Return the head of a good picture, but for some facts."""
    good = FileHead(
        part=part,
        location=PARTS[part].location if part in PARTS else f"attachments.extra[{part!r}]",
        filename="a.png",
        size=1000,
        format="png",
        width=180,
        height=180,
        colours=Colours.RGB,
        is_animated=False,
        is_truncated=False,
        fingerprint=part.encode(),
    )
    return attrs.evolve(good, **facts)


def archive(**facts: object) -> FileHead:
    nothing = {"width": None, "height": None, "colours": None, "is_encrypted": False}
    return head("test_file_name", **({"filename": "a.zip", "format": "zip"} | nothing | facts))


def found(*heads: FileHead) -> list[Problem]:
    subject = Subject(
        request=AuditApply(),
        heads={each.part: each for each in heads},
        preflight=Preflight(),
        today=datetime.date(2026, 11, 26),
    )
    return [problem for rule in PICTURE_RULES for problem in rule(subject)]


def codes(*heads: FileHead) -> list[tuple[str, str]]:
    return [(each.code, each.severity.value) for each in found(*heads)]


SHOTS = (head("first_screen_shot"), head("second_screen_shot"))


def of_part(part: str, **facts: object) -> list[tuple[str, str]]:
    """Return what is found in one part, with two good screenshots beside it."""
    problems = found(*SHOTS, head(part, **facts))
    assert {each.path for each in problems} <= {PARTS[part].location}
    return [(each.code, each.severity.value) for each in problems]


def test_nothing_is_found_in_a_good_submission() -> None:
    pictures = [head(name) for name in PARTS if name != "test_file_name"]
    assert codes(*pictures, archive()) == []
    assert codes() == []
    grey = head("app_logo", colours=Colours.GREY, filename="a.JPEG", format="jpg")
    palette = head("out_door_pic", colours=Colours.PALETTE, filename="")
    unknown = head("first_license_pic", colours=None, is_animated=None, is_truncated=None)
    assert codes(grey, palette, unknown) == []


@pytest.mark.parametrize("part", CODES)
@pytest.mark.parametrize("kind", ["gif", "bmp", "webp", "heic", "avif", "tiff", "zip", "rar"])
def test_a_picture_is_a_png_or_a_jpeg(part: str, kind: str) -> None:
    assert of_part(part, format=kind) == [(CODES[part][0], "error")]


@pytest.mark.parametrize("part", CODES)
def test_a_picture_can_be_read(part: str) -> None:
    nothing = {"width": None, "height": None, "is_broken": True}
    assert of_part(part, **nothing) == [(CODES[part][0], "error")]
    assert of_part(part, **nothing, format=None) == [(CODES[part][0], "error")]


@pytest.mark.parametrize("part", [*CODES, "test_file_name"])
def test_a_file_that_nobody_could_look_into_is_judged_by_its_size_only(part: str) -> None:
    unread = FileHead(part=part, location=PARTS[part].location, filename="a.gif", size=100)
    assert codes(*SHOTS, unread) == []
    large = attrs.evolve(unread, size=11 * MIB)
    code = "FILE_SIZE_EXCEED" if part == "test_file_name" else CODES[part][1]
    assert codes(*SHOTS, large) == [(code, "error")]


@pytest.mark.parametrize("part", CODES)
def test_megabytes_may_be_of_either_kind(part: str) -> None:
    most = 2 if part == "app_logo" else 4
    code = CODES[part][1]
    assert of_part(part, size=most * MB) == []
    assert of_part(part, size=most * MB + 1) == [(code, "warning")]
    assert of_part(part, size=most * MIB) == [(code, "warning")]
    assert of_part(part, size=most * MIB + 1) == [(code, "error")]


def test_an_archive_has_at_most_ten_of_them() -> None:
    assert codes(archive(size=10 * MB)) == []
    assert codes(archive(size=10 * MIB)) == [("FILE_SIZE_EXCEED", "warning")]
    assert codes(archive(size=10 * MIB + 1)) == [("FILE_SIZE_EXCEED", "error")]


@pytest.mark.parametrize("part", [name for name in CODES if name != "app_logo"])
def test_a_picture_is_no_larger_than_a_high_screen(part: str) -> None:
    code = CODES[part][1]
    assert of_part(part, width=2160, height=3840) == []
    for size in ({"width": 2161, "height": 1}, {"width": 1, "height": 3841}):
        assert of_part(part, **size) == [(code, "error")]
        for orientation in (1, 2, 3, 4):
            assert of_part(part, **size, orientation=orientation) == [(code, "error")]
    turned = ("turned", "warning")
    for orientation in (5, 6, 7, 8):
        lying = {"width": 3840, "height": 2160, "orientation": orientation}
        assert of_part(part, **lying) == [turned, (code, "warning")]
        standing = {"width": 2160, "height": 3840, "orientation": orientation}
        assert of_part(part, **standing) == [turned, (code, "warning")]
        neither = {"width": 3841, "height": 3841, "orientation": orientation}
        assert of_part(part, **neither) == [(code, "error")]


def test_a_logo_is_square_and_may_have_any_number_of_pixels() -> None:
    assert of_part("app_logo", width=9000, height=9000) == []
    code = "LOGO_HEIGHT_NOT_EQUAL_WIDTH"
    assert of_part("app_logo", width=180, height=181) == [(code, "error")]
    assert of_part("first_license_pic", width=180, height=181) == []


@pytest.mark.parametrize("part", CODES)
@pytest.mark.parametrize("colours", [Colours.CMYK, Colours.YCCK])
def test_colours_for_print_are_not_taken(part: str, colours: Colours) -> None:
    assert of_part(part, colours=colours) == [(CODES[part][2], "error")]


def test_there_is_not_one_screenshot_alone() -> None:
    (problem,) = found(head("first_screen_shot"))
    assert (problem.code, problem.path) == (
        "SCREEN_SHOT_NUM_IS_INVALID",
        "attachments.screen_shots",
    )
    assert codes(*SHOTS) == []


def test_an_archive_can_be_listed_and_asks_for_no_password() -> None:
    assert codes(archive(format="rar", filename="a.rar")) == []
    assert codes(archive(is_encrypted=None)) == []
    assert codes(archive(is_broken=True, is_encrypted=None)) == [("INVALID_FILE_EXT", "error")]
    assert codes(archive(format="png", filename="a.png")) == [("INVALID_FILE_EXT", "error")]
    assert codes(archive(format=None, is_broken=True)) == [("INVALID_FILE_EXT", "error")]
    assert codes(archive(is_encrypted=True)) == [("archive_encrypted", "error")]


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("extension_differs", {"filename": "a.jpg"}),
        ("extension_differs", {"filename": "a.gif"}),
        ("animated", {"is_animated": True}),
        ("truncated", {"is_truncated": True}),
        ("turned", {"orientation": 6, "width": 181}),
    ],
)
def test_what_is_odd_is_a_warning(code: str, facts: dict[str, object]) -> None:
    assert of_part("first_license_pic", **facts) == [(code, "warning")]


@pytest.mark.parametrize(
    "facts",
    [
        {"filename": "A.PNG"},
        {"filename": "no extension"},
        {"filename": "a. "},
        {"orientation": 6},
        {"orientation": 3, "width": 181},
        {"is_truncated": None},
    ],
)
def test_what_is_not_odd_is_none(facts: dict[str, object]) -> None:
    assert of_part("first_license_pic", **facts) == []


def test_a_gap_is_told_where_the_next_picture_is() -> None:
    given = ("first_screen_shot", "third_screen_shot", "second_license_pic")
    gaps = [each for each in found(*map(head, given)) if each.code == "gap"]
    assert [(each.path, each.severity.value) for each in gaps] == [
        ("attachments.screen_shots[2]", "warning"),
        ("attachments.license_pics[1]", "warning"),
    ]
    late = [head("third_screen_shot"), head("fourth_screen_shot")]
    assert codes(*late) == [("gap", "warning")]


def test_equal_files_are_told_at_the_later_one() -> None:
    same = {"fingerprint": b"same"}
    given = [head("first_screen_shot", **same), head("second_screen_shot", **same)]
    (problem,) = found(*given)
    assert (problem.code, problem.path, problem.severity.value) == (
        "same_picture",
        "attachments.screen_shots[1]",
        "warning",
    )
    assert "attachments.screen_shots[0]" in problem.message
    unknown = {"fingerprint": None}
    assert codes(head("first_screen_shot", **unknown), head("second_screen_shot", **unknown)) == []


def test_parts_of_unknown_name_are_not_judged() -> None:
    assert codes(head("eleventh_license_pic", format="gif", size=99 * MIB)) == []


def test_each_problem_is_told_in_two_languages_with_its_numbers() -> None:
    problems = found(
        head("app_logo", width=9, size=3 * MIB, colours=Colours.YCCK, filename="a.gif"),
        head("first_screen_shot", width=2161, is_animated=True, is_truncated=True),
        head("third_screen_shot", width=9, orientation=6, height=3840, format="gif"),
        head("first_license_pic", orientation=6, height=3840, width=2160, size=4 * MIB),
        head("second_license_pic", is_broken=True, fingerprint=b"first_license_pic"),
        archive(is_encrypted=True),
    )
    assert len({each.code for each in problems}) >= 12
    for problem in problems:
        assert problem.message
        assert problem.advice
        assert "{" not in problem.message
        assert_told_in_chinese(problem)
