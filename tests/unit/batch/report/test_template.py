import json
from html.parser import HTMLParser

import pytest

from alipay_mini_audit.batch.report.template import escaped, filled, marked_up, script_json

NASTY = "<script>alert(1)</script> & \" ' </script> \u2028 \u202e \x00 \ud800"


class Reader(HTMLParser):
    """What a browser would read: tags, and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += "".join(value or "" for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def test_what_came_from_outside_makes_no_tags_and_turns_no_line() -> None:
    shown = read(f'<p title="{escaped(NASTY)}">{escaped(NASTY)}</p>')
    assert shown.tags == ["p"]
    plain = "<script>alert(1)</script> & \" ' </script> \\u2028 \\u202e \\x00 \\ud800"
    assert shown.text == plain * 2


def test_codes_in_an_advice_are_marked_up() -> None:
    assert marked_up("Make `app_logo` square & <b>") == (
        "Make <code>app_logo</code> square &amp; &lt;b&gt;"
    )


def test_json_in_a_script_cannot_end_it() -> None:
    text = script_json({"key": NASTY})
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == {"key": NASTY}


def test_a_value_that_looks_like_a_name_is_left_alone() -> None:
    values = {"first": "{{second}}", "second": "2"}
    assert filled("<p>{{first}} {{second}}</p>", values) == "<p>{{second}} 2</p>"


def test_a_name_without_a_value_is_refused() -> None:
    with pytest.raises(KeyError):
        filled("{{none}}", {})
