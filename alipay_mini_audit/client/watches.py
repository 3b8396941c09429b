"""`Watches`: what waits for verdicts with one client, so that closing the client ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from alipay_mini_audit.verdicts import Poller

__all__ = ["Watches"]


@final
class Watches:
    """Shared by a client and its views; nothing of what waits is loaded before it is needed.

    Attributes:
        poller: of all single waits; `None` before the first.
    """

    def __init__(self) -> None:
        self.poller: Poller | None = None
        self._open: set[Poller] = set()
        self._is_closed = False

    def add(self, poller: Poller) -> None:
        """Close it with the client, at once if that is closed."""
        self._open.add(poller)
        if self._is_closed:
            poller.close()

    def remove(self, poller: Poller) -> None:
        """Forget one whose waits are over."""
        self._open.discard(poller)

    def close(self) -> None:
        """End every wait; once more changes nothing."""
        self._is_closed = True
        for poller in self._open:
            poller.close()
