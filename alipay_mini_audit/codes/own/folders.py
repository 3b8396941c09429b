"""Codes of this package about the folder of a submission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["TEXTS"]

TEXTS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "file_overridden": (
        ("a file lies there and is not sent: another one is named.", "Remove one of the two."),
        ("该文件不会发送，因为另外指明了文件。", "请去掉其中之一。"),
    ),
    "no_submission": (
        ("there is nothing of a submission in a folder.", "Check the path."),
        ("目录中没有提交内容。", "请检查路径。"),
    ),
    "unused_file": (
        ("a file is none of those of a submission.", "Look for the spelling of its name."),
        ("该文件不是提交所需的文件。", "请检查文件名的拼写。"),
    ),
}
"""Code -> (meaning, advice) in English, then in Chinese."""
