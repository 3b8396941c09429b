"""From the JSON object of a reply to an attrs object.

The platform may send more or other than its schema says: a field that does not have the documented
shape stays `None` and is kept, as it came, in `extra`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Container, Mapping
from typing import Any, Final, TypeVar, get_origin

import attrs
import cattrs
from cattrs.cols import list_structure_factory
from cattrs.dispatch import StructureHook
from cattrs.gen import make_dict_structure_fn

from alipay_mini_audit.models.builds import BuildStage
from alipay_mini_audit.models.replies import ReplyMeta
from alipay_mini_audit.models.versions import VersionStatus
from alipay_mini_audit.models.wire import flag_from_wire, time_from_wire

__all__ = ["read_fields", "read_model"]

_NOT_OF_THE_WIRE: Final = ("extra", "meta")
_HALF: Final = re.compile("[\ud800-\udfff]")


def _text(value: object) -> str:
    """Read a text. Half a character, left where a text was cut, could not be written anywhere."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", str(_only(str, value)))


def _status(value: object) -> VersionStatus | str:
    text = _text(value)
    return VersionStatus(text) if text in VersionStatus.__members__ else text


def _stage(value: object) -> BuildStage | str:
    """Read a stage that may be a number, or a text with quotation marks of its own."""
    text = str(value) if type(value) is int else _unquoted(_text(value))
    return BuildStage(text) if text in set(BuildStage) else text


def _flag(value: object) -> bool:
    r"""Read a boolean, also where the official schema shows it as `"\"true\""`."""
    return flag_from_wire(_unquoted(value) if isinstance(value, str) else value)


def _number(value: object) -> int:
    """Read a whole number, or a text of digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if type(value) is not int:
        raise TypeError(type(value).__name__)
    return value


def _unquoted(text: str) -> str:
    return text.strip().strip('"').strip()


def _as_object(kind: Any, converter: cattrs.Converter) -> StructureHook:
    if "extra" in attrs.fields_dict(kind):
        return lambda value, _: _with_extra(kind, _only(dict, value))
    usual: StructureHook = make_dict_structure_fn(kind, converter)
    return lambda value, _: usual(_only(dict, value), kind)


def _with_extra(kind: Any, body: Mapping[str, object]) -> Any:
    known, extra = read_fields(kind, body, but=_NOT_OF_THE_WIRE)
    return kind(**known, extra=extra)


def _as_list(kind: Any, converter: cattrs.Converter) -> StructureHook:
    usual = list_structure_factory(kind, converter)
    return lambda value, _: usual(_only(list, value), kind)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def _only(shape: type, value: object) -> Any:
    """Return the value if it has the shape; a string would pass for a list of strings."""
    if not isinstance(value, shape):
        raise TypeError(type(value).__name__)
    return value


_converter = cattrs.Converter()
_converter.register_structure_hook_factory(attrs.has, _as_object)
_converter.register_structure_hook_factory(_is_list, _as_list)
_converter.register_structure_hook(str, lambda value, _: _text(value))
_converter.register_structure_hook(bool, lambda value, _: _flag(value))
_converter.register_structure_hook(int, lambda value, _: _number(value))
_converter.register_structure_hook(datetime.datetime, lambda value, _: time_from_wire(value))
_converter.register_structure_hook(VersionStatus | str | None, lambda value, _: _status(value))
_converter.register_structure_hook(BuildStage | str | None, lambda value, _: _stage(value))

_Model = TypeVar("_Model", bound=attrs.AttrsInstance)


def read_model(model: type[_Model], body: Mapping[str, object], meta: ReplyMeta) -> _Model:
    """Build a reply object from the JSON object that came.

    Args:
        model: the class to build, with attributes `extra` and `meta` beside the reply's fields.
        body: the JSON object of the reply.
        meta: how the reply came about.
    """
    known, extra = read_fields(model, body, but=_NOT_OF_THE_WIRE)
    make: Callable[..., _Model] = model
    return make(**known, extra=extra, meta=meta)


def read_fields(
    model: type[attrs.AttrsInstance], body: Mapping[str, object], *, but: Container[str]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the members of a JSON object that are attributes of a class, and then the others.

    Args:
        model: whose attributes they may be, under their names on the wire.
        body: the JSON object.
        but: attributes that it does not fill.

    Returns:
        Arguments for the class, and what has no place there or another type, as it came.
    """
    fields = {
        field.metadata.get("wire_name", field.name): field
        for field in attrs.fields(attrs.resolve_types(model))
        if field.name not in but
    }
    known: dict[str, object] = {}
    extra: dict[str, object] = {}
    for name, value in body.items():
        field = fields.get(name)
        if field is None:
            extra[name] = value
        elif value is not None:
            try:
                known[field.name] = _converter.structure(value, field.type)
            except Exception:  # noqa: BLE001  # cattrs raises groups of anything; the value is kept
                extra[name] = value
    return known, extra
