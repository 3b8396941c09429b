"""A manifest: a file that says what to submit, one submission a line. Read lazily, as often."""

from alipay_mini_audit.batch.manifest.manifest import Manifest

__all__ = ["Manifest"]
