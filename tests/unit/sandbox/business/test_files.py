import pytest
from support.sandbox_files import PRINT, archive, jpeg, png, rar5

from alipay_mini_audit.sandbox.business.contents import Content
from alipay_mini_audit.sandbox.business.files import check_files
from alipay_mini_audit.sandbox.business.parts import FILE_PARTS
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

MIB = 1024 * 1024
GIF = b"GIF89a" + b"\0" * 20
PICTURES = (
    "app_logo",
    "second_screen_shot",
    "fifth_license_pic",
    "first_special_license_pic",
    "out_door_pic",
)


def content(data: bytes) -> Content:
    found = Content()
    found.feed(data)
    found.end()
    return found


def code_of(*files: tuple[str, bytes]) -> str | None:
    contents = {name: content(data) for name, data in files}
    if "second_screen_shot" in contents:  # one alone is a fault of its own, told last
        contents["third_screen_shot"] = content(png(9, 9))
    try:
        check_files(contents)
    except Refusal as refusal:
        return refusal.code
    return None


def codes(data: bytes) -> list[str | None]:
    """What each kind of picture part says of a file."""
    return [code_of((name, data)) for name in PICTURES]


def padded(data: bytes, size: int) -> bytes:
    return data + b"\0" * (size - len(data))


def test_every_part_that_the_api_knows_has_a_rule() -> None:
    for name in FILE_PARTS:
        assert code_of((name, GIF)) is not None


def test_good_files_are_taken() -> None:
    good = [None] * 5
    assert codes(png(180, 180)) == good
    assert codes(jpeg(2160, 2160)) == good
    assert code_of(("out_door_pic", png(2160, 3840))) is None
    assert code_of(("app_logo", png(5000, 5000))) is None
    assert code_of(("test_file_name", archive())) is None
    assert code_of(("test_file_name", rar5())) is None
    assert code_of() is None


def test_another_format_and_a_broken_picture_are_refused() -> None:
    expected = [
        "INVALID_LOGO_EXT",
        "INVALID_SCREEN_SHOT_EXT",
        "INVALID_LICENSE_PIC_EXT",
        "INVALID_FILE_EXT",
        "INVALID_PARAMETER",
    ]
    for data in (GIF, b"", archive(), png(9, 9)[:20], jpeg(9, 9)[:20], png(0, 0)):
        assert codes(data) == expected
    assert code_of(("test_file_name", png(9, 9))) == "INVALID_FILE_EXT"


def test_a_megabyte_is_read_in_the_larger_way() -> None:
    too_large = [
        "SCREEN_SHOT_EXCEED_MAX_SIZE",
        "FILE_SIZE_EXCEED",
        "FILE_SIZE_EXCEED",
        "INVALID_PARAMETER",
    ]
    assert codes(padded(png(9, 9), 2 * MIB)) == [None] * 5
    assert codes(padded(png(9, 9), 2 * MIB + 1)) == ["LOGO_EXCEED_MAX_SIZE", *[None] * 4]
    assert codes(padded(png(9, 9), 4 * MIB + 1)) == ["LOGO_EXCEED_MAX_SIZE", *too_large]
    report = b"\0" * (10 * MIB - 200)
    assert code_of(("test_file_name", archive(1, report=report))) is None
    report += b"\0" * 200
    assert code_of(("test_file_name", archive(1, report=report))) == "FILE_SIZE_EXCEED"


@pytest.mark.parametrize(
    ("data", "is_refused"),
    [
        (png(2161, 9), True),
        (png(9, 3841), True),
        (jpeg(2161, 9), True),
        (png(3840, 2160), True),
        (jpeg(3840, 2160, orientation=6), False),
        (jpeg(2160, 3840, orientation=6), False),
        (jpeg(3840, 2160, orientation=3), True),
        (jpeg(3841, 9, orientation=6), True),
        (png(3840, 2160, orientation=8), False),
    ],
)
def test_pixels_are_counted_before_and_after_a_turn(data: bytes, *, is_refused: bool) -> None:
    expected = ["SCREEN_SHOT_EXCEED_MAX_SIZE", "FILE_SIZE_EXCEED", "FILE_SIZE_EXCEED"]
    wanted = [*expected, "INVALID_PARAMETER"] if is_refused else [None] * 4
    assert codes(data)[1:] == wanted


def test_a_logo_is_square() -> None:
    assert code_of(("app_logo", png(180, 181))) == "LOGO_HEIGHT_NOT_EQUAL_WIDTH"


def test_the_colours_of_print_are_refused() -> None:
    assert codes(jpeg(9, 9, channels=PRINT)) == [
        "INVALID_LOGO",
        "INVALID_SCREEN_SHOT_EXT",
        "INVALID_LICENSE_PIC_EXT",
        "INVALID_FILE_EXT",
        "INVALID_PARAMETER",
    ]


def test_archives_are_listed_and_open() -> None:
    assert code_of(("test_file_name", archive()[:-9])) == "INVALID_FILE_EXT"
    assert code_of(("test_file_name", archive(is_locked=True))) == "INVALID_PARAMETER"


def test_one_screenshot_alone_is_refused_after_all_files() -> None:
    assert code_of(("fourth_screen_shot", png(9, 9))) == "SCREEN_SHOT_NUM_IS_INVALID"
    assert code_of(("first_screen_shot", png(9, 9)), ("fifth_screen_shot", png(9, 9))) is None
    last = ("out_door_pic", GIF)
    assert code_of(("first_screen_shot", png(9, 9)), last) == "INVALID_PARAMETER"


def test_the_first_file_that_came_is_told() -> None:
    wrong = [("out_door_pic", GIF), ("app_logo", GIF)]
    assert code_of(*wrong) == "INVALID_PARAMETER"
    assert code_of(*wrong[::-1]) == "INVALID_LOGO_EXT"
