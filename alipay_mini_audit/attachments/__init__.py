"""The files of a submission.

The table of parts, where the bytes come from, and what they look like.
"""

from alipay_mini_audit.attachments.files import DISK, Access, PageCache, WouldWait
from alipay_mini_audit.attachments.inspection import (
    FilePart,
    inspect_at_once,
    inspect_blocking,
    state_of,
)
from alipay_mini_audit.attachments.model import Attachments
from alipay_mini_audit.attachments.parts import PARTS, Part
from alipay_mini_audit.attachments.sources import (
    BytesSource,
    PathSource,
    Readable,
    Source,
    SourceLike,
)

__all__ = [
    "DISK",
    "PARTS",
    "Access",
    "Attachments",
    "BytesSource",
    "FilePart",
    "PageCache",
    "Part",
    "PathSource",
    "Readable",
    "Source",
    "SourceLike",
    "WouldWait",
    "inspect_at_once",
    "inspect_blocking",
    "state_of",
]
