"""The text of a `submission.toml`: every field with what it is for, those without a value as notes.

No input or output here.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.cells import cell_len

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.attachments.parts import parts_of
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.files.layout import PLACES, SCHEMA_FILE, place_of
from alipay_mini_audit.models.descriptions import describe_field, describe_part
from alipay_mini_audit.models.fields import FIELDS, Need, ValueType

__all__ = ["submission_text", "toml_value"]

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""What TOML takes in no string as it is, but for line breaks in one of several lines."""
_EXAMPLES: Final = {
    ValueType.FLAG: "true",
    ValueType.DATE: "9999-12-31",
    ValueType.REGIONS: '[{ province_code = "330000", city_code = "330100" }]',
}
_EMPTY: Final = '""'
_WIDEST: Final = 25
"""Columns of the longest name of a file."""


def submission_text(given: Mapping[str, object], language: str) -> str:
    """Return the text of a file with these values.

    Args:
        given: values by wire name, of fields and of file parts.
        language: of the comments, "zh" or "en".
    """
    lines = [f"#:schema ./{SCHEMA_FILE}", *_about_files(language)]
    for spec in FIELDS.values():
        lines += ["", f"# {said(*describe_field(spec), language)}"]
        value = given.get(spec.wire_name)
        if value not in (None, ""):
            lines.append(f"{spec.wire_name} = {toml_value(value)}")
        elif spec.need is Need.ALWAYS:
            lines.append(f"{spec.wire_name} = {_EMPTY}")
        else:
            lines.append(f"# {spec.wire_name} = {_EXAMPLES.get(spec.type, _EMPTY)}")
    files = [f"{name} = {toml_value(given[name])}" for name in PARTS if given.get(name)]
    return "\n".join([*lines, *([""] if files else []), *files, ""])


def toml_value(value: object) -> str:
    """Return a value of a field in TOML.

    Args:
        value: a text, a flag, a day, or a list of places.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case datetime.date():
            return value.isoformat()
        case str():
            return _text(value)
        case Mapping():
            pairs = (f"{name} = {toml_value(each)}" for name, each in value.items())
            return f"{{ {', '.join(pairs)} }}"
        case Sequence():
            lines = "".join(f"  {toml_value(each)},\n" for each in value)
            return f"[\n{lines}]"
    raise TypeError(type(value).__name__)


def _text(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()  # half a character fits into no file
    if "\n" not in text or _is_blank_line(text):
        return _escaped(json.dumps(text, ensure_ascii=False))
    lines = [json.dumps(line, ensure_ascii=False)[1:-1] for line in text.split("\n")]
    return _escaped('"""\n' + "\n".join(lines) + '"""')


def _is_blank_line(text: str) -> bool:
    return not text.strip("\n")


def _escaped(written: str) -> str:
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04X}", written)


def _about_files(language: str) -> Iterator[str]:
    yield "#"
    yield said(
        "# Files lie beside this one; what the platform has already may be left out:",
        "# 文件与本文件放在同一目录；平台已有的内容可以省略：",
        language,
    )
    for field in PLACES:
        first, *others = parts_of(field)
        name = place_of(first, first.formats[0]) + (" …" if others else "")
        blanks = " " * (_WIDEST - cell_len(name))
        yield f"#   {name}{blanks} {said(*describe_part(first), language)}"
