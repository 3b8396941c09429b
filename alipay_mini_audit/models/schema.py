"""A JSON Schema of `submission.toml`, for editors: made from the tables of fields and parts.

An error in the editor is an error for the check before sending as well; it finds more. No I/O here.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.attachments.parts import parts_of
from alipay_mini_audit.models.apply import AuditRule, BundleId, RegionType
from alipay_mini_audit.models.descriptions import describe_field, describe_part
from alipay_mini_audit.models.fields import (
    FIELDS,
    REGION_FIELDS,
    CharacterSet,
    Counting,
    FieldSpec,
    Need,
    ValueType,
)

__all__ = ["submission_schema"]

_CHOICES: Final[Mapping[str, type[enum.StrEnum]]] = MappingProxyType(
    {"region_type": RegionType, "audit_rule": AuditRule, "bundle_id": BundleId}
)
_CLOSED: Final = frozenset({"region_type"})
"""Another value is an error; of the others the platform may know more than this package."""
_PHONE: Final = "^[0-9-]*$"
_MOST_WIDE: Final = 2
"""What one character may count as, at most."""


def submission_schema() -> dict[str, object]:
    """Return the schema, draft 2020-12, as a JSON value; a day is a text to it."""
    properties: dict[str, object] = {spec.wire_name: _property(spec) for spec in FIELDS.values()}
    for part in PARTS.values():
        properties[part.name] = {"type": "string", "description": _lines(*describe_part(part))}
        if part.position is not None:
            properties[part.field] = {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "maxItems": len(parts_of(part.field)),
                "description": _lines(*describe_part(part)),
            }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Alipay mini-program submission / 支付宝小程序版本审核提交",
        "type": "object",
        "properties": properties,
        "required": [spec.wire_name for spec in FIELDS.values() if spec.need is Need.ALWAYS],
        "additionalProperties": False,
    }


def _property(spec: FieldSpec) -> dict[str, object]:
    made = _TYPES[spec.type](spec) | {"description": _lines(*describe_field(spec))}
    return made | {"writeOnly": True} if spec.is_secret else made


def _text(spec: FieldSpec) -> dict[str, object]:
    made: dict[str, object] = {"type": "string"}
    if spec.length is not None:
        widest = _MOST_WIDE if spec.length.counting is Counting.CHINESE_TWICE else 1
        made |= {"minLength": -(-spec.length.minimum // widest), "maxLength": spec.length.maximum}
    if spec.characters is CharacterSet.PHONE:
        made["pattern"] = _PHONE
    return made


def _choice(spec: FieldSpec) -> dict[str, object]:
    values = [each.value for each in _CHOICES[spec.attribute]]
    if spec.attribute in _CLOSED:
        return {"type": "string", "enum": values}
    return {"anyOf": [{"enum": values}, {"type": "string"}]}


def _flag(spec: FieldSpec) -> dict[str, object]:
    del spec
    return {"type": "boolean"}


def _day(spec: FieldSpec) -> dict[str, object]:
    del spec
    return {"type": "string", "format": "date"}


def _regions(spec: FieldSpec) -> dict[str, object]:
    del spec
    place = {
        "type": "object",
        "properties": {each.wire_name: _property(each) for each in REGION_FIELDS.values()},
        "required": [
            each.wire_name for each in REGION_FIELDS.values() if each.need is Need.EVERY_PLACE
        ],
        "additionalProperties": False,
    }
    return {"type": "array", "items": place}


def _lines(english: str, chinese: str) -> str:
    return f"{english}\n{chinese}"


_TYPES: Final[Mapping[ValueType, Callable[[FieldSpec], dict[str, object]]]] = MappingProxyType(
    {
        ValueType.TEXT: _text,
        ValueType.CHOICE: _choice,
        ValueType.FLAG: _flag,
        ValueType.DATE: _day,
        ValueType.REGIONS: _regions,
    }
)
