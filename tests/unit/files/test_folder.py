"""A submission folder, and a TOML file that names its files."""

import datetime
from pathlib import Path

import pytest
from support.languages import assert_told_in_chinese

from alipay_mini_audit import Attachments, AuditApply, Problem, ValidationError
from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.files.folder import SubmissionDraft, read_draft, read_submission

FIELDS = 'app_version = "1.0.0"\nversion_desc = "Orders can be filtered by shop."\n'


def write(folder: Path, *names: str, toml: str | None = FIELDS) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"content")
    if toml is not None:
        (folder / "submission.toml").write_text(toml, encoding="utf-8")
    return folder


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(ValidationError) as caught:
        read_submission(path)
    return list(caught.value.problems)


def told(path: Path) -> list[tuple[str, str, str]]:
    """Return path, code and severity of each problem."""
    draft, errors = read_draft(path)
    return [(each.path, each.code, each.severity) for each in (*errors, *draft.warnings)]


def test_a_folder_with_everything(tmp_path: Path) -> None:
    lists = {"screenshots": 5, "licenses": 5, "special-licenses": 10}
    names = [f"{name}/{number}.png" for name, count in lists.items() for number in range(count)]
    write(tmp_path, "logo.png", "shop-front.jpg", "test.zip", *names)
    draft = read_submission(tmp_path)
    assert list(draft.parts) == list(PARTS)
    assert draft.parts["app_logo"] == tmp_path / "logo.png"
    assert draft.parts["test_file_name"] == tmp_path / "test.zip"
    assert draft.parts["tenth_special_license_pic"] == tmp_path / "special-licenses" / "9.png"
    assert draft.warnings == ()
    assert AuditApply.from_wire(draft.fields).app_version == "1.0.0"
    assert len(Attachments.from_parts(draft.parts).parts) == 23


def test_pictures_are_in_natural_order(tmp_path: Path) -> None:
    write(tmp_path, *(f"screenshots/{name}" for name in ("10.png", "2.PNG", "1.jpeg", "b.jpg")))
    parts = read_submission(tmp_path).parts
    assert [path.name for path in parts.values()] == ["1.jpeg", "2.PNG", "10.png", "b.jpg"]
    assert next(iter(parts)) == "first_screen_shot"


def test_what_systems_leave_is_no_file(tmp_path: Path) -> None:
    write(tmp_path, ".DS_Store", "Thumbs.db", "screenshots/.1.png", "screenshots/desktop.ini")
    write(tmp_path, "submission.schema.json", "submission.toml~", "screenshots/1.png")
    draft = read_submission(tmp_path)
    assert list(draft.parts) == ["first_screen_shot"]
    assert draft.warnings == ()


def test_toml_values_are_what_a_request_takes(tmp_path: Path) -> None:
    toml = (
        f'{FIELDS}auto_online = true\nlicense_valid_date = 2030-01-02\nmemo = ""\n'
        'region_type = "LOCATION"\n[[service_region_info]]\nprovince_code = "330000"\n'
    )
    request = AuditApply.from_wire(read_submission(write(tmp_path, toml=toml)).fields)
    assert (request.auto_online, request.memo) == (True, None)
    assert request.license_valid_date == datetime.date(2030, 1, 2)
    assert request.service_region_info is not None
    assert request.service_region_info[0].province_code == "330000"


def test_one_file_may_name_what_lies_anywhere(tmp_path: Path) -> None:
    write(tmp_path, "logo.png", toml=None)
    file = tmp_path / "toml" / "shop.toml"
    file.parent.mkdir()
    file.write_text(f'{FIELDS}app_logo = "../pictures/l.png"\nfirst_screen_shot = "/s/1.png"\n')
    draft = read_submission(file)
    assert draft.parts["app_logo"] == tmp_path / "pictures" / "l.png"
    assert draft.parts["first_screen_shot"] == Path("/s/1.png").absolute()
    assert draft.warnings == ()


def test_the_toml_of_a_folder_stands_for_it(tmp_path: Path) -> None:
    write(tmp_path, "logo.png")
    assert read_submission(tmp_path / "submission.toml") == read_submission(tmp_path)


def test_a_relative_path_gives_absolute_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "shop", "logo.png")
    monkeypatch.chdir(tmp_path)
    parts = read_submission(Path("shop")).parts
    assert parts == {"app_logo": tmp_path / "shop" / "logo.png"}


def test_what_is_named_wins_and_the_rest_is_told(tmp_path: Path) -> None:
    toml = f'{FIELDS}app_logo = "new.png"\nfirst_screen_shot = "screenshots/2.png"\n'
    write(tmp_path, "logo.png", "new.png", "screenshots/1.png", "screenshots/2.png", toml=toml)
    draft = read_submission(tmp_path)
    assert {name: path.name for name, path in draft.parts.items()} == {
        "app_logo": "new.png",
        "first_screen_shot": "2.png",
    }
    assert told(tmp_path) == [
        (str(tmp_path / "logo.png"), "file_overridden", "warning"),
        (str(tmp_path / "screenshots" / "1.png"), "file_overridden", "warning"),
    ]


