"""The only room that reads the files of a submission: look at them, read them, share the memory."""

from alipay_mini_audit.files.access import DISK, Access, PageCache, WouldWait
from alipay_mini_audit.files.buffers import Buffers
from alipay_mini_audit.files.inspection import inspect_at_once, inspect_blocking, state_of
from alipay_mini_audit.files.reader import PieceReader, size_of
from alipay_mini_audit.files.resources import Shared

__all__ = [
    "DISK",
    "Access",
    "Buffers",
    "PageCache",
    "PieceReader",
    "Shared",
    "WouldWait",
    "inspect_at_once",
    "inspect_blocking",
    "size_of",
    "state_of",
]
