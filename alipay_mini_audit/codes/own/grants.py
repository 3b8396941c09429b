"""Codes of this package about merchants' tokens: what is found before a night begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["TEXTS"]

TEXTS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "token_ends": (
        ("the merchant's token ends before the night does.", "Have the merchant authorise again."),
        ("商家令牌在本次批量提交结束前到期。", "请让商家重新授权。"),
    ),
    "token_invalid": (
        ("the merchant's token is not valid any more.", "Have the merchant authorise again."),
        ("商家令牌已失效。", "请让商家重新授权。"),
    ),
    "token_not_checked": (
        ("nobody can say what the merchant's token may do.", "Ask again, or go on without."),
        ("无法查询商家令牌的授权范围。", "请稍后重试，或跳过此项检查。"),
    ),
    "token_without_call": (
        (
            "the merchant's token does not name the call.",
            "That proves no refusal: try one submission, or have the merchant authorise again.",
        ),
        (
            "商家令牌的授权列表中没有该接口。",
            "这不一定意味着会被拒绝：可先试提交一个，或让商家重新授权。",
        ),
    ),
}
