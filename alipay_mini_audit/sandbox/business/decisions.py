"""`Decision`: what the auditors, the developer or a scan say of a version. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.business.moves import STATUSES
from alipay_mini_audit.sandbox.business.states import VersionState
from alipay_mini_audit.sandbox.unusable import unusable

__all__ = ["Decision"]

_AUDITS: Final = ("PASS", "REJECT")
_SCANS: Final = ("True", "False", "NAN")
_TEXTS: Final = "a list of texts"
_OF_TWO_AUDITS: Final = (
    "base_audit",
    "promote_audit",
    "can_release",
    "base_audit_record",
    "promote_audit_record",
)
_ONE_AUDIT: Final = (
    (
        'is for a version that was submitted with audit_rule = "BASE_PROMOTE"; this one was not.',
        "",
    ),
    ('仅用于以 audit_rule = "BASE_PROMOTE" 提交的版本，而该版本提交时没有此项。', ""),
)


@final
@attrs.frozen(kw_only=True)
class Decision:
    """Where a version is moved, and what is said of it.

    What is `None` leaves what was said before, but for the reason of a rejection, which goes.

    Raises:
        ConfigurationError: a value is none that the platform knows; names the argument.
    """

    status: str
    reject_reason: str | None = None
    scan_result: str | None = None
    base_audit: str | None = None
    promote_audit: str | None = None
    can_release: bool | None = None
    base_audit_record: Mapping[str, object] | None = None
    promote_audit_record: Mapping[str, object] | None = None

    def __attrs_post_init__(self) -> None:
        """Check the values."""
        _check("status", self.status, STATUSES)
        for name, known in (
            ("scan_result", _SCANS),
            ("base_audit", _AUDITS),
            ("promote_audit", _AUDITS),
        ):
            value = getattr(self, name)
            if value is not None:
                _check(name, value, known)
        _check_record("base_audit_record", self.base_audit_record)
        _check_record("promote_audit_record", self.promote_audit_record)

    def check_audits(self, state: VersionState) -> None:
        """Check that it says nothing of two audits where a version has one.

        Args:
            state: of the version that is decided on.

        Raises:
            ConfigurationError: it does, and no query would tell it; names the argument.
        """
        said = [name for name in _OF_TWO_AUDITS if getattr(self, name) is not None]
        if said and not state.has_two_audits:
            raise unusable(said[0], *_ONE_AUDIT)

    def told(self) -> dict[str, object]:
        """Return what it says of the version, by the names of its state."""
        names = [each.name for each in attrs.fields(Decision)]
        said = {name: getattr(self, name) for name in names}
        kept = {name: value for name, value in said.items() if value is not None}
        return kept | {"reject_reason": self.reject_reason}


def _check(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigurationError(name, f"expected one of {', '.join(known)}.")


def _check_record(name: str, record: Mapping[str, object] | None) -> None:
    if record is None:
        return
    if not isinstance(record, Mapping) or not record.keys() <= {"audit_images", "memos"}:
        raise ConfigurationError(name, "expected an object of audit_images and memos.")
    if not _are_texts(record.get("audit_images", [])):
        raise ConfigurationError(name, f"expected audit_images to be {_TEXTS}.")
    memos = record.get("memos", [])
    if not isinstance(memos, list) or not all(map(_is_memo, memos)):
        raise ConfigurationError(
            name, "expected memos to be a list of objects of memo and memo_image_list."
        )


def _is_memo(memo: object) -> bool:
    return (
        isinstance(memo, Mapping)
        and memo.keys() <= {"memo", "memo_image_list"}
        and isinstance(memo.get("memo", ""), str)
        and _are_texts(memo.get("memo_image_list", []))
    )


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
