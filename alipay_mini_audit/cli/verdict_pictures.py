"""`save_pictures`: downloads what the auditors have drawn, beside a report.

Only what the platform named in its signed answers is asked for, without redirects, and nothing of
it is waited for long: each picture and the whole have their limits, and what fails is told.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, final

import aiohttp
import attrs
from yarl import URL

from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.problems import printable

__all__ = ["Limits", "Saved", "save_pictures"]

_TYPES: Final = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
)
_UNSAFE: Final = re.compile(r"[^\w.-]+")
_NAME_CHARACTERS: Final = 60
_DIGEST_CHARACTERS: Final = 16
_OK: Final = 200
_PARTIAL: Final = ".part"


@final
@attrs.frozen(kw_only=True)
class Limits:
    """How much is downloaded at the most.

    Attributes:
        size: bytes of a picture.
        seconds: for a picture.
        total: seconds for all of them.
        at_once: how many at a time.
    """

    size: int = 10 * 1024 * 1024
    seconds: float = 30.0
    total: float = 600.0
    at_once: int = 8


@final
@attrs.define
class Saved:
    """What became of the pictures.

    Attributes:
        files: those that were saved, or were there already.
        failed: key of an entry, URL and why, of those that were not.
    """

    files: list[Path] = attrs.Factory(list)
    failed: list[tuple[str, str, str]] = attrs.Factory(list)


@final
@attrs.frozen
class _Picture:
    key: str
    url: str
    folder: Path


class _Unusable(Exception):
    """It is no picture that may be kept; the text says why."""


async def save_pictures(
    rows: Iterable[Row], folder: Path, language: str, limits: Limits | None = None
) -> Saved:
    """Save the pictures of all verdicts, in a folder for each entry.

    Args:
        rows: of a journal.
        folder: is made if it is missing; pictures that are there already stay as they are.
        language: of what is told, "zh" or "en".
        limits: how much at the most; `None` for `Limits()`.

    Raises:
        OSError: the folder cannot be made, or a picture cannot be written.
    """
    limits = limits or Limits()
    wanted, saved = iter(list(_pictures_of(rows, folder))), Saved()
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    timeout = aiohttp.ClientTimeout(total=limits.seconds)
    async with aiohttp.ClientSession(
        timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:

        async def work() -> None:
            """Take the next picture, one after another."""
            for picture in wanted:
                await _save(session, picture, limits, saved, language)

        workers = [asyncio.create_task(work()) for _ in range(limits.at_once)]
        try:
            await asyncio.wait(workers, timeout=limits.total)
        finally:
            for worker in workers:
                worker.cancel()
            ended = await asyncio.gather(*workers, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error
    late = said("there was no time left", "已超时，未下载", language)
    saved.failed += [(picture.key, picture.url, late) for picture in wanted]
    return saved


def _pictures_of(rows: Iterable[Row], folder: Path) -> Iterator[_Picture]:
    for row in rows:
        if row.verdict is None:
            continue
        identity = row.identity
        name = f"{identity.key}-{identity.app_version}"
        whole = f"{identity.key}\0{identity.app_version}\0{identity.bundle_id}"
        readable = _UNSAFE.sub("_", name)[:_NAME_CHARACTERS].strip(".")
        own = folder / f"{readable}-{_digest(whole)[:8]}"
        yield from (_Picture(identity.key, url, own) for url in row.verdict.pictures)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]


async def _save(
    session: aiohttp.ClientSession,
    picture: _Picture,
    limits: Limits,
    saved: Saved,
    language: str,
) -> None:
    stem = _digest(picture.url)
    there = [each for each in sorted(picture.folder.glob(f"{stem}.*")) if each.suffix != _PARTIAL]
    if there:
        saved.files.append(there[0])
        return
    try:
        content = await _fetch(session, picture.url, limits, language)
    except _Unusable as error:
        saved.failed.append((picture.key, picture.url, str(error)))
    except TimeoutError:
        slow = said(f"it took more than {limits.seconds:g} s", "下载超时", language)
        saved.failed.append((picture.key, picture.url, slow))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        saved.failed.append((picture.key, picture.url, printable(str(error))))
    except asyncio.CancelledError:
        late = said("there was no time left", "已超时，未下载", language)
        saved.failed.append((picture.key, picture.url, late))
        raise
    else:
        place = picture.folder / f"{stem}.{_type_of(content)}"
        await asyncio.to_thread(_write, place, content)
        saved.files.append(place)


async def _fetch(
    session: aiohttp.ClientSession, address: str, limits: Limits, language: str
) -> bytes:
    url = URL(address)
    if url.scheme not in ("http", "https") or not url.host or url.user or url.password:
        raise _Unusable(said("it is no address of a picture", "不是图片地址", language))
    async with session.get(url, allow_redirects=False) as response:
        if response.status != _OK:
            status = response.status
            raise _Unusable(said(f"HTTP status {status}", f"HTTP 状态 {status}", language))
        content = bytearray()
        async for piece in response.content.iter_any():
            content += piece
            if len(content) > limits.size:
                size = f"{limits.size:,}"
                raise _Unusable(
                    said(f"it is larger than {size} bytes", f"超过 {size} 字节", language)
                )
    if _type_of(content) is None:
        raise _Unusable(said("it is no picture", "不是图片", language))
    return bytes(content)


def _type_of(content: bytes | bytearray) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((kind for magic, kind in _TYPES if content.startswith(magic)), None)


def _write(place: Path, content: bytes) -> None:
    """Write a file whole or not at all; the folder is its owner's, as the journal."""
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_suffix(_PARTIAL)
    partial.write_bytes(content)
    partial.replace(place)
