"""What is sent and what comes back, as attrs objects."""

from alipay_mini_audit.models.apply import AuditApply, AuditRule, BundleId, RegionType
from alipay_mini_audit.models.regions import RegionInfo
from alipay_mini_audit.models.replies import ApplyReply, CancelReply, ReplyMeta
from alipay_mini_audit.models.structuring import read_fields, read_model
from alipay_mini_audit.models.text import text_problems
from alipay_mini_audit.models.verdicts import Verdict, VerdictKind
from alipay_mini_audit.models.versions import (
    AuditRecord,
    Category,
    Memo,
    PackageInfo,
    Resolution,
    VersionDetail,
    VersionStatus,
)

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
    "Resolution",
    "Verdict",
    "VerdictKind",
    "VersionDetail",
    "VersionStatus",
    "read_fields",
    "read_model",
    "text_problems",
]
