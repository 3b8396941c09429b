"""What both judges are shown: the client's preflight, and the strict sandbox over the wire.

Written by hand from the platform's texts. `code` is what the client says, `answered` what the
platform does; they differ only where the platform has no code of its own.
"""

import datetime
import functools
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Literal

import attrs
from PIL import Image
from support.rars import entry4, entry5, rar4, rar5

Files = Mapping[str, tuple[str, bytes]]
"""Wire name -> file name and content."""
GOOD = {
    "app_version": "1.0.0",
    "version_desc": "订单页支持按门店筛选，修复退款金额显示错误，优化首页加载速度。",
}
FULL = {
    "app_name": "订单助手",
    "app_english_name": "OrderHelper",
    "app_slogan": "门店订单一目了然",
    "app_desc": "支持按门店筛选订单，修复退款金额显示错误",
    "mini_category_ids": "XS1001_XS2001",
    "region_type": "CHINA",
    "service_phone": "0571-88888888",
}


@attrs.frozen(kw_only=True)
class Case:
    """One submission, and what is said of it.

    Attributes:
        name: what it shows.
        fields: wire fields; those of `GOOD` are added, `None` takes one of them out.
        files: makes the files.
        path: where the problem is.
        code: of the problem; empty if there is none.
        severity: of the problem.
        answered: what the strict sandbox refuses it with; empty if it accepts it.
        is_first: nothing is set on the platform yet.
        besides: codes of problems that the example has as well, and is not about.
    """

    name: str
    fields: Mapping[str, object] = attrs.field(factory=dict)
    files: Callable[[], Files] = dict
    path: str = ""
    code: str = ""
    severity: Literal["error", "warning"] = "error"
    answered: str = attrs.field()
    is_first: bool = False
    besides: tuple[str, ...] = ("SCREEN_SHOTS_ARE_BLANK", "SERVICE_TEL_IS_BLANK")

    @answered.default
    def _same(self) -> str:
        return self.code if self.severity == "error" else ""

    @property
    def wire(self) -> dict[str, object]:
        """All fields, as they are sent."""
        return {name: value for name, value in (GOOD | dict(self.fields)).items() if value}


def good(name: str, **fields: object) -> Case:
    return Case(name=name, fields=fields)


def bad(name: str, code: str, path: str, **fields: object) -> Case:
    return Case(name=name, fields=fields, path=path, code=code)


def odd(name: str, code: str, path: str, **fields: object) -> Case:
    return Case(name=name, fields=fields, path=path, code=code, severity="warning")


def first(name: str, code: str, path: str, without: str, **kept: object) -> Case:
    fields = {key: value for key, value in FULL.items() if key != without} | kept
    return Case(name=name, fields=fields, files=logo, path=path, code=code, is_first=True)


def place(**codes: str) -> dict[str, object]:
    return {"region_type": "LOCATION", "service_region_info": [codes]}


