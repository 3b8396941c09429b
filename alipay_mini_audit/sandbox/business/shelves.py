"""`Shelf`: in which order the versions of a mini-program were online. No I/O here."""

from __future__ import annotations

from typing import final

__all__ = ["Shelf"]


@final
class Shelf:
    """The versions of one mini-program that are online or were, the last one at the end.

    Attributes:
        was_rolled_back: whether the version that is online came back by a rollback.
    """

    def __init__(self) -> None:
        self._versions: list[str] = []
        self.was_rolled_back = False

    def put(self, version: str, *, by_rollback: bool = False) -> None:
        """Note that a version goes online.

        Args:
            version: the version.
            by_rollback: whether another one was left for it.
        """
        if version in self._versions:
            self._versions.remove(version)
        self._versions.append(version)
        self.was_rolled_back = by_rollback

    def put_before(self, version: str, online: str | None) -> None:
        """Note that a version was online before another one, unless it is known already.

        Args:
            version: the version.
            online: the one that is online; `None` for none.
        """
        if version not in self._versions:
            is_there = online is not None and self._versions and self._versions[-1] == online
            self._versions.insert(len(self._versions) - bool(is_there), version)

    def before(self, version: str) -> list[str]:
        """Return the versions that were online before one, the last one first.

        Args:
            version: the version.
        """
        if version not in self._versions:
            return self._versions[::-1]
        return self._versions[: self._versions.index(version)][::-1]
