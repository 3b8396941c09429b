"""What a mini-program must have before its first submission. No I/O here.

The console asks for it when a mini-program is made there. One that a third party makes for a
merchant starts without, and an apply has to bring it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from alipay_mini_audit.sandbox.business.fields import text_of
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["check_basic_information"]

_NAMES: Final = {
    "app_name": "APP_NAME_IS_BLANK",
    "app_english_name": "ENGLISH_NAME_IS_BLANK",
    "app_slogan": "SLOGAN_IS_BLANK",
    "app_desc": "APP_DESC_IS_BLANK",
}


def check_basic_information(fields: Mapping[str, object], parts: Collection[str]) -> None:
    """Check that an apply brings all that the platform cannot fill in.

    Args:
        fields: the business data, its types checked.
        parts: the names of the files that came.

    Raises:
        Refusal: the first thing that is missing.
    """
    for name, code in _NAMES.items():
        if text_of(fields, name) is None:
            raise Refusal(code)
    if "app_logo" not in parts:
        raise Refusal("LOGO_IS_BLANK")
    if not _has_any(fields, "app_category_ids", "mini_category_ids"):
        raise Refusal("CATEGORY_IS_BLANK")
    if not _has_any(fields, "service_phone", "service_email"):
        raise Refusal("SERVICE_TEL_AND_MAIL_BOTH_BLANK")
    if text_of(fields, "region_type") is None:
        raise Refusal("REGION_TYPE_IS_BLANK")


def _has_any(fields: Mapping[str, object], *names: str) -> bool:
    return any(text_of(fields, name) is not None for name in names)