def png(
    width: int = 60, height: int = 60, colour: int = 2, seed: int = 1, chunks: bytes = b""
) -> bytes:
    """Return a PNG written by hand, with these chunks before its data."""
    bands = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    rows = bytes([0, *[seed % 251] * (width * bands)]) * height
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    data = chunk(b"IDAT", zlib.compress(rows))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunks + palette + data + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I4s", len(content), kind)
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def saved(
    kind: str, mode: str = "RGB", size: tuple[int, int] = (60, 60), **options: object
) -> bytes:
    """Return a picture that Pillow saved."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind, **options)
    return file.getvalue()


def turned(orientation: int, size: tuple[int, int]) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved("JPEG", size=size, exif=exif)


def archive(*, encrypted: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("report.txt", "All passed.\n")
    content = bytearray(file.getvalue())
    if encrypted:  # bit 0 of the flags, in the local header and in the directory
        content[6] |= 1
        content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def damaged(count: int = 3) -> bytes:
    """Return an archive of which the last entry of the directory is damaged."""
    content = bytearray(many(count))
    content[content.rindex(b"PK\x01\x02")] ^= 1
    return bytes(content)


@functools.cache
def many(count: int, *, comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for number in range(count):
            target.writestr(str(number), b"")
        target.comment = comment
    return file.getvalue()


def logo() -> Files:
    return {"app_logo": ("logo.png", png())}


def shots(*contents: bytes, names: str = "first second third fourth fifth") -> Files:
    return {
        f"{ordinal}_screen_shot": (f"{ordinal}.png", content)
        for ordinal, content in zip(names.split(), contents, strict=False)
    }


def one(part: str, filename: str, content: bytes) -> Callable[[], Files]:
    return lambda: {part: (filename, content)}


def padded(content: bytes, size: int) -> bytes:
    """Return a picture of that size: what stands before its last chunk is not looked at."""
    filler = size - len(content) - 12
    return content[:-12] + chunk(b"teXt", bytes(filler)) + content[-12:]


YESTERDAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
YESTERDAY -= datetime.timedelta(days=1)
DESC, NAME, TEL = "version_desc", "app_name", "service_phone"
LENGTH = "INVALID_VERSION_DESC_LENGTH"
MAIL = "INVALID_MINI_APP_SERVICE_MAIL"
REGION = "service_region_info[0]"
MIB, MB = 1024 * 1024, 1000 * 1000

FIELD_CASES = (
    good("nothing but what is needed"),
    good("everything", **FULL),
    bad("no version", "APP_VERSION_IS_BLANK", "app_version", app_version=None),
    bad("a blank version", "APP_VERSION_IS_BLANK", "app_version", app_version="  "),
    bad("a long version", "MINIAPP_VERSION_NOT_EXSIT", "app_version", app_version="1" * 65),
    good("the largest number of a version", app_version="1.0.2147483647"),
    bad("a larger one", "MINIAPP_VERSION_NOT_EXSIT", "app_version", app_version="1.0.2147483648"),
    odd("a version of two numbers", "version_format", "app_version", app_version="1.0"),
    bad("no description", "VERSION_DESC_IS_BLANK", DESC, version_desc=None),
    good("30 letters", version_desc="a" * 30),
    bad("29 letters", LENGTH, DESC, version_desc="a" * 29),
    good("15 Chinese characters", version_desc="改" * 15),
    bad("14 Chinese characters", LENGTH, DESC, version_desc="改" * 14),
    good("250 Chinese characters", version_desc="改" * 250),
    bad("251 Chinese characters", LENGTH, DESC, version_desc="改" * 251),
    bad("501 letters", LENGTH, DESC, version_desc="a" * 501),
    odd("15 emoji may be 15 or 30", LENGTH, DESC, version_desc="\N{ROCKET}" * 15),
    odd("300 emoji may be 300 or 600", LENGTH, DESC, version_desc="\N{ROCKET}" * 300),
    bad("501 emoji", LENGTH, DESC, version_desc="\N{ROCKET}" * 501),
    odd("28 letters and 2 full-width ones", LENGTH, DESC, version_desc="a" * 27 + "\uff42\uff43"),
    odd("8 letters and 7 line breaks", LENGTH, DESC, version_desc="\r\n".join("a" * 8)),
    bad("6 letters and 5 line breaks", LENGTH, DESC, version_desc="\r\n".join("a" * 6)),
    good("a name of three letters", app_name="abc"),
    bad("a name of two letters", "INVALID_MINI_APP_NAME_LENGTH", NAME, app_name="ab"),
    good("a name of 20", app_name="店" * 10),
    odd("a name of 22", "INVALID_MINI_APP_NAME_LENGTH", NAME, app_name="店" * 11),
    odd("a name of 40", "INVALID_MINI_APP_NAME_LENGTH", NAME, app_name="店" * 20),
    bad("a name of 42", "INVALID_MINI_APP_NAME_LENGTH", NAME, app_name="店" * 21),
    good("a name with an underscore", app_name="订单_2"),
    odd("a name with plus", "INVALID_MINI_APP_NAME", NAME, app_name="订单+"),
    odd("a name in Greek", "INVALID_MINI_APP_NAME", NAME, app_name="αβγδ"),
    bad("a name with a blank", "INVALID_MINI_APP_NAME", NAME, app_name="订单 助手"),
    bad("a name with an emoji", "INVALID_MINI_APP_NAME", NAME, app_name="订单\N{ROCKET}"),
    good("an English name", app_english_name="Orders2"),
    bad("a short one", "INVALID_MINI_APP_EN_NAME_LENGTH", "app_english_name", app_english_name="O"),
    bad("one with a dash", "INVALID_MINI_APP_EN_NAME", "app_english_name", app_english_name="A-bc"),
    odd(
        "one with an accent",
        "INVALID_MINI_APP_EN_NAME",
        "app_english_name",
        app_english_name="Café",
    ),
    good("a slogan", app_slogan="门店订单助手"),
    bad("a short slogan", "INVALID_MINI_APP_SLOGAN_LENGTH", "app_slogan", app_slogan="订单"),
    good("a text about the app", app_desc="门店订单助手支持筛选"),
    bad("a short text", "INVALID_MINI_APP_DESC_LENGTH", "app_desc", app_desc="订单"),
    good("a memo", memo="ab" * 250),
    bad("a long memo", "INVALID_MINI_APP_MEMO_LENGTH", "memo", memo="ab" * 250 + "c"),
    good("a phone number", service_phone="95188"),
    bad("a short one", "INVALID_MINI_APP_SERVICE_TEL", TEL, service_phone="9518"),
    bad("a letter", "INVALID_MINI_APP_SERVICE_TEL", TEL, service_phone="x"),
    Case(
        name="a short one with blanks around it",
        fields={TEL: " 123 "},
        path=TEL,
        code="INVALID_MINI_APP_SERVICE_TEL",
        besides=("surrounding_blanks",),
    ),
    odd("a number with a blank behind it", "surrounding_blanks", TEL, service_phone="1" * 30 + " "),
    bad("a number with a blank", "INVALID_MINI_APP_SERVICE_TEL", TEL, service_phone="0571 888888"),
    good("an address", service_email="shop@alipay.com"),
    bad("no address", MAIL, "service_email", service_email="shop"),
    bad("two addresses", MAIL, "service_email", service_email="a@b@c.cn"),
    odd("an odd one", MAIL, "service_email", service_email="a@intranet"),
    odd("a name in quotes with a blank", MAIL, "service_email", service_email='"a b"@c.cn'),
    odd("a name in quotes with an at sign", MAIL, "service_email", service_email='"a@b"@c.cn'),
    odd("a quote that is not closed", MAIL, "service_email", service_email='"a@c.cn'),
    bad("a blank behind it", MAIL, "service_email", service_email='"a b@c.cn'),
    bad("two at signs behind it", MAIL, "service_email", service_email='"a@b@c.cn'),
    bad("a domain in quotes", MAIL, "service_email", service_email='a@"b@c"'),
    bad("a domain in quotes with a blank", MAIL, "service_email", service_email='"a b"@"c d"'),
    good("a region type", region_type="GLOBAL"),
    bad("an unknown one", "REGION_TYPE_IS_INVALID", "region_type", region_type="MOON"),
    bad("no places", "REGION_CODE_IS_BLANK", "service_region_info", region_type="LOCATION"),
    good("a province", **place(province_code="330000")),
    good("an area", **place(province_code="330000", city_code="330100", area_code="330106")),
    bad(
        "no province",
        "REGION_CODE_IS_BLANK",
        f"{REGION}.province_code",
        **place(city_code="330100"),
    ),
    bad(
        "an area without a city",
        "REGION_CODE_IS_BLANK",
        f"{REGION}.city_code",
        **place(province_code="330000", area_code="330106"),
    ),
    bad(
        "five digits",
        "REGION_CODE_IS_INVALID",
        f"{REGION}.province_code",
        **place(province_code="33000"),
    ),
    odd(
        "places that nobody asked for",
        "regions_unused",
        "service_region_info",
        region_type="CHINA",
        service_region_info=[{"province_code": "330000"}],
    ),
    good("the old tree", app_category_ids="11_12;12_13"),
    bad("one level of it", "INVALID_CATEGORY", "app_category_ids", app_category_ids="11"),
    bad(
        "new ids in the old tree",
        "INVALID_CATEGORY",
        "app_category_ids",
        app_category_ids="XS1_XS2",
    ),
    good("the new tree", mini_category_ids="XS1001_XS2001_XS3002;XS1011"),
    bad(
        "old ids in the new tree",
        "INVALID_CATEGORY",
        "mini_category_ids",
        mini_category_ids="11_12",
    ),
    odd(
        "four", "CATEGORY_NUM_IS_INVALID", "mini_category_ids", mini_category_ids="XS1;XS2;XS3;XS4"
    ),
    bad(
        "five",
        "CATEGORY_NUM_IS_INVALID",
        "mini_category_ids",
        mini_category_ids=";".join(["XS1"] * 5),
    ),
    odd(
        "both trees",
        "categories_ignored",
        "app_category_ids",
        app_category_ids="11_12",
        mini_category_ids="XS1",
    ),
    good("a licence without end", license_valid_date="9999-12-31"),
    bad(
        "a licence that ended yesterday",
        "LICENSE_VALID_DATE_IS_INVALID",
        "license_valid_date",
        license_valid_date=YESTERDAY.isoformat(),
    ),
    odd("a blank at the end", "surrounding_blanks", "memo", memo="请先登录 "),
    good("the IoT application", bundle_id="com.alipay.iot.xpaas"),
    odd("another application", "BUNDLE_ID_NOT_EXIST", "bundle_id", bundle_id="com.amap.app"),
    odd("an unknown rule", "unknown_value", "audit_rule", audit_rule="TWICE"),
    odd("an account alone", "test_account_incomplete", "test_password", test_accout="a"),
    odd("a password alone", "test_account_incomplete", "test_account", test_password="b"),
    Case(name="a first submission", fields=FULL, files=logo, is_first=True),
    first("no name", "APP_NAME_IS_BLANK", NAME, NAME),
    first("no English name", "ENGLISH_NAME_IS_BLANK", "app_english_name", "app_english_name"),
    first("no slogan", "SLOGAN_IS_BLANK", "app_slogan", "app_slogan"),
    first("no text", "APP_DESC_IS_BLANK", "app_desc", "app_desc"),
    first("no category", "CATEGORY_IS_BLANK", "mini_category_ids", "mini_category_ids"),
    first("no region type", "REGION_TYPE_IS_BLANK", "region_type", "region_type"),
    first("no contact", "SERVICE_TEL_AND_MAIL_BOTH_BLANK", TEL, TEL),
    Case(
        name="an address and no number",
        fields=FULL | {TEL: None, "service_email": "shop@alipay.com"},
        files=logo,
        path=TEL,
        code="SERVICE_TEL_IS_BLANK",
        severity="warning",
        is_first=True,
        besides=("SCREEN_SHOTS_ARE_BLANK",),
    ),
    Case(
        name="no logo",
        fields=FULL,
        path="attachments.app_logo",
        code="LOGO_IS_BLANK",
        is_first=True,
    ),
    odd("a placeholder", "placeholder_text", "memo", memo="测试"),
    odd("another platform", "other_platform", "app_slogan", app_slogan="微信里也能用的助手"),
    good("a word that only looks like one", app_slogan="the latest orders"),
    odd("an example", "example_email", "service_email", service_email="me@example.com"),
    odd("a promise", "test_account_missing", "memo", memo="请使用测试账号登录"),
)
"""Cases about fields."""


def shot_case(name: str, code: str, content: Callable[[], bytes], **facts: object) -> Case:
    """Return a case whose second screenshot is the one in question."""
    return Case(
        name=name,
        files=lambda: shots(png(seed=7), content()),
        path="attachments.screen_shots[1]",
        code=code,
        **facts,  # type: ignore[arg-type]  # attributes of a case
    )


def logo_case(name: str, code: str, content: Callable[[], bytes], **facts: object) -> Case:
    return Case(
        name=name,
        files=lambda: {"app_logo": ("logo.png", content())},
        path="attachments.app_logo",
        code=code,
        **facts,  # type: ignore[arg-type]  # attributes of a case
    )


def part_case(
    part: str, path: str, code: str, content: Callable[[], bytes], **facts: object
) -> Case:
    name = f"{part}: {facts.pop('name', code)}"
    return Case(
        name=name,
        files=lambda: {part: ("a", content())},
        path=f"attachments.{path}",
        code=code,
        **facts,  # type: ignore[arg-type]  # attributes of a case
    )


def gif() -> bytes:
    return saved("GIF")


def cmyk() -> bytes:
    return saved("JPEG", "CMYK")


def ycck() -> bytes:
    """Return a JPEG whose marker says YCCK."""
    content = cmyk()
    place = content.index(b"Adobe") + 11
    return content[:place] + b"\x02" + content[place + 1 :]


def with_segments(content: bytes) -> bytes:
    filler = struct.pack(">HH", 0xFFE2, 60_002) + bytes(60_000)
    return content[:2] + filler * 20 + content[2:]


def head(depth: int = 8, colour: int = 2, *, more: bytes = b"", length: int = 13) -> bytes:
    """Return a PNG with any header."""
    header = struct.pack(">IIBBBBB", 60, 60, depth, colour, 0, 0, 0)[:length] + more
    whole = png()
    return whole[:8] + chunk(b"IHDR", header) + whole[33:]


def exif(orientation: int, others: int = 0) -> bytes:
    """Return EXIF data with so many entries before that of the orientation."""
    start = b"II*\0" + struct.pack("<IH", 8, others + 1)
    entries = b"".join(struct.pack("<HHII", 0x9000 + number, 3, 1, 1) for number in range(others))
    return start + entries + struct.pack("<HHII", 0x0112, 3, 1, orientation) + bytes(4)


def late(orientation: int, early: int = 0) -> bytes:
    """Return a PNG that is too wide, with EXIF data behind the picture data, and before them."""
    before = chunk(b"eXIf", exif(early)) if early else b""
    whole = png(3000, 40, chunks=before)
    return whole[:-12] + chunk(b"eXIf", exif(orientation)) + whole[-12:]


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def frame(width: int, height: int, channels: int = 3) -> bytes:
    start = struct.pack(">BHHB", 8, height, width, channels)
    return segment(0xC0, start + b"\x01\x11\0" * channels)


def frames(*segments: bytes) -> bytes:
    """Return a JPEG of these segments, and no picture to speak of."""
    return b"\xff\xd8" + b"".join(segments) + segment(0xDA, bytes(10)) + b"\x12\xff\0\xff\xd9"


def wide(*blocks: bytes) -> bytes:
    """Return a JPEG that is too wide, with these blocks of EXIF data."""
    segments = [segment(0xE1, b"Exif\0\0" + block) for block in blocks]
    return frames(*segments, frame(3000, 40))


def zip_case(name: str, content: Callable[[], bytes]) -> Case:
    return Case(name=f"a zip {name}", files=lambda: {"test_file_name": ("a.zip", content())})


def turn_case(name: str, content: Callable[[], bytes], *, is_turned: bool = True) -> Case:
    """Return a case of a picture that is too wide, but not if it is turned."""
    return part_case(
        "out_door_pic",
        "out_door_pic",
        "out_door_pic_size",
        content,
        name=name,
        besides=("turned",),
        **(WARNING if is_turned else NO_CODE),
    )


WARNING = {"severity": "warning"}
NO_CODE = {"answered": "INVALID_PARAMETER"}
FILE_CASES = (
    Case(name="a logo", files=logo),
    Case(name="two screenshots", files=lambda: shots(png(), png(seed=2))),
    Case(name="a grey JPEG", files=one("out_door_pic", "a.jpg", saved("JPEG", "L"))),
    Case(name="the largest screenshot", files=lambda: shots(png(2160, 3840, 0), png(seed=2))),
    Case(name="an archive", files=one("test_file_name", "report.zip", archive())),
    Case(
        name="a progressive JPEG",
        files=one("out_door_pic", "a.jpg", saved("JPEG", progressive=True)),
    ),
    logo_case("a GIF as a logo", "INVALID_LOGO_EXT", gif, besides=("extension_differs",)),
    logo_case("no picture", "INVALID_LOGO_EXT", lambda: b"hello, this is no picture"),
    logo_case("a broken PNG", "INVALID_LOGO_EXT", lambda: png()[:20]),
    logo_case("a logo that is not square", "LOGO_HEIGHT_NOT_EQUAL_WIDTH", lambda: png(60, 61)),
    logo_case("a logo of over 2 MiB", "LOGO_EXCEED_MAX_SIZE", lambda: padded(png(), 2 * MIB + 1)),
    logo_case("2 MiB exactly", "LOGO_EXCEED_MAX_SIZE", lambda: padded(png(), 2 * MIB), **WARNING),
    Case(name="2 MB exactly", files=lambda: {"app_logo": ("a.png", padded(png(), 2 * MB))}),
    logo_case("a CMYK logo", "INVALID_LOGO", cmyk, besides=("extension_differs",)),
    logo_case("named otherwise", "extension_differs", lambda: saved("JPEG"), **WARNING),
    logo_case(
        "an animated logo",
        "animated",
        lambda: png(chunks=chunk(b"acTL", struct.pack(">II", 2, 0))),
        **WARNING,
    ),
    logo_case("a truncated logo", "truncated", lambda: png()[:-6], **WARNING),
    shot_case(
        "a WebP", "INVALID_SCREEN_SHOT_EXT", lambda: saved("WEBP"), besides=("extension_differs",)
    ),
    shot_case("a wide one", "SCREEN_SHOT_EXCEED_MAX_SIZE", lambda: png(2161, 10, 0)),
    shot_case("a high one", "SCREEN_SHOT_EXCEED_MAX_SIZE", lambda: png(10, 3841, 0)),
    shot_case("a heavy one", "SCREEN_SHOT_EXCEED_MAX_SIZE", lambda: padded(png(), 4 * MIB + 1)),
    shot_case("a CMYK one", "INVALID_SCREEN_SHOT_EXT", cmyk, besides=("extension_differs",)),
    shot_case("the same one", "same_picture", lambda: png(seed=7), **WARNING),
    shot_case(
        "a turned one",
        "turned",
        lambda: turned(6, (60, 40)),
        besides=("extension_differs",),
        **WARNING,
    ),
    shot_case(
        "one that is too wide as it is stored",
        "SCREEN_SHOT_EXCEED_MAX_SIZE",
        lambda: turned(6, (3000, 40)),
        besides=("extension_differs", "turned"),
        **WARNING,
    ),
    Case(
        name="one screenshot",
        files=lambda: shots(png()),
        path="attachments.screen_shots",
        code="SCREEN_SHOT_NUM_IS_INVALID",
    ),
    Case(
        name="a gap",
        files=lambda: shots(png(), png(seed=2), names="first third"),
        path="attachments.screen_shots[2]",
        code="gap",
        severity="warning",
    ),
    part_case("first_license_pic", "license_pics[0]", "INVALID_LICENSE_PIC_EXT", gif),
    part_case(
        "second_license_pic",
        "license_pics[1]",
        "INVALID_LICENSE_PIC_EXT",
        cmyk,
        name="CMYK",
        besides=("gap",),
    ),
    part_case("first_license_pic", "license_pics[0]", "FILE_SIZE_EXCEED", lambda: png(2161, 10)),
    part_case("first_special_license_pic", "special_license_pics[0]", "INVALID_FILE_EXT", gif),
    part_case(
        "first_special_license_pic",
        "special_license_pics[0]",
        "INVALID_FILE_EXT",
        cmyk,
        name="CMYK",
    ),
    part_case(
        "first_special_license_pic",
        "special_license_pics[0]",
        "FILE_SIZE_EXCEED",
        lambda: png(10, 3841),
    ),
    part_case("out_door_pic", "out_door_pic", "out_door_pic_format", gif, **NO_CODE),
    part_case(
        "out_door_pic", "out_door_pic", "out_door_pic_size", lambda: png(2161, 10), **NO_CODE
    ),
    part_case("out_door_pic", "out_door_pic", "out_door_pic_colours", cmyk, **NO_CODE),
    part_case(
        "out_door_pic",
        "out_door_pic",
        "out_door_pic_format",
        lambda: png()[:20],
        name="broken",
        **NO_CODE,
    ),
    part_case(
        "out_door_pic",
        "out_door_pic",
        "out_door_pic_size",
        lambda: padded(png(), 4 * MIB),
        name="4 MiB exactly",
        **WARNING,
    ),
    part_case(
        "first_license_pic",
        "license_pics[0]",
        "FILE_SIZE_EXCEED",
        lambda: padded(png(), 4 * MIB + 1),
        name="over 4 MiB",
    ),
    Case(
        name="no picture as the tenth special licence",
        files=lambda: {"tenth_special_license_pic": ("a.png", b"hello, this is no picture")},
        path="attachments.special_license_pics[9]",
        code="INVALID_FILE_EXT",
        besides=("gap",),
    ),
    logo_case("a YCCK logo", "INVALID_LOGO", ycck, besides=("extension_differs",)),
    logo_case("a PNG without its depth", "INVALID_LOGO_EXT", lambda: png()[:24]),
    logo_case("a PNG whose header is cut", "INVALID_LOGO_EXT", lambda: png()[:28]),
    logo_case("a PNG of 1 bit of RGB", "INVALID_LOGO_EXT", lambda: head(depth=1)),
    logo_case("a PNG of 3 bits", "INVALID_LOGO_EXT", lambda: head(depth=3, colour=0)),
    logo_case("a PNG of colour type 1", "INVALID_LOGO_EXT", lambda: head(colour=1)),
    logo_case("a PNG of colour type 5", "INVALID_LOGO_EXT", lambda: head(colour=5)),
    logo_case("a PNG with a short header", "INVALID_LOGO_EXT", lambda: head(length=12)),
    Case(name="a PNG with a long header", files=one("app_logo", "a.png", head(more=b"!"))),
    turn_case("a turn behind the data", lambda: late(6)),
    turn_case("a turn before the data, and none behind", lambda: late(1, early=6)),
    turn_case("none before the data, and one behind", lambda: late(6, early=1), is_turned=False),
    turn_case("a turn in the first EXIF data", lambda: wide(exif(6), exif(1))),
    turn_case("one in the second alone", lambda: wide(exif(1), exif(6)), is_turned=False),
    turn_case("one before what cannot be read", lambda: wide(exif(6), b"?")),
    turn_case("one behind what cannot be read", lambda: wide(b"?", exif(6))),
    turn_case("one behind 4000 entries", lambda: wide(exif(6, others=4000))),
    Case(
        name="two frames, of which the second is square",
        files=one("app_logo", "a.jpg", frames(frame(60, 40, 4), frame(60, 60))),
    ),
    Case(
        name="a frame that is too short to be one",
        files=one("app_logo", "a.jpg", frames(frame(60, 60), segment(0xC0, b"\x08\0"))),
    ),
    logo_case(
        "two frames, of which the first is square",
        "LOGO_HEIGHT_NOT_EQUAL_WIDTH",
        lambda: frames(frame(60, 60), frame(60, 40)),
        besides=("extension_differs",),
    ),
    logo_case(
        "two frames, of which the second is empty",
        "INVALID_LOGO_EXT",
        lambda: frames(frame(60, 60), frame(0, 0)),
    ),
    Case(
        name="a JPEG of very many segments",
        files=one("app_logo", "a.jpg", frames(*[segment(0xE2, b"")] * 30_000, frame(60, 60))),
    ),
    Case(
        name="a JPEG with large segments",
        files=lambda: {"out_door_pic": ("a.jpg", with_segments(saved("JPEG", "L")))},
    ),
    Case(
        name="a JPEG with a film behind it",
        files=lambda: {"out_door_pic": ("a.jpg", saved("JPEG") + bytes(9000))},
    ),
    Case(
        name="a RAR of version 4",
        files=lambda: {"test_file_name": ("a.rar", rar4(entry4(b"a.txt", b"All passed.")))},
    ),
    Case(
        name="a RAR of version 5",
        files=lambda: {"test_file_name": ("a.rar", rar5(entry5(b"a.txt", b"All passed.")))},
    ),
    part_case(
        "test_file_name",
        "test_file",
        "archive_encrypted",
        lambda: rar4(entry4(b"a.txt", b"All passed.", encrypted=True)),
        name="RAR of version 4",
        **NO_CODE,
    ),
    part_case(
        "test_file_name",
        "test_file",
        "archive_encrypted",
        lambda: rar5(entry5(b"a.txt", b"All passed.", encrypted=True)),
        name="RAR of version 5",
        **NO_CODE,
    ),
    part_case(
        "test_file_name",
        "test_file",
        "INVALID_FILE_EXT",
        lambda: b"Rar!\x1a\x07\x01\0" + bytes(100),
        name="a RAR without headers",
    ),
    part_case(
        "test_file_name",
        "test_file",
        "FILE_SIZE_EXCEED",
        lambda: rar5(entry5(b"a.mp4", bytes(10 * MIB))),
    ),
    part_case("test_file_name", "test_file", "INVALID_FILE_EXT", png, name="a picture"),
    part_case(
        "test_file_name",
        "test_file",
        "INVALID_FILE_EXT",
        lambda: archive()[:-30],
        name="no directory",
    ),
    zip_case("with 66,000 entries", lambda: many(66_000)),
    zip_case("with an end in its comment", lambda: many(3, comment=b"PK\x05\x06" + bytes(30))),
    zip_case("with half an end in its comment", lambda: many(3, comment=b"see PK\x05\x06")),
    zip_case("that unpacks itself", lambda: b"MZ" + bytes(900) + archive()),
    zip_case("that unpacks itself, with a comment", lambda: b"MZ" + many(3, comment=b"c" * 65_000)),
    zip_case("that was to be split", lambda: b"PK\x07\x08" + archive()),
    zip_case("that was to be split and was not", lambda: b"PK00PK" + archive()),
    zip_case("with something behind it", lambda: archive() + bytes(90)),
    part_case("test_file_name", "test_file", "INVALID_FILE_EXT", damaged, name="a damaged entry"),
    part_case(
        "test_file_name",
        "test_file",
        "INVALID_FILE_EXT",
        lambda: damaged(9_000),
        name="a damaged entry of many",
    ),
    part_case(
        "test_file_name",
        "test_file",
        "INVALID_FILE_EXT",
        lambda: b"GIF89a" + archive(),
        name="a GIF with an archive behind it",
    ),
    Case(
        name="a program",
        files=lambda: {"test_file_name": ("a.zip", b"MZ" + bytes(90_000))},
        path="attachments.test_file",
        code="INVALID_FILE_EXT",
    ),
    part_case(
        "test_file_name",
        "test_file",
        "archive_encrypted",
        lambda: archive(encrypted=True),
        **NO_CODE,
    ),
)
"""Cases about files."""
CASES = (*FIELD_CASES, *FILE_CASES)
