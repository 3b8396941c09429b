"""Rules about single fields: what is needed, and which values the platform knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alipay_mini_audit.models import AuditApply, AuditRule, BundleId
from alipay_mini_audit.models.fields import FIELDS, Need
from alipay_mini_audit.preflight.rules import Subject
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["contacts", "date_of_licence", "needed", "other_values", "test_account", "version"]


def _codes_if_needed(need: Need) -> tuple[tuple[str, str], ...]:
    """Return the fields that are needed then, each with the code of its absence."""
    return tuple(
        (spec.attribute, spec.codes.blank)
        for spec in FIELDS.values()
        if spec.need is need and spec.codes.blank is not None
    )


_LARGEST_NUMBER: Final = 2**31 - 1
_DOTTED: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_OF_APPLY: Final = frozenset({BundleId.WALLET.value, BundleId.IOT.value})
_AUDIT_RULES: Final = frozenset(each.value for each in AuditRule)
_ALWAYS: Final = _codes_if_needed(Need.ALWAYS)
_FIRST_TIME: Final = _codes_if_needed(Need.FIRST_TIME)
_VERSION: Final = FIELDS["app_version"]
_LONGEST_VERSION: Final = 0 if _VERSION.length is None else _VERSION.length.maximum
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*+("?)', re.DOTALL)
"""Up to the end if it is never closed, so that no text takes long."""
_BEYOND_QUOTES: Final = re.compile(r'["@\s]')

_MISSING: Final = (
    ("it is missing, and the platform needs it on every call.", "Give it."),
    ("缺少该字段，平台要求每次提交都填写。", "请填写。"),
)
_MISSING_AT_FIRST: Final = (
    ("it is missing, and a first submission has nothing that could be filled in.", "Give it."),
    ("缺少该字段，首次提交时平台没有可沿用的内容。", "请填写。"),
)
_FILE_MISSING_AT_FIRST: Final = (
    _MISSING_AT_FIRST[0],
    ("缺少该文件，首次提交时平台没有可沿用的内容。", "请传入。"),
)
_NO_SUCH_VERSION: Final = (
    (
        (
            "no version is called so: it has at most 64 characters, and each number is at most "
            "2147483647."
        ),
        "Give the version that was built.",
    ),
    (
        "不存在这样的版本号：最长 64 个字符，每段数字不超过 2147483647。",
        "请填写已构建的版本号。",
    ),
)
_ODD_VERSION: Final = (
    ("it is not of the form 1.2.3.", "Check that it is the version that was built."),
    ("不是 1.2.3 形式的版本号。", "请确认这就是已构建的版本。"),
)
_NO_EMAIL: Final = (
    ("it is no e-mail address.", "Correct it."),
    ("不是有效的邮箱地址。", "请更正。"),
)
_ODD_EMAIL: Final = (
    (
        "it is an unusual e-mail address: its domain has no dot, or it has quotes or is not ASCII.",
        "Check it.",
    ),
    ("邮箱地址不常见：域名中没有点，或含有引号或非 ASCII 字符。", "请核对。"),
)
_NO_CONTACT: Final = (
    ("neither a phone number nor an e-mail address is given.", "Give a phone number."),
    ("客服电话和邮箱都没有填写。", "请填写客服电话。"),
)
_NO_PHONE: Final = (
    ("there is an e-mail address and no phone number.", "Since 2021 a phone number is expected."),
    ("只有邮箱，没有客服电话。", "自 2021 年起应填写客服电话。"),
)
_OTHER_BUNDLE: Final = (
    ("this application is not among those that are documented for a submission.", "Check it."),
    ("该端不在提交审核接口文档所列的范围内。", "请核对。"),
)
_OTHER_RULE: Final = (
    ("the platform documents NONE and BASE_PROMOTE only.", "Check it."),
    ("平台文档中只有 NONE 和 BASE_PROMOTE。", "请核对。"),
)
_EXPIRED: Final = (
    ("the licence has expired.", "Give the last day of a valid licence; 9999-12-31 for no end."),
    ("营业执照已过期。", "请填写有效执照的到期日；长期有效填 9999-12-31。"),
)
_HALF_ACCOUNT: Final = (
    ("an account for the auditors has a name and a password; one of them is missing.", "Give it."),
    ("测试账号与密码应同时提供，现缺少其中一项。", "请补全。"),
)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def needed(subject: Subject) -> Iterator[Problem]:
    """Find fields that are missing; those that the platform fills in only at a first submission."""
    for attribute, code in _ALWAYS:
        if _is_blank(getattr(subject.request, attribute)):
            yield told(attribute, code, *_MISSING)
    if not subject.preflight.first_submission:
        return
    for attribute, code in _FIRST_TIME:
        if _is_blank(getattr(subject.request, attribute)):
            yield told(attribute, code, *_MISSING_AT_FIRST)
    request = subject.request
    if _is_blank(request.app_category_ids) and _is_blank(request.mini_category_ids):
        yield told("mini_category_ids", "CATEGORY_IS_BLANK", *_MISSING_AT_FIRST)
    if "app_logo" not in subject.heads:
        yield told("attachments.app_logo", "LOGO_IS_BLANK", *_FILE_MISSING_AT_FIRST)
    if "first_screen_shot" not in subject.heads:
        code = "SCREEN_SHOTS_ARE_BLANK"
        path = "attachments.screen_shots"
        yield told(path, code, *_FILE_MISSING_AT_FIRST, severity=Severity.WARNING)


def version(subject: Subject) -> Iterator[Problem]:
    """Find versions that cannot exist, and odd ones."""
    text = subject.request.app_version
    if text is None or not text.strip():
        return
    name = text.strip()
    numbers = name.split(".") if _DOTTED.fullmatch(name) else []
    too_large = any(_is_too_large(number) for number in numbers)
    if len(name) > _LONGEST_VERSION or too_large:
        yield told("app_version", "MINIAPP_VERSION_NOT_EXSIT", *_NO_SUCH_VERSION)
    elif not _DOTTED.fullmatch(name):
        yield told("app_version", "version_format", *_ODD_VERSION, severity=Severity.WARNING)


def _is_too_large(number: str) -> bool:
    digits = number.lstrip("0")
    return len(digits) > len(str(_LARGEST_NUMBER)) or int(digits or "0") > _LARGEST_NUMBER


def contacts(subject: Subject) -> Iterator[Problem]:
    """Look at the e-mail address, and whether there is any way to reach the service."""
    request = subject.request
    has_phone = not _is_blank(request.service_phone)
    if request.service_email is None or _is_blank(request.service_email):
        if not has_phone and subject.preflight.first_submission:
            yield told("service_phone", "SERVICE_TEL_AND_MAIL_BOTH_BLANK", *_NO_CONTACT)
        return
    code = "INVALID_MINI_APP_SERVICE_MAIL"
    address = request.service_email.strip()
    if _is_surely_no_email(address):
        yield told("service_email", code, *_NO_EMAIL)
    elif _is_odd_email(address):
        yield told("service_email", code, *_ODD_EMAIL, severity=Severity.WARNING)
    if not has_phone and subject.preflight.first_submission:
        yield told("service_phone", "SERVICE_TEL_IS_BLANK", *_NO_PHONE, severity=Severity.WARNING)


def _is_surely_no_email(address: str) -> bool:
    """Say whether it is none for a plain check, and none for RFC 5322 with its quoted names."""
    if _ADDRESS.fullmatch(address):
        return False
    name, _, domain = address.rpartition("@")
    unquoted = _QUOTED.sub(lambda found: "" if found[1] else '"', name)
    is_address = bool(name) and _ADDRESS.fullmatch(f"a@{domain}") is not None
    return not is_address or _BEYOND_QUOTES.search(unquoted) is not None


def _is_odd_email(address: str) -> bool:
    is_plain = address.isascii() and '"' not in address
    return not is_plain or "." not in address.rpartition("@")[2]


def date_of_licence(subject: Subject) -> Iterator[Problem]:
    """Find a licence that has expired, by the day in Beijing."""
    day = subject.request.license_valid_date
    if day is not None and day < subject.today:
        yield told("license_valid_date", "LICENSE_VALID_DATE_IS_INVALID", *_EXPIRED)


def other_values(subject: Subject) -> Iterator[Problem]:
    """Find an application or an audit rule that no document has. The platform may know more."""
    request = subject.request
    bundle, rule = _text(request.bundle_id), _text(request.audit_rule)
    if bundle and bundle not in _OF_APPLY:
        yield told("bundle_id", "BUNDLE_ID_NOT_EXIST", *_OTHER_BUNDLE, severity=Severity.WARNING)
    if rule and rule not in _AUDIT_RULES:
        yield told("audit_rule", "unknown_value", *_OTHER_RULE, severity=Severity.WARNING)


def _text(value: str | None) -> str:
    return "" if value is None else str(value)


def test_account(subject: Subject) -> Iterator[Problem]:
    """Find an account for the auditors without a password, or the reverse."""
    request: AuditApply = subject.request
    has_account, has_password = bool(request.test_account), bool(request.test_password)
    if has_account != has_password:
        path = "test_password" if has_account else "test_account"
        yield told(path, "test_account_incomplete", *_HALF_ACCOUNT, severity=Severity.WARNING)
