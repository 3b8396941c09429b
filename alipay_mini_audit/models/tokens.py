"""What a merchant's token may do, as an attrs object. Attributes are called as on the wire."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.models.replies import ReplyMeta

__all__ = ["TokenInfo"]

_VALID: Final = "valid"


@final
@attrs.frozen(kw_only=True)
class TokenInfo:
    """What the platform knows of a merchant's token; the token itself is not in it.

    A field is `None` if the platform does not say it, or says it in another form than documented;
    then `extra` has it.
    """

    status: str | None = None
    """`valid` or `invalid`."""
    auth_app_id: str | None = None
    """The app of the merchant."""
    user_id: str | None = None
    """The merchant's account."""
    auth_methods: list[str] | None = None
    """Names of calls and of messages that the merchant has granted.

    That a name is missing proves no refusal: one recorded answer held messages alone.
    """
    auth_start: datetime.datetime | None = None
    """From when on it is valid, in Beijing's zone."""
    auth_end: datetime.datetime | None = None
    """Until when it is valid, in Beijing's zone."""
    expires_in: int | None = None
    """Its life in seconds."""
    is_by_app_auth: bool | None = None
    """Whether the merchant has delegated everything."""
    extra: Mapping[str, object] = attrs.field(factory=dict)
    """What else was in the reply, as JSON values."""
    meta: ReplyMeta
    """How the reply came about."""

    @property
    def is_valid(self) -> bool | None:
        """Whether the token may be used; `None` if the platform does not say."""
        return None if self.status is None else self.status.lower() == _VALID

    def names(self, method: str) -> bool:
        """Say whether a call or message is among `auth_methods`; `False` proves no refusal.

        Args:
            method: its name, e.g. `alipay.open.mini.version.audit.apply`.
        """
        return method in (self.auth_methods or ())
