"""The conventions of a submission folder."""

from pathlib import Path

import pytest

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.files.layout import PLACES, file_problems, find_files, place_of


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def found_in(folder: Path) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    found, problems = find_files(folder, frozenset())
    problems += file_problems(found)
    names = {field: [path.name for path in files] for field, files in found.items()}
    return names, [(Path(each.path).name, each.code) for each in problems]


def test_every_field_of_files_has_a_place_of_its_own() -> None:
    assert list(PLACES) == list(dict.fromkeys(part.field for part in PARTS.values()))
    assert len(set(PLACES.values())) == len(PLACES)


def test_a_part_is_found_where_it_is_said_to_lie(tmp_path: Path) -> None:
    places = {name: place_of(part, part.formats[-1]) for name, part in PARTS.items()}
    found, problems = find_files(write(tmp_path, *places.values()), frozenset())
    assert problems == []
    for name, part in PARTS.items():
        assert found[part.field][part.position or 0] == tmp_path / places[name]


def test_case_does_not_count(tmp_path: Path) -> None:
    found, problems = found_in(write(tmp_path, "Logo.PNG", "Screenshots/1.JPG", "TEST.Rar"))
    assert problems == []
    assert found == {"screen_shots": ["1.JPG"], "app_logo": ["Logo.PNG"], "test_file": ["TEST.Rar"]}


def test_a_format_that_the_platform_takes_goes_before_others(tmp_path: Path) -> None:
    found, problems = found_in(write(tmp_path, "logo.psd", "logo.jpg"))
    assert (found, problems) == ({"app_logo": ["logo.jpg"]}, [("logo.psd", "unused_file")])


def test_another_format_is_taken_so_that_the_check_names_it(tmp_path: Path) -> None:
    write(tmp_path, "logo.webp", "screenshots/1.heic", "screenshots/2.txt")
    found, problems = found_in(tmp_path)
    assert found == {"app_logo": ["logo.webp"], "screen_shots": ["1.heic"]}
    assert problems == [("2.txt", "unused_file")]


def test_two_files_for_one_part_are_told(tmp_path: Path) -> None:
    write(tmp_path, "logo.png", "logo.jpg", "screenshots/1.png", "screenshots/1.jpg")
    found, problems = found_in(tmp_path)
    assert len(found["screen_shots"]) == 2
    assert problems == [
        ("attachments.screen_shots", "duplicate_part"),
        ("attachments.app_logo", "duplicate_part"),
    ]


@pytest.mark.parametrize("name", ["screenshot", "licences", "special_licenses"])
def test_a_folder_that_is_nearly_right_is_an_error(tmp_path: Path, name: str) -> None:
    _, (problem,) = find_files(write(tmp_path, f"{name}/1.png"), frozenset())
    assert (problem.code, problem.severity.value) == ("unused_file", "error")


def test_other_names_are_warnings(tmp_path: Path) -> None:
    _, problems = find_files(write(tmp_path, "drafts/1.png", "logos.png", "x"), frozenset())
    assert [each.severity.value for each in problems] == ["warning"] * 3
    assert [each.advice.startswith("Is it logo") for each in problems] == [False, True, False]


def test_what_is_named_is_no_surprise(tmp_path: Path) -> None:
    write(tmp_path, "drafts/1.png", "hero.png", "screenshots/x.txt")
    named = {tmp_path / "drafts/1.png", tmp_path / "hero.png", tmp_path / "screenshots/x.txt"}
    assert find_files(tmp_path, named) == ({"screen_shots": []}, [])


def test_long_numbers_and_other_digits_are_sorted_too(tmp_path: Path) -> None:
    names = ["9" * 200 + ".png", "\uff12.png", "a10b2.png", "a9.png", "10.png"]
    found, _ = found_in(write(tmp_path, *(f"licenses/{name}" for name in names)))
    assert found["license_pics"] == ["10.png", names[0], "a9.png", "a10b2.png", "\uff12.png"]


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    found, (problem,) = find_files(tmp_path / "none", frozenset())
    assert (found, problem.code, problem.path) == ({}, "file_not_found", str(tmp_path / "none"))
