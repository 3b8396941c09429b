"""What `online` asks, does and says: for everybody, or for a share of the users."""

from __future__ import annotations

import re
from typing import Final

from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.models import VersionReply

__all__ = ["question", "release", "whose_share"]

_SHARE: Final = re.compile(r"p([0-9]{1,2})")


async def release(
    client: AuditClient, app_version: str, gray: str | None, bundle_id: str | None
) -> VersionReply:
    """Put a version online.

    Args:
        client: makes the call.
        app_version: the version.
        gray: for which share of the users, e.g. `p10`; `None` for everybody.
        bundle_id: the application that it runs in; `None` for the Alipay wallet.

    Raises:
        AuditError: the call failed.
    """
    if gray is None:
        return await client.versions.online(app_version, bundle_id=bundle_id)
    return await client.versions.gray_online(app_version, gray, bundle_id=bundle_id)


def whose_share(gray: str | None) -> tuple[str, str]:
    """Return for whom a version goes online, in English, and that it does, in Chinese.

    Args:
        gray: for which share of the users, e.g. `p10`; `None` for everybody.
    """
    if gray is None:
        return "for everybody", "全量上架"
    found = _SHARE.fullmatch(gray)
    share = f"{found[1]}%" if found else gray
    return f"for {share} of the users", f"对 {share} 的用户灰度"


def question(
    version: str, gray: str | None, app_id: str, host: str, *, has_token: bool
) -> tuple[str, str]:
    """Return in English and Chinese what a person has to agree to.

    Args:
        version: what goes online.
        gray: for which share of the users; `None` for everybody.
        app_id: of the credentials.
        host: who is called.
        has_token: it is a merchant's version.
    """
    for_whom, does = whose_share(gray)
    if has_token:
        return (
            (
                f"Put version {version} of the merchant of the token, as app {app_id}, at {host} "
                f"online {for_whom}?"
            ),
            f"将令牌所属商家的版本 {version}（代调用应用 {app_id}）在 {host} {does}？",
        )
    return (
        f"Put version {version} of app {app_id} at {host} online {for_whom}?",
        f"将应用 {app_id} 的版本 {version} 在 {host} {does}？",
    )
