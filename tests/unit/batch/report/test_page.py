import re
from collections.abc import Iterable
from html.parser import HTMLParser

from support.nights import night

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.report.digest import Digest
from alipay_mini_audit.batch.report.page import PageParts, report_page
from alipay_mini_audit.batch.report.table import PackedTable
from alipay_mini_audit.batch.report.wording import SCRIPT_WORDS, WORDS
from alipay_mini_audit.cli.resources import text_beside

PARTS = PageParts(
    html=text_beside("alipay_mini_audit.batch.report", "page.html"),
    css=text_beside("alipay_mini_audit.batch.report", "page.css"),
    js=text_beside("alipay_mini_audit.batch.report", "page.js"),
)
EMPTY = PageParts(html=PARTS.html, css="", js="")


def page_of(
    rows: Iterable[Row], language: str = "en", parts: PageParts = PARTS, name: str = "night"
) -> str:
    digest, table = Digest(language), PackedTable(language)
    for row in rows:
        digest.add(row)
        table.add(row)
    return report_page(parts, name, "", digest, table, now=0.0, language=language)


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def test_a_group_is_told_as_one_would_say_it() -> None:
    rows = [
        Row(
            identity=Identity(f"shop-{number}", "1.0"),
            state=EntryState.INVALID,
            reason="LOGO_HEIGHT_NOT_EQUAL_WIDTH",
        )
        for number in range(412)
    ]
    assert "<b>412 entries</b>: The logo is not square.</h3>" in page_of(rows)
    assert "<b>412 个条目</b>：图标不是正方形。</h3>" in page_of(rows, "zh")
    assert "<b>1 entry</b>: The logo is not square.</h3>" in page_of(rows[:1])


def test_ten_thousand_entries_fit() -> None:
    assert len(page_of(night(10_000)).encode()) < 1_500_000


def test_keys_and_reasons_from_outside_add_no_element() -> None:
    nasty = "</script><img src=http://127.0.0.1/x onerror=alert(1)>\"'\u2028\u202e"

    def rows(text: str) -> list[Row]:
        identity = Identity(text, text, text)
        return [
            Row(identity=identity, state=EntryState.REFUSED, reason=text, mini_app=text),
            Row(identity=identity, state=EntryState.INVALID, reason=text, trace_id=text),
        ]

    plain = Elements(page_of(rows("x"), parts=EMPTY, name="x"))
    page = page_of(rows(nasty), parts=EMPTY, name=nasty)
    found = Elements(page)
    assert found.found == plain.found
    assert found.addresses == ["data:,"]
    assert "\u2028" not in page
    assert "\u202e" not in page


def test_the_page_asks_nobody_for_anything() -> None:
    page = page_of(night(100))
    assert re.search(r'http-equiv="Content-Security-Policy" content="default-src &#x27;none', page)
    assert not re.search(r"https?://", page)


def test_all_is_done_and_nothing_is_there_are_told() -> None:
    done = Row(identity=Identity("a", "1"), state=EntryState.DONE, sending_at=1.0)
    assert WORDS["en"]["all_done"] in page_of([done])
    assert WORDS["zh"]["no_entries"] in page_of([], "zh")


def test_both_languages_say_the_same_things() -> None:
    for words in (WORDS, SCRIPT_WORDS):
        assert set(words["en"]) == set(words["zh"])
        assert {key: set(re.findall(r"{\w+}", text)) for key, text in words["en"].items()} == {
            key: set(re.findall(r"{\w+}", text)) for key, text in words["zh"].items()
        }
