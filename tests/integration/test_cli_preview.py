"""`alipay-mini-audit preview`."""

import json
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.cells import cell_len
from support.forked_programs import Ended, ForkedPrograms
from support.languages import CHINESE

from alipay_mini_audit.cli.preview.pictures import read_files
from alipay_mini_audit.sandbox.samples import png

SECRETS = ("hunter2-secret", "91330100MA27TEST0X", "Street Coffee Ltd", "tester@example.org")
FIELDS = {
    "app_version": "1.2.0",
    "version_desc": "Fixes.",
    "app_name": "街角咖啡",
    "app_slogan": "Good coffee from the corner",
    "test_password": SECRETS[0],
    "license_no": SECRETS[1],
    "license_name": SECRETS[2],
    "test_accout": SECRETS[3],
}

Run = Callable[..., Ended]


@pytest.fixture
def run(programs: ForkedPrograms) -> Run:
    def run(*arguments: object, lang: str = "en", **variables: str) -> Ended:
        environment = dict(os.environ) | {"ALIPAY_MINI_AUDIT_LANG": lang}
        command = ("preview", *map(str, arguments))
        return programs.run(*command, environment=environment, COLUMNS="80", **variables)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A submission with a short text, a logo that is not square, and a licence."""
    folder = tmp_path / "shop"
    for name in ("screenshots", "licenses"):
        (folder / name).mkdir(parents=True)
    (folder / "logo.png").write_bytes(png(20_000, seed=1))
    (folder / "screenshots" / "1.png").write_bytes(png(20_000, seed=2))
    (folder / "licenses" / "1.png").write_bytes(png(20_000, seed=3))
    text = "".join(f'{name} = "{value}"\n' for name, value in FIELDS.items())
    (folder / "submission.toml").write_text(text, encoding="utf-8")
    return folder


class Page(HTMLParser):
    """Text by the element that it is in, and the kinds of addresses."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.html = path.read_text(encoding="utf-8")
        self.addresses: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.addresses += [(value or "")[:15] for name, value in attrs if name in ("src", "href")]


def test_the_page_is_written_beside_the_folder(run: Run, folder: Path) -> None:
    page = folder.with_name("shop.preview.html")
    for path in (folder, folder / "submission.toml"):
        status, stdout, stderr = run(path)
        assert (status, stderr) == (0, "")
        assert stdout.startswith(f"Written: {page} (")
        page.unlink()
    assert sorted(each.name for each in folder.parent.iterdir()) == ["shop"]


def test_texts_stand_beside_their_lengths_and_problems(run: Run, folder: Path) -> None:
    page = folder.parent / "page.html"
    run(folder, "--out", page)
    html = page.read_text(encoding="utf-8")
    assert "6 characters; 30 to 500 are taken" in html
    row = re.search(r'<div class="row"><dt>What is new.*?</dd></div>', html)
    assert row is not None
    assert "INVALID_VERSION_DESC_LENGTH" in row[0]
    assert 'class="length error"' in row[0]
    card = re.search(r"<figure>(?:(?!</figure>).)*<b>Logo</b>.*?</figure>", html)
    assert card is not None
    assert "LOGO_HEIGHT_NOT_EQUAL_WIDTH" in card[0]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_secret_is_in_it_and_no_licence(run: Run, folder: Path, lang: str) -> None:
    out = folder.parent / "page.html"
    done = run(folder, "--out", out, lang=lang)
    assert done.status == 0
    page = Page(out)
    for secret in SECRETS:
        assert secret not in page.html
        assert secret not in done.stdout
    pictures = ["data:image/png;"] * 4  # logo and screenshot, each twice
    assert sorted(page.addresses) == sorted(["data:,", *pictures])


