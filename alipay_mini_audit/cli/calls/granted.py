"""What `tokens` prints: a line for each merchant, or JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from alipay_mini_audit.cli.calls.grants import CALLS, Grant
from alipay_mini_audit.cli.calls.printing import as_json
from alipay_mini_audit.cli.console import print_json, say
from alipay_mini_audit.cli.exits import ExitStatus, one_line, status_of
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.errors import ApiError
from alipay_mini_audit.models import TokenInfo
from alipay_mini_audit.problems import printable

__all__ = ["print_grants", "print_grants_as_json", "status_for"]


def print_grants(found: Sequence[Grant], language: str) -> None:
    """Print a line for each merchant, and what a missing name means if one is missing."""
    for grant in found:
        colon = said(": ", "：", language)
        say(printable(f"{grant.mini_app}{colon}{_line(grant, language)}"), sys.stdout)
    if any(grant.info is not None and _unnamed(grant.info) for grant in found):
        say(
            said(
                "A call that is not named may be allowed all the same: the platform does not "
                "always name all of them.",
                "未列出的调用也可能可以使用：平台不一定列出全部授权。",
                language,
            )
        )


def print_grants_as_json(found: Sequence[Grant], language: str) -> None:
    """Print an object with every answer."""
    print_json({"outcome": "done", "tokens": [_facts(grant, language) for grant in found]})


def status_for(found: Sequence[Grant]) -> ExitStatus:
    """Return the exit status; a token that cannot be used counts before one without an answer."""
    if any(grant.is_refused or (grant.info and not grant.is_usable) for grant in found):
        return ExitStatus.INVALID
    failed = [grant.error for grant in found if grant.error is not None]
    return ExitStatus(status_of(failed[0])) if failed else ExitStatus.DONE


def _line(grant: Grant, language: str) -> str:
    info = grant.info
    if info is None:
        return "" if grant.error is None else one_line(grant.error, language)
    facts = [_validity(info, language)]
    if grant.is_another_app:
        facts.append(
            said(
                f"but it is a token of app {info.auth_app_id}",
                f"但它是应用 {info.auth_app_id} 的令牌",
                language,
            )
        )
    named = [name for name, method in CALLS.items() if info.names(method)]
    comma = said(", ", "、", language)
    if named:
        facts.append(said("named: ", "已列出：", language) + comma.join(named))
    if _unnamed(info):
        facts.append(said("not named: ", "未列出：", language) + comma.join(_unnamed(info)))
    return said("; ", "；", language).join(facts)


def _validity(info: TokenInfo, language: str) -> str:
    words = {
        True: said("valid", "有效", language),
        False: said("invalid", "无效", language),
        None: said("the platform does not say whether it is valid", "平台未说明是否有效", language),
    }
    text = words[info.is_valid]
    if info.auth_end is None:
        return text
    end = f"{info.auth_end:%Y-%m-%d %H:%M:%S %z}"
    return said(f"{text}, until {end}", f"{text}，有效期至 {end}", language)


def _unnamed(info: TokenInfo) -> list[str]:
    """Return the calls that are not named, though not everything is delegated."""
    if info.is_by_app_auth:
        return []
    return [name for name, method in CALLS.items() if not info.names(method)]


def _facts(grant: Grant, language: str) -> dict[str, object]:
    facts: dict[str, object] = {"mini_app": grant.mini_app, "is_usable": grant.is_usable}
    error, info = grant.error, grant.info
    if error is not None:
        code = error.code if isinstance(error, ApiError) else None
        told = {"error": type(error).__name__, "code": code, "reason": one_line(error, language)}
        return facts | told
    if info is None:
        return facts
    names = ("status", "auth_app_id", "user_id", "auth_start", "auth_end", "expires_in")
    facts |= {name: as_json(getattr(info, name)) for name in names}
    facts |= {"is_by_app_auth": info.is_by_app_auth, "auth_methods": info.auth_methods}
    return facts | {"named": {name: info.names(method) for name, method in CALLS.items()}}
