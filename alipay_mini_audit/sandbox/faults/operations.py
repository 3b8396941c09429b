"""The names of the calls that the gateway answers. No I/O here."""

from __future__ import annotations

from typing import Final, Literal, get_args

__all__ = ["OPERATIONS", "Operation"]

Operation = Literal[
    "apply",
    "cancel",
    "detail",
    "list",
    "build_status",
    "delete",
    "cancel_audited",
    "online",
    "offline",
    "rollback",
    "gray_online",
    "gray_cancel",
    "categories",
    "token",
]
OPERATIONS: Final[tuple[Operation, ...]] = get_args(Operation)
"""All of them."""
