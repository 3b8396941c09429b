"""Codes of this package about batches: their journal, and why one was stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["TEXTS"]

TEXTS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "batch_stopped": (
        (
            "so many entries in a row failed alike that the rest would, too, or it was cancelled.",
            "Mend the cause that the message names, and run the batch again with its journal.",
        ),
        (
            "连续多个条目以相同原因失败，其余条目也会失败；或批次已被取消。",
            "请排除提示中的原因，然后用同一日志重新运行批次。",
        ),
    ),
    "batch_superseded": (
        ("another process has taken the journal over.", "Look at what that process does."),
        ("日志已被另一个进程接管。", "请查看该进程的运行情况。"),
    ),
    "disk_full": (
        ("the disk of the journal is full.", "Make room and run the batch again."),
        ("日志文件所在的磁盘已满。", "请腾出空间后重新运行批次。"),
    ),
    "journal_closed": (
        ("the journal is not open, or its run is over.", "Use it inside of `async with`."),
        ("日志未打开，或本次运行已结束。", "请在 `async with` 内使用。"),
    ),
    "journal_damaged": (
        ("the file of the journal is damaged.", "Keep it, and restore a copy."),
        ("日志文件已损坏。", "请保留该文件，并恢复备份。"),
    ),
    "journal_failed": (
        ("the journal cannot be read or written.", "Look at its disk and what the system says."),
        ("日志无法读取或写入。", "请检查磁盘和系统报告的原因。"),
    ),
    "journal_foreign": (
        ("the file is not a journal.", "Give another path; the file is as it was."),
        ("该文件不是批次日志。", "请指定其他路径；该文件未被改动。"),
    ),
    "journal_gone": (
        (
            "the file of the journal, or its folder, is missing or was replaced.",
            "Bring it back, or make the folder of a new one, and run it again.",
        ),
        (
            "日志文件或其所在目录不存在，或已被替换。",
            "请恢复该文件（新日志请先创建目录）后重新运行。",
        ),
    ),
    "journal_locked": (
        (
            "another process runs the journal, or does not end its write.",
            "Wait for it, end it, or take the journal over if it is frozen.",
        ),
        (
            "另一个进程正在使用该日志，或其写入一直未结束。",
            "请等待或结束该进程；若其已冻结，可接管该日志。",
        ),
    ),
    "journal_newer": (
        ("a later version of this package has written the journal.", "Install that version."),
        ("该日志由更新版本的本库写入。", "请安装该版本。"),
    ),
    "journal_other_app": (
        (
            "the journal belongs to another app or base URL.",
            "Give each app, and each rehearsal, a journal of its own.",
        ),
        ("该日志属于其他应用或其他网关地址。", "请为每个应用、每次演练使用各自的日志。"),
    ),
    "journal_read_only": (
        ("the journal or its folder cannot be written to.", "Look at their rights."),
        ("日志文件或其所在目录不可写。", "请检查权限。"),
    ),
    "journal_unwritable": (
        ("a value cannot be written to the journal.", "Look at the cause of the error."),
        ("某个值无法写入日志。", "请查看该错误的原因。"),
    ),
    "pace_unusable": (
        (
            "the file of the pace beside the journal cannot be used.",
            "Look at what the message says; without that file a new one is made.",
        ),
        ("日志旁的限速文件不可用。", "请查看提示中的原因；删除该文件后会重新生成。"),
    ),
    "same_entry": (
        (
            "two entries are one: the same key, or the same version of a mini-program.",
            "Leave one of them out.",
        ),
        ("两个条目重复：键相同，或为同一小程序的同一版本。", "请去掉其中一个。"),
    ),
}
"""Code -> (meaning, advice) in English, then in Chinese."""
