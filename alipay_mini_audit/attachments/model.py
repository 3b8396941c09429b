"""`Attachments`: the files of one submission."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Self, final

import attrs

from alipay_mini_audit.attachments.parts import PARTS, PartSpec, parts_of
from alipay_mini_audit.attachments.sources import AnySource, SourceLike, is_source, to_source
from alipay_mini_audit.attachments.streams import StreamSource
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.problems import Problem, told

__all__ = ["Attachments"]


_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,100}")
_FIELDS: Final = tuple(dict.fromkeys(part.field for part in PARTS.values()))

_RAISED: Final = (
    ("{given} is no file: it raised {error}.", ""),
    ("{given} 不是文件：读取其属性时抛出了 {error}。", ""),
)
_GIVEN_TWICE: Final = (
    ("{name} is given twice.", ""),
    ("重复传入了 {name}。", ""),
)
_PART_OF_FIELDS: Final = (
    ("the part data holds the fields.", "Give fields to AuditApply."),
    ("data 参数用于存放业务字段，不能作为文件传入。", "业务字段请通过 AuditApply 填写。"),
)
_BAD_NAME: Final = (
    ("the name of a part is letters, digits and underscores.", ""),
    ("文件参数名只能由字母、数字和下划线组成。", ""),
)
_SAME_STREAM: Final = (
    (
        "the stream is that of {name}, and it can be read for one part only.",
        "Give its content as bytes.",
    ),
    ("与 {name} 是同一个流，而一个流只能用于一个文件参数。", "请改为以 bytes 传入文件内容。"),
)
_NO_LIST: Final = (
    ("{given} is not a list.", "Give a list of files."),
    ("{given} 不是列表。", "请传入文件列表。"),
)
_TOO_MANY: Final = (
    ("{count} files are given, but the platform takes {limit}.", ""),
    ("传入了 {count} 个文件，平台最多接受 {limit} 个。", ""),
)
_NO_MAPPING: Final = (
    ("expected a mapping from wire names to files.", ""),
    ("应为以接口参数名为键、文件为值的映射，例如 dict。", ""),
)
_UNKNOWN: Final = (
    (
        "there is no such file part.",
        (
            "The platform knows: {names}. For a newer part give "
            "Attachments.from_parts(files, allow_unknown=True)."
        ),
    ),
    (
        "没有这个文件参数。",
        (
            "平台支持：{chinese_names}。如需传入更新的文件参数，"
            "请使用 Attachments.from_parts(files, allow_unknown=True)。"
        ),
    ),
)


@attrs.frozen
class _NotAList:
    type_name: str


def _to_list(value: object) -> tuple[object, ...] | _NotAList:
    if value is None:
        return ()
    if _is_single(value) or _is_unordered(value) or not isinstance(value, Iterable):
        return _NotAList(type(value).__name__)
    return tuple(value)


def _is_single(value: object) -> bool:
    content_or_path = isinstance(value, str | bytes | bytearray | memoryview | os.PathLike)
    return content_or_path or is_source(value) or isinstance(value, StreamSource)


def _is_unordered(value: object) -> bool:
    # An open file would be a list of its lines.
    return isinstance(value, set | frozenset | Mapping) or hasattr(value, "read")


def _listed() -> Sequence[SourceLike | None]:
    return attrs.field(default=(), converter=_to_list, repr=False)


@final
@attrs.frozen(kw_only=True)
class Attachments:
    """The files that go with an apply. No file is touched before its submission begins.

    Each file is a path, its content as `bytes`, an open binary file, a `BytesIO` or an upload of
    FastAPI or Starlette (see `StreamSource`), or an object of the `Source` protocol. In a list the
    position decides the name on the wire (`first_…`, `second_…`), and `None` leaves a gap.

    Raises:
        ValidationError: a list has too many files, or something is not a list of files, not a
            file, a stream that can be read only once, or one that is given twice; every problem of
            all fields at once.
    """

    app_logo: SourceLike | None = attrs.field(default=None, repr=False)
    """Square PNG or JPEG, at most 2 MiB; `None` keeps the current logo."""
    screen_shots: Sequence[SourceLike | None] = _listed()
    """Up to five PNG or JPEG pictures, each at most 4 MiB and 2160 by 3840 pixels."""
    license_pics: Sequence[SourceLike | None] = _listed()
    """Up to five pictures of the business licence; limits as for `screen_shots`."""
    special_license_pics: Sequence[SourceLike | None] = _listed()
    """Up to ten pictures of special licences; limits as for `screen_shots`. Only the first three
    are in every version of the API.
    """
    out_door_pic: SourceLike | None = attrs.field(default=None, repr=False)
    """Photo of the shop front; limits as for `screen_shots`."""
    test_file: SourceLike | None = attrs.field(default=None, repr=False)
    """ZIP or RAR archive with a test report or screen recording, at most 10 MiB."""
    extra: Mapping[str, SourceLike] = attrs.field(factory=dict, repr=False)
    """Parts that are newer than this package, by their wire names."""
    parts: Mapping[str, AnySource] = attrs.field(init=False, eq=False)
    """Every file by its wire name, in the order of sending."""

    @parts.default
    def _make_parts(self) -> Mapping[str, AnySource]:
        if not isinstance(self.extra, Mapping):
            raise ValidationError([_not_a_mapping("attachments.extra")])
        problems: list[Problem] = []
        given = [
            (part.name, part.location, value)
            for field in _FIELDS
            for part, value in _files_of(field, getattr(self, field), problems)
        ]
        given += [
            (name, _place("attachments.extra", name), value) for name, value in self.extra.items()
        ]
        found: dict[str, AnySource] = {}
        for name, location, value in given:
            if value is None:
                continue
            source = _name_problem(name, location, found) or _source_of(value, location)
            if isinstance(source, StreamSource):
                source = _stream_twice(source, location, found) or source
            if isinstance(source, Problem):
                problems.append(source)
            else:
                found[name] = source
        if problems:
            raise ValidationError(problems)
        return found

    @classmethod
    def from_parts(
        cls, parts: Mapping[str, SourceLike | None], *, allow_unknown: bool = False
    ) -> Self:
        """Build from wire names, as the official SDKs take them.

        Args:
            parts: files by wire name, e.g. `{"app_logo": "a.png", "first_screen_shot": "1.png"}`;
                `None` leaves a part out.
            allow_unknown: send a part whose name is not in the table as it is, instead of raising.

        Raises:
            ValidationError: a name is unknown, or as for the class.
        """
        if not isinstance(parts, Mapping):
            raise ValidationError([_not_a_mapping("attachments")])
        unknown = {name: source for name, source in parts.items() if name not in PARTS}
        if unknown and not allow_unknown:
            raise ValidationError([_unknown(name) for name in unknown])
        fields: dict[str, object] = {}
        for name, source in parts.items():
            part = PARTS.get(name)
            if part is None or source is None:
                continue
            if part.position is None:
                fields[part.field] = source
            else:
                row = fields.setdefault(part.field, [None] * len(parts_of(part.field)))
                assert isinstance(row, list)  # noqa: S101  # narrows the type of the line above
                row[part.position] = source
        extra = {name: source for name, source in unknown.items() if source is not None}
        return cls(**fields, extra=extra)  # type: ignore[arg-type]  # fields are named by the table


def _source_of(value: object, location: str) -> AnySource | Problem:
    try:
        return to_source(value, location)
    except Exception as error:  # noqa: BLE001  # an object of the user's may raise anything
        values = {"given": type(value).__name__, "error": type(error).__name__}
        return told(location, "unsupported_source", *_RAISED, values=values)


def _name_problem(name: str, location: str, found: Mapping[str, AnySource]) -> Problem | None:
    if name in found:
        return told(location, "duplicate_part", *_GIVEN_TWICE, values={"name": name})
    if name == "data":
        return told(location, "bad_part_name", *_PART_OF_FIELDS)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return told(location, "bad_part_name", *_BAD_NAME)
    return None


def _stream_twice(
    source: StreamSource, location: str, found: Mapping[str, AnySource]
) -> Problem | None:
    for name, other in found.items():
        if isinstance(other, StreamSource) and other.stream is source.stream:
            return told(location, "stream_in_use", *_SAME_STREAM, values={"name": name})
    return None


def _files_of(field: str, value: object, problems: list[Problem]) -> list[tuple[PartSpec, object]]:
    """Return what a field gives for each of its parts, and add what is wrong with the list."""
    slots = parts_of(field)
    if slots[0].position is None:
        return [(slots[0], value)]
    location = f"attachments.{field}"
    if isinstance(value, _NotAList):
        given = {"given": value.type_name}
        problems.append(told(location, "not_a_list", *_NO_LIST, values=given))
        return []
    assert isinstance(value, tuple)  # noqa: S101  # the converter made it one
    counts = {"count": len(value), "limit": len(slots)}
    problems.extend(
        told(f"{location}[{position}]", "too_many", *_TOO_MANY, values=counts)
        for position in range(len(slots), len(value))
        if value[position] is not None
    )
    return list(zip(slots, value, strict=False))


def _not_a_mapping(location: str) -> Problem:
    return told(location, "wrong_type", *_NO_MAPPING)


def _unknown(name: str) -> Problem:
    known = {"names": ", ".join(PARTS), "chinese_names": "、".join(PARTS)}
    return told(_place("attachments", name), "unknown_part", *_UNKNOWN, values=known)


def _place(where: str, name: object) -> str:
    # Not every object can be written down, a number of thousands of digits for one.
    return f"{where}[{name!r}]" if isinstance(name, str) else where
