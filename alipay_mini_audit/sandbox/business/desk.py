"""`Desk`: where an apply that came whole is judged and, if it is in order, taken. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from alipay_mini_audit.sandbox.business.contents import Content
from alipay_mini_audit.sandbox.business.days import beijing_day
from alipay_mini_audit.sandbox.business.fields import check_fields, text_of
from alipay_mini_audit.sandbox.business.files import check_files
from alipay_mini_audit.sandbox.business.places import (
    check_categories,
    check_licence,
    check_regions,
)
from alipay_mini_audit.sandbox.business.profile import check_basic_information
from alipay_mini_audit.sandbox.business.quotas import TemplateQuota
from alipay_mini_audit.sandbox.business.states import DEFAULT_BUNDLE, VersionState
from alipay_mini_audit.sandbox.business.texts import check_texts
from alipay_mini_audit.sandbox.business.versions import Versions

__all__ = ["Desk"]


@final
class Desk:
    """Judges as the platform does: fields, then files, then where the versions stand.

    Args:
        versions: where each version stands.
        strict: whether the rules of fields, files and versions hold. If not, only the types of the
            fields, the two that every apply needs and the state of its version are judged.
        basic_info: whether mini-programs have their name, logo, category and so on from the start.
        templates: the template of each mini-program, by its merchant's token.
    """

    def __init__(
        self,
        versions: Versions,
        *,
        strict: bool,
        basic_info: bool,
        templates: Mapping[str, str],
    ) -> None:
        self._versions = versions
        self._basic_info = basic_info
        self._known: set[tuple[str, str]] = set()
        """Owner and bundle of the mini-programs that have brought their basic information."""
        self._quota = TemplateQuota(templates)
        self.is_strict = strict

    def apply(
        self,
        owner: str,
        app_auth_token: str | None,
        fields: Mapping[str, object],
        contents: Mapping[str, Content],
        now: float,
    ) -> VersionState:
        """Take a version into audit.

        Args:
            owner: whose version.
            app_auth_token: the merchant's token; `None` if the app calls for itself.
            fields: the fields of the apply.
            contents: the files by the name of the part, in the order in which they came.
            now: seconds since 1970.

        Raises:
            Refusal: the first thing that is wrong; nothing has changed then.
        """
        mini_program = (owner, text_of(fields, "bundle_id") or DEFAULT_BUNDLE)
        check_fields(fields)
        if self.is_strict:
            check_texts(fields)
            check_regions(fields)
            check_categories(fields)
            check_licence(fields, beijing_day(now))
            if not self._basic_info and mini_program not in self._known:
                check_basic_information(fields, contents)
            check_files(contents)
        state = self._versions.check_apply(owner, fields, now, strict=self.is_strict)
        self._quota.take(app_auth_token, now)
        self._known.add(mini_program)
        return self._versions.apply(owner, state, fields, now)

    def start_over(self) -> None:
        """Forget every version, and what came with it: basic information, and uses of templates."""
        self._versions.clear()
        self._known.clear()
        self._quota.clear()
