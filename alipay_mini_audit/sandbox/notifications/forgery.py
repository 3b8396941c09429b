"""What a forger sends: messages that no receiver may believe. No I/O here."""

from __future__ import annotations

from typing import Final

import attrs

from alipay_mini_audit.sandbox.notifications.messages import PASSED, REJECTED, Message

__all__ = ["change_byte", "claim_contrary"]

_CONTRARY: Final = {PASSED: REJECTED, REJECTED: PASSED}
_OUTSIDE: Final = ("sign_type",)
"""Not under the signature."""


def claim_contrary(message: Message) -> Message:
    """Return a message of the same id with the other verdict; others stay as they are.

    Args:
        message: what is true.
    """
    name = _CONTRARY.get(message.name)
    if name is None:
        return message
    fields = {**message.fields, "msg_method": name.encode("ascii")}
    return attrs.evolve(message, name=name, fields=fields)


def change_byte(message: Message, draw: int) -> Message:
    """Return a message that differs in one byte of what is signed.

    Args:
        message: what is true.
        draw: chooses the byte.
    """
    fields = message.fields
    places = [
        (name, position)
        for name, value in fields.items()
        if name not in _OUTSIDE
        for position in range(len(value))
    ]
    name, position = places[draw % len(places)]
    changed = bytearray(fields[name])
    changed[position] ^= 1
    return attrs.evolve(message, fields={**fields, name: bytes(changed)})
