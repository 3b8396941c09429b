"""`alipay-mini-audit check --fix`: pictures that the check refuses are accepted afterwards."""

import asyncio
import hashlib
import io
import os
import random
import struct
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from support.bad_pictures import is_upright_rgb, noise, plain, refused, turned, write
from support.command_line import CommandLine
from support.forked_programs import ForkedPrograms
from support.languages import CHINESE, ENGLISH_SENTENCE
from support.pictures import saved

from alipay_mini_audit.attachments import PARTS, PartSpec
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.folders import repair as repair_module
from alipay_mini_audit.cli.folders.checking import fix_path
from alipay_mini_audit.cli.folders.pictures import Mended, mend
from alipay_mini_audit.cli.folders.repair import repair
from alipay_mini_audit.files.folder import read_submission
from alipay_mini_audit.sandbox.samples import archive

TOML = 'app_version = "1.0.0"\nversion_desc = "Orders can be filtered by shop, and load faster."\n'
LOCATIONS = {part.location: part.name for part in PARTS.values()}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def write_folder(folder: Path, **files: bytes) -> Path:
    """Write a folder by convention; `__` in a name stands for a folder, the last `_` for a dot."""
    folder.mkdir()
    (folder / "submission.toml").write_text(f"# mine\n{TOML}", encoding="utf-8")
    for name, content in files.items():
        path = folder / ".".join(name.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder


def test_twenty_pictures_that_are_refused_are_accepted_afterwards(
    run: CommandLine, tmp_path: Path
) -> None:
    submissions = refused()
    assert sum(map(len, submissions.values())) == 20
    for name, files in submissions.items():
        path = write(tmp_path / name, files, TOML)
        before = digests(tmp_path / name)
        (told,) = run("check", path, "--json").lines_of_json
        errors = {each["path"] for each in told["problems"] if each["severity"] == "error"}
        assert {LOCATIONS[each] for each in errors} == files.keys()

        ended = run("check", path, "--fix", "--out", tmp_path / f"{name}-out", "--json")
        (told,) = ended.lines_of_json
        assert (ended.status, ended.err) == (0, "")
        assert (told["is_valid"], told["problems"]) == (True, [])
        assert {LOCATIONS[each["path"]] for each in told["repairs"]} == files.keys()
        assert digests(tmp_path / name) == before, "never in place"

        again = run("check", tmp_path / f"{name}-out")
        assert (again.status, again.out) == (0, f"{tmp_path}/{name}-out: all is well\n")
        draft = read_submission(tmp_path / f"{name}-out")
        assert list(draft.parts) == list(files)
        assert [part for part in files if not is_upright_rgb(draft.parts[part], part)] == []
        assert draft.fields["app_version"] == "1.0.0"


def test_what_was_done_is_said_in_both_languages(run: CommandLine, tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "shop",
        logo_png=saved(plain(30, 20), "PNG"),
        screenshots__1_png=saved(plain(90, 160), "PNG"),
        screenshots__2_jpg=turned(160, 90, 6),
        **{"shop-front_gif": saved(plain(9, 9, "P"), "GIF")},
    )
    english = run("check", folder, "--fix", "--lang", "en")
    assert english.out.splitlines() == [
        f"Repaired copy in {folder}-fixed:",
        "logo.png → logo.png: padded to 30×30",
        "screenshots/2.jpg → screenshots/2.jpg: turned as its EXIF data say",
        "shop-front.gif → shop-front.png: GIF saved as PNG",
        "",
        f"{folder}-fixed: all is well",
    ]
    chinese = run("check", folder, "--fix", "--lang", "zh", "--out", tmp_path / "out").out
    assert "logo.png → logo.png：补边为 30×30\n" in chinese
    assert all(CHINESE.search(line) for line in chinese.splitlines() if line)
    assert not ENGLISH_SENTENCE.search(chinese)
    assert (tmp_path / "out" / "submission.toml").read_bytes() == (
        folder / "submission.toml"
    ).read_bytes()
    same = "screenshots/1.png"
    assert (tmp_path / "out" / same).read_bytes() == (folder / same).read_bytes()


def test_where_nothing_is_wrong_no_copy_is_made(run: CommandLine, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "shop", logo_png=saved(plain(30, 30), "PNG"))
    assert run("check", folder, "--fix").out == (
        f"There is nothing to repair; no copy was made.\n{folder}: all is well\n"
    )
    run("check", folder, "--fix", "--out", tmp_path / "new" / "copy")
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_repair_is_offered_only_where_it_can_be_made(run: CommandLine, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "shop", logo_png=saved(plain(30, 20), "PNG"))
    offer = "check --fix writes a copy with repaired pictures."
    assert run("check", folder).out.splitlines()[-1].strip() == offer
    (folder / "submission.toml").write_text(f"{TOML}app_nmae = 1\n", encoding="utf-8")
    last = " ".join(run("check", folder).out.split())
    assert last.endswith(
        f"Once what cannot be read is corrected, and what is missing is there, {offer}"
    )
    manifest = tmp_path / "night.csv"
    manifest.write_text("key,folder,app_version\na,shop,1.0.0\n", encoding="utf-8")
    (folder / "submission.toml").write_text(TOML, encoding="utf-8")
    shown = run("check", manifest)
    assert shown.status == 1
    assert "shop/logo.png" in shown.out
    assert "--fix" not in shown.out  # which takes no manifests


def test_the_folder_of_a_copy_is_made(run: CommandLine, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "shop", logo_png=saved(plain(30, 20), "PNG"))
    copy = tmp_path / "new" / "copy"
    assert run("check", folder, "--fix", "--out", copy).status == 0
    assert sorted(path.name for path in copy.iterdir()) == ["logo.png", "submission.toml"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "shop"]


def test_what_cannot_be_repaired_is_told_all_the_same(run: CommandLine, tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "shop",
        logo_png=b"not a picture",
        test_zip=archive(2000, 1),
        screenshots__1_png=saved(plain(9, 9, "P"), "GIF"),
    )
    (folder / "screenshots" / "2.png").symlink_to("none")
    os.mkfifo(folder / "shop-front.png")
    ended = run("check", folder, "--fix", "--json")
    (told,) = ended.lines_of_json
    errors = [each for each in told["problems"] if each["severity"] == "error"]
    assert ended.status == 1
    assert [(each["path"], each["code"]) for each in errors] == [
        ("attachments.screen_shots[1]", "file_not_found"),
        ("attachments.out_door_pic", "not_a_file"),
        ("attachments.screen_shots", "SCREEN_SHOT_NUM_IS_INVALID"),
        ("attachments.app_logo", "INVALID_LOGO_EXT"),
    ]
    assert (tmp_path / "shop-fixed" / "test.zip").read_bytes() == archive(2000, 1)


def test_nobody_may_read_the_copy_who_may_not_read_the_original(
    run: CommandLine, tmp_path: Path
) -> None:
    picture = saved(plain(9, 9, "P"), "GIF")
    folder = write_folder(tmp_path / "shop", logo_gif=picture, licenses__1_gif=picture)
    (folder / "submission.toml").chmod(0o600)  # it holds a test password, say
    (folder / "licenses" / "1.gif").chmod(0o440)
    folder.chmod(0o750)
    assert run("check", folder, "--fix").status == 0
    copy = tmp_path / "shop-fixed"
    modes = {str(each.relative_to(copy)): each.stat().st_mode & 0o777 for each in copy.rglob("*")}
    assert copy.stat().st_mode & 0o777 == 0o750
    assert (modes["submission.toml"], modes["licenses/1.png"]) == (0o600, 0o640)
    assert modes["logo.png"] == (folder / "logo.gif").stat().st_mode & 0o777
    assert (folder / "submission.toml").stat().st_mode & 0o777 == 0o600


def test_a_copy_with_other_fields_is_no_more_open(run: CommandLine, tmp_path: Path) -> None:
    files = {"app_logo": ("logo.gif", saved(plain(9, 9, "P"), "GIF"))}
    path = write(tmp_path / "shop", files, TOML)
    path.chmod(0o600)
    assert run("check", path, "--fix").status == 0
    fields = tmp_path / "shop" / "any-fixed" / "submission.toml"
    assert fields.stat().st_mode & 0o777 == 0o600


def test_what_pillow_logs_is_kept_from_the_terminal(
    programs: ForkedPrograms, tmp_path: Path
) -> None:
    tags = {256: 9, 257: 9, 258: 8, 262: 2, 277: 113}  # of so many colours it logs an error
    entries = b"".join(struct.pack("<HHLL", tag, 3, 1, value) for tag, value in tags.items())
    odd = b"II*\0" + struct.pack("<LH", 8, len(tags)) + entries + bytes(4)
    folder = write_folder(tmp_path / "shop", **{"shop-front_tif": odd})
    ended = programs.run("check", str(folder), "--fix", environment=dict(os.environ))
    assert (ended.status, ended.stderr) == (1, "")


def test_errors_in_the_fields_come_first(run: CommandLine, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "shop", logo_gif=saved(plain(9, 9, "P"), "GIF"))
    (folder / "submission.toml").write_text(f"{TOML}app_sloga = 1\n")
    ended = run("check", folder, "--fix")
    assert ended.status == 1
    assert "app_slogan?" in ended.out
    assert ended.out.splitlines()[-1].startswith("No copy was made: ")
    assert not (tmp_path / "shop-fixed").exists()


def test_nothing_is_overwritten(run: CommandLine, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "shop", logo_gif=saved(plain(9, 9, "P"), "GIF"))
    (tmp_path / "shop-fixed").mkdir()
    ended = run("check", folder, "--fix")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith(f"{folder}-fixed is there already")
    assert [*(tmp_path / "shop-fixed").iterdir()] == []
    for arguments in ([folder, "--out", "x"], [folder, folder, "--fix", "--out", "x"]):
        ended = run("check", *arguments)
        assert (ended.status, ended.err) == (1, "--out goes with --fix and a single PATH.\n")


def test_a_copy_within_the_original_would_change_it(run: CommandLine, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "shop", logo_gif=saved(plain(9, 9, "P"), "GIF"))
    (tmp_path / "link").symlink_to(folder)
    before = digests(tmp_path)
    for out in (folder / "fixed", tmp_path / "link" / "new" / "fixed"):
        ended = run("check", folder, "--fix", "--out", out)
        assert (ended.status, ended.out) == (1, "")
        assert ended.err.startswith(f"{out} lies in the submission")
    assert digests(tmp_path) == before


def test_of_several_at_once_one_makes_the_copy(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "shop", logo_gif=saved(plain(9, 9, "P"), "GIF"))
    draft, out = read_submission(folder), tmp_path / "out"

    def make(_: int) -> str:
        try:
            repair(draft, folder / "submission.toml", out, "en", threading.Event())
        except CommandFailed as error:
            return str(error)
        return "made"

    with ThreadPoolExecutor(6) as pool:
        ends = Counter(pool.map(make, range(6)))
    assert ends == {
        "made": 1,
        f"{out} is there already, and nothing is overwritten: name a folder with --out.": 5,
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "shop"]


async def test_a_repair_that_is_cancelled_leaves_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = {f"screenshots__{number}_jpg": turned(9, 9, 6) for number in range(1, 6)}
    folder = write_folder(tmp_path / "shop", **pictures)
    begun, may_go_on = threading.Event(), threading.Event()
    mended = 0

    def slow(content: bytes, extension: str, part: PartSpec) -> Mended:
        nonlocal mended
        mended += 1
        begun.set()
        assert may_go_on.wait(10)
        return mend(content, extension, part)

    monkeypatch.setattr(repair_module, "mend", slow)
    loop = asyncio.get_running_loop()
    executor = ThreadPoolExecutor()
    loop.set_default_executor(executor)
    task = asyncio.ensure_future(anext(fix_path(folder, None, "en")))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    may_go_on.set()
    executor.shutdown()
    assert mended == 1
    assert list(digests(tmp_path)) == list(digests(folder))


def test_a_manifest_is_not_repaired(run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "night.csv").write_text("app_version\n1\n")
    ended = run("check", tmp_path / "night.csv", "--fix")
    assert (ended.status, ended.out) == (1, "")
    assert "no manifests" in ended.err


def test_the_missing_extra_is_named(
    run: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(tmp_path / "shop")
    for module in [name for name in sys.modules if name.startswith("PIL")]:
        monkeypatch.setitem(sys.modules, module, None)
    for module in ("repair", "pictures"):
        monkeypatch.delitem(sys.modules, f"alipay_mini_audit.cli.folders.{module}", raising=False)
    ended = run("check", folder, "--fix")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == "--fix needs an extra: pip install 'alipay-mini-audit[images]'\n"


# One picture


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_a_logo_is_padded_in_its_own_colour_and_never_cropped() -> None:
    logo = Image.new("RGB", (40, 20), (1, 2, 3))
    logo.paste((9, 9, 9), (10, 5, 30, 15))
    image = opened(mend(saved(logo, "PNG"), "png", PARTS["app_logo"]).content)
    assert image.size == (40, 40)
    assert image.getpixel((0, 0)) == (1, 2, 3)
    assert image.crop((0, 10, 40, 30)).tobytes() == logo.tobytes()
    clear = Image.new("RGBA", (10, 30), (5, 6, 7, 128))
    image = opened(mend(saved(clear, "PNG"), "png", PARTS["app_logo"]).content)
    assert image.getpixel((0, 0)) == (255, 255, 255, 0)
    assert image.getpixel((15, 15)) == (5, 6, 7, 128)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_picture_is_turned_as_it_is_shown(orientation: int) -> None:
    marked = Image.new("RGB", (64, 32), "white")
    marked.paste("black", (0, 0, 16, 8))  # where that corner goes tells the eight apart
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(marked, "JPEG", exif=exif, quality=95)
    image = opened(mend(content, "jpg", PARTS["first_screen_shot"]).content).convert("L")
    right, bottom = image.width - 4, image.height - 4
    corners = ((4, 4), (right, 4), (right, bottom), (4, bottom))
    dark = [number for number, corner in enumerate(corners) if image.getpixel(corner) < 100]
    assert dark == [{2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[orientation]]
    assert image.size == ((32, 64) if orientation > 4 else (64, 32))


def test_colours_for_print_look_as_before() -> None:
    content = saved(Image.new("RGB", (16, 16), (200, 40, 90)).convert("CMYK"), "JPEG", quality=95)
    image = opened(mend(content, "jpg", PARTS["out_door_pic"]).content)
    assert image.mode == "RGB"
    pixel = image.getpixel((8, 8))
    assert isinstance(pixel, tuple)
    assert all(abs(a - b) < 6 for a, b in zip(pixel, (200, 40, 90), strict=True))


def test_deep_grey_keeps_its_shades() -> None:
    deep = Image.frombytes("I;16", (256, 4000), b"".join(bytes((0, x)) for x in range(256)) * 4000)
    image = opened(mend(saved(deep, "PNG"), "png", PARTS["out_door_pic"]).content).convert("L")
    assert image.size == (245, 3840)
    row = [image.getpixel((x, 100)) for x in (0, 60, 120, 180, 244)]
    assert row == sorted(row)
    assert (row[0], row[-1]) == pytest.approx((0, 255), abs=3)


def test_deep_grey_of_the_other_byte_order_keeps_its_shades() -> None:
    deep = Image.frombytes("I;16B", (256, 9), b"".join(bytes((x, 0)) for x in range(256)) * 9)
    image = opened(mend(saved(deep, "TIFF"), "tif", PARTS["out_door_pic"]).content).convert("L")
    assert [image.getpixel((x, 4)) for x in (0, 60, 255)] == [0, 60, 255]


@pytest.mark.parametrize("mode", ["I", "F"])
def test_values_of_which_nobody_knows_the_white_are_not_cut_off(mode: str) -> None:
    with pytest.raises(ValueError, match="white"):
        mend(saved(Image.new(mode, (9, 9), 70_000), "TIFF"), "tif", PARTS["out_door_pic"])


def test_a_thin_logo_becomes_no_square_as_wide_as_it_is_long() -> None:
    mended = mend(saved(Image.new("RGB", (30_000, 1)), "PNG"), "png", PARTS["app_logo"])
    assert opened(mended.content).size == (4096, 4096)
    assert [english for english, _ in mended.steps] == ["shrunk to 4096×1", "padded to 4096×4096"]


def test_a_colour_profile_above_the_limit_is_left_out() -> None:
    profile = random.Random(1).randbytes(5_000_000)  # no size of the picture would make it fit
    content = saved(plain(100, 200), "JPEG", icc_profile=profile)
    mended = mend(content, "jpg", PARTS["out_door_pic"])
    assert len(mended.content) < 10_000
    assert opened(mended.content).size == (100, 200)


def test_what_is_right_is_not_touched() -> None:
    content = saved(plain(100, 200), "JPEG", quality=33)
    assert mend(content, "jpeg", PARTS["out_door_pic"]).content is content
    mended = mend(content, "png", PARTS["out_door_pic"])
    assert mended.content is content
    assert (mended.extension, mended.steps[0][0]) == ("jpg", "its name ends with .jpg now")


def test_a_large_clear_picture_stays_clear() -> None:
    image = noise(1500, 1000).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    mended = mend(saved(image, "PNG"), "png", PARTS["out_door_pic"])
    assert (mended.extension, opened(mended.content).mode) == ("png", "RGBA")
    assert len(mended.content) <= 4_000_000
