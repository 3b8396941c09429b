"""Every problem of an input is told in English and in Chinese, wherever it is found."""

import ast
import datetime
import io
import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from support.corpus import GOOD
from support.languages import CHINESE, assert_told_in_chinese, chinese_faults
from support.rights import nobody

import alipay_mini_audit
from alipay_mini_audit import (
    Attachments,
    AuditApply,
    AuditClient,
    Problem,
    RegionInfo,
    ValidationError,
    check,
)
from alipay_mini_audit.attachments import SourceLike
from alipay_mini_audit.calls import CallOptions
from alipay_mini_audit.client.arguments import (
    call_spec,
    fields_of_cancel,
    options_with,
    query_of,
    version_of,
)
from alipay_mini_audit.client.version_arguments import share_problems, status_problems
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.files import inspect_blocking
from alipay_mini_audit.files.streams import streams_reserved
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.protocol import json_text
from alipay_mini_audit.sandbox import Material, SandboxGateway

PACKAGE = Path(alipay_mini_audit.__file__).parent
ROOMS = ("attachments", "files", "models", "protocol", "client", "calls")
"""Those that find problems; the rules of preflight have a corpus."""
WITH_A_CORPUS = {"folder.py", "layout.py", "toml.py", "text_file.py"}
"""Those that read folders and manifests: see the tests of `files.folder` and of manifests."""
CONFIG = ClientConfig()
ODD = type("{given}", (), {})


