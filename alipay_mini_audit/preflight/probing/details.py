"""`Details`: what the content of a file shows, wherever it is and whatever it is sent as."""

from __future__ import annotations

from typing import final

import attrs

from alipay_mini_audit.attachments.heads import Colours

__all__ = ["Details"]


@final
@attrs.frozen(kw_only=True, cache_hash=True)
class Details:
    """What `FileHead` says of a content; the attributes are explained there."""

    format: str | None = None
    width: int | None = None
    height: int | None = None
    colours: Colours | None = None
    orientation: int | None = None
    is_animated: bool | None = None
    is_truncated: bool | None = None
    is_broken: bool = False
    is_encrypted: bool | None = None
    fingerprint: bytes | None = attrs.field(default=None, repr=False)
