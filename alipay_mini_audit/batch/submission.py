"""`Submission`: one version to submit, as an entry of a batch. No I/O here."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.attachments import Attachments, SourceLike
from alipay_mini_audit.batch.journal.row import BY_TOKEN, Claim, Identity
from alipay_mini_audit.models import AuditApply, BundleId

__all__ = ["Submission", "claim_of", "mini_app_of"]

_DIGEST_CHARACTERS: Final = 16


@final
@attrs.frozen
class Submission:
    """One version to submit.

    Raises:
        TypeError: an argument is of another type, and is named.
    """

    key: str
    """What you call it; with the version and `bundle_id` it tells it from all other entries."""
    request: AuditApply
    """What is said about the version."""
    attachments: Attachments | Mapping[str, SourceLike | None] | None = None
    """Its files, as `Attachments` or by wire name; `None` sends none."""
    app_auth_token: str | None = attrs.field(default=None, repr=False)
    """Token of the merchant that is called for; `None` takes the client's, if any."""
    mini_app: str | None = None
    """Whose version it is, to hold a merchant by, say; `None` takes a digest of the token.

    A journal sends a version once for the same `mini_app`, and once for the same token, whatever
    the entries are called. Without any token it is the application's own: two names are then taken
    for two mini-programs.
    """
    template_id: str | None = None
    """The template that the mini-program is built from; `None` counts against no quota."""
    priority: int = 0
    """Among the next 1,000 entries those with the larger number go first; 0 by default."""
    not_before: datetime.datetime | None = None
    """An aware moment before which it is not sent; `None` for at once."""

    def __attrs_post_init__(self) -> None:
        _expect("key", isinstance(self.key, str) and self.key, "a text that is not empty")
        _expect("request", isinstance(self.request, AuditApply), "an AuditApply")
        wanted = "Attachments, a mapping from wire names to files, or None"
        _expect("attachments", _may_be(self.attachments, Attachments | Mapping), wanted)
        for name in ("app_auth_token", "mini_app", "template_id"):
            _expect(name, _may_be(getattr(self, name), str), "a text or None")
        is_number = isinstance(self.priority, int) and not isinstance(self.priority, bool)
        _expect("priority", is_number, "a whole number")
        moment = self.not_before
        is_aware = isinstance(moment, datetime.datetime) and moment.utcoffset() is not None
        _expect("not_before", moment is None or is_aware, "a datetime with a time zone, or None")

    @property
    def identity(self) -> Identity:
        """Which entry it is; the wallet is the same whether the request names it or not."""
        request = self.request
        bundle_id = "" if request.bundle_id == BundleId.WALLET else request.bundle_id or ""
        return Identity(self.key, request.app_version or "", bundle_id)


def mini_app_of(given: str | None, token: str | None) -> str:
    """Return what tells whose version it is, without the token.

    Args:
        given: by the caller.
        token: of the merchant, which is not kept.
    """
    if given:
        return given
    if token is None:
        return ""
    return BY_TOKEN + hashlib.sha256(token.encode()).hexdigest()[:_DIGEST_CHARACTERS]


def claim_of(identity: Identity, mini_app: str | None, token: str | None) -> Claim:
    """Return what a journal is asked for an entry.

    Args:
        identity: of the entry.
        mini_app: whose version it is, as given.
        token: of the merchant, which is not kept; `None` for none.
    """
    whose = mini_app_of(mini_app, token)
    return Claim(identity=identity, mini_app=whose, caller=mini_app_of(None, token))


def _may_be(value: object, kind: object) -> bool:
    return value is None or isinstance(value, kind)  # type: ignore[arg-type]  # a type or a union


def _expect(name: str, is_good: object, wanted: str) -> None:
    if not is_good:
        raise TypeError(f"Submission.{name}: expected {wanted}")
