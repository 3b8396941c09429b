"""What the uploads of one client share, so that it is bounded per client and not per call."""

from __future__ import annotations

import time

import attrs

from alipay_mini_audit.concurrency import Turns
from alipay_mini_audit.files.access import PageCache
from alipay_mini_audit.files.buffers import Buffers

__all__ = ["Shared"]


@attrs.frozen(kw_only=True)
class Shared:
    """What the calls of a client and its views share.

    Attributes:
        buffers: for the pieces of uploads.
        page_cache: what is known of the folders that files are in.
        turns: on the event loop.
    """

    buffers: Buffers
    page_cache: PageCache = attrs.field(factory=lambda: PageCache(time.perf_counter))
    turns: Turns = attrs.field(factory=Turns)
