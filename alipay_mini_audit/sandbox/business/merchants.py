"""`Merchants`: whose tokens there are, and what they allow. No I/O here."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.business.days import beijing_time
from alipay_mini_audit.sandbox.business.fields import text_of
from alipay_mini_audit.sandbox.faults.operations import Operation
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["Grant", "Merchants"]

_METHODS: Final[Mapping[Operation, str]] = {
    "apply": "alipay.open.mini.version.audit.apply",
    "cancel": "alipay.open.mini.version.audit.cancel",
    "detail": "alipay.open.mini.version.detail.query",
    "list": "alipay.open.mini.version.list.query",
    "build_status": "alipay.open.mini.version.build.query",
    "delete": "alipay.open.mini.version.delete",
    "cancel_audited": "alipay.open.mini.version.audited.cancel",
    "online": "alipay.open.mini.version.online",
    "offline": "alipay.open.mini.version.offline",
    "rollback": "alipay.open.mini.version.rollback",
    "gray_online": "alipay.open.mini.version.gray.online",
    "gray_cancel": "alipay.open.mini.version.gray.cancel",
    "categories": "alipay.open.mini.category.query",
}
"""What a token may allow: name of a call here -> its name in `auth_methods`."""
_MESSAGES: Final = (
    "alipay.open.mini.version.audit.passed",
    "alipay.open.mini.version.audit.rejected",
)
_A_YEAR_S: Final = 31_536_000
_LATEST: Final = 250_000_000_000
"""Seconds since 1970: the calendar ends soon after, with the year 9999."""


@final
@attrs.frozen(kw_only=True)
class Grant:
    """What a merchant's token is for, and what it allows.

    Attributes:
        mini_app_id: app id of the merchant's mini-program. Two tokens may be of one: they move the
            same versions then.
        ends_at: when the token ends, in seconds since 1970 by the gateway's clock; `None`, the
            default, for never.
        lacks: the calls that it does not allow, by the names that faults know, e.g. `apply`; none
            by default.
        is_by_app_auth: whether the merchant has delegated everything. `False` by default.

    Raises:
        ConfigurationError: the app id is blank, the end is no time of the calendar, or a token can
            allow no such call.
    """

    mini_app_id: str
    ends_at: float | None = None
    lacks: Collection[Operation] = ()
    is_by_app_auth: bool = False

    def __attrs_post_init__(self) -> None:
        """Check the values."""
        if not isinstance(self.mini_app_id, str) or not self.mini_app_id.strip():
            raise ConfigurationError("mini_app_id", "expected a text that is not blank.")
        if self.ends_at is not None and not 0 <= self.ends_at <= _LATEST:
            raise ConfigurationError("ends_at", "expected seconds since 1970.")
        if not set(self.lacks) <= _METHODS.keys():
            raise ConfigurationError("lacks", f"expected some of {', '.join(_METHODS)}.")


@final
class Merchants:
    """The tokens of merchants.

    Args:
        grants: what each token is for: an app id, or more; `None` has any token allow everything,
            for an app id that is made from the token's digest.
        began: when they were granted, in seconds since 1970.

    Raises:
        ConfigurationError: a token or an app id is blank.
    """

    def __init__(self, grants: Mapping[str, str | Grant] | None, began: float) -> None:
        self._grants: dict[str, Grant] | None = None
        self._began = began
        self._ended: dict[str, float] = {}
        self._owners: dict[str, str] = {}
        """App id -> the first of its tokens."""
        if grants is None:
            return
        if not all(isinstance(token, str) and token.strip() for token in grants):
            raise ConfigurationError("merchants", "a token is blank.")
        self._grants = {
            token: grant if isinstance(grant, Grant) else Grant(mini_app_id=grant)
            for token, grant in grants.items()
        }
        for token, grant in self._grants.items():
            self._owners.setdefault(grant.mini_app_id, token)

    def owner(self, token: str) -> str:
        """Return whose versions a token is for: the first token of its mini-program.

        Args:
            token: a token, known or not.
        """
        grant = self._find(token)
        return token if grant is None else self._owners.get(grant.mini_app_id, token)

    def mini_app_id(self, token: str) -> str | None:
        """Return the app id that a token is for; `None` if there is no such token.

        Args:
            token: the token.
        """
        grant = self._find(token)
        return None if grant is None else grant.mini_app_id

    def end(self, token: str, now: float) -> None:
        """End a token, as a merchant who takes back what was granted does.

        Args:
            token: the token.
            now: seconds since 1970.

        Raises:
            ConfigurationError: there is no such token.
        """
        if self._find(token) is None:
            raise ConfigurationError("app_auth_token", "there is no such token.")
        self._ended[token] = now

    def check(self, token: str, operation: Operation, now: float) -> None:
        """Check that a token allows a call.

        Args:
            token: the token.
            operation: the call.
            now: seconds since 1970.

        Raises:
            Refusal: there is no such token, it has ended, or does not allow that.
        """
        grant = self._find(token)
        if grant is None:
            raise Refusal("invalid-app-auth-token", "There is no such app_auth_token.")
        if self._has_ended(token, grant, now):
            raise Refusal("app-auth-token-time-out")
        if operation in grant.lacks:
            raise Refusal("invalid-app-auth-token-no-api")

    def answer(self, query: Mapping[str, object], now: float) -> dict[str, object]:
        """Return what a token query answers.

        Args:
            query: `app_auth_token`, the token that is asked about.
            now: seconds since 1970.

        Raises:
            Refusal: it is missing, or there is no such token.
        """
        token = text_of(query, "app_auth_token")
        if token is None:
            raise Refusal("ILLEGAL_PARAM")
        grant = self._find(token)
        if grant is None:
            raise Refusal("AUTH_TOKEN_NOT_EXISTED")
        allowed = [name for call, name in _METHODS.items() if call not in grant.lacks]
        ends_at = self._ends_at(token, grant)
        answer: dict[str, object] = {
            "status": "invalid" if self._has_ended(token, grant, now) else "valid",
            "auth_app_id": grant.mini_app_id,
            "user_id": f"2088{_digits(token, 12)}",
            "auth_methods": [*allowed, *_MESSAGES],
            "auth_start": beijing_time(self._began),
            "expires_in": _A_YEAR_S if ends_at is None else max(0, round(ends_at - self._began)),
            "is_by_app_auth": grant.is_by_app_auth,
        }
        # A token without an end names none, as in answers that were recorded.
        return answer if ends_at is None else answer | {"auth_end": beijing_time(ends_at)}

    def _find(self, token: str) -> Grant | None:
        if self._grants is None:
            return Grant(mini_app_id=f"2021{_digits(token, 12)}")
        return self._grants.get(token)

    def _ends_at(self, token: str, grant: Grant) -> float | None:
        return self._ended.get(token, grant.ends_at)

    def _has_ended(self, token: str, grant: Grant, now: float) -> bool:
        ends_at = self._ends_at(token, grant)
        return ends_at is not None and now >= ends_at


def _digits(token: str, count: int) -> str:
    digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
    return str(int.from_bytes(digest, "big"))[-count:]
