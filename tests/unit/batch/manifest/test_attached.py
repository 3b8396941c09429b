"""The files that a line names, and those of its folder that it replaces."""

from pathlib import Path

import pytest

from alipay_mini_audit import PathSource
from alipay_mini_audit.batch.manifest.attached import attachments_of
from alipay_mini_audit.batch.manifest.record import Record

FOLDER = Path("/nights/today")
RECORD = Record(file="night.csv", line=2)


def files_of(values: dict[str, object], draft: dict[str, Path] | None = None) -> dict[str, Path]:
    found, problems = attachments_of(RECORD, values, FOLDER, draft or {})
    assert not problems
    assert found is not None
    return {name: each.path for name, each in found.parts.items() if isinstance(each, PathSource)}


@pytest.mark.parametrize(
    "value",
    ["1.png;2.png", " 1.png ； 2.png ;", "1.png\n2.png", "1.png\r\n\r\n2.png", ["1.png", "2.png"]],
)
def test_several_files_in_one_column(value: object) -> None:
    assert files_of({"screen_shots": value, "test_file_name": "t.zip"}) == {
        "first_screen_shot": FOLDER / "1.png",
        "second_screen_shot": FOLDER / "2.png",
        "test_file_name": FOLDER / "t.zip",
    }


def test_absolute_paths_stay_so() -> None:
    assert files_of({"app_logo": "/logos/a;b.png"}) == {"app_logo": Path("/logos/a;b.png")}


def test_no_files_are_none() -> None:
    assert attachments_of(RECORD, {"memo": "a"}, FOLDER, {}) == (None, [])


def test_one_file_replaces_one_and_a_list_all_of_its_kind() -> None:
    draft = {
        "app_logo": Path("/shop/logo.png"),
        "first_screen_shot": Path("/shop/1.png"),
        "second_screen_shot": Path("/shop/2.png"),
    }
    one = files_of({"second_screen_shot": "b.png"}, draft)
    assert one == draft | {"second_screen_shot": FOLDER / "b.png"}
    assert files_of({"screen_shots": "a.png"}, draft) == {
        "app_logo": Path("/shop/logo.png"),
        "first_screen_shot": FOLDER / "a.png",
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"screen_shots": ";".join("abcdef")}, "screen_shots too_many"),
        ({"screen_shots": {"a": "b"}}, "screen_shots wrong_type"),
        ({"screen_shots": ["a", 1]}, "screen_shots wrong_type"),
        ({"app_logo": ["a"]}, "app_logo wrong_type"),
        ({"app_logo": True}, "app_logo wrong_type"),
        ({"screen_shots": "a", "first_screen_shot": "b"}, "first_screen_shot duplicate_part"),
    ],
)
def test_what_is_wrong_is_told(values: dict[str, object], expected: str) -> None:
    found, problems = attachments_of(RECORD, values, FOLDER, {})
    assert found is None
    assert [f"{each.path} {each.code}" for each in problems] == [f"night.csv:2:{expected}"]
