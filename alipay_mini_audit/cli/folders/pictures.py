"""One picture, made so that the platform takes it. Needs Pillow, the extra `images`.

It is decoded and written anew only if it must be. Nothing is cropped, and nothing is enlarged but
by a border. No disk here.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from typing import Final, final

import attrs
from PIL import Image, ImageCms, ImageOps

from alipay_mini_audit.attachments import PartSpec
from alipay_mini_audit.attachments.formats import HEAD_BYTES, sniff

__all__ = ["Mended", "Step", "mend"]

Step = tuple[str, str]
"""What was done, in English and in Chinese."""

logging.getLogger("PIL").addHandler(logging.NullHandler())  # else it writes to the terminal

_MIB, _MB = 1024 * 1024, 1000 * 1000
_EXTENSIONS: Final = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png"}
_READ: Final = ("PNG", "JPEG", "MPO", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "HEIF")
"""Formats of photos and drawings, as far as Pillow has them; for others it may start programs."""
_ORIENTATION: Final = 0x0112
_AS_SHOWN: Final = 1
_QUALITIES: Final = (92, 85, 75)
_SMALLER: Final = 0.8
_LONGEST_SIDE: Final = 4096
"""Pixels of a square: one as wide as a thin picture is long might fill the memory."""
_WHITE: Final = (255, 255, 255)
_SAVED: Final = {
    "png": frozenset({"L", "LA", "RGB", "RGBA"}),
    "jpg": frozenset({"L", "RGB"}),
}
"""The modes that a picture is written in, by the extension of its format."""

_SRGB: Final[Step] = ("colours {mode} to RGB", "色彩模式由 {mode} 转为 RGB")
_TURNED: Final[Step] = ("turned as its EXIF data say", "按 EXIF 方向旋转")
_STILL: Final[Step] = ("first picture of an animation kept", "只保留动图的第一帧")
_SQUARE: Final[Step] = ("padded to {width}×{height}", "补边为 {width}×{height}")
_SHRUNK: Final[Step] = ("shrunk to {width}×{height}", "缩小为 {width}×{height}")
_SMALL: Final[Step] = (
    "from {before:,} to {after:,} bytes",
    "由 {before:,} 字节压缩到 {after:,} 字节",
)
_FORMAT: Final[Step] = ("{before} saved as {after}", "{before} 另存为 {after}")
_RENAMED: Final[Step] = ("its name ends with .{after} now", "扩展名改为 .{after}")


@final
@attrs.frozen(kw_only=True)
class Mended:
    """A picture as it should be sent.

    Attributes:
        content: of the file.
        extension: of its name, without the dot.
        steps: what was done; none if the content is what it was.
    """

    content: bytes = attrs.field(repr=False)
    extension: str
    steps: tuple[Step, ...]


def mend(content: bytes, extension: str, part: PartSpec) -> Mended:
    """Return a picture as the platform takes it.

    Args:
        content: of the file.
        extension: of its name, without the dot, in lower case.
        part: what it is, with the limits.

    Raises:
        Exception: Pillow cannot read it; which of its errors that is, it does not promise.
    """
    with _silent(), _opened(content) as opened:
        kind = opened.format or ""
        image, steps = _shaped(opened, part)
        own = _EXTENSIONS.get(kind)
        most = part.max_bytes // _MIB * _MB  # the smaller of the two megabytes that are meant
        if own is not None and not steps and len(content) <= most:
            return _renamed(content, extension)
        encoded, written = _encoded(image, own or "png", most)
    if own != written:
        steps.append(_step(_FORMAT, before=kind, after=written.upper()))
    if encoded.size != image.size:
        steps.append(_step(_SHRUNK, width=encoded.size[0], height=encoded.size[1]))
    if len(content) > most:
        steps.append(_step(_SMALL, before=len(content), after=len(encoded.content)))
    return Mended(content=encoded.content, extension=written, steps=tuple(steps))


def _opened(content: bytes) -> Image.Image:
    Image.init()
    return Image.open(io.BytesIO(content), formats=[each for each in _READ if each in Image.OPEN])


def _renamed(content: bytes, extension: str) -> Mended:
    real = sniff(content[:HEAD_BYTES])
    if real is None or {"jpeg": "jpg"}.get(extension, extension) == real:
        return Mended(content=content, extension=extension, steps=())
    steps = (_step(_RENAMED, after=real),)
    return Mended(content=content, extension=real, steps=steps)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep Pillow's warnings of large pictures and of odd data from the terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _shaped(opened: Image.Image, part: PartSpec) -> tuple[Image.Image, list[Step]]:
    """Return a picture with the right colours, the right way up, in a size that is taken."""
    steps: list[Step] = []
    if opened.format != "MPO" and getattr(opened, "is_animated", False):
        steps.append(_STILL)
    opened.load()
    image: Image.Image = opened
    if image.mode == "CMYK":
        steps.append(_step(_SRGB, mode=image.mode))
        image = _to_srgb(image)
    if image.getexif().get(_ORIENTATION, _AS_SHOWN) in range(2, 9):
        steps.append(_TURNED)
        image = ImageOps.exif_transpose(image)
    width, height = image.size
    if part.field == "app_logo" and width != height:
        if max(width, height) > _LONGEST_SIDE:
            image = _scaled(image, _LONGEST_SIDE / max(width, height))
            steps.append(_step(_SHRUNK, width=image.width, height=image.height))
        image = _squared(image)
        steps.append(_step(_SQUARE, width=image.width, height=image.height))
    if part.max_width is not None and part.max_height is not None:
        scale = min(part.max_width / width, part.max_height / height)
        if scale < 1:
            image = _scaled(image, scale)
            steps.append(_step(_SHRUNK, width=image.width, height=image.height))
    return image, steps


def _to_srgb(image: Image.Image) -> Image.Image:
    """Return a picture in the colours of screens, by its own profile if that can be used."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode != "CMYK":
        image = _in_colours(image)
    profile = image.info.get("icc_profile")
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, TypeError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode=mode)
            if converted is not None:
                converted.info.pop("icc_profile", None)
                return converted
    converted = image.convert(mode)
    converted.info.pop("icc_profile", None)
    return converted


