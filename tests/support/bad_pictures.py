"""Pictures that the check refuses, or would rather see changed, as people have them."""

import io
import random
from pathlib import Path

from PIL import Image
from support.pictures import ORIENTATION, saved, ycck

from alipay_mini_audit.attachments import PARTS


def plain(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Return a picture with some shapes, which compresses well."""
    image = Image.new("RGB", (width, height), (240, 200, 40))
    image.paste((20, 90, 160), (0, 0, width // 2 or 1, height // 3 or 1))
    return image.convert(mode)


def noise(width: int, height: int) -> Image.Image:
    """Return a picture that does not compress."""
    return Image.frombytes("RGB", (width, height), random.Random(7).randbytes(3 * width * height))


def turned(width: int, height: int, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return saved(plain(width, height), "JPEG", exif=exif)


def moving(kind: str) -> bytes:
    first, *others = (plain(40, 60).rotate(angle) for angle in (0, 90, 180))
    return saved(first, kind, save_all=True, append_images=others, duration=90)


def half_clear(width: int, height: int) -> bytes:
    image = plain(width, height, "RGBA")
    image.putalpha(Image.linear_gradient("L").resize((width, height)))
    return saved(image, "PNG")


def refused() -> dict[str, dict[str, tuple[str, bytes]]]:
    """Return submissions by name: of each part its file name and content, all of them refused."""
    return {
        "shapes": {
            "app_logo": ("logo.png", saved(plain(200, 120), "PNG")),
            "first_screen_shot": ("1.jpg", saved(plain(300, 500, "CMYK"), "JPEG")),
            "second_screen_shot": ("2.png", saved(plain(2161, 100), "PNG")),
            "third_screen_shot": ("3.jpg", turned(4000, 2000, 1)),
            "fourth_screen_shot": ("4.jpg", turned(3900, 2100, 8)),
            "fifth_screen_shot": ("5.webp", saved(plain(100, 200), "WEBP")),
            "first_license_pic": ("1.gif", saved(plain(80, 60, "P"), "GIF")),
            "second_license_pic": ("2.bmp", saved(plain(81, 60), "BMP")),
            "third_license_pic": ("3.tif", saved(plain(82, 60, "CMYK"), "TIFF")),
            "fourth_license_pic": ("4.png", saved(noise(1300, 1100), "PNG")),
            "out_door_pic": ("front.jpg", ycck(random.Random(3))),
        },
        "colours": {
            "app_logo": ("logo.gif", moving("GIF")),
            "first_special_license_pic": ("1.webp", moving("WEBP")),
            "second_special_license_pic": ("2.webp", saved(plain(90, 70, "RGBA"), "WEBP")),
            "third_special_license_pic": ("3.tiff", saved(plain(90, 70, "L"), "TIFF")),
            "fourth_special_license_pic": ("4.png", half_clear(2500, 4000)),
            "fifth_special_license_pic": ("5.jpg", saved(noise(1900, 1700), "JPEG", quality=98)),
            "out_door_pic": ("front.png", saved(plain(30, 5000, "P"), "PNG")),
        },
        "logos": {
            "app_logo": ("logo.png", half_clear(100, 300)),
            "out_door_pic": ("front.avif", saved(plain(64, 64), "AVIF")),
        },
    }


def write(folder: Path, files: dict[str, tuple[str, bytes]], toml: str) -> Path:
    """Write a submission whose TOML names its files, and return the TOML."""
    folder.mkdir()
    lines = [toml]
    for name, (filename, content) in files.items():
        (folder / f"{name}-{filename}").write_bytes(content)
        lines.append(f'{name} = "{name}-{filename}"')
    path = folder / "any.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def is_upright_rgb(path: Path, part: str) -> bool:
    """Say whether Pillow opens a picture, and finds it as the platform takes it."""
    content, spec = path.read_bytes(), PARTS[part]
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        fits = spec.max_width is None or (
            image.width <= spec.max_width and image.height <= (spec.max_height or 0)
        )
        return (
            fits
            and image.format in ("PNG", "JPEG")
            and image.mode in ("RGB", "RGBA", "L", "LA", "P")
            and not getattr(image, "is_animated", False)
            and image.getexif().get(ORIENTATION, 1) == 1
            and (part != "app_logo" or image.width == image.height)
            and len(content) <= spec.max_bytes // 2**20 * 10**6
        )
