"""What the platform will refuse, known before a byte is sent: pure rules over fields and heads."""

from alipay_mini_audit.attachments.heads import Colours, FileHead
from alipay_mini_audit.preflight.check import RULE_FAILED, RULES, find_problems, refused
from alipay_mini_audit.preflight.rules import Level, Preflight, Rule, Subject

__all__ = [
    "RULES",
    "RULE_FAILED",
    "Colours",
    "FileHead",
    "Level",
    "Preflight",
    "Rule",
    "Subject",
    "find_problems",
    "refused",
]