def _squared(image: Image.Image) -> Image.Image:
    """Return a picture in the middle of a square, which is clear if the picture has clear parts."""
    image = _in_colours(image)
    side = max(image.size)
    background: tuple[int, ...] = (*_WHITE, 0)
    if image.mode == "RGB":
        right, bottom = image.width - 1, image.height - 1
        corners = {image.getpixel(at) for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))}
        corner = corners.pop()
        background = corner if not corners and isinstance(corner, tuple) else _WHITE
    square = Image.new(image.mode, (side, side), background)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    square.info = {name: image.info[name] for name in ("icc_profile",) if name in image.info}
    return square


def _in_colours(image: Image.Image) -> Image.Image:
    """Return a picture in red, green and blue, and its clear parts.

    Raises:
        ValueError: what its values stand for is not known.
    """
    if image.mode in ("I", "F"):
        raise ValueError("nobody says which of its values is white")  # Pillow cuts off above 255
    if image.mode.startswith("I;16"):
        # Pillow would cut values off rather than scale them: these are the upper bytes.
        upper = 0 if image.mode == "I;16B" else 1
        image = Image.frombytes("L", image.size, image.tobytes()[upper::2])
    has_clear_parts = image.has_transparency_data
    return image.convert("RGBA" if has_clear_parts else "RGB")


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if image.mode not in _SAVED["png"]:
        image = _in_colours(image)
    size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


@attrs.frozen
class _Encoded:
    content: bytes
    size: tuple[int, int]


def _encoded(image: Image.Image, extension: str, most: int) -> tuple[_Encoded, str]:
    """Return a picture in a file of at most so many bytes, and the extension of its format.

    A PNG without clear parts may become a JPEG; then pixels are given up, a fifth of them a side at
    a time.
    """
    if len(image.info.get("icc_profile") or b"") > most // 4:  # no picture leaves room for it
        image = _to_srgb(image)
    is_clear = image.has_transparency_data
    kinds = ["png"] if is_clear else ["png", "jpg"][extension == "jpg" :]
    while True:
        for kind in kinds:
            for quality in _QUALITIES if kind == "jpg" else (None,):
                content = _written(image, kind, quality)
                if len(content) <= most:
                    return _Encoded(content, image.size), kind
        image = _scaled(image, _SMALLER)


def _written(image: Image.Image, extension: str, quality: int | None) -> bytes:
    if image.mode not in _SAVED[extension]:
        image = _in_colours(image)
    file = io.BytesIO()
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    if extension == "png":
        image.save(file, "PNG", icc_profile=profile, exif=b"")
    else:
        image.save(file, "JPEG", quality=quality, icc_profile=profile, exif=b"")
    return file.getvalue()


def _step(texts: Step, **values: object) -> Step:
    english, chinese = texts
    return english.format(**values), chinese.format(**values)