class Raising:
    """What a framework may hand over: nothing of it can be asked."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


class Unhurried:
    """A file of an asynchronous library."""

    async def read(self, size: int) -> bytes:
        raise AssertionError(size)

    async def seek(self, offset: int) -> int:
        raise AssertionError(offset)


class Stored:
    @property
    def filename(self) -> object:
        return "a.png"

    def __init__(self, size: object = 7) -> None:
        self._size = size

    @property
    def size(self) -> object:
        if isinstance(self._size, Exception):
            raise self._size
        return self._size

    def open(self) -> object:
        raise AssertionError


class Nameless(Stored):
    @property
    def filename(self) -> None:
        return None


class Once(io.BytesIO):
    def seekable(self) -> bool:
        return False


class Failing(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error", size)


def made(path: Path, content: bytes = b"x") -> Path:
    path.write_bytes(content)
    return path


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.png")
    return folder / "pipe.png"


def loop(folder: Path) -> Path:
    (folder / "link.png").symlink_to(folder / "link.png")
    return folder / "link.png"


def locked(folder: Path) -> Path:
    made(folder / "locked.png").chmod(0)
    return folder / "locked.png"


def closed(_: Path) -> io.BytesIO:
    file = io.BytesIO(b"x")
    file.close()
    return file


FILES: Mapping[str, tuple[str, Callable[[Path], object]]] = {
    "missing": ("file_not_found", lambda folder: folder / "missing.png"),
    "missing, with braces": ("file_not_found", lambda folder: folder / "{called}{}.png"),
    "directory": ("is_a_directory", lambda folder: folder),
    "empty": ("empty_file", lambda folder: made(folder / "empty.png", b"")),
    "empty content": ("empty_file", lambda _: b""),
    "pipe": ("not_a_file", fifo),
    "loop": ("unreadable", loop),
    "locked": ("permission_denied", locked),
    "below a file": ("unreadable", lambda folder: made(folder / "file") / "logo.png"),
    "long name": ("unreadable", lambda folder: folder / ("a" * 300)),
    "null": ("unreadable", lambda _: "a\0b.png"),
    "no characters": ("unreadable", lambda _: "\ud800.png"),
    "closed": ("stream_closed", closed),
    "nameless stream": ("filename_missing", lambda _: io.BytesIO(b"what is this?")),
    "nameless source": ("filename_missing", lambda _: Nameless()),
    "no size": ("unsupported_source", lambda _: Stored("large")),
    "no disk": ("unreadable", lambda _: Failing(b"x")),
    "no such system": ("unreadable", lambda _: Stored(OSError(99999, "odd"))),
}
"""Files that a look finds unusable: what it says, and how they are made."""


def looked_at(given: object) -> None:
    inspect_blocking(Attachments(app_logo=given).parts)  # type: ignore[arg-type]  # that is the test


def twice() -> Attachments:
    file = io.BytesIO(b"x")
    return Attachments(app_logo=file, out_door_pic=file)


def used_elsewhere() -> None:
    parts = Attachments(app_logo=io.BytesIO(b"x")).parts
    with streams_reserved(parts.items()), streams_reserved(parts.items()):
        pass


def attached(**fields: Any) -> Callable[[], object]:
    return lambda: Attachments(**fields)


def in_parts(parts: Any, *, allow_unknown: bool = False) -> Callable[[], object]:
    return lambda: Attachments.from_parts(parts, allow_unknown=allow_unknown)


def asked(**fields: Any) -> Callable[[], object]:
    return lambda: AuditApply(**fields)


def in_form(**fields: Any) -> Callable[[], object]:
    return lambda: AuditApply.from_wire(fields)


INPUTS: Mapping[str, Callable[[], object]] = {
    "raises": attached(app_logo=Raising()),
    "odd": attached(app_logo=ODD()),
    "number": attached(app_logo=5),
    "no path": attached(app_logo=""),
    "text": attached(app_logo=io.StringIO("x")),
    "asynchronous": attached(app_logo=Unhurried()),
    "read once": attached(app_logo=iter([b"x"])),
    "no way back": attached(app_logo=Once()),
    "no list": attached(screen_shots="a.png"),
    "an odd list": attached(screen_shots=ODD()),
    "too many": attached(screen_shots=[b"x"] * 7),
    "no mapping": attached(extra=[b"x"]),
    "odd statuses": lambda: version_of(None, None, further=status_problems(["init", "{x}"])),
    "no status": lambda: version_of(None, None, further=status_problems([])),
    "no share": lambda: version_of("1", None, further=share_problems(" ")),
    "given twice": attached(app_logo=b"x", extra={"app_logo": b"y"}),
    "the fields": attached(extra={"data": b"x"}),
    "bad name": attached(extra={"a {b}": b"x"}),
    "no name": attached(extra={5: b"x"}),
    "same stream": twice,
    "used elsewhere": used_elsewhere,
    "no parts": in_parts([b"x"]),
    "unknown parts": in_parts({"{logo}": b"x", 5: b"y"}),
    "bad newer part": in_parts({"a b": b"x"}, allow_unknown=True),
    "extra is no mapping": asked(extra=[1]),
    "extra has a field": asked(extra={"memo": "x"}),
    "extra has no JSON": asked(extra={"{x}": {1}, "y": float("nan"), "z": "\ud800"}),
    "every field": asked(**dict.fromkeys(FIELDS, ODD())),
    "surrogate": asked(memo="ab\ud800"),
    "control": asked(app_name="ab\x07"),
    "bad place": lambda: RegionInfo(province_code=330000, city_name="\0"),  # type: ignore[arg-type]
    "bad flag": in_form(auto_online="maybe {so}"),
    "bad day": in_form(license_valid_date="31.12.2026"),
    "no day": in_form(license_valid_date=20261231),
    "bad JSON": in_form(service_region_info="{province_code}"),
    "JSON of something else": in_form(service_region_info="5"),
    "no place": in_form(service_region_info=["Hangzhou"]),
    "place of a wrong type": in_form(service_region_info=[{"province_code": 330000}]),
    "unknown field of a place": in_form(service_region_info=[{"province": "1", "{x}": 1}]),
    "misspelt": in_form(app_versoin="1.0.0"),
    "unknown": in_form(**{"{zzz}": 1}),
    "a file in a form": in_form(app_logo=b"x"),
    "unknown, no text": lambda: AuditApply.from_wire({5: 1}),  # type: ignore[dict-item]
    "bad path": lambda: call_spec("get", "v3", query=None, body=None, attachments=None),
    "bad token": lambda: options_with(
        CallOptions(CONFIG.timeouts, CONFIG.retry), "a b", None, None
    ),
    "blank": lambda: version_of(" ", "", advice=("Leave it out.", "可以不传。")),
    "cancels another": lambda: fields_of_cancel({}, {"app_version": "1"}),
    "cancel with an odd name": lambda: fields_of_cancel({}, {5: 1}),  # type: ignore[dict-item]
    "odd query": lambda: query_of({"a": 5, "b\0": "x"}),  # type: ignore[dict-item]
    "no JSON": lambda: json_text({"a": {1}}),
}
"""Inputs that are refused where they are given."""


def problems(do: Callable[[], object]) -> tuple[Problem, ...]:
    with pytest.raises(ValidationError) as caught:
        do()
    return caught.value.problems


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_sent_is_told_in_both_languages(name: str, tmp_path: Path) -> None:
    code, make = FILES[name]
    given = make(tmp_path)
    with nobody() if name == "locked" else nullcontext():
        (problem,) = problems(lambda: looked_at(given))
    assert (problem.path, problem.code) == ("attachments.app_logo", code)
    assert problem.advice
    assert_told_in_chinese(problem, ["{called}{}"] if "braces" in name else [])


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_that_is_refused_is_told_in_both_languages(name: str) -> None:
    for problem in problems(INPUTS[name]):
        shown = [each for each in ("{given}", "{x}", "{zzz}") if each in problem.message]
        assert_told_in_chinese(problem, shown)


def codes_of_rooms() -> set[str]:
    """Return every code that a call of `told` has in the rooms that find problems."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for room in ROOMS
        for path in PACKAGE.joinpath(room).rglob("*.py")
        if path.name not in WITH_A_CORPUS
    ]
    calls = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "told"
    ]
    return {
        node.args[1].value
        for node in calls
        if isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)
    }


