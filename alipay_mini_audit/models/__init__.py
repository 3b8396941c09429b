"""What is sent and what comes back, as attrs objects."""

from alipay_mini_audit.models.apply import AuditApply, AuditRule, BundleId, RegionType
from alipay_mini_audit.models.builds import BuildStage, BuildStatus
from alipay_mini_audit.models.categories import CategoryList, CategoryNode
from alipay_mini_audit.models.listing import VersionList, VersionSummary
from alipay_mini_audit.models.regions import RegionInfo
from alipay_mini_audit.models.replies import ApplyReply, CancelReply, ReplyMeta, VersionReply
from alipay_mini_audit.models.structuring import read_fields, read_model
from alipay_mini_audit.models.text import text_problems
from alipay_mini_audit.models.tokens import TokenInfo
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
    "BuildStage",
    "BuildStatus",
    "BundleId",
    "CancelReply",
    "Category",
    "CategoryList",
    "CategoryNode",
    "Memo",
    "PackageInfo",
    "RegionInfo",
    "RegionType",
    "ReplyMeta",
    "Resolution",
    "TokenInfo",
    "Verdict",
    "VerdictKind",
    "VersionDetail",
    "VersionList",
    "VersionReply",
    "VersionStatus",
    "VersionSummary",
    "read_fields",
    "read_model",
    "text_problems",
]
