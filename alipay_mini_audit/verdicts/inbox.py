"""`Inbox`: messages about audits, for whoever waits for a verdict.

A message only ends a wait for the next question: what the verdict is, the platform's state says.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, final

import attrs

from alipay_mini_audit.models import BundleId
from alipay_mini_audit.notifications import AuditPassed, AuditRejected
from alipay_mini_audit.verdicts.watched import Target

__all__ = ["AuditMessage", "Inbox", "Ring"]

_MOST: Final = 10_000
_KEEP_SECONDS: Final = 3600.0
Ring = Callable[[bool], object]
"""Called with whether the message names the mini-program for certain."""
AuditMessage = AuditPassed | AuditRejected


@final
@attrs.frozen
class _Kept:
    message: AuditMessage
    until: float


@final
class Inbox:
    """Where handlers of notifications put what came, for `wait_for_verdict` and `follow`.

    Messages that came within the last hour, 10,000 at the most, count for those who begin to wait
    later; one that is delivered again within that time counts once. Any number may wait with one
    inbox; use it in one event loop.

    Args:
        clock: returns a time in seconds that is never set.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._about: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._rings: defaultdict[str | None, dict[int, tuple[Target, Ring]]] = defaultdict(dict)
        self._number = 0

    def put(self, message: AuditMessage) -> None:
        """Take a message that was verified, an `AuditPassed` or `AuditRejected`; returns at once.

        Raises:
            TypeError: it is neither.
        """
        if not isinstance(message, AuditMessage):
            kind = type(message).__name__
            raise TypeError(f"message: expected AuditPassed or AuditRejected, not {kind}")
        self._forget_old(room=1)
        self._number += 1
        notify_id = message.notify_id or f"without id {self._number}"
        if notify_id in self._kept:
            return
        self._kept[notify_id] = _Kept(message, self._clock() + _KEEP_SECONDS)
        for name in _names_of(message):
            self._about[name][notify_id] = None
        for whose in {message.mini_app_id, None}:
            for target, ring in tuple(self._rings.get(whose, {}).values()):
                _tell(target, ring, message)

    @contextmanager
    def listen(self, target: Target, ring: Ring) -> Iterator[None]:
        """Have each message about a version rung for the length of the block.

        Of those that were kept the first one is rung, at once: more would bring nothing forward.

        Args:
            target: which version.
            ring: is called in the event loop; must be quick, and not raise.
        """
        end = self.add(target, ring)
        try:
            yield
        finally:
            end()

    def add(self, target: Target, ring: Ring) -> Callable[[], None]:
        """Begin what `listen` does, and return what ends it."""
        self._forget_old()
        self._number += 1
        number, whose = self._number, target.mini_app_id
        self._rings[whose][number] = (target, ring)
        for notify_id in self._about.get(_name_of(target), ()):
            if _tell(target, ring, self._kept[notify_id].message):
                break

        def end() -> None:
            """Ring no more."""
            self._rings[whose].pop(number, None)
            if not self._rings[whose]:
                del self._rings[whose]

        return end

    def _forget_old(self, *, room: int = 0) -> None:
        now = self._clock()
        while self._kept:
            notify_id, kept = next(iter(self._kept.items()))
            if kept.until > now and len(self._kept) + room <= _MOST:
                break
            del self._kept[notify_id]
            for name in _names_of(kept.message):
                del self._about[name][notify_id]
                if not self._about[name]:
                    del self._about[name]


def _names_of(message: AuditMessage) -> list[tuple[str, str]]:
    """Return under what a message is found again."""
    names = (("mini-app", message.mini_app_id), ("version", message.app_version))
    return [(kind, name) for kind, name in names if name is not None]


def _name_of(target: Target) -> tuple[str, str]:
    if target.mini_app_id is None:
        return "version", target.app_version
    return "mini-app", target.mini_app_id


def _tell(target: Target, ring: Ring, message: AuditMessage) -> bool:
    """Ring if a message is about a version; say whether it is."""
    is_certain = target.mini_app_id is not None and message.mini_app_id == target.mini_app_id
    if target.mini_app_id is not None and not is_certain:
        return False
    if message.app_version is None and not is_certain:
        return False
    if message.app_version not in (None, target.app_version):
        return False
    if message.bundle_id not in (None, target.bundle_id or BundleId.WALLET):
        return False
    ring(is_certain)
    return True
