"""The pages in a browser: a headless Chromium, as Debian's `chromium`.

`SCREENSHOTS=FOLDER` keeps what they look like there.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import attrs
import pytest
from support.browser import CHROMIUM, Tab, headless_chromium, opened_tab
from support.nights import BEGIN, night, write_journal

from alipay_mini_audit import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.cli.preview import make_preview
from alipay_mini_audit.cli.report import Wanted, make_report
from alipay_mini_audit.sandbox.samples import png

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium; apt-get install chromium"),
]
SCREENSHOTS = os.environ.get("SCREENSHOTS")
WIDTHS = {"phone": 390, "desk": 1280}

CUT = """
[...document.querySelectorAll("body *")].filter((each) => {
  const box = each.getBoundingClientRect();
  const scrolls = each.closest(".shots");
  return box.width && !scrolls && (box.right > innerWidth + 0.5 || box.left < -0.5);
}).map((each) => each.outerHTML.slice(0, 200))
"""
"""What reaches beyond the window."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with headless_chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def tab(browser: str) -> AsyncIterator[Tab]:
    async with opened_tab(browser) as tab:
        yield tab


def write_report(folder: Path, rows: list[Row], language: str = "en") -> Path:
    page, journal = folder / "night.html", write_journal(folder / "night.journal", rows)
    make_report(journal, Wanted(html=page, csv=None, junit=None, as_json=False), language)
    return page


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A night of ten thousand entries, and in Chinese one of a thousand."""
    counts = {"en": 10_000, "zh": 1000}
    return {
        language: write_report(tmp_path_factory.mktemp("reports"), list(night(count)), language)
        for language, count in counts.items()
    }


@pytest.fixture(scope="module")
def previews(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A submission with mistakes, by language."""
    folder = tmp_path_factory.mktemp("previews") / "shop"
    (folder / "screenshots").mkdir(parents=True)
    (folder / "licenses").mkdir()
    (folder / "logo.png").write_bytes(png(20_000, seed=1, square=True))
    for number in (1, 2, 3):
        (folder / "screenshots" / f"{number}.png").write_bytes(png(30_000, seed=number))
    (folder / "licenses" / "1.png").write_bytes(png(30_000, seed=4))
    long = "W" * 300
    fields = {
        "app_version": "1.2.0",
        "version_desc": "订单页改版：支持按门店筛选。",
        "app_name": "街角咖啡",
        "app_slogan": f"<img src=x onerror=alert(1)> {long}",
        "app_desc": f"</style><script>alert(1)</script> {long}",
        "app_slogn": "misspelt",
        "test_password": "hunter2-secret",
    }
    text = "".join(f"{name} = '{value}'\n" for name, value in fields.items())
    (folder / "submission.toml").write_text(text, encoding="utf-8")
    pages = {}
    for language in ("en", "zh"):
        pages[language] = folder.with_name(f"shop.{language}.html")
        pages[language].write_text(make_preview(folder, language)[0], encoding="utf-8")
    return pages


def asked_elsewhere(tab: Tab, page: Path) -> list[str]:
    """What the page has asked for, but itself and what it holds."""
    return [url for url in tab.requests if url != page.as_uri() and not url.startswith("data:")]


async def rows_of(tab: Tab, column: str) -> list[str]:
    found: list[str] = await tab.evaluate(
        f'[...document.querySelectorAll("#rows .{column}")].map((each) => each.textContent)'
    )
    return found


async def choose(tab: Tab, field: str, value: str) -> None:
    """Do what typing into a field, or choosing from a list, does."""
    await tab.evaluate(
        f"document.getElementById('{field}').value = {value!r};"
        f"document.getElementById('{field}').dispatchEvent(new Event('input', {{bubbles: true}}))"
    )


async def test_ten_thousand_entries_are_there_in_less_than_two_seconds(
    tab: Tab, reports: dict[str, Path]
) -> None:
    took = []
    for _ in range(3):  # a machine that is busy with other tests has a better moment
        await tab.show(reports["en"], WIDTHS["desk"])
        await tab.wait_for("document.documentElement.dataset.ready")
        took.append(int(await tab.evaluate("document.documentElement.dataset.ready")))
        if took[-1] < 2000:
            break
    assert min(took) < 2000
    assert await tab.evaluate("document.getElementById('count').textContent") == (
        "1 to 50 of 10,000 entries"
    )
    assert asked_elsewhere(tab, reports["en"]) == []
    assert tab.complaints == []


