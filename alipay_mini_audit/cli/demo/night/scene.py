"""`make_scene`: the folder of a night, with a manifest in which a few lines are wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.cli.demo.files import make_file
from alipay_mini_audit.sandbox import Material

__all__ = ["MISTAKES", "PICTURES", "Entry", "Scene", "make_scene"]

_PARTS: Final = ("app_logo", "first_screen_shot", "second_screen_shot")
PICTURES: Final = len(_PARTS)
"""How many pictures an entry has."""
_SIZE: Final = 6_000
"""Bytes of a picture."""
_DESCRIPTION: Final = "Orders can be filtered by shop, and refunds show the right amount."
_OBLONG, _SHORT, _MISSING, _MISSPELT, _TWIN = 2, 4, 6, 7, 10
"""The lines that are wrong, from 1 on; the last one repeats the line before it."""
MISTAKES: Final = 5
"""How many lines are wrong."""
FEWEST: Final = _TWIN
"""How many lines there have to be."""


@final
@attrs.frozen
class Entry:
    """A line of the manifest that is right.

    Attributes:
        key: its key.
        token: the merchant's, which is one of the sandbox's.
        app_version: its version.
    """

    key: str
    token: str
    app_version: str


@final
@attrs.frozen(kw_only=True)
class Scene:
    """What lies in the folder of a night.

    Attributes:
        folder: where it lies.
        manifest: name of the manifest in it.
        credentials: name of the file with the credentials in it.
        total: how many lines the manifest has.
        good: those that are right, in their order.
    """

    folder: Path
    manifest: str
    credentials: str
    total: int
    good: tuple[Entry, ...]


async def make_scene(folder: Path, count: int, material: Material, base_url: str) -> Scene:
    """Make credentials, pictures and a manifest in JSON Lines, a few lines of which are wrong.

    Files are written one by one in this thread, so that none is once this is cancelled.

    Args:
        folder: an empty one.
        count: how many lines, as many as have mistakes, and some more.
        material: the keys of the sandbox.
        base_url: of the sandbox.

    Raises:
        OSError: a file cannot be written.
        ConfigurationError: the keys cannot be written.
    """
    material.write(folder / "keys")
    settings = {
        "app_id": material.app_id,
        "private_key": "keys/app_private_key.pem",
        "alipay_public_key": "keys/alipay_public_key.pem",
        "base_url": base_url,
    }
    scene = Scene(
        folder=folder,
        manifest="night.jsonl",
        credentials="alipay.toml",
        total=count,
        good=tuple(_entry(number) for number in range(1, count + 1) if not _is_wrong(number)),
    )
    # A text of JSON is one of TOML.
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
    (folder / scene.credentials).write_text("".join(lines), encoding="utf-8")
    with (folder / scene.manifest).open("w", encoding="utf-8") as manifest:
        for number in range(1, count + 1):
            _make_pictures(folder, number)
            manifest.write(f"{json.dumps(_line(number))}\n")
            await asyncio.sleep(0)
    return scene


def _is_wrong(number: int) -> bool:
    return number in (_OBLONG, _SHORT, _MISSING, _MISSPELT, _TWIN)


def _entry(number: int) -> Entry:
    return Entry(f"shop-{number:03}", f"merchant-{number:03}", f"0.0.{number}")


def _picture(number: int, part: str) -> str:
    return f"{number:03}-{part}.png"


def _line(number: int) -> Mapping[str, str]:
    """Return a line of the manifest, with its mistake if it has one."""
    entry = _entry(number)
    merchant = _entry(number - 1) if number == _TWIN else entry
    line = {
        "key": entry.key,
        "mini_app": merchant.key,
        "app_auth_token": merchant.token,
        "app_version": merchant.app_version,
        "version_desc": _DESCRIPTION,
        **{part: _picture(number, part) for part in _PARTS},
    }
    if number == _SHORT:
        line["version_desc"] = "Bugs fixed."
    if number == _MISSING:
        line["app_logo"] = "no-such-picture.png"
    if number == _MISSPELT:
        line["app_sloagn"] = "All orders in one place"
    return line


def _make_pictures(folder: Path, number: int) -> None:
    for position, part in enumerate(_PARTS):
        is_oblong = number == _OBLONG and part == "app_logo"
        spec = PARTS["first_screen_shot" if is_oblong else part]
        seed = number * PICTURES + position
        make_file(folder / _picture(number, part), spec, _SIZE, seed)
