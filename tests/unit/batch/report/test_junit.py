from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.batch.report.junit import JUNIT_TAIL, junit_case, junit_head


def suite_of(row: Row, name: str = "night") -> ElementTree.Element:
    text = junit_head(name, {row.state: 1}) + junit_case(row, name, "en") + JUNIT_TAIL
    (suite,) = ElementTree.fromstring(text.encode())  # noqa: S314  # our own
    return suite


@pytest.mark.parametrize(
    ("state", "element", "counts"),
    [
        (EntryState.DONE, None, ("1", "0", "0", "0")),
        (EntryState.REFUSED, "failure", ("1", "1", "0", "0")),
        (EntryState.INVALID, "failure", ("1", "1", "0", "0")),
        (EntryState.UNKNOWN, "error", ("1", "0", "1", "0")),
        (EntryState.SENDING, "error", ("1", "0", "1", "0")),
        (EntryState.PLANNED, "skipped", ("1", "0", "0", "1")),
        (EntryState.DEFERRED, "skipped", ("1", "0", "0", "1")),
        (EntryState.HELD, "skipped", ("1", "0", "0", "1")),
        (EntryState.SKIPPED, "skipped", ("1", "0", "0", "1")),
    ],
)
def test_each_state_has_its_element(
    state: EntryState, element: str | None, counts: tuple[str, ...]
) -> None:
    suite = suite_of(Row(identity=Identity("a", "1.0"), state=state))
    names = ("tests", "failures", "errors", "skipped")
    assert tuple(suite.attrib[name] for name in names) == counts
    (case,) = suite
    assert case.attrib == {"classname": "night", "name": "a 1.0"}
    assert [each.tag for each in case] == ([] if element is None else [element])


def test_a_failure_says_why_and_what_to_do() -> None:
    code = "LOGO_HEIGHT_NOT_EQUAL_WIDTH"
    row = Row(
        identity=Identity("a", "1.0", "com.alipay.x"),
        state=EntryState.REFUSED,
        reason=code,
        trace_id="t1",
    )
    failure = suite_of(row)[0][0]
    assert failure.attrib["type"] == code
    assert failure.attrib["message"].startswith("The logo is not square. Make")
    assert failure.attrib["message"].endswith(" trace id t1")


def test_the_head_is_as_long_whatever_the_counts_are() -> None:
    many = dict.fromkeys(EntryState, 12_345_678)
    assert len(junit_head("night", {})) == len(junit_head("night", many))


@given(st.text(), st.text(), st.text(alphabet=st.characters()))
def test_it_is_xml_whatever_it_holds(key: str, reason: str, name: str) -> None:
    row = Row(identity=Identity(key, "]]>"), state=EntryState.REFUSED, reason=reason)
    suite = suite_of(row, name)
    assert len(suite) == 1
    assert len(suite[0]) == 1
