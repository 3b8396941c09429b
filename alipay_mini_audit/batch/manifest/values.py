"""Values of a line: moments, whole numbers, and what spreadsheets make of texts."""

from __future__ import annotations

import datetime
import re
from typing import Final

from alipay_mini_audit.models.fields import FIELDS, ValueType
from alipay_mini_audit.models.wire import BEIJING
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["moment_of", "number_of", "spreadsheet_problem", "tidied"]

_FLAGS: Final = {"是": "true", "否": "false", "真": "true", "假": "false"}
_NEVER: Final = frozenset({"长期", "长期有效", "永久"})
_TYPES: Final = {spec.wire_name: spec.type for spec in FIELDS.values()}
_DAY: Final = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?(?:[ T]+(.*))?")
_FORMULA: Final = re.compile(r'="(.*)"', re.DOTALL)
"""How people keep a spreadsheet program from reading a text as a number."""
_POWER: Final = re.compile(r"-?\d(?:[.,]\d+)?E\+\d{2,3}", re.IGNORECASE)
_WITH_ZERO: Final = re.compile(r"\d+\.0")
_FAULT: Final = re.compile(
    r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)|#{4,}|Err:\d{3}"
)
_NUMERALS: Final = frozenset(
    {"service_phone", "license_no", "mini_app", "template_id", "test_accout", "test_password"}
)
"""Texts that are mostly digits, and no versions."""
_MOBILE: Final = re.compile(r"1[3-9]\d{9}|[48]00\d{7}")
_AREA_AND_NUMBER: Final = re.compile(r"[1-9]\d{8,11}")

_BAD_MOMENT: Final = (
    ("this is no moment.", "Write it as 2026-11-25 22:00, in Beijing time, or with a zone."),
    ("这不是时间。", "请写成 2026-11-25 22:00（北京时间），或带上时区。"),
)
_BAD_NUMBER: Final = (
    ("expected a whole number.", ""),
    ("应为整数。", ""),
)
_MANGLED: Final = (
    (
        "a spreadsheet program has written a number in place of this text, and digits are lost.",
        "Format the column as text there and enter it again.",
    ),
    (
        "表格软件把该文本存成了数字，部分数位已经丢失。",
        "请在表格中将该列设为“文本”格式后重新填写。",
    ),
)
_ZERO_LOST: Final = (
    (
        "it may have lost the zero at its beginning in a spreadsheet program.",
        "Format the column as text there, or write the number with `-`, as in 0571-88888888.",
    ),
    (
        "开头的 0 可能被表格软件去掉了。",
        "请将该列设为“文本”格式，或写成带 - 的形式，例如 0571-88888888。",
    ),
)
_FAULTY: Final = (
    ("this is an error of a spreadsheet program.", "Mend the formula of the cell."),
    ("这是表格软件的错误值。", "请修正该单元格的公式。"),
)


def tidied(column: str, text: str) -> str:
    """Return the text of a cell as it is on the wire: flags, days and line breaks.

    What is not surely meant so stays as it is; the check of the field then tells it.

    Args:
        column: its name.
        text: of the cell.
    """
    kept = _FORMULA.fullmatch(text.strip())
    text = kept[1].replace('""', '"') if kept else text
    match _TYPES.get(column):
        case ValueType.FLAG:
            return _FLAGS.get(text.strip(), text)
        case ValueType.DATE:
            return _day(text.strip())
        case ValueType.TEXT:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def _day(text: str) -> str:
    if text in _NEVER:
        return "9999-12-31"
    found = _DAY.fullmatch(text)
    if found is None or (found[6] or "").strip(":0"):
        return text
    return f"{found[1]}-{int(found[3]):02}-{int(found[5]):02}"


def spreadsheet_problem(path: str, column: str, text: str) -> Problem | None:
    """Say whether a spreadsheet program has spoilt a text. Nothing of it is shown.

    Args:
        path: where it is.
        column: its name.
        text: of the cell.
    """
    text = text.strip()
    if _FAULT.fullmatch(text):
        return told(path, "spreadsheet_error", *_FAULTY)
    if _POWER.fullmatch(text) or (column in _NUMERALS and _WITH_ZERO.fullmatch(text)):
        return told(path, "number_mangled", *_MANGLED)
    is_numeral = column == "service_phone" and _AREA_AND_NUMBER.fullmatch(text)
    if is_numeral and not _MOBILE.fullmatch(text):
        return told(path, "zero_lost", *_ZERO_LOST, Severity.WARNING)
    return None


def moment_of(path: str, value: object) -> datetime.datetime | Problem:
    """Return an aware moment; without a zone it is Beijing's.

    Args:
        path: where it is.
        value: a text, or a date or time of TOML.
    """
    if isinstance(value, str):
        value = _parsed(value.strip())
    if isinstance(value, datetime.datetime):
        return value if value.utcoffset() is not None else value.replace(tzinfo=BEIJING)
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day, tzinfo=BEIJING)
    return told(path, "bad_moment", *_BAD_MOMENT)


def _parsed(text: str) -> datetime.datetime | None:
    found = _DAY.fullmatch(text.replace("：", ":"))
    if found is None:
        return None
    time = found[6] or ""
    if re.match(r"\d:", time):
        time = f"0{time}"
    day = f"{found[1]}-{int(found[3]):02}-{int(found[5]):02}"
    try:
        return datetime.datetime.fromisoformat(f"{day}T{time}" if time else day)
    except ValueError:
        return None


def number_of(path: str, value: object) -> int | Problem:
    """Return a whole number, given as one or as its text.

    Args:
        path: where it is.
        value: what was given.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,9}", value.strip()):
        return int(value)
    return told(path, "bad_value", *_BAD_NUMBER)
