"""What fields and file parts are for, in a line of English and of Chinese each.

Limits are not written here: they are taken from the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from alipay_mini_audit.attachments import PartSpec
from alipay_mini_audit.models.fields import CharacterSet, Counting, FieldSpec, Length, Need

__all__ = ["describe_field", "describe_part"]

_MIB: Final = 1024 * 1024

_FIELDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "app_version": (
            "The version, as it was built, e.g. 1.0.0.",
            "已构建的版本号，例如 1.0.0。",
        ),
        "version_desc": ("The main changes of the version.", "版本描述：本版本的主要更新内容。"),
        "app_name": ("Name of the mini-program.", "小程序名称。"),
        "app_english_name": ("Its English name.", "小程序英文名称。"),
        "app_slogan": ("Its slogan.", "小程序简介（一句话）。"),
        "app_desc": ("Its description.", "小程序描述。"),
        "memo": ("A remark to the auditors.", "给审核人员的备注。"),
        "service_phone": (
            "Phone number of the service; a number or an e-mail address is needed.",
            "客服电话，与客服邮箱至少填写一项。",
        ),
        "service_email": ("E-mail address of the service.", "客服邮箱。"),
        "region_type": (
            "Where the service is offered: everywhere, in China, or in service_region_info.",
            "服务区域类型：GLOBAL 全球，CHINA 中国，LOCATION 指定区域。",
        ),
        "service_region_info": (
            "The places of service, for region_type LOCATION.",
            "服务区域列表，region_type 为 LOCATION 时必填。",
        ),
        "app_category_ids": (
            "Categories of the old tree, e.g. 11_12;12_13.",
            "旧类目树的类目编号，例如 11_12;12_13。",
        ),
        "mini_category_ids": (
            "Categories of the new tree, e.g. XS1001_XS2001; they win over app_category_ids.",
            "新类目树的类目编号，例如 XS1001_XS2001，优先于 app_category_ids。",
        ),
        "license_name": ("Name on the business licence.", "营业执照名称。"),
        "license_no": ("Number of the business licence.", "营业执照号。"),
        "license_valid_date": (
            "Last day of the business licence; 9999-12-31 for no end.",
            "营业执照有效期的最后一天，长期有效填 9999-12-31。",
        ),
        "audit_rule": (
            "NONE, or BASE_PROMOTE for separate audits of access and marketing.",
            "审核规则：NONE 为一次审核，BASE_PROMOTE 为准入与营销分开审核。",
        ),
        "auto_online": (
            "Go online as soon as the audit is passed.",
            "审核通过后是否自动上架。",
        ),
        "speed_up": (
            "Use an entitlement to a faster audit, if there is one.",
            "有加急权益时是否使用加急审核。",
        ),
        "bundle_id": (
            "The application that it runs in; the Alipay wallet if it is left out.",
            "小程序运行的端，不填为支付宝端。",
        ),
        "test_accout": ("Login of a test account for the auditors.", "供审核使用的测试账号。"),
        "test_password": ("Password of the test account.", "测试账号的密码。"),
        "province_code": ("Code of the province.", "省份编码。"),
        "province_name": ("Name of the province.", "省份名称。"),
        "city_code": ("Code of the city; needed with an area.", "城市编码，填写区县时必填。"),
        "city_name": ("Name of the city.", "城市名称。"),
        "area_code": ("Code of the area.", "区县编码。"),
        "area_name": ("Name of the area.", "区县名称。"),
    }
)
"""By wire name; those of a place among them."""

_PARTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "app_logo": ("The logo, square", "小程序图标，正方形"),
        "screen_shots": ("A screenshot; two to five, or none", "小程序截图，2 至 5 张，或不传"),
        "license_pics": ("A picture of the business licence", "营业执照图片"),
        "special_license_pics": ("A picture of a special licence", "特殊资质图片"),
        "out_door_pic": ("A photo of the shop front", "门店照片"),
        "test_file": ("A test report or screen recording", "测试报告或录屏的压缩包"),
    }
)
"""By field of `Attachments`, without a full stop: limits follow."""

_CHARACTERS: Final = {
    CharacterSet.NAME: ("Chinese, letters, digits, _, + and -", "中文、字母、数字、_、+、-"),
    CharacterSet.ALPHANUMERIC: ("letters and digits", "字母和数字"),
    CharacterSet.PHONE: ("digits and -", "数字和 -"),
}


def describe_field(spec: FieldSpec) -> tuple[str, str]:
    """Return what a field is for and what it takes, in English and in Chinese."""
    english, chinese = _FIELDS[spec.wire_name]
    if spec.length is not None:
        of_english, of_chinese = _length(spec.length)
        english, chinese = f"{english} {of_english}", f"{chinese}{of_chinese}"
    if spec.characters is not None:
        of_english, of_chinese = _CHARACTERS[spec.characters]
        english, chinese = f"{english} Takes {of_english}.", f"{chinese}可用字符：{of_chinese}。"
    if spec.need is Need.ALWAYS:
        english, chinese = f"{english} Needed on every call.", f"{chinese}每次提交必填。"
    return english, chinese


def describe_part(part: PartSpec) -> tuple[str, str]:
    """Return what a file is and what the platform takes, in English and in Chinese."""
    english, chinese = _PARTS[part.field]
    formats, size = "/".join(part.formats), part.max_bytes // _MIB
    english, chinese = (
        f"{english}: {formats}, at most {size} MB",
        f"{chinese}：{formats}，不超过 {size} MB",
    )
    if part.max_width is not None:
        shape = f"{part.max_width}×{part.max_height}"
        english, chinese = f"{english} and {shape} pixels", f"{chinese}、{shape} 像素"
    return f"{english}.", f"{chinese}。"


def _length(length: Length) -> tuple[str, str]:
    is_twice = length.counting is Counting.CHINESE_TWICE
    english = f"{length.minimum} to {length.maximum} characters"
    chinese = f"{length.minimum} 至 {length.maximum} 个字符"
    english += ", a Chinese one counts as two." if is_twice else "."
    return english, chinese + ("（一个汉字计 2 个）。" if is_twice else "。")
