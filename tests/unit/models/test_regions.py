"""A place of service."""

import attrs
import pytest

from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.models import RegionInfo

NAMES = ["province_code", "province_name", "city_code", "city_name", "area_code", "area_name"]


@pytest.mark.parametrize("field", NAMES)
def test_a_place_is_made_of_texts(field: str) -> None:
    for value in (310000, "a\nb"):
        with pytest.raises(ValidationError) as caught:
            RegionInfo(**{field: value})  # type: ignore[arg-type]
        assert [problem.path for problem in caught.value.problems] == [field]


def test_all_problems_of_a_place_come_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        RegionInfo(province_code=310000, city_name="\x00")  # type: ignore[arg-type]
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        ("province_code", "wrong_type"),
        ("city_name", "bad_character"),
    ]


def test_every_field_of_a_place_may_be_left_out() -> None:
    assert set(attrs.asdict(RegionInfo())) == set(NAMES)
    assert set(attrs.asdict(RegionInfo()).values()) == {None}
