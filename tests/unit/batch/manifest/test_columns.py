"""The columns of a manifest, and what is said of others."""

import pytest

from alipay_mini_audit.batch.manifest.columns import COLUMNS, LISTS, unknown_column


def test_the_columns() -> None:
    assert {"key", "folder", "app_version", "test_accout", "first_screen_shot"} < COLUMNS
    assert LISTS == ("screen_shots", "license_pics", "special_license_pics")
    assert len(COLUMNS) == 8 + 22 + 23 + 3 + 2


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("app_verison", "app_version"),
        ("Template-ID", "template_id"),
        ("test_account", "test_accout"),
        ("screenshots", "screen_shots"),
    ],
)
def test_what_was_meant_is_named(name: str, meant: str) -> None:
    problem = unknown_column("night.csv:1", name)
    assert meant in problem.advice
    assert meant in problem.in_language("zh").advice


def test_a_name_like_none_is_told_all_there_are() -> None:
    problem = unknown_column("night.csv:1", "版本号")
    assert "not_before" in problem.advice
    assert "not_before" in problem.in_language("zh").advice