def test_all_problems_come_at_once_and_in_both_languages(tmp_path: Path) -> None:
    toml = (
        'app_version = 1.0\nversion_descr = "x"\nspeed_up = "perhaps"\nscreen_shot = "1.png"\n'
        "app_logo = 1\nlicense_valid_date = 1979-05-27T07:32:00Z\nzzz = 1\ntest_file = 1\n"
        '[[service_region_info]]\nprovince = "x"\n'
    )
    names = [f"screenshots/{number}.png" for number in range(6)]
    write(tmp_path, "test.zip", "test.rar", "screenshot/1.png", "notes.txt", *names, toml=toml)
    found = problems_of(tmp_path)
    assert [(each.path, each.code, each.severity.value) for each in found] == [
        ("app_version", "wrong_type", "error"),
        ("service_region_info[0].province", "unknown_field", "error"),
        ("license_valid_date", "wrong_type", "error"),
        ("speed_up", "bad_value", "error"),
        ("version_descr", "unknown_field", "error"),
        ("screen_shot", "unknown_field", "error"),
        ("zzz", "unknown_field", "error"),
        ("test_file", "unknown_field", "error"),
        ("app_logo", "wrong_type", "error"),
        (str(tmp_path / "screenshot"), "unused_file", "error"),
        ("attachments.screen_shots", "too_many", "error"),
        ("attachments.test_file", "duplicate_part", "error"),
        (str(tmp_path / "notes.txt"), "unused_file", "warning"),
    ]
    for problem in found:
        assert_told_in_chinese(problem, given=[*PARTS, "service_region_info"])
    by_path = {each.path: each.advice for each in found}
    assert by_path["app_version"] == "Put it in quotes."
    assert by_path["version_descr"] == "Is it version_desc?"
    assert by_path["test_file"] == "Is it test_file_name?"
    assert by_path["screen_shot"] == "Is it screen_shots?"
    assert by_path["zzz"].startswith("There are: app_version, version_desc")
    assert by_path[str(tmp_path / "screenshot")] == "Is it screenshots?"


def test_a_list_gives_files_in_their_order(tmp_path: Path) -> None:
    toml = f'{FIELDS}screen_shots = ["b.png", "a.png"]\nlicense_pics = []\n'
    parts = read_submission(write(tmp_path, "screenshots/1.png", toml=toml)).parts
    assert list(parts) == ["first_screen_shot", "second_screen_shot"]
    assert [path.name for path in parts.values()] == ["b.png", "a.png"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('screen_shots = "1.png"', "wrong_type"),
        ('screen_shots = ["1.png", 2]', "wrong_type"),
        ('screen_shots = [""]', "wrong_type"),
        (f"screen_shots = {['1.png'] * 6}", "too_many"),
        ('screen_shots = ["1.png"]\nsecond_screen_shot = "2.png"', "duplicate_part"),
    ],
)
def test_another_list_is_told(tmp_path: Path, line: str, code: str) -> None:
    (problem,) = problems_of(write(tmp_path, toml=f"{FIELDS}{line}\n"))
    assert (problem.path, problem.code) == ("screen_shots", code)
    assert_told_in_chinese(problem, given=["second_screen_shot"])


def test_what_can_be_used_is_there_in_spite_of_errors(tmp_path: Path) -> None:
    write(tmp_path, "logo.png", toml='app_version = 1\nversion_desc = "x"\nspeedup = true\n')
    draft, errors = read_draft(tmp_path)
    assert (draft.fields, list(draft.parts)) == ({"version_desc": "x"}, ["app_logo"])
    assert [each.code for each in errors] == ["wrong_type", "unknown_field"]


@pytest.mark.parametrize("name", ["none", "none.toml", "none\0"])
def test_what_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    (problem,) = problems_of(tmp_path / name)
    assert problem.code == ("unreadable" if "\0" in name else "file_not_found")
    assert_told_in_chinese(problem, given=[problem.path])


def test_a_folder_without_fields_has_its_files(tmp_path: Path) -> None:
    draft = read_submission(write(tmp_path, "logo.png", toml=None))
    assert (draft.fields, list(draft.parts)) == ({}, ["app_logo"])
    assert [each.code for each in draft.warnings] == ["file_not_found"]


def test_any_other_folder_is_none_of_a_submission(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "b.txt", toml=None)
    (problem,) = problems_of(tmp_path)
    assert (problem.path, problem.code) == (str(tmp_path), "no_submission")


def test_no_secret_is_in_a_repr_or_a_problem(tmp_path: Path) -> None:
    toml = 'test_password = "hunter2"\nlicense_no = 91330\nlicense_name = ["hunter2"]\n'
    draft, errors = read_draft(write(tmp_path, toml=toml))
    assert draft.fields == {"test_password": "hunter2"}
    for text in (repr(draft), *map(str, errors), repr(SubmissionDraft(fields={"a": 1}, parts={}))):
        assert "hunter2" not in text
        assert "91330" not in text
