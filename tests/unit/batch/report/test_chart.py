from xml.etree import ElementTree

import pytest

from alipay_mini_audit.batch.report.chart import chart, round_ceiling
from alipay_mini_audit.batch.report.timeline import Interval
from alipay_mini_audit.batch.report.wording import WORDS

TEN = 1_795_701_600


def drawn(*intervals: Interval) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{chart(intervals, WORDS['en'])}</div>")  # noqa: S314


def test_bars_are_as_high_as_their_counts() -> None:
    found = drawn(Interval(TEN, 60, accepted=30, refused=10), Interval(TEN + 60, 60, unknown=5))
    bars = [
        (rect.attrib["class"], float(rect.attrib["y"]), float(rect.attrib["height"]))
        for rect in found.iter("rect")
    ]
    assert bars == [("accepted", 25, 75), ("refused", 0, 25), ("unknown", 87.5, 12.5)]
    titles = [title.text for title in found.iter("title")]
    assert titles[0] == "2026-11-26 22:00:00 · 30 accepted · 10 refused"
    scale, times = (
        [span.text for span in found.findall(f".//div[@class='{name}']/span")]
        for name in ("scale", "times")
    )
    assert scale == ["40", "20", "0"]
    assert times == ["22:00:00", "22:01:00", "22:02:00"]


def test_several_days_are_told_by_their_dates() -> None:
    found = drawn(Interval(TEN, 86_400, accepted=1), Interval(TEN + 86_400, 86_400, accepted=1))
    times = [span.text for span in found.findall(".//div[@class='times']/span")]
    assert times == ["11-26 22:00", "11-27 22:00", "11-28 22:00"]


def test_nothing_is_said_to_be_nothing() -> None:
    assert chart((), WORDS["zh"]) == '<p class="none">没有提交任何条目。</p>'


@pytest.mark.parametrize(
    ("most", "ceiling"), [(1, 1), (3, 4), (5, 5), (7, 10), (11, 20), (119, 200), (1000, 1000)]
)
def test_scales_end_with_a_round_number(most: int, ceiling: int) -> None:
    assert round_ceiling(most) == ceiling
