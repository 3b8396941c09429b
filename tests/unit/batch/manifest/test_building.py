"""From a record to a submission: what wins, what is told, and where."""

import datetime
from pathlib import Path

import pytest

from alipay_mini_audit import Attachments, PathSource, Severity
from alipay_mini_audit.batch.journal.row import Identity
from alipay_mini_audit.batch.manifest.building import Builder, Outcome
from alipay_mini_audit.batch.manifest.record import Record
from alipay_mini_audit.batch.manifest.tokens import Tokens

FOLDER = Path("/nights/today")


def build(values: dict[str, object], folder: Path = FOLDER, *, is_typed: bool = True) -> Outcome:
    record = Record(file="night.csv", line=2, values=values, is_typed=is_typed)
    return Builder(folder, Tokens({"2021": "s3cret"})).build(record)


def told(values: dict[str, object], **options: object) -> list[str]:
    outcome = build(values, **options)  # type: ignore[arg-type]
    assert outcome.submission is None
    return [f"{each.path} {each.code}" for each in outcome.problems]


def files_of(outcome: Outcome) -> dict[str, Path]:
    assert outcome.submission is not None
    assert isinstance(outcome.submission.attachments, Attachments)
    parts = outcome.submission.attachments.parts
    return {name: part.path for name, part in parts.items() if isinstance(part, PathSource)}


def test_everything_that_a_line_may_say() -> None:
    values = {
        "key": " shop-7 ",
        "app_version": "0.0.1",
        "auto_online": True,
        "mini_app": "2021",
        "template_id": "77",
        "priority": "5",
        "not_before": "2026/11/25 22:00",
        "reason": "a note",
        "code": "a note",
    }
    submission = build(values).submission
    assert submission is not None
    assert (submission.key, submission.mini_app, submission.template_id, submission.priority) == (
        "shop-7",
        "2021",
        "77",
        5,
    )
    assert submission.app_auth_token == "s3cret"
    assert submission.not_before == datetime.datetime(2026, 11, 25, 14, tzinfo=datetime.UTC)
    assert submission.request.to_wire() == {"app_version": "0.0.1", "auto_online": "true"}
    assert submission.attachments is None


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "0.0.1"),
        ({"mini_app": "2022", "app_auth_token": "t"}, "2022@0.0.1"),
        # sha256 of "t" begins so: the digest by which a journal knows a merchant, too
        ({"app_auth_token": "t"}, "token:e3b98a4da31a127d@0.0.1"),
    ],
)
def test_a_key_is_made_of_mini_program_and_version(values: dict[str, object], key: str) -> None:
    submission = build({"app_version": "0.0.1", **values}).submission
    assert submission is not None
    assert submission.key == key


def test_what_the_line_says_wins_over_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    (folder / "screenshots").mkdir(parents=True)
    for name in ("logo.png", "screenshots/1.png", "screenshots/2.png"):
        (folder / name).write_bytes(b"x")
    (folder / "submission.toml").write_text('app_version = "0.0.1"\nmemo = "of the folder"\n')
    outcome = build({"folder": "shop", "app_version": "0.0.2", "screen_shots": "a.png"}, tmp_path)
    assert outcome.submission is not None
    assert outcome.submission.request.to_wire() == {
        "app_version": "0.0.2",
        "memo": "of the folder",
    }
    assert files_of(outcome) == {
        "app_logo": folder / "logo.png",
        "first_screen_shot": tmp_path / "a.png",
    }
    outcome = build({"folder": "shop", "second_screen_shot": "b.png"}, tmp_path)
    assert files_of(outcome) == {
        "app_logo": folder / "logo.png",
        "first_screen_shot": folder / "screenshots/1.png",
        "second_screen_shot": tmp_path / "b.png",
    }


@pytest.mark.parametrize(
    "values",
    [
        {"key": "a"},
        {"mini_app": "2021"},
        {"app_auth_token": "t", "bundle_id": "com.alipay.alipaywallet"},
        {"bundle_id": "com.amap.app"},
    ],
)
def test_which_entry_it_is_is_known_of_what_is_wrong_too(values: dict[str, object]) -> None:
    right = build({"app_version": "0.0.1", **values})
    assert right.submission is not None
    assert right.identity == right.submission.identity
    wrong = build({"app_version": "0.0.1", "priority": "high", **values})
    assert (wrong.submission, wrong.identity) == (None, right.identity)


def test_which_entry_it_is_is_not_guessed() -> None:
    assert build({"key": "a"}).identity == Identity("a", "")
    assert build({"app_version": "1", "app_auth_token_env": "NO_SUCH_TOKEN"}).identity is None
    assert build({"key": "a", "app_version": 1}).identity is None


def test_what_is_wrong_with_a_folder_is_told_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "submission.toml").write_text('app_version = 1\nmemmo = "x"\n')
    (found, *others) = told({"folder": ".", "app_version": "0.0.1"}, folder=tmp_path)
    assert found.startswith("night.csv:2:folder:app_version ")
    assert [each.split(" ")[1] for each in others] == ["unknown_field"]
    (missing,) = told({"folder": "none", "app_version": "0.0.1"}, folder=tmp_path)
    assert missing.startswith("night.csv:2:folder:")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"app_version": ""}, ["app_version version_missing"]),
        ({"key": 7}, ["key wrong_type"]),
        ({"key": "a\x07"}, ["key bad_character"]),
        ({"mini_app": "\ud800"}, ["mini_app bad_character", "mini_app token_missing"]),
        ({"memo": {"a": 1}}, ["memo wrong_type"]),
        ({"test_accout": 7}, ["test_accout wrong_type"]),
        ({"service_region_info": [{"x": "1"}]}, ["service_region_info[0].x unknown_field"]),
        ({"auto_online": "maybe"}, ["auto_online bad_value"]),
        ({"priority": "high"}, ["priority bad_value"]),
        ({"not_before": "soon"}, ["not_before bad_moment"]),
        ({"screen_shots": ";".join("abcdef")}, ["screen_shots too_many"]),
        ({"app_vers": "1"}, ["app_vers unknown_column"]),
        ({"folder": 7}, ["folder wrong_type"]),
    ],
)
def test_what_is_wrong_is_told_with_its_column(
    values: dict[str, object], expected: list[str]
) -> None:
    wanted = [f"night.csv:2:{each}" for each in expected]
    assert told({"app_version": "0.0.1", **values}) == wanted


def test_all_problems_come_at_once() -> None:
    values: dict[str, object] = {"priority": "x", "not_before": "y", "auto_online": "z"}
    assert len(told({**values, "screen_shots": 1, "mini_app": "2022", "key": 1})) == 7


def test_a_warning_stops_nothing() -> None:
    values: dict[str, object] = {"app_version": "0.0.1", "service_phone": "57188888888"}
    outcome = build(values, is_typed=False)
    assert outcome.submission is not None
    assert [each.severity for each in outcome.problems] == [Severity.WARNING]


def test_of_a_spoilt_record_the_rest_is_told_all_the_same() -> None:
    record = Record(file="a", line=2, values={"priority": "x"}, is_usable=False)
    outcome = Builder(FOLDER, Tokens()).build(record)
    assert [each.code for each in outcome.problems] == ["bad_value"]
