"""`number_of`: which of two versions is the newer one. Pure."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["number_of"]

_NUMBER: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10}){0,3}")
_PARTS: Final = 4


def number_of(app_version: str) -> tuple[int, ...] | None:
    """Return the parts of a version such as `1.2.10`; `None` if it is no such number.

    The platform numbers versions `x.y.z`, each part up to 2147483647 (Alipay's FAQ).
    """
    if not _NUMBER.fullmatch(app_version):
        return None
    parts = [int(part) for part in app_version.split(".")]
    return (*parts, *[0] * (_PARTS - len(parts)))
