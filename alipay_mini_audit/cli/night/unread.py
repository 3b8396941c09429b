"""`unread_entries`: entries that were there when a manifest was checked, and not when it was sent.

A line is read anew when its turn comes, and with it the folder, the file of tokens or the variable
that it names. If one of these is gone or changed since, the line is no entry any more, or another.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from alipay_mini_audit.batch import BatchEntry, EntryState, Journal, Row
from alipay_mini_audit.batch.journal.row import Identity
from alipay_mini_audit.problems import told

__all__ = ["unread_entries"]

_REASON: Final = "a file is gone or has changed"
_CHANGED: Final = (
    (
        "what the line names, such as a folder or a file of tokens, was changed after the check.",
        "Run the same command again.",
    ),
    ("检查之后，该行引用的内容（如文件夹或令牌文件）发生了变化。", "请再次运行同一命令。"),
)


async def unread_entries(identities: Collection[Identity], journal: Journal) -> list[BatchEntry]:
    """Return what is known of entries of which the run has not heard.

    Args:
        identities: of them.
        journal: of the run.

    Raises:
        BatchError: the journal cannot be read.
    """
    if not identities:
        return []
    rows = {row.identity: row async for row in journal.entries() if row.identity in identities}
    return [_entry_of(each, rows.get(each)) for each in identities]


def _entry_of(identity: Identity, row: Row | None) -> BatchEntry:
    state = EntryState.INVALID if row is None else row.state
    return BatchEntry(
        key=identity.key,
        app_version=identity.app_version,
        bundle_id=identity.bundle_id or None,
        state=state,
        reason="already done" if state.is_submitted else _REASON,
        problems=(told(identity.key, "file_changed", *_CHANGED),),
        attempts=0 if row is None else row.attempts,
        mini_app="" if row is None else row.mini_app,
        template_id=None if row is None else row.template or None,
    )
