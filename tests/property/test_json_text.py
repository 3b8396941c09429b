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
def test_the_text_says_what_was_given_in_its_order_on_one_line(body: dict[str, object]) -> None:
    text = json_text(body)
    assert json.loads(text) == json.loads(text.encode("utf-8")) == body
    assert list(json.loads(text)) == list(body)
    assert not re.search(r"\s", STRING.sub('""', text)), "a blank outside of strings"
    assert not {"\n", "\r"} & set(text)


@given(TEXTS)
def test_characters_are_sent_as_they_are(text: str) -> None:
    sent = json_text({"a": text})
    assert all(
        character in sent for character in text if character >= " " and character not in '"\\'
    )
