"""`OwnerLock`: the lock of the kernel by which a process owns a journal.

It ends with its process, and a frozen process keeps it. Whoever takes a journal over leaves the
frozen process the old file and locks a new one in its place; what the old owner still writes is
refused by the number in the journal. All of that happens while SQLite's own lock is held, so that
two who take over at once do it one after the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, final

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["OwnerLock"]

_NOT_INSTALLED: Final = (
    (
        "owning a journal needs the package filelock.",
        "pip install 'alipay-mini-audit[batch]'.",
    ),
    ("使用日志需要安装 filelock。", "请运行 pip install 'alipay-mini-audit[batch]'。"),
)


@final
class OwnerLock:
    """The lock beside a journal.

    Args:
        path: of the journal.

    Raises:
        ConfigurationError: `filelock` is not installed.
    """

    def __init__(self, path: Path) -> None:
        try:
            import filelock  # noqa: PLC0415  # extra [batch]
        except ImportError:
            raise ConfigurationError.from_problem(
                told("journal", "not_installed", *_NOT_INSTALLED)
            ) from None
        self._path = path.with_name(f"{path.name}.lock")
        self._lock = filelock.FileLock(
            self._path, blocking=False, thread_local=False, fallback_to_soft=False
        )
        self._timeout = filelock.Timeout

    def acquire(self) -> bool:
        """Take the lock; `False` if somebody has it.

        Raises:
            OSError: the file system has no locks, or the file cannot be made.
        """
        try:
            self._lock.acquire()
        except self._timeout:
            return False
        except NotImplementedError as error:
            raise OSError("the file system has no locks") from error
        return True

    def replace(self) -> bool:
        """Take the lock from whoever has it."""
        self._path.unlink(missing_ok=True)
        return self.acquire()

    def release(self) -> None:
        """Give the lock back, if it is held."""
        self._lock.release()
