"""The files of a submission: the table of parts, where the bytes come from, and what they look like."""

from alipay_mini_audit.attachments.inspection import FilePart, inspect_blocking
from alipay_mini_audit.attachments.model import Attachments
from alipay_mini_audit.attachments.parts import PARTS, Part
from alipay_mini_audit.attachments.sources import BytesSource, PathSource, Readable, Source, SourceLike

__all__ = [
    "PARTS",
    "Attachments",
    "BytesSource",
    "FilePart",
    "Part",
    "PathSource",
    "Readable",
    "Source",
    "SourceLike",
    "inspect_blocking",
]