async def test_entries_are_filtered_and_sorted(tab: Tab, reports: dict[str, Path]) -> None:
    rows = list(night(10_000))
    await tab.show(reports["en"], WIDTHS["desk"])
    await tab.wait_for("document.documentElement.dataset.ready")

    async def count() -> str:
        return str(await tab.evaluate("document.getElementById('count').textContent"))

    keys = [row.identity.key for row in rows]
    assert await rows_of(tab, "key") == keys[:50]
    await choose(tab, "search", "SHOP-0123")
    assert await rows_of(tab, "key") == [key for key in keys if "shop-0123" in key]
    assert await count() == "1 to 10 of 10 entries, out of 10,000"
    await tab.evaluate("document.getElementById('clear').click()")
    assert await rows_of(tab, "key") == keys[:50]

    await choose(tab, "state", "refused")
    refused = [row.identity.key for row in rows if row.state is EntryState.REFUSED]
    assert await rows_of(tab, "key") == refused[:50]
    assert set(await rows_of(tab, "state")) == {"refused"}
    await choose(tab, "sort", "key")
    await tab.evaluate("document.querySelector('[data-sort=key]').click()")  # the other way round
    assert await rows_of(tab, "key") == sorted(refused, reverse=True)[:50]
    await tab.evaluate("document.getElementById('next').click()")
    assert await rows_of(tab, "key") == sorted(refused, reverse=True)[50:100]

    await tab.evaluate("document.querySelector('.reasons li button').click()")
    logo = [row.identity.key for row in rows if "LOGO_HEIGHT_NOT_EQUAL_WIDTH" in row.reason]
    assert await rows_of(tab, "key") == logo[:50]
    assert await count() == f"1 to 50 of {len(logo)} entries, out of 10,000"
    await choose(tab, "sort", "time")
    await tab.evaluate("document.getElementById('reverse').click()")
    times = await rows_of(tab, "time")
    assert times == sorted(times, reverse=True)
    await choose(tab, "search", "nobody")
    assert await rows_of(tab, "key") == []
    assert await count() == "No entry is like that."
    assert tab.complaints == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("window", WIDTHS)
async def test_nothing_is_cut(
    tab: Tab,
    reports: dict[str, Path],
    previews: dict[str, Path],
    window: str,
    language: str,
) -> None:
    for name, page in (("report", reports[language]), ("preview", previews[language])):
        await tab.show(page, WIDTHS[window], is_dark=language == "zh")
        if name == "report":
            await tab.wait_for("document.documentElement.dataset.ready")
        if SCREENSHOTS:
            picture = await tab.picture()
            Path(SCREENSHOTS, f"{name}-{window}-{language}.png").write_bytes(picture)  # noqa: ASYNC240
        assert await tab.evaluate("document.documentElement.scrollWidth") == WIDTHS[window]
        assert await tab.evaluate("innerWidth") == WIDTHS[window]
        assert await tab.evaluate(CUT) == []
        assert tab.complaints == []


async def test_a_preview_shows_its_pictures_and_asks_nobody(
    tab: Tab, previews: dict[str, Path]
) -> None:
    await tab.show(previews["en"], WIDTHS["desk"])
    pictures = await tab.evaluate(
        "[...document.images].map((each) => each.complete && each.naturalWidth > 0)"
    )
    assert pictures == [True] * 8  # logo and screenshots, each twice; of the licence none
    assert "hunter2" not in await tab.evaluate("document.documentElement.outerHTML")
    assert asked_elsewhere(tab, previews["en"]) == []
    assert tab.complaints == []


async def test_what_entries_are_called_is_text_and_nothing_else(tab: Tab, tmp_path: Path) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    address = f"http://{host}:{port}/"
    keys = [
        f"<img src={address}a onerror=alert(1)>",
        f"</script><script src={address}b></script>",
        f'"><iframe src="{address}c">',
        "'; fetch('" + address + "d'); '",
        "{{columns}} `${1}` \\u003c & &lt;",
        "عربي",
    ]
    hidden = ["a\u202eb", "a\u2028b", "a\x00b"]
    rows = [
        Row(
            identity=Identity(key, key),
            mini_app=key,
            state=EntryState.REFUSED,
            reason=key,
            sending_at=BEGIN,
            trace_id=key,
        )
        for key in (*keys, *hidden)
    ]
    rows = [attrs.evolve(row, sending_at=BEGIN + place) for place, row in enumerate(rows)]
    page = write_report(tmp_path, rows)
    async with server:
        await tab.show(page, WIDTHS["desk"])
        await tab.wait_for("document.documentElement.dataset.ready")
        shown = ["a\\u202eb", "a\\u2028b", "a\\x00b"]
        assert await rows_of(tab, "key") == [*keys, *shown]
        assert await rows_of(tab, "version") == [*keys, *shown]
        assert (
            await tab.evaluate("document.querySelectorAll('img, iframe, script[src]').length") == 0
        )
        assert (tab.complaints, asked_elsewhere(tab, page)) == ([], [])
        # Nor could a script that got in ask anybody.
        refused = await tab.evaluate(
            f"Promise.allSettled([fetch('{address}'), new Promise((good, bad) => {{"
            f"const image = new Image(); image.onload = good; image.onerror = bad;"
            f"image.src = '{address}'; }})]).then((all) => all.map((each) => each.status))"
        )
        assert refused == ["rejected", "rejected"]
    assert asked == []
