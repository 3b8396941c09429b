"""What the uploads of one client share, so that it is bounded per client and not per call."""

from __future__ import annotations

import time

import attrs

from alipay_mini_audit.concurrency import JobLimiter, StepLimiter
from alipay_mini_audit.files.buffers import BufferPool
from alipay_mini_audit.files.heads import ContentCache
from alipay_mini_audit.files.kernel import KERNEL
from alipay_mini_audit.files.page_cache import PageCache

__all__ = ["UploadResources"]


@attrs.frozen(kw_only=True)
class UploadResources:
    """What the calls of a client and its views share.

    Attributes:
        buffers: hold the pieces of uploads.
        page_cache: reads what is in memory, and knows the mounts where that can be told.
        steps: limits how long one round of the event loop takes.
        jobs: limits how many worker threads want the interpreter.
        contents: what was seen of files.
    """

    buffers: BufferPool
    page_cache: PageCache = attrs.field(factory=lambda: PageCache(time.perf_counter, KERNEL))
    steps: StepLimiter = attrs.field(factory=StepLimiter)
    jobs: JobLimiter = attrs.field(factory=JobLimiter)
    contents: ContentCache = attrs.field(factory=ContentCache)
