"""`MessageStyle`: how messages are written, where sources or settings differ. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.unusable import unusable

__all__ = ["CHARSETS", "PASSED_FIELDS", "MessageStyle"]

CHARSETS: Final = ("UTF-8", "GBK")
PASSED_FIELDS: Final = ("mini_app_version", "bundle_id")
_ONE_OF: Final = (("expected one of {known}.", ""), ("应为 {known} 之一。", ""))
_FLAG: Final = (("expected true or false.", ""), ("应为 true 或 false。", ""))
_SOME_OF: Final = (("expected some of {known}.", ""), ("应取自 {known}。", ""))


def _charset(_: object, __: attrs.Attribute[str], value: str) -> None:
    if value not in CHARSETS:
        raise unusable("charset", *_ONE_OF, known=", ".join(CHARSETS))


def _flag(_: object, __: attrs.Attribute[bool], value: object) -> None:
    if not isinstance(value, bool):
        raise unusable("encrypted", *_FLAG)


def _passed_fields(_: object, __: attrs.Attribute[tuple[str, ...]], value: object) -> None:
    if not isinstance(value, tuple) or not all(each in PASSED_FIELDS for each in value):
        raise unusable("passed_fields", *_SOME_OF, known=", ".join(PASSED_FIELDS))


@final
@attrs.frozen(kw_only=True)
class MessageStyle:
    """How messages are written. A check of the gateway has a form of its own.

    Attributes:
        charset: of the form, `UTF-8` or `GBK`.
        encrypted: whether `biz_content` is encrypted with the app's AES key. The signature is over
            the ciphertext then. `False` by default.
        passed_fields: what `biz_content` of a version that passed holds beside `mini_app_id`; some
            of `mini_app_version` and `bundle_id`, by default both. Nothing more than `mini_app_id`
            is certain on the platform.

    Raises:
        ConfigurationError: there is no such charset or field.
    """

    charset: str = attrs.field(default="UTF-8", validator=_charset)
    encrypted: bool = attrs.field(default=False, validator=_flag)
    passed_fields: tuple[str, ...] = attrs.field(default=PASSED_FIELDS, validator=_passed_fields)

    def as_json(self) -> Mapping[str, object]:
        """Return the settings by their names."""
        return attrs.asdict(self)