def test_what_a_submission_holds_runs_nowhere_and_is_shown_as_it_is(run: Run, folder: Path) -> None:
    script = "<script>alert(1)</script>"
    name = '1" onerror="alert(1).png'
    (folder / "screenshots" / name).write_bytes(b"\x89PNG\r\n\x1a\n" + script.encode())
    fields = {
        "app_version": "{{css}}",
        "version_desc": "`a`  {0}\\r\\nsecond\\u2028line",
        "app_name": script,
        "app_slogan": "a\\u0000b",
    }
    text = "".join(f'{name} = "{value}"\n' for name, value in fields.items())
    (folder / "submission.toml").write_text(text)
    out = folder.parent / "page.html"
    assert run(folder, "--out", out).status == 0
    html = out.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "script-src" not in html  # so that the policy lets none run
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2  # the phone, and the table
    assert html.count("{{css}}") == 2
    assert "`a`  {0}<br>second\\u2028line</p>" in html
    assert f'alt="{name}"' not in html
    assert "Slogan as it was" not in html  # it is given, and cannot be used


def test_a_name_cannot_write_to_the_terminal(run: Run, folder: Path) -> None:
    odd = folder.rename(folder.with_name("\x1b]0;x\x07shop"))
    done = run(odd)
    assert done.status == 0
    assert done.stdout.removesuffix("\n").isprintable()
    assert run(odd, "--out", odd / "logo.png").stderr.removesuffix("\n").isprintable()


def test_json_names_the_page_and_the_problems(run: Run, folder: Path) -> None:
    out = folder.parent / "page.html"
    status, stdout, _ = run(folder, "--out", out, "--json")
    told = json.loads(stdout)
    assert (status, told["page"]) == (0, str(out))
    codes = {each["path"]: each["code"] for each in told["problems"]}
    assert codes["version_desc"] == "INVALID_VERSION_DESC_LENGTH"
    assert codes["attachments.app_logo"] == "LOGO_HEIGHT_NOT_EQUAL_WIDTH"


def test_what_cannot_be_read_at_all_gives_no_page(run: Run, tmp_path: Path) -> None:
    done = run(tmp_path / "none")
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_empty_submission_is_shown_with_what_is_missing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "submission.toml").touch()
    out = tmp_path / "page.html"
    assert run(tmp_path, "--out", out).status == 0
    assert "APP_VERSION_IS_BLANK" in out.read_text(encoding="utf-8")


def test_the_page_replaces_no_other_file(run: Run, folder: Path) -> None:
    fields = folder / "submission.toml"
    before = fields.read_bytes()
    status, stdout, stderr = run(folder, "--out", fields)
    message = f"{fields} is there already and holds something else; it stays as it is.\n"
    assert (status, stdout, stderr) == (1, "", message)
    assert fields.read_bytes() == before
    site = folder / "index.html"
    site.write_text("<!doctype html>\n")
    assert run(folder, "--out", site).status == 1
    assert site.read_text() == "<!doctype html>\n"
    for _ in range(2):
        assert run(folder).status == 0


def test_it_is_opened_in_the_browser(run: Run, folder: Path) -> None:
    browser, seen = folder.parent / "browser", folder.parent / "seen"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {seen}.part && mv {seen}.part {seen}\n')
    browser.chmod(0o755)
    out = folder.parent / "page.html"
    assert run(folder, "--out", out, "--open", BROWSER=f"{browser} %s").status == 0
    assert seen.read_text() == out.as_uri()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_help_fits_the_terminal_in_both_languages(run: Run, lang: str) -> None:
    status, stdout, stderr = run("--help", lang=lang)
    assert (status, stderr) == (0, "")
    assert max(map(cell_len, stdout.splitlines())) < 80
    assert bool(CHINESE.search(stdout)) is (lang == "zh")


def test_pictures_that_do_not_fit_are_told_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(png(20_000, seed=1))
    (tmp_path / "2.png").write_bytes(png(20_000, seed=2))
    (tmp_path / "3.png").write_bytes(b"GIF89a, and not what its name says")
    os.mkfifo(tmp_path / "5.png")
    parts = {
        "first_screen_shot": tmp_path / "1.png",
        "second_screen_shot": tmp_path / "2.png",
        "third_screen_shot": tmp_path / "3.png",
        "fourth_screen_shot": tmp_path / "none.png",
        "fifth_screen_shot": tmp_path / "5.png",
        "test_file_name": tmp_path / "1.png",
    }
    shown = read_files(parts, room=30_000)
    assert [each.instead for each in shown] == [
        "",
        "too_large",
        "no_picture",
        "unreadable",
        "unreadable",
        "archive",
    ]
    assert [bool(each.uri) for each in shown] == [True] + [False] * 5
