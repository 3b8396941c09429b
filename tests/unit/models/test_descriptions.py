"""What fields and parts are said to be for."""

import re

import pytest
from support.languages import CHINESE, chinese_faults

from alipay_mini_audit.attachments import PARTS, PartSpec
from alipay_mini_audit.models.descriptions import describe_field, describe_part
from alipay_mini_audit.models.fields import FIELDS, REGION_FIELDS, FieldSpec


@pytest.mark.parametrize(
    "spec", [*FIELDS.values(), *REGION_FIELDS.values()], ids=lambda x: x.attribute
)
def test_a_field_is_described_in_both_languages(spec: FieldSpec) -> None:
    english, chinese = describe_field(spec)
    assert english.endswith(".")
    assert not CHINESE.search(english)
    assert chinese_faults(chinese) == []


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_part_is_described_in_both_languages(part: PartSpec) -> None:
    english, chinese = describe_part(part)
    assert not CHINESE.search(english)
    assert chinese_faults(chinese) == []
    for text in (english, chinese):
        assert re.search(rf"\b{part.max_bytes // 2**20} MB", text)


def test_limits_are_those_of_the_tables() -> None:
    english, chinese = describe_field(FIELDS["app_name"])
    assert english.endswith(
        "3 to 40 characters, a Chinese one counts as two. "
        "Takes Chinese, letters, digits, _, + and -."
    )
    assert chinese.endswith(
        "3 至 40 个字符（一个汉字计 2 个）。可用字符：中文、字母、数字、_、+、-。"
    )
    assert describe_field(FIELDS["app_version"])[1].endswith("1 至 64 个字符。每次提交必填。")
    assert describe_part(PARTS["app_logo"])[0] == "The logo, square: png/jpg/jpeg, at most 2 MB."
    assert describe_part(PARTS["out_door_pic"])[1].endswith("不超过 4 MB、2160×3840 像素。")
