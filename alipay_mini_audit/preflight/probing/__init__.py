"""What a few bytes of a file show: pure functions over a reader that somebody else gives."""

from alipay_mini_audit.preflight.probing.others import other_format
from alipay_mini_audit.preflight.probing.probe import (
    DIRECTORY_BUDGET,
    PICTURE_BUDGET,
    Details,
    probe,
    probe_head,
)
from alipay_mini_audit.preflight.probing.reading import (
    START_BYTES,
    BoundedReader,
    ReadAt,
    TakesLong,
)

__all__ = [
    "DIRECTORY_BUDGET",
    "PICTURE_BUDGET",
    "START_BYTES",
    "BoundedReader",
    "Details",
    "ReadAt",
    "TakesLong",
    "other_format",
    "probe",
    "probe_head",
]
