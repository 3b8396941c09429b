"""What the uploads of one client share, so that it is bounded per client and not per call."""

from __future__ import annotations

import time

import attrs

from alipay_mini_audit.concurrency import StepLimiter
from alipay_mini_audit.files.access import PageCache
from alipay_mini_audit.files.buffers import BufferPool

__all__ = ["UploadResources"]


@attrs.frozen(kw_only=True)
class UploadResources:
    """What the calls of a client and its views share.

    Attributes:
        buffers: for the pieces of uploads.
        page_cache: what is known of the folders that files are in.
        steps: on the event loop.
    """

    buffers: BufferPool
    page_cache: PageCache = attrs.field(factory=lambda: PageCache(time.perf_counter))
    steps: StepLimiter = attrs.field(factory=StepLimiter)
