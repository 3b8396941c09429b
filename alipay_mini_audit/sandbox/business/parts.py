"""The file parts of an apply, as the platform's schema of 2026-10-08 names them.

Written out by hand: a client that makes up a name must not find it here as well. No I/O here.
"""

from __future__ import annotations

from typing import Final

__all__ = ["FILE_PARTS"]

FILE_PARTS: Final = frozenset(
    {
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
    }
)
"""The names of the file parts."""
