"""Pictures by a number, for tests that ask two judges the same question."""

import io
import random
import struct
import warnings
from collections.abc import Callable

import attrs
from PIL import Image, ImageFile

ORIENTATION = 0x0112
ImageFile.MAXBLOCK = 1 << 20  # else it cannot write a small JPEG with large segments


@attrs.frozen
class Picture:
    """One file, and how it was made."""

    made_as: str
    content: bytes = attrs.field(repr=False)


def picture(number: int) -> Picture:
    """Return the picture of a number, always the same one."""
    chance = random.Random(number)
    made_as, make = chance.choice(MAKERS)
    content = make(chance)
    if chance.random() < 0.3:
        content = content[: chance.randrange(1, len(content) + 1)]
        made_as += ", cut"
    elif chance.random() < 0.1:
        content += chance.choice((bytes(chance.randrange(1, 6000)), chance.randbytes(50)))
        made_as += ", longer"
    elif chance.random() < 0.1:
        spoilt = bytearray(content)
        for _ in range(chance.randrange(1, 6)):
            spoilt[chance.randrange(16, max(17, min(len(spoilt), 700)))] = chance.randrange(256)
        content = bytes(spoilt)
        made_as += ", spoilt"
    return Picture(made_as, content)


def raster(chance: random.Random, mode: str = "RGB") -> Image.Image:
    size = (chance.randrange(1, 70), chance.randrange(1, 70))
    noise = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
    return noise.convert("RGB").convert(mode) if mode != "L" else noise


def exif(chance: random.Random) -> Image.Exif:
    data = Image.Exif()
    data[0x010F] = "maker" * chance.randrange(20)
    data[ORIENTATION] = chance.randrange(1, 9)
    return data


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(chance: random.Random) -> bytes:
    mode = chance.choice(("RGB", "RGBA", "L", "LA", "P", "1", "I;16"))
    image = raster(chance, "L").convert("I;16") if mode == "I;16" else raster(chance, mode)
    options: dict[str, object] = {"exif": exif(chance)} if chance.random() < 0.4 else {}
    if chance.random() < 0.3:
        options["icc_profile"] = chance.randbytes(chance.randrange(20_000))
    return saved(image, "PNG", **options)


def apng(chance: random.Random) -> bytes:
    others = [raster(chance).resize((20, 30)) for _ in range(chance.randrange(1, 4))]
    return saved(others[0].rotate(90, expand=True), "PNG", save_all=True, append_images=others)


def jpeg(chance: random.Random) -> bytes:
    image = raster(chance, chance.choice(("RGB", "L", "CMYK")))
    options: dict[str, object] = {"progressive": chance.random() < 0.3, "quality": 40}
    if chance.random() < 0.6:
        options["exif"] = exif(chance)
    if chance.random() < 0.2:
        options["icc_profile"] = chance.randbytes(chance.randrange(200_000))
    if chance.random() < 0.2:
        options["comment"] = chance.randbytes(chance.randrange(60_000))
    return saved(image, "JPEG", **options)


def ycck(chance: random.Random) -> bytes:
    """Return a JPEG whose marker says YCCK; its colours are wrong, which nobody looks at."""
    content = saved(raster(chance, "CMYK"), "JPEG")
    place = content.index(b"Adobe")
    return content[: place + 11] + b"\x02" + content[place + 12 :]


def large_segments(chance: random.Random) -> bytes:
    content = jpeg(chance)
    segments = b""
    for _ in range(chance.randrange(1, 30)):
        filler = chance.randbytes(4) * chance.randrange(1, 16_000)
        marker = chance.choice((0xE2, 0xE4, 0xED, 0xFE))
        segments += struct.pack(">BBH", 0xFF, marker, len(filler) + 2) + filler
    return content[:2] + segments + content[2:]


def gif(chance: random.Random) -> bytes:
    return saved(raster(chance, chance.choice(("P", "L"))), "GIF")


def animated(kind: str) -> Callable[[random.Random], bytes]:
    def make(chance: random.Random) -> bytes:
        frames = [raster(chance).resize((20, 30)) for _ in range(chance.randrange(2, 5))]
        return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=90)

    return make


def simple(kind: str, *modes: str) -> Callable[[random.Random], bytes]:
    def make(chance: random.Random) -> bytes:
        return saved(raster(chance, chance.choice(modes)), kind)

    return make


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def heic(chance: random.Random) -> bytes:
    """Return the boxes of a HEIC without its picture data, which no judge here can read."""
    width, height = chance.randrange(1, 9000), chance.randrange(1, 9000)
    size = box(b"ispe", bytes(4) + struct.pack(">II", width, height))
    owner = box(b"ipma", bytes(4) + struct.pack(">IHBB", 1, 1, 1, 1))
    meta = bytes(4) + box(b"pitm", bytes(4) + b"\0\x01") + box(b"iprp", box(b"ipco", size) + owner)
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", meta)


MAKERS: tuple[tuple[str, Callable[[random.Random], bytes]], ...] = (
    ("png", png),
    ("png", png),
    ("apng", apng),
    ("jpeg", jpeg),
    ("jpeg", jpeg),
    ("jpeg", large_segments),
    ("ycck", ycck),
    ("gif", gif),
    ("moving gif", animated("GIF")),
    ("webp", simple("WEBP", "RGB", "RGBA")),
    ("moving webp", animated("WEBP")),
    ("tiff", simple("TIFF", "RGB", "L", "CMYK")),
    ("bmp", simple("BMP", "RGB", "L", "P")),
    ("heic", heic),
)


@attrs.frozen
class Opinion:
    """What Pillow says of a picture."""

    format: str
    size: tuple[int, int]
    mode: str
    is_animated: bool
    orientation: int | None
    transform: int | None


FORMATS = {"PNG": "png", "JPEG": "jpg", "MPO": "jpg", "GIF": "gif", "WEBP": "webp", "BMP": "bmp"}
FORMATS |= {"TIFF": "tiff", "AVIF": "avif"}


def pillow_says(content: bytes) -> Opinion | None:
    """Return Pillow's opinion; `None` if it calls the file unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as image:
                size, mode = image.size, image.mode
                transform = image.info.get("adobe_transform")
                orientation = image.getexif().get(ORIENTATION)
                is_animated = bool(getattr(image, "is_animated", False))
                kind = FORMATS.get(image.format or "", "")
        return Opinion(kind, size, mode, is_animated, orientation, transform)
    except Exception:  # noqa: BLE001  # it raises whatever it likes
        return None
