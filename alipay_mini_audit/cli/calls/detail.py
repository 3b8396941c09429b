"""What `detail` prints: everything that the platform says of a version."""

from __future__ import annotations

from typing import Final

import attrs

from alipay_mini_audit.cli.calls.printing import as_json, lines_of, meta_as_json, print_rows
from alipay_mini_audit.cli.calls.statuses import status_text
from alipay_mini_audit.cli.console import print_json
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.models import VersionDetail

__all__ = ["print_detail", "print_detail_as_json"]

_CHINESE: Final = {
    "app_version": "版本号",
    "status": "状态",
    "app_name": "名称",
    "app_english_name": "英文名称",
    "app_logo": "图标",
    "app_slogan": "简介",
    "app_desc": "描述",
    "version_desc": "版本描述",
    "memo": "备注",
    "service_phone": "客服电话",
    "service_email": "客服邮箱",
    "service_region_type": "服务区域类型",
    "service_region_info": "服务区域",
    "screen_shot_list": "截图",
    "mini_app_category_info_list": "类目（旧）",
    "mini_category_info_list": "类目（新）",
    "package_info_list": "功能包",
    "scan_result": "安全扫描",
    "reject_reason": "驳回原因",
    "gray_strategy": "灰度比例",
    "gmt_create": "创建时间",
    "gmt_apply_audit": "提审时间",
    "gmt_audit_end": "审核结束",
    "gmt_online": "上架时间",
    "gmt_offline": "下架时间",
    "base_audit": "准入审核",
    "promote_audit": "营销审核",
    "can_release": "可否上架",
    "base_audit_record": "准入审核记录",
    "promote_audit_record": "营销审核记录",
    "extra": "其他",
}
"""In English a field is called as on the wire."""
_WORDS: Final = {
    ("scan_result", "True"): ("True (passed)", "True（通过）"),
    ("scan_result", "False"): ("False (failed)", "False（未通过）"),
    ("scan_result", "NAN"): ("NAN (running)", "NAN（扫描中）"),
}
"""What bare values mean, to be said beside them, as of a status."""


def print_detail(detail: VersionDetail, language: str) -> None:
    """Print a row for each field that the platform filled."""
    rows = []
    for name, value in _fields(detail).items():
        told = lines_of(value)
        if name == "status" and isinstance(value, str):
            told = [status_text(value, language)]
        if isinstance(value, str) and (name, value) in _WORDS:
            told = [said(*_WORDS[name, value], language)]
        rows.append((said(name, _CHINESE.get(name, name), language), told))
    rows.append(("trace id", lines_of(detail.meta.trace_id)))
    print_rows(rows, language)


def print_detail_as_json(detail: VersionDetail) -> None:
    """Print all fields under their names on the wire; those that it left out are null."""
    facts = {name: as_json(value) for name, value in _fields(detail).items()}
    print_json({"outcome": "done"} | facts | {"meta": meta_as_json(detail.meta)})


def _fields(detail: VersionDetail) -> dict[str, object]:
    fields = attrs.asdict(detail, recurse=False)
    del fields["meta"]
    return fields
