"""What the two web examples share: the list of versions, answers, the page. Copy it with either."""

from alipay_mini_audit.examples.web.answers import (
    MOST_FIELDS,
    MOST_FILES,
    UPLOAD_SECONDS,
    Answer,
    language_of,
    refusal,
)
from alipay_mini_audit.examples.web.desk import Desk
from alipay_mini_audit.examples.web.opening import GRACE, arguments, opening
from alipay_mini_audit.examples.web.page import STREAM_HEADERS, page, page_headers

__all__ = [
    "GRACE",
    "MOST_FIELDS",
    "MOST_FILES",
    "STREAM_HEADERS",
    "UPLOAD_SECONDS",
    "Answer",
    "Desk",
    "arguments",
    "language_of",
    "opening",
    "page",
    "page_headers",
    "refusal",
]
