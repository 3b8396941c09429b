"""The only room that reads the files of a submission: look at them, read them, share the memory."""

from alipay_mini_audit.files.access import BLOCKING, FileAccess, WouldBlock
from alipay_mini_audit.files.buffers import BufferPool
from alipay_mini_audit.files.digests import FileDigests, states_of
from alipay_mini_audit.files.inspection import (
    UnusableFiles,
    inspect,
    inspect_blocking,
    inspect_nowait,
)
from alipay_mini_audit.files.page_cache import PageCache
from alipay_mini_audit.files.passing import PassingHashes
from alipay_mini_audit.files.reader import BodyReader, OnRead, size_of
from alipay_mini_audit.files.resources import UploadResources
from alipay_mini_audit.files.state import state_of
from alipay_mini_audit.files.streams import streams_reserved

__all__ = [
    "BLOCKING",
    "BodyReader",
    "BufferPool",
    "FileAccess",
    "FileDigests",
    "OnRead",
    "PageCache",
    "PassingHashes",
    "UnusableFiles",
    "UploadResources",
    "WouldBlock",
    "inspect",
    "inspect_blocking",
    "inspect_nowait",
    "size_of",
    "state_of",
    "states_of",
    "streams_reserved",
]
