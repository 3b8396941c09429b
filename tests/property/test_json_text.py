"""The JSON text that is signed: it says what was given, in the fewest characters."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.protocol import json_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=12,
)
BODIES = st.dictionaries(TEXTS, VALUES)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


@given(BODIES)
def test_the_text_says_what_was_given(body: dict[str, object]) -> None:
    assert json.loads(json_text(body)) == body
    assert json.loads(json_text(body).encode("utf-8")) == body


@given(BODIES)
def test_the_fields_keep_their_order(body: dict[str, object]) -> None:
    assert list(json.loads(json_text(body))) == list(body)


@given(BODIES)
def test_there_are_no_blanks_outside_of_strings(body: dict[str, object]) -> None:
    assert not re.search(r"\s", STRING.sub('""', json_text(body)))


@given(TEXTS)
def test_characters_are_sent_as_they_are(text: str) -> None:
    sent = json_text({"a": text})
    assert all(
        character in sent for character in text if character >= " " and character not in '"\\'
    )


@given(BODIES)
def test_there_is_no_line_break_in_the_text_that_is_signed(body: dict[str, object]) -> None:
    assert not {"\n", "\r"} & set(json_text(body))
