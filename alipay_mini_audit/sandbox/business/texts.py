"""Rules of the single texts of an apply: version, names, descriptions, contact. No I/O here.

Each refuses only what is wrong by every reading of the platform's texts. A blank field is one that
was not sent: the platform fills it in from earlier settings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.sandbox.business.fields import text_of
from alipay_mini_audit.sandbox.business.widths import width_of
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["check_texts"]

_LONGEST_VERSION: Final = 64
_LARGEST_NUMBER: Final = 2**31 - 1
_VERSION: Final = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)")
_PHONE: Final = re.compile(r"[0-9-]{5,30}")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
_QUOTING_ADDRESS: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*+"|[^"@\s])++@[^@\s]+', re.DOTALL)
"""One whose name, or parts of it, stand in quotes, in which everything is allowed."""
_NAME_SIGNS: Final = "_+-"
_LETTERS_AND_DIGITS: Final = ("L", "N", "Mn", "Mc")
"""Categories of Unicode; a mark is a part of its letter."""


def check_texts(fields: Mapping[str, object]) -> None:
    """Check version, names, descriptions and contact, in this order.

    Args:
        fields: the business data, its types checked.

    Raises:
        Refusal: the first text that is surely wrong.
    """
    _check_version(fields)
    if text_of(fields, "version_desc") is None:
        raise Refusal("VERSION_DESC_IS_BLANK")
    _check_width(fields, "version_desc", 30, 500, "INVALID_VERSION_DESC_LENGTH")
    _check_width(fields, "app_name", 3, 40, "INVALID_MINI_APP_NAME_LENGTH")
    _check_name(fields, "app_name", _NAME_SIGNS, "INVALID_MINI_APP_NAME")
    _check_width(fields, "app_english_name", 3, 30, "INVALID_MINI_APP_EN_NAME_LENGTH")
    _check_name(fields, "app_english_name", "", "INVALID_MINI_APP_EN_NAME")
    _check_width(fields, "app_slogan", 10, 32, "INVALID_MINI_APP_SLOGAN_LENGTH")
    _check_width(fields, "app_desc", 20, 400, "INVALID_MINI_APP_DESC_LENGTH")
    _check_width(fields, "memo", 0, 500, "INVALID_MINI_APP_MEMO_LENGTH")
    phone = text_of(fields, "service_phone")
    if phone is not None and not _PHONE.fullmatch(phone.strip()):
        raise Refusal("INVALID_MINI_APP_SERVICE_TEL")
    email = text_of(fields, "service_email")
    if email is not None and not _is_address(email.strip()):
        raise Refusal("INVALID_MINI_APP_SERVICE_MAIL")


def _check_version(fields: Mapping[str, object]) -> None:
    version = text_of(fields, "app_version")
    if version is None:
        raise Refusal("APP_VERSION_IS_BLANK")
    version = version.strip()
    if len(version) > _LONGEST_VERSION:
        raise Refusal("MINIAPP_VERSION_NOT_EXSIT", "app_version has more than 64 characters.")
    numbers = _VERSION.fullmatch(version)
    if numbers is not None and any(int(each) > _LARGEST_NUMBER for each in numbers.groups()):
        raise Refusal("MINIAPP_VERSION_NOT_EXSIT", "A number of app_version is over 2147483647.")


def _check_width(
    fields: Mapping[str, object], name: str, minimum: int, maximum: int, code: str
) -> None:
    text = text_of(fields, name)
    if text is not None and width_of(text).is_surely_outside(minimum, maximum):
        raise Refusal(code, f"{name} has less than {minimum} or more than {maximum} characters.")


def _check_name(fields: Mapping[str, object], name: str, signs: str, code: str) -> None:
    text = text_of(fields, name)
    if text is None:
        return
    for character in text.strip():
        kind = unicodedata.category(character)
        if character not in signs and not kind.startswith(_LETTERS_AND_DIGITS):
            raise Refusal(code)


def _is_address(email: str) -> bool:
    return any(form.fullmatch(email) for form in (_ADDRESS, _QUOTING_ADDRESS))
