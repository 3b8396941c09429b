"""The page, in the language of its reader; it needs nothing from elsewhere."""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import json
import re
from importlib.resources import files
from typing import Final

from alipay_mini_audit.examples.web.answers import MOST_BYTES

__all__ = ["STREAM_HEADERS", "page", "page_headers"]

STREAM_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Type": "text/event-stream",
    "X-Accel-Buffering": "no",  # nginx would keep events back
}


@functools.cache
def page(language: str) -> str:
    """Return the page. It holds texts only, and asks for the versions itself.

    Args:
        language: "zh" or "en".
    """
    words = json.loads(_beside("words.json"))[language]
    shown = {name: html.escape(word) for name, word in words.items() if isinstance(word, str)}
    shown |= {"css": _beside("page.css"), "js": _beside("page.js")}
    shown["most_bytes"] = str(MOST_BYTES)
    shown["words"] = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: shown[found[1]], _beside("page.html"))


@functools.cache
def page_headers() -> dict[str, str]:
    """Return the headers of the page: nothing runs in it but its own script."""
    rules = [
        *("default-src 'none'", "connect-src 'self'", "img-src data:"),
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
        f"script-src 'sha256-{_digest('page.js')}'",
        f"style-src 'sha256-{_digest('page.css')}'",
    ]
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "; ".join(rules),
        "Content-Type": "text/html; charset=utf-8",
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
    }


def _digest(name: str) -> str:
    return base64.b64encode(hashlib.sha256(_beside(name).encode()).digest()).decode()


@functools.cache
def _beside(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
