"""The README's Chinese twin says the same, and its blocks are those that `test_readme` runs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.guides import (
    CHINESE,
    CODE,
    ENGLISH,
    FENCE,
    LINK,
    anchor_of,
    differences,
    prose_of,
    sections_of,
)

ENGLISH_TEXT = ENGLISH.read_text(encoding="utf-8")
CHINESE_TEXT = CHINESE.read_text(encoding="utf-8")
GUIDES = [ENGLISH, CHINESE]
HAN = r"[\u4e00-\u9fff]"


def test_both_say_the_same() -> None:
    assert differences(ENGLISH_TEXT, CHINESE_TEXT) == []


def last(pattern: str, replacement: str) -> Callable[[str], str]:
    """Return a change of the last place in a text that a pattern finds."""

    def change(text: str) -> str:
        found = [*re.finditer(pattern, text, re.MULTILINE)][-1]
        return text[: found.start()] + found.expand(replacement) + text[found.end() :]

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(last(r"^import asyncio$", "import asyncio  # new"), id="a line of a block"),
        pytest.param(last(r"^```python$", "```py"), id="the kind of a block"),
        pytest.param(last(FENCE.pattern.replace(".*?", "[^`]*?"), ""), id="a block"),
        pytest.param(last(r"^## ", "### "), id="the level of a heading"),
        pytest.param(last(r"^## .+\n", ""), id="a heading"),
        pytest.param(last(r"`[^`\n]+`", "`renamed`"), id="a name"),
        pytest.param(last(r" 14 ", " 15 "), id="a number"),
        pytest.param(last(r"^- ", ""), id="a point of a list"),
        pytest.param(last(r"^\|.+\n", ""), id="a row of a table"),
    ],
)
def test_what_is_changed_in_one_of_them_alone_is_seen(change: Callable[[str], str]) -> None:
    assert change(CHINESE_TEXT) != CHINESE_TEXT
    assert differences(ENGLISH_TEXT, change(CHINESE_TEXT))
    assert differences(change(ENGLISH_TEXT), CHINESE_TEXT)


def test_the_first_line_of_each_links_the_other() -> None:
    for guide, other in ((ENGLISH, CHINESE), (CHINESE, ENGLISH)):
        first, *_ = guide.read_text(encoding="utf-8").splitlines()
        assert [(guide.parent / link).resolve() for link in LINK.findall(first)] == [other]


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "zh"])
def test_links_lead_somewhere(guide: Path) -> None:
    links = LINK.findall(prose_of(guide.read_text(encoding="utf-8")))
    for link in links:
        path, _, anchor = link.partition("#")
        target = (guide.parent / path) if path else guide
        assert target.is_file(), link
        titles = [title for _, title, _ in sections_of(target.read_text(encoding="utf-8"))]
        assert not anchor or anchor in map(anchor_of, titles), link


def test_an_anchor_is_that_of_github() -> None:
    assert anchor_of("平台返回 `invalid-signature` 时") == "平台返回-invalid-signature-时"
    assert anchor_of("发送之前：预检") == "发送之前预检"
    assert anchor_of("Never lost, never twice") == "never-lost-never-twice"


def test_chinese_is_set_as_chinese() -> None:
    prose = CODE.sub("`code`", prose_of(CHINESE_TEXT))
    close = re.findall(rf".?{HAN}[A-Za-z0-9`]+|[A-Za-z0-9`]{HAN}.?", prose)
    assert not close, "a space belongs between Chinese and Latin"
    half = re.findall(rf".?{HAN}[,;:!?()]|[,;!?()]{HAN}.?", prose)
    assert not half, "full-width marks belong into Chinese"
    broken = re.findall(rf".*[{HAN[1:-1]}，、；：。）]\n(?![-|#\n]).+", prose)
    assert not broken, "a line break inside a paragraph is printed as a space"
