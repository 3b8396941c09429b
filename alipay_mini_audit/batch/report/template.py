"""Pages are templates with `{{names}}`; what is filled in is never looked at for names again."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.problems import printable

__all__ = ["POLICY", "SCRIPT_POLICY", "escaped", "filled", "marked_up", "script_json"]

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy of our pages: no request leaves them, and no script runs."""
SCRIPT_POLICY: Final = f"{POLICY}; script-src 'unsafe-inline'"
"""That of a page with a script of ours in it."""
_CODE: Final = re.compile(r"`([^`]+)`")
_NAME: Final = re.compile(r"\{\{(\w+)\}\}")


def escaped(text: str) -> str:
    """Return a text that came from outside as HTML, in an attribute too.

    What is not printable is shown as its escape: marks that turn the direction of writing, line
    separators, halves of characters.
    """
    return html.escape(printable(text))


def marked_up(text: str) -> str:
    """Return an advice as HTML: what it has between backticks is a code."""
    return _CODE.sub(r"<code>\1</code>", escaped(text))


def script_json(value: object) -> str:
    """Return a JSON value that may stand within `<script type="application/json">`."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with its names replaced.

    Args:
        template: HTML.
        values: what stands for each name, as HTML.

    Raises:
        KeyError: the template has a name without a value.
    """
    return _NAME.sub(lambda name: values[name[1]], template)
