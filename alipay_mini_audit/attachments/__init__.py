"""The files of a submission: the table of parts, where the bytes come from, their formats."""

from alipay_mini_audit.attachments.file_part import FilePart, FileState
from alipay_mini_audit.attachments.model import Attachments
from alipay_mini_audit.attachments.parts import PARTS, PartSpec
from alipay_mini_audit.attachments.sources import (
    AnySource,
    BytesSource,
    PathSource,
    Readable,
    Source,
    SourceLike,
)
from alipay_mini_audit.attachments.streams import StreamSource

__all__ = [
    "PARTS",
    "AnySource",
    "Attachments",
    "BytesSource",
    "FilePart",
    "FileState",
    "PartSpec",
    "PathSource",
    "Readable",
    "Source",
    "SourceLike",
    "StreamSource",
]
