"""The target that is signed: plain ASCII, and decoded to what was given."""

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from alipay_mini_audit.protocol import query_target

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
QUERIES = st.dictionaries(TEXTS, st.none() | TEXTS)


@given(QUERIES)
def test_the_query_decodes_to_what_was_given(query: dict[str, str | None]) -> None:
    split = urlsplit(query_target("/v3/x", query))
    assert split.path == "/v3/x"
    given_pairs = [(name, value) for name, value in query.items() if value is not None]
    assert parse_qsl(split.query, keep_blank_values=True) == given_pairs


@given(QUERIES)
def test_the_target_is_printable_ascii_without_a_fragment(query: dict[str, str | None]) -> None:
    target = query_target("/v3/x", query)
    assert all("!" <= character <= "~" for character in target)
    assert "#" not in target


@given(QUERIES)
def test_the_target_goes_on_the_wire_as_it_was_signed(query: dict[str, str | None]) -> None:
    target = query_target("/v3/x", query)
    assert URL(f"https://openapi.alipay.com{target}", encoded=True).raw_path_qs == target
