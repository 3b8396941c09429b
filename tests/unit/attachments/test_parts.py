"""The table of parts, against a list written by hand from the official schema."""

import attrs
import pytest

from alipay_mini_audit.attachments import PARTS, PartSpec
from alipay_mini_audit.attachments.parts import parts_of

MIB = 1_048_576
PLACES = {
    "app_logo": "attachments.app_logo",
    "first_screen_shot": "attachments.screen_shots[0]",
    "second_screen_shot": "attachments.screen_shots[1]",
    "third_screen_shot": "attachments.screen_shots[2]",
    "fourth_screen_shot": "attachments.screen_shots[3]",
    "fifth_screen_shot": "attachments.screen_shots[4]",
    "first_license_pic": "attachments.license_pics[0]",
    "second_license_pic": "attachments.license_pics[1]",
    "third_license_pic": "attachments.license_pics[2]",
    "fourth_license_pic": "attachments.license_pics[3]",
    "fifth_license_pic": "attachments.license_pics[4]",
    "first_special_license_pic": "attachments.special_license_pics[0]",
    "second_special_license_pic": "attachments.special_license_pics[1]",
    "third_special_license_pic": "attachments.special_license_pics[2]",
    "fourth_special_license_pic": "attachments.special_license_pics[3]",
    "fifth_special_license_pic": "attachments.special_license_pics[4]",
    "sixth_special_license_pic": "attachments.special_license_pics[5]",
    "seventh_special_license_pic": "attachments.special_license_pics[6]",
    "eighth_special_license_pic": "attachments.special_license_pics[7]",
    "ninth_special_license_pic": "attachments.special_license_pics[8]",
    "tenth_special_license_pic": "attachments.special_license_pics[9]",
    "out_door_pic": "attachments.out_door_pic",
    "test_file_name": "attachments.test_file",
}


def test_the_table_holds_the_23_parts_and_their_places() -> None:
    assert {name: part.location for name, part in PARTS.items()} == PLACES
    assert len(PLACES) == 23


def test_every_part_is_filed_under_its_own_name() -> None:
    assert [part.name for part in PARTS.values()] == list(PARTS)


@pytest.mark.parametrize("name", sorted(set(PLACES) - {"app_logo", "test_file_name"}))
def test_a_picture_has_the_documented_limits(name: str) -> None:
    part = PARTS[name]
    assert set(part.formats) == {"png", "jpg", "jpeg"}
    assert (part.max_bytes, part.max_width, part.max_height) == (4 * MIB, 2160, 3840)


def test_the_logo_has_limits_of_its_own() -> None:
    logo = PARTS["app_logo"]
    assert set(logo.formats) == {"png", "jpg", "jpeg"}
    assert (logo.max_bytes, logo.max_width, logo.max_height) == (2 * MIB, None, None)


def test_the_test_file_is_an_archive() -> None:
    archive = PARTS["test_file_name"]
    assert set(archive.formats) == {"zip", "rar"}
    assert (archive.max_bytes, archive.max_width, archive.max_height) == (10 * MIB, None, None)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        PARTS["new"] = PARTS["app_logo"]  # type: ignore[index]


def test_the_parts_of_a_field_come_in_order() -> None:
    assert [part.name for part in parts_of("license_pics")] == [
        "first_license_pic",
        "second_license_pic",
        "third_license_pic",
        "fourth_license_pic",
        "fifth_license_pic",
    ]
    assert [part.name for part in parts_of("test_file")] == ["test_file_name"]
    assert parts_of("no_such_field") == ()


def test_a_part_is_frozen_and_made_by_keywords() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        PARTS["app_logo"].max_bytes = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        PartSpec("new", "new", None, ("png",), 1)  # type: ignore[misc]