def test_no_code_is_forgotten() -> None:
    found = {each.code for do in INPUTS.values() for each in problems(do)}
    found |= {code for code, _ in FILES.values()}
    # It is about settings, with the tests of credentials.
    assert codes_of_rooms() - found == {"bad_number"}


async def test_a_client_tells_in_both_languages_too(material: Material) -> None:
    async with AuditClient(SandboxGateway(material=material).credentials) as client:
        with pytest.raises(ValidationError) as blank:
            await client.cancel(" ")
        with pytest.raises(ValidationError) as nothing:
            await client.resolve_apply(AuditApply(), since=datetime.datetime.now(datetime.UTC))
    for caught in (blank, nothing):
        (problem,) = caught.value.problems
        assert_told_in_chinese(problem)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_check_tells_of_files_and_fields_in_the_language_asked_for(
    material: Material, tmp_path: Path, language: str
) -> None:
    request = AuditApply.from_wire(GOOD | {"service_phone": "1"})
    files: dict[str, SourceLike | None] = {
        "app_logo": tmp_path / "missing.png",
        "out_door_pic": b"",
    }
    wrong: dict[str, SourceLike | None] = {"logo": b"x", "{odd}": b"x"}
    async with AuditClient(SandboxGateway(material=material).credentials) as client:
        found = [
            *(await client.check(request, files, language=language)),
            *(await client.check(request, wrong, language=language)),
            *(await check(request, files, language=language)),
            *(await check(request, wrong, language=language)),
        ]
    assert [each.code for each in found] == 2 * [
        *("INVALID_MINI_APP_SERVICE_TEL", "file_not_found", "empty_file"),
        *("INVALID_MINI_APP_SERVICE_TEL", "unknown_part", "unknown_part"),
    ]
    for problem in found:
        if language == "zh":
            assert chinese_faults(problem.message) == []
            assert not problem.advice or chinese_faults(problem.advice) == []
        else:
            assert not CHINESE.search(str(problem))
