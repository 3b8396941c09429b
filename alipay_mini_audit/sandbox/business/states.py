"""`VersionState`: what the platform knows of one version. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.business.builds import Build
from alipay_mini_audit.sandbox.business.moves import ABSENT

__all__ = ["DEFAULT_BUNDLE", "VersionState"]

DEFAULT_BUNDLE: Final = "com.alipay.alipaywallet"


@final
@attrs.frozen(kw_only=True)
class VersionState:
    """What the platform knows of one version.

    Times are seconds since 1970, `None` for what did not happen.

    Attributes:
        app_version: the version.
        bundle_id: the app that it runs in.
        status: one of `STATUSES`; says nothing while the version is not there.
        fields: the fields of the last accepted apply; empty if there was none.
        reject_reason: the auditors' reason; `None` unless rejected.
        scan_result: what became of the scan of its package: `True`, `False`, or `NAN` for a scan
            that goes on.
        base_audit: what became of the first of two audits, `PASS` or `REJECT`; `None` if nobody
            said so.
        promote_audit: the same of the audit for promotion.
        can_release: whether it may go online though its audit for promotion failed; `None` if
            nobody said so.
        base_audit_record: the memos and pictures of the first audit, as the wire has them.
        promote_audit_record: the same of the audit for promotion.
        gray_strategy: the share of users who have it while it is in gray release: `p10`, `p30` or
            `p50`.
        created: when the version came into being.
        applied: when it was submitted last; stays after a cancel.
        decided: when the audit ended.
        online: when it went online.
        offline: when it was taken offline.
        build: the build that makes it; `None` if it was there from the start.
        is_deleted: whether it was deleted.
    """

    app_version: str
    bundle_id: str = DEFAULT_BUNDLE
    status: str = "INIT"
    fields: Mapping[str, object] = attrs.field(factory=dict, repr=False)
    reject_reason: str | None = None
    scan_result: str = "True"
    base_audit: str | None = None
    promote_audit: str | None = None
    can_release: bool | None = None
    base_audit_record: Mapping[str, object] | None = None
    promote_audit_record: Mapping[str, object] | None = None
    gray_strategy: str | None = None
    created: float
    applied: float | None = None
    decided: float | None = None
    online: float | None = None
    offline: float | None = None
    build: Build | None = None
    is_deleted: bool = False

    @property
    def has_two_audits(self) -> bool:
        """Whether there is an audit of its own for promotion, of which queries tell."""
        # What nobody submitted has no rule: whoever decides on it says by that what there is.
        return not self.fields or self.fields.get("audit_rule") == "BASE_PROMOTE"

    def standing(self, now: float) -> str:
        """Return where the version stands: its status, or `ABSENT` while it is not there.

        Args:
            now: seconds since 1970.
        """
        is_made = self.build is None or self.build.has_made_a_version(now)
        return self.status if is_made and not self.is_deleted else ABSENT
