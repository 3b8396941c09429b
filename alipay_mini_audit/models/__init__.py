"""What is sent and what comes back, as attrs objects."""

from alipay_mini_audit.models.apply import AuditApply, AuditRule, BundleId, RegionInfo, RegionType
from alipay_mini_audit.models.replies import (
    ApplyReply,
    AuditRecord,
    CancelReply,
    Category,
    Memo,
    PackageInfo,
    ReplyMeta,
    VersionDetail,
    VersionStatus,
    read_model,
)
from alipay_mini_audit.models.text import text_problems

__all__ = [
    "ApplyReply",
    "AuditApply",
    "AuditRecord",
    "AuditRule",
    "BundleId",
    "CancelReply",
    "Category",
    "Memo",
    "PackageInfo",
    "RegionInfo",
    "RegionType",
    "ReplyMeta",
    "VersionDetail",
    "VersionStatus",
    "read_model",
    "text_problems",
]
