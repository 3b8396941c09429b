"""What becomes of a version after its submission: waiting for verdicts, one or thousands."""

from alipay_mini_audit.verdicts.following import FollowPlatform, TokenFor, follow_journal
from alipay_mini_audit.verdicts.inbox import AuditMessage, Inbox
from alipay_mini_audit.verdicts.pending import VerdictPending
from alipay_mini_audit.verdicts.poll import Poll
from alipay_mini_audit.verdicts.poller import Poller, is_passing
from alipay_mini_audit.verdicts.waiting import wait_for
from alipay_mini_audit.verdicts.watched import UPLOADING, Target, Watched

__all__ = [
    "UPLOADING",
    "AuditMessage",
    "FollowPlatform",
    "Inbox",
    "Poll",
    "Poller",
    "Target",
    "TokenFor",
    "VerdictPending",
    "Watched",
    "follow_journal",
    "is_passing",
    "wait_for",
]
