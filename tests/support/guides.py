"""What the README and its Chinese twin have in common, and where they differ."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "README.md"
CHINESE = ROOT / "alipay_mini_audit" / "docs" / "zh" / "README.md"
FENCE = re.compile(r"^ *(```+|~~~+)[ \t]*(\S*)[^\n]*\n(.*?)^ *\1[ \t]*$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Block(NamedTuple):
    kind: str
    text: str


class Section(NamedTuple):
    """A heading, and what is between it and the next one, without its blocks."""

    level: int
    title: str
    prose: str


def blocks_of(text: str) -> list[Block]:
    return [Block(kind, content) for _, kind, content in FENCE.findall(text)]


def prose_of(text: str) -> str:
    return FENCE.sub("", text)


def sections_of(text: str) -> list[Section]:
    """The sections in order; the first one is what is above all headings."""
    first, *rest = HEADING.split(prose_of(text))
    marks, titles, proses = rest[::3], rest[1::3], rest[2::3]
    found = [
        Section(len(mark), title, prose)
        for mark, title, prose in zip(marks, titles, proses, strict=True)
    ]
    return [Section(0, "", first), *found]


def codes_in(text: str) -> set[str]:
    return {" ".join(code.split()) for code in CODE.findall(text)}


def numbers_in(text: str) -> set[str]:
    return set(NUMBER.findall(LINK.sub("", CODE.sub("", text))))


def lines_in(section: Section, mark: str) -> list[str]:
    return [line for line in section.prose.splitlines() if line.startswith(mark)]


def differences(english: str, chinese: str) -> list[str]:
    """Say where one guide was changed and the other was not, as far as that can be seen."""
    found = []
    for number, (ours, theirs) in enumerate(zip_longest(blocks_of(english), blocks_of(chinese)), 1):
        if ours != theirs:
            found.append(f"block {number}")
    for here, there in zip_longest(sections_of(english), sections_of(chinese)):
        if here is None or there is None or here.level != there.level:
            return [*found, f"heading: {here and here.title} | {there and there.title}"]
        found += [f"{here.title} | {there.title}: {text}" for text in _differences(here, there)]
    return found


def _differences(here: Section, there: Section) -> Iterator[str]:
    told, twin = (codes_in(each.title + each.prose) for each in (here, there))
    if told != twin:
        yield f"only in English {sorted(told - twin)}, only in Chinese {sorted(twin - told)}"
    told, twin = (numbers_in(each.prose) for each in (here, there))
    if told != twin:
        yield f"numbers only in English {sorted(told - twin)}, in Chinese {sorted(twin - told)}"
    if len(lines_in(here, "- ")) != len(lines_in(there, "- ")):
        yield "points of a list"
    rows = [[codes_in(row) for row in lines_in(each, "|")] for each in (here, there)]
    if rows[0] != rows[1]:
        yield "rows of a table"


def anchor_of(title: str) -> str:
    """Return what GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
